import { pack, packs, type Example, type Pages } from './page.ts'

const TWO: Example = packs({ inventory: ['tags: [daily]'], report: ['tags: [weekly]'] })

export const usePages: Pick<
  Pages,
  'config-load' | 'config-ambiguous' | 'no-packs' | 'unknown-selector' | 'nothing-selected'
> = {
  'config-load': {
    what: "The configuration can't be loaded. It is not TypeScript or JavaScript, imports what is not there, throws, or has no default export.",
    why: 'Without it codex does not know where the packs are and what they were granted.',
    wrong: {
      files: { ...pack(['tags: []']).files, 'codex.config.mjs': 'export const packs = []\n' },
    },
    right: {
      files: { ...pack(['tags: []']).files, 'codex.config.mjs': "export default { packs: ['task-packs/*'] }\n" },
    },
  },
  'config-ambiguous': {
    what: 'There are several configurations in one workspace.',
    why: 'One would win over the others, and nobody would see which.',
    wrong: {
      files: {
        ...pack(['tags: []']).files,
        'codex.config.ts': 'export default {}\n',
        'codex.config.mjs': 'export default {}\n',
      },
    },
    right: { files: { ...pack(['tags: []']).files, 'codex.config.mjs': 'export default {}\n' } },
  },
  'no-packs': {
    what: 'There is no task.yml where the configuration looks for packs. Without a configuration that is `task-packs/*` and `solutions/**`.',
    why: 'A run of nothing must not be reported as passed.',
    wrong: { files: { 'packs/demo/task.yml': 'tags: []\n' } },
    right: {
      files: { 'packs/demo/task.yml': 'tags: []\n', 'codex.config.mjs': "export default { packs: ['packs/*'] }\n" },
    },
  },
  'unknown-selector': {
    what: 'A pack was named that there is none of. Packs are named by id, by folder or by a glob; a glob in quotes, so that the shell leaves it alone.',
    why: 'Leaving it out in silence would run less than was asked for.',
    wrong: { ...TWO, command: 'codex validate inventroy' },
    right: { ...TWO, command: 'codex validate inventory' },
  },
  'nothing-selected': {
    what: 'No pack fits all that was asked for.',
    why: 'A run of nothing must not be reported as passed.',
    wrong: { ...TWO, command: 'codex validate inventory --tag weekly' },
    right: { ...TWO, command: 'codex validate inventory --tag daily' },
  },
}
