// What keeps each promise of SECURITY.md, as the words of the source without which an attack gets through.
import type { Edit } from './mutant.ts'

export interface Guard {
  /** An attack on the promise, by its name. */
  readonly attack: string
  readonly edits: readonly Edit[]
}

const edit = (file: string, from: string, to = ''): Edit => ({ file, from, to })
const bubblewrap = (from: string, to = ''): Edit => edit('host/sandbox/bubblewrap.ts', from, to)
const cgroup = (from: string, to = ''): Edit => edit('host/sandbox/cgroups.ts', from, to)
const judge = (from: string, to = ''): Edit => edit('run/judge.ts', from, to)

/** What a probe sees is refused before anything runs: a second guard behind some of the others. */
export const PROBE: Edit = edit(
  'host/sandbox/probe.ts',
  "aspect !== 'syscalls' && guarantees[aspect] === 'none'",
  "aspect === guarantees['network']",
)

/** A folder of the host, beside the caller's home, in the view of the action. */
function show(folder: string, option: '--bind' | '--ro-bind'): Edit {
  const path = `join(dirname(process.env['HOME'] ?? ''), '${folder}')`
  const root = "...['--bind', root, VIEW.workspace],"
  return bubblewrap(root, `${root} ...['${option}', ${path}, ${path}],`)
}

const USER_NAMESPACES = bubblewrap("...(without.includes('processes') && filtered ? [] : ['--disable-userns']),")

const SAME_PROCESSES: readonly Edit[] = [
  edit('host/sandbox/isolations.ts', '? SHARED_NAMESPACES : NAMESPACES', '? SHARED_NAMESPACES : []'),
  bubblewrap("'--unshare-pid', "),
  bubblewrap("'--as-pid-1', "),
  bubblewrap(
    "(without.includes('processes') ? ['--ro-bind', '/proc', '/proc'] : ownProc())",
    "['--ro-bind', '/proc', '/proc']",
  ),
  USER_NAMESPACES,
  PROBE,
]

const NO_FILTER = bubblewrap("filtered ? ['--seccomp', '4'] : []", '[]')

/** Nobody but the kernel looks after memory and processes. */
export const UNWATCHED: readonly Edit[] = [
  edit('host/sandbox/watchdog.ts', 'if (exceeded) onLimit(exceeded)', 'if (exceeded === undefined) onLimit(exceeded)'),
]

