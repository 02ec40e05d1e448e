import { pack, packs, type Pages } from './page.ts'

const CONTROLLED = { 'check.mjs': '…\n', 'data.json': '{}\n', 'bad.json': '{}\n' }

export const pathPages: Pick<
  Pages,
  | 'path-leaves-workspace'
  | 'missing-file'
  | 'glob-matches-nothing'
  | 'output-collision'
  | 'output-is-input'
  | 'unordered-input'
  | 'required-not-produced'
> = {
  'path-leaves-workspace': {
    what: 'A path leads out of the workspace, by `..` or through a link. Paths are relative to the folder of the pack; a leading `/` means the root of the workspace.',
    why: 'What lies outside is not the same on another machine, and may be not for others to see.',
    wrong: pack(['docs: { spec: ../../../spec.md }']),
    right: { files: { ...pack(['docs: { spec: /spec.md }']).files, 'spec.md': '…\n' } },
  },
  'missing-file': {
    what: 'A file or folder that a pack names does not exist.',
    why: 'A name that leads nowhere is a mistake today, or a file that somebody forgot to commit.',
    wrong: pack(['docs: { spec: spce.md }'], { 'spec.md': '…\n' }),
    right: pack(['docs: { spec: spec.md }'], { 'spec.md': '…\n' }),
  },
  'glob-matches-nothing': {
    what: 'A pattern of inputs matches neither a file nor what another command makes. Files that `.gitignore` names do not count.',
    why: 'A command would run without the files that it is about, and could pass for that.',
    wrong: pack(['inputs: { files: [task.yml, rulse/**] }'], { 'rules/one.yml': '…\n' }),
    right: pack(['inputs: { files: [task.yml, rules/**] }'], { 'rules/one.yml': '…\n' }),
  },
  'output-collision': {
    what: 'Two commands declare the same output, or one declares a file in the folder of the other.',
    why: 'Which of them wrote it would depend on which came last.',
    wrong: pack([
      'steps:',
      '  - { id: fast, run: node fast.mjs, outputs: [build/out.json] }',
      '  - { id: slow, run: node slow.mjs, outputs: [build/out.json] }',
    ]),
    right: pack([
      'steps:',
      '  - { id: fast, run: node fast.mjs, outputs: [build/fast.json] }',
      '  - { id: slow, run: node slow.mjs, outputs: [build/slow.json] }',
    ]),
  },
  'output-is-input': {
    what: 'A command writes what the pack reads.',
    why: 'The second run would see other inputs than the first. What is hashed before a run must stay as it is.',
    wrong: pack(['steps:', '  - { id: tidy, run: node tidy.mjs, outputs: [task.yml] }']),
    right: pack(['steps:', '  - { id: tidy, run: node tidy.mjs, outputs: [build/task.yml] }']),
  },
  'unordered-input': {
    what: 'A command reads what a command of another pack writes, and nothing makes it wait for that.',
    why: 'It would sometimes find the file and sometimes not.',
    wrong: packs({
      inventory: ['steps:', '  - { id: list, run: node list.mjs, outputs: [build/list.json] }'],
      report: ["inputs: { files: ['**', /task-packs/inventory/build/list.json] }"],
    }),
    right: packs({
      inventory: ['steps:', '  - { id: list, run: node list.mjs, outputs: [build/list.json] }'],
      report: ['needs: [inventory]', "inputs: { files: ['**', /task-packs/inventory/build/list.json] }"],
    }),
  },
  'required-not-produced': {
    what: 'An artifact is required that no command declares as an output.',
    why: 'Commands keep only what they declare, so the artifact could never be there.',
    wrong: pack(['steps:', '  - { id: build, run: node build.mjs }', 'artifacts: { required: [report.json] }']),
    right: pack([
      'steps:',
      '  - { id: build, run: node build.mjs, outputs: [report.json] }',
      'artifacts: { required: [report.json] }',
    ]),
  },
}

export const controlPages: Pick<Pages, 'control-target' | 'control-source' | 'control-empty' | 'agent-unset'> = {
  'control-target': {
    what: 'A negative control replaces a file that its command does not see.',
    why: 'The command would do what it does anyway, so that its failing would prove nothing.',
    wrong: pack(
      [
        'acceptance:',
        '  tests:',
        '    - run: node check.mjs',
        '      inputs: { files: [check.mjs] }',
        '      control: { replace: { data.json: bad.json } }',
      ],
      CONTROLLED,
    ),
    right: pack(
      [
        'acceptance:',
        '  tests:',
        '    - run: node check.mjs',
        '      inputs: { files: [check.mjs, data.json] }',
        '      control: { replace: { data.json: bad.json } }',
      ],
      CONTROLLED,
    ),
  },
  'control-source': {
    what: 'A negative control puts a file in place that is only made later.',
    why: 'A control runs when its command does. What it puts in place has to be there before.',
    wrong: pack(
      [
        'acceptance:',
        '  lint:',
        '    - run: node check.mjs',
        '      control: { replace: { data.json: build/bad.json } }',
        '  tests:',
        '    - { run: node spoil.mjs, outputs: [build/bad.json] }',
      ],
      { 'data.json': '{}\n' },
    ),
    right: pack(
      [
        'steps:',
        '  - { id: spoil, run: node spoil.mjs, outputs: [build/bad.json] }',
        'acceptance:',
        '  lint:',
        '    - run: node check.mjs',
        '      control: { replace: { data.json: build/bad.json } }',
      ],
      { 'data.json': '{}\n' },
    ),
  },
  'control-empty': {
    what: 'A negative control changes nothing: it replaces no file, a file by itself, or the same file twice.',
    why: 'A control is there to show that its command can fail. With nothing changed it shows nothing.',
    wrong: pack(['acceptance:', '  tests:', '    - { run: node check.mjs, control: { replace: {} } }']),
    right: pack(
      ['acceptance:', '  tests:', '    - { run: node check.mjs, control: { replace: { data.json: bad.json } } }'],
      { 'data.json': '{}\n', 'bad.json': '{}\n' },
    ),
  },
  'agent-unset': {
    what: 'A step is for an agent, and the configuration does not say what that is.',
    why: 'Which program does the work, and with what leave, is for whoever runs the pack to say, not for the pack.',
    wrong: pack(['steps:', '  - { id: fix, uses: agent, prompt: spec.md }'], { 'spec.md': '…\n' }),
    right: {
      files: {
        ...pack(['steps:', '  - { id: fix, uses: agent, prompt: spec.md }'], { 'spec.md': '…\n' }).files,
        'codex.config.mjs': "export default { agent: { command: ['codex', 'exec', '-'] } }\n",
      },
    },
  },
}
