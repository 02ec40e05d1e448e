import { pack, type Pages } from './page.ts'

const DISABLED = pack(['plugin: ./plugin.mjs'], {
  'plugin.mjs': "import { definePlugin } from 'codex-orchestrator/plugin'\n…\n",
  'plugin.json': '{ "name": "demo", "version": "1.0.0" }\n',
})
const GREEDY = pack(['plugin: ./plugin.mjs'], {
  'plugin.mjs': '…\n',
  'plugin.json': '{ "name": "demo", "version": "1.0.0", "capabilities": { "network": ["example.org:443"] } }\n',
})
const MODEST = pack(['plugin: ./plugin.mjs'], {
  'plugin.mjs': '…\n',
  'plugin.json': '{ "name": "demo", "version": "1.0.0" }\n',
})
const CRASHING = pack(['plugin: ./plugin.mjs'], {
  'plugin.mjs': "throw new Error('oops')\n",
  'plugin.json': '{ "name": "demo", "version": "1.0.0" }\n',
})

export const pluginPages: Pick<Pages, 'plugin-undescribed' | 'plugin-capability' | 'plugin-disabled' | 'plugin-error'> =
  {
    'plugin-undescribed': {
      what: "A pack's plugin has no JSON file of its name beside it. It says what the plugin is called, what it uses and what it makes.",
      why: 'What a plugin may do is decided before any of its code is loaded, so it has to be told by something else than the code.',
      wrong: pack(['plugin: ./plugin.mjs'], { 'plugin.mjs': '…\n' }),
      right: MODEST,
    },
    'plugin-capability': {
      what: 'A plugin says that it uses a network, a secret or a cloud for which its pack does not ask.',
      why: "A plugin is part of its pack: what nobody was asked to grant to the pack can't be the plugin's.",
      wrong: { ...GREEDY, command: 'codex run --enable-plugins' },
      right: MODEST,
    },
    'plugin-disabled': {
      what: 'A pack has a plugin, and plugins are not enabled. The pack runs without it, and the manifest says so.',
      why: 'A plugin is code that looks at a pack from outside of its acceptance: it takes somebody who wants it.',
      wrong: { ...DISABLED, command: 'codex run' },
      right: { ...pack(['tags: [daily]']), command: 'codex run' },
    },
    'plugin-error': {
      what: 'A plugin crashed, took too long or answered what no plugin may answer. The manifest says so, and the pack is judged without it.',
      why: "A plugin adds to what a pack shows: where it is broken, the pack's own acceptance still stands.",
      wrong: { ...CRASHING, command: 'codex run --enable-plugins' },
      right: { ...pack(['tags: [daily]']), command: 'codex run --enable-plugins' },
    },
  }