export const GUARDS: Readonly<Record<string, Guard>> = {
  network: { attack: 'tcp-loopback', edits: [bubblewrap("['--unshare-net']", '[]'), PROBE] },
  files: { attack: 'read-outside', edits: [show('outside', '--ro-bind')] },
  writes: { attack: 'write-absolute', edits: [show('outside', '--bind')] },
  evidence: { attack: 'log-forged', edits: [show('evidence', '--bind')] },
  mounts: { attack: 'write-mount', edits: [bubblewrap("['--ro-bind', mount.from", "['--bind', mount.from")] },
  descriptors: {
    attack: 'read-descriptor',
    edits: [edit('host/descriptors.ts', 'if (descriptor > 2 && isInheritable(descriptor))', 'if (isInheritable(-1))')],
  },
  environment: {
    attack: 'read-variable',
    edits: [
      edit('host/sandbox/slot.ts', 'extendEnv: false,', 'extendEnv: true,'),
      bubblewrap("job.secrets.length === 0 ? ['--clearenv'] :", 'job.secrets.length === 0 ? [] :'),
      PROBE,
    ],
  },
  processes: { attack: 'read-command-lines', edits: SAME_PROCESSES },
  survivors: { attack: 'stay-session', edits: SAME_PROCESSES },
  ipc: { attack: 'shared-memory', edits: [bubblewrap("'--unshare-ipc', ")] },
  names: {
    attack: 'read-host-name',
    edits: [bubblewrap("'--unshare-uts', "), bubblewrap(", '--hostname', VIEW.hostname")],
  },
  privileges: {
    attack: 'user-namespace',
    edits: [bubblewrap("'--disable-userns'"), bubblewrap(", '--cap-drop', 'ALL'"), NO_FILTER],
  },
  syscalls: { attack: 'personality', edits: [NO_FILTER] },
  inputs: {
    attack: 'input-write',
    edits: [
      edit('host/sandbox/root.ts', 'import { chmodSync,', 'import { linkSync, chmodSync,'),
      edit(
        'host/sandbox/root.ts',
        'store.show(entry, join(root, entry.path))',
        'linkSync(join(process.cwd(), entry.path), join(root, entry.path))',
      ),
    ],
  },
  'outputs-kept': {
    attack: 'output-write',
    edits: [
      edit('host/content-store.ts', 'copyFileSync,\n', 'copyFileSync, linkSync,\n'),
      edit('host/content-store.ts', 'bytes.length <= this.#room', 'bytes.length < 0'),
      edit(
        'host/content-store.ts',
        'writeSealed(target, read(entry), entry.executable)',
        'linkSync(blob(entry), target)',
      ),
      judge('altered.length > 0', 'altered.length < 0'),
    ],
  },
  outputs: {
    attack: 'link-to-secret',
    edits: [
      edit('host/sandbox/copied-root.ts', 'import { chmodSync,', 'import { statSync, chmodSync,'),
      edit('host/sandbox/copied-root.ts', 'lstatSync(absolute) : null', 'statSync(absolute) : null'),
      edit('host/content-store.ts', 'constants.O_NOFOLLOW | '),
    ],
  },
  'writes-declared': { attack: 'undeclared', edits: [judge('undeclared.length > 0', 'undeclared.length < 0')] },
  proof: { attack: 'claimed', edits: [judge('missing.length > 0', 'missing.length < 0')] },
  'limit-timeout': {
    attack: 'endless-loop',
    edits: [edit('host/sandbox/executor.ts', "setTimeout(() => onLimit('timeout')", 'setTimeout(() => {}')],
  },
  'limit-memory': {
    attack: 'memory',
    edits: [
      edit('host/sandbox/watchdog.ts', "limits.memoryBytes) ? 'memory' : null", 'Infinity) ? null : null'),
      cgroup("'memory.max', memoryBytes + kernelBytes + filesBytes", "'memory.min', 0"),
    ],
  },
  'limit-processes': {
    attack: 'fork-bomb',
    edits: [
      edit('host/sandbox/watchdog.ts', 'limits.processes + OWN_PROCESSES', '1e9'),
      cgroup("set('pids.max', mostThreads(processes))"),
    ],
  },
  'limit-log': {
    attack: 'log-flood',
    edits: [
      edit('run/log.ts', 'bytes.subarray(0, limit - kept)', 'bytes'),
      edit('run/log.ts', 'return total <= limit', 'return true'),
    ],
  },
  'limit-output': {
    attack: 'output-many',
    edits: [edit('host/sandbox/changes.ts', 'sum + size, 0) > most', 'sum + size, 0) < 0')],
  },
}

