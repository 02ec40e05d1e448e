import { pack, type Example, type Pages } from './page.ts'

const NETWORK = pack(["constraints: { network: ['example.org:443'] }"])
const SECRET = pack(['constraints: { secrets: [API_TOKEN] }'])
const PLAIN = pack(['tags: [daily]'])

export const refusalPages: Pick<
  Pages,
  | 'not-granted'
  | 'secret-unset'
  | 'tool-missing'
  | 'tool-no-answer'
  | 'tool-version'
  | 'tool-unknown-version'
  | 'no-network-sandbox'
  | 'no-sandbox'
> = {
  'not-granted': {
    what: 'A pack asks for a network, a secret or a cloud, and nobody has granted it. A grant that is bound to a task.yml is void when that has changed.',
    why: 'It takes two keys: the pack asks for it, and whoever runs it agrees.',
    wrong: { ...NETWORK, command: 'codex run' },
    right: { ...NETWORK, command: 'codex run --allow network=example.org:443' },
  },
  'secret-unset': {
    what: 'A pack was granted a secret, and the variable that should hold it is not set or empty.',
    why: 'What the pack would do without it is not what it was meant to do, and an empty value could not be masked in logs.',
    wrong: { ...SECRET, command: 'codex run --allow secret=API_TOKEN' },
    right: { ...SECRET, command: 'API_TOKEN=… codex run --allow secret=API_TOKEN' },
  },
  'tool-missing': {
    what: 'A tool that a pack declares is not on PATH.',
    why: 'Tools are part of what a run is judged by: each is known by its version and its SHA-256, and the sandbox has no others.',
    wrong: { ...pack(["inputs: { tools: { nodejs: '*' } }"]), command: 'codex run' },
    right: { ...pack(["inputs: { tools: { node: '*' } }"]), command: 'codex run' },
  },
  'tool-no-answer': {
    what: 'A tool did not answer when it was asked for its version: it waits for something, or prints without end.',
    why: 'Which version a run used is part of its evidence.',
    wrong: { ...pack(["inputs: { tools: { dev-server: '*' } }"]), command: 'codex run' },
    right: { ...pack(["inputs: { tools: { node: '*' } }"]), command: 'codex run' },
  },
  'tool-version': {
    what: 'The tool on PATH is of another version than the pack asks for.',
    why: 'With another version the same work may come out otherwise.',
    wrong: { ...pack(["inputs: { tools: { node: '>=99' } }"]), command: 'codex run' },
    right: { ...pack(["inputs: { tools: { node: '>=20' } }"]), command: 'codex run' },
  },
  'tool-unknown-version': {
    what: 'A pack asks for a version of a tool that does not tell its own.',
    why: "Whether it fits can't be known. With `*` the tool is still known by its SHA-256.",
    wrong: { ...pack(["inputs: { tools: { old-tool: '>=2' } }"]), command: 'codex run' },
    right: { ...pack(["inputs: { tools: { old-tool: '*' } }"]), command: 'codex run' },
  },
  'no-network-sandbox': {
    what: "A pack was granted a network, and the sandbox can't hold it to the hosts that it names.",
    why: 'It would reach more than was granted. `codex doctor` tells what is missing.',
    wrong: { ...NETWORK, command: 'codex run --allow network', machine: 'without a network' },
    right: { ...NETWORK, command: 'codex run --allow network' },
  },
  'no-sandbox': {
    what: 'Nothing on this machine isolates commands: neither bubblewrap nor the namespaces of the system work.',
    why: 'Outside of a sandbox nobody can say what a command read, wrote or sent. `codex doctor` tells what is missing; without isolation the manifest says so.',
    wrong: { ...PLAIN, command: 'codex run', machine: 'without a sandbox' },
    right: { ...PLAIN, command: 'codex run --sandbox=none', machine: 'without a sandbox' },
  },
}

const CHANGES: Example = pack(['steps: [{ id: fix, run: node fix.mjs }]', 'constraints: { scope: [src/**] }'], {
  'spec.md': '…\n',
})

export const replayPages: Pick<Pages, 'replay-differs'> = {
  'replay-differs': {
    what: 'A recorded run could not have been made here: from other files, with another configuration, by another codex, or with other guarantees.',
    why: 'What it has changed belongs to what it has seen. Taken for anything else it would be evidence of steps that nobody has run.',
    wrong: { ...CHANGES, command: 'codex run --replay latest', machine: 'a recorded run of other files' },
    right: { ...CHANGES, command: 'codex run --replay latest', machine: 'a recorded run' },
  },
}

export const cachePages: Pick<Pages, 'cache-entry-dropped' | 'cache-not-stored' | 'cache-unused'> = {
  'cache-entry-dropped': {
    what: 'What the cache holds for an action is not what codex has put there, so it is not used and the action runs.',
    why: 'Every byte from a cache is compared with its digest before it counts. This is a warning: the verdict does not depend on it.',
    wrong: { ...PLAIN, command: 'codex run --cache', machine: 'a cache that was altered' },
    right: { ...PLAIN, command: 'codex run --cache' },
  },
  'cache-not-stored': {
    what: "The outcome of an action can't be kept in the cache: the disk is full, or the folder may not be written to.",
    why: 'The next run has to do the work again. This is a warning: the verdict does not depend on it.',
    wrong: { ...PLAIN, command: 'codex run --cache', machine: 'a full disk' },
    right: { ...PLAIN, command: 'codex run --cache' },
  },
  'cache-unused': {
    what: 'The cache is not used, because this run isolates commands less than a cache needs.',
    why: 'Without isolation what a command did may depend on more than its inputs, and reusing it would pass that on. This is a warning: everything ran instead.',
    wrong: { ...PLAIN, command: 'codex run --cache --sandbox=none' },
    right: { ...PLAIN, command: 'codex run --cache' },
  },
}