/** Guards against text: of packs, and of what is shown. */
export const TEXT_GUARDS: Readonly<Record<string, Guard>> = {
  yaml: { attack: 'deep-flow', edits: [edit('packs/yaml-syntax.ts', 'const MAX_DEPTH = 64', 'const MAX_DEPTH = 1e9')] },
  packs: {
    attack: 'bidi-override',
    edits: [edit('packs/characters.ts', 'PLAIN_ASCII.test(text) || !HIDDEN.test(text)', 'text')],
  },
  screen: {
    attack: 'clear-screen',
    edits: [edit('report/style.ts', 'return text.replace(UNSAFE, escapeCharacter)', 'return text')],
  },
  workflow: { attack: 'workflow-old', edits: [edit('report/style.ts', ".replaceAll('##[', '## [')")] },
  pages: {
    attack: 'script-in-log',
    edits: [edit('report/markup.ts', "(character) => ENTITIES[character] ?? ''", '(character) => character')],
  },
  markdown: {
    attack: 'mention-in-log',
    edits: [edit('report/markdown-text.ts', 'Math.max(3, ...lines.map((line) => longestRun(line) + 1))', '3')],
  },
  grants: { attack: 'ungranted', edits: [edit('plan/policy.ts', '...ungranted(pack, policy),')] },
  plugins: {
    attack: 'unasked',
    edits: [edit('graph/actions.ts', "if (!plugin || plugins === 'disabled') return []", 'if (!plugin) return []')],
  },
  'plugin-uses': { attack: 'greedy', edits: [edit('plan/policy.ts', '? excessOf(pack) : []', '? [] : []')] },
  secrets: { attack: 'granted', edits: [edit('run/mask.ts', 'if (longest === 0)', 'if (longest >= 0)')] },
  'network-granted': {
    attack: 'undeclared-port',
    edits: [edit('host/network/rules.ts', 'if (!declares(host, port)) return', "if (declares('', 0)) return")],
  },
  credentials: {
    attack: 'printed-key',
    edits: [edit('run/secrets-gate.ts', 'if (kept.length === 0) return', 'if (kept.length >= 0) return')],
  },
  controls: {
    attack: 'unfailing',
    edits: [judge('return exitCode !== 0 && !NOT_RUN.has(exitCode)', 'return exitCode >= 0')],
  },
  weaker: {
    attack: 'unaccepted',
    edits: [
      edit('host/sandbox/choose.ts', 'missing.every((aspect) => accepted.includes(aspect))', 'missing.length < 5'),
    ],
  },
  killed: {
    attack: 'cut-short',
    edits: [
      edit('evidence/replay.ts', "status: 'interrupted', reason: null", "status: 'passed', reason: null"),
      edit('evidence/replay.ts', '{ partial: false, interrupted: true }', '{ partial: false, interrupted: false }'),
    ],
  },
  recorded: {
    attack: 'rewritten',
    edits: [edit('evidence/verify/digests.ts', 'digest !== file.digest', "digest === ''")],
  },
  signed: { attack: 'impostor', edits: [edit('evidence/sign/dsse.ts', 'key.verify(signed, signature)', 'signature')] },
  scope: {
    attack: 'judge-changed',
    edits: [edit('run/scope-gate.ts', 'if (path.startsWith(WORKFLOWS) && !isNamed)', "if (path === '' && !isNamed)")],
  },
  'limit-changes': {
    attack: 'too-much',
    edits: [edit('run/scope-gate.ts', '> scope.limits.lines', '> Infinity')],
  },
  breakers: { attack: 'behind', edits: [edit('run/scheduler.ts', 'index > this.#bound.place ? undefined : ')] },
  'limit-files': {
    attack: 'crowd',
    edits: [edit('host/sandbox/copied-root.ts', '++made > MOST_FILES', '++made < 0')],
  },
  'limit-peak': {
    attack: 'short-peak',
    edits: [...UNWATCHED, cgroup("'memory.max', memoryBytes + kernelBytes + filesBytes", "'memory.min', 0")],
  },
  'cache-bytes': {
    attack: 'false-log',
    edits: [edit('host/action-cache.ts', "createHash('sha256').update(read.bytes).digest('hex') === digest", 'digest')],
  },
  'cache-outputs': {
    attack: 'smuggled',
    edits: [edit('run/reuse.ts', 'if (undeclared) return', 'if (!undeclared) return')],
  },
  'cache-own': {
    attack: 'brought',
    edits: [
      edit('host/action-cache-folder.ts', 'return isOwn(path) ? path : null', 'return isOwn(path) ? path : path'),
    ],
  },
  probe: { attack: 'leaking', edits: [PROBE] },
}
