import { diagnostic, type Diagnostic, type DiagnosticCode, type DiagnosticFacts } from '../../src/model/diagnostic.ts'
import type { Location } from '../../src/model/source.ts'

const REPLAY = { run: '20260101T000000Z-00000000', pack: 'a', field: 'replay' } as const

/** Every code, some with several sets of facts; a code that is missing does not compile. */
const FACTS: { readonly [Code in DiagnosticCode]: readonly DiagnosticFacts[Code][] } = {
  unreadable: [{ path: 'packs/a/task.yml', reason: 'EACCES: permission denied.' }],
  'file-too-large': [{ path: 'packs/a/task.yml', bytes: 1_500_000, limit: 262_144 }],
  'invalid-utf8': [{ path: 'packs/a/task.yml', offset: 17 }],
  'unsupported-name': [
    { path: 'packs/a/new\nline', reason: 'control-character' },
    { path: 'packs/a/\\xff', reason: 'invalid-utf8' },
    { path: 'packs/a/deep', reason: 'too-long' },
  ],
  'unsupported-file': [
    { path: 'packs/a/pipe', kind: 'fifo-socket-or-device' },
    { path: 'packs/a/link', kind: 'broken-symlink' },
    { path: 'packs/a/link', kind: 'linked-folder' },
    { path: 'packs/a/link', kind: 'linked-state' },
  ],
  'yaml-syntax': [{ detail: 'Flow sequence must end with a ]' }],
  'yaml-alias': [{ name: '*base' }],
  'yaml-tag': [{ tag: '!!js/function' }],
  'yaml-merge-key': [{}],
  'yaml-directive': [{ directive: '%YAML 1.1' }],
  'yaml-documents': [{}],
  'yaml-depth': [{ limit: 32 }],
  'yaml-length': [{ limit: 20_000 }],
  'duplicate-key': [{ key: 'steps' }],
  'control-character': [{ codePoint: 0x202e }, { codePoint: 7 }],
  'unsupported-version': [{ found: '2' }],
  'unknown-key': [
    { key: 'stpes', parent: '', suggestion: 'steps', known: ['id', 'steps'] },
    { key: 'speed', parent: 'constraints.limits', suggestion: null, known: ['timeout', 'memory'] },
  ],
  'missing-key': [
    { key: 'title', parent: '', example: 'title: What the pack does' },
    { key: 'run', parent: 'steps.0', example: 'run: node build.mjs' },
  ],
  'wrong-type': [{ key: 'needs', expected: 'a list', found: 'a number' }],
  'not-a-string': [{ key: 'env.LEVEL', found: 'a number', quoted: '"3"' }],
  'invalid-value': [
    { key: 'pillar', found: 'secruity', expected: 'one of security, web, game, platform', suggestion: 'security' },
    { key: 'constraints.limits.timeout', found: '5', expected: 'a duration such as 5m', suggestion: null },
  ],
  'vacuous-command': [{ command: 'exit 0' }],
  'no-acceptance': [{}],
  'duplicate-pack-id': [
    { id: 'a', other: 'packs/b/task.yml', caseOnly: false },
    { id: 'A', other: 'packs/b/task.yml', caseOnly: true },
  ],
  'duplicate-action-id': [{ id: 'a:tests/1' }],
  'missing-need': [
    { need: 'inventroy', suggestion: 'inventory', scope: 'pack' },
    { need: 'convert', suggestion: null, scope: 'step' },
  ],
  'cyclic-need': [
    { cycle: ['a', 'b', 'c'] },
    { cycle: ['a', 'a'] },
    { cycle: ['a', 'b'], cut: [{ from: 'b', to: 'a' }], least: true },
    {
      cycle: ['a', 'b'],
      cut: Array.from({ length: 12 }, (_, at) => ({ from: `p${at}`, to: 'a' })),
      least: false,
    },
  ],
  'artifact-without-need': [{ from: 'inventory' }],
  'artifact-not-produced': [
    { from: 'inventory', path: 'out/x.json', produced: ['out/y.json', 'out/z.json'] },
    { from: 'inventory', path: 'out/x.json', produced: [] },
  ],
  'path-leaves-workspace': [
    { path: '../../etc/passwd', through: null },
    { path: 'data/x', through: 'data' },
  ],
  'missing-file': [
    { key: 'docs.spec', path: 'spce.md', suggestion: 'spec.md' },
    { key: 'docs.spec', path: 'spec.md', suggestion: null },
  ],
  'glob-matches-nothing': [
    { glob: 'rulse/**', suggestion: 'rules/**' },
    { glob: 'data/*.csv', suggestion: null },
  ],
  'output-collision': [{ path: 'packs/a/out.json', first: 'a:steps/x', second: 'a:steps/y' }],
  'output-is-input': [{ output: 'out/x.json', input: 'out/**' }],
  'unordered-input': [
    { input: 'build/x', action: 'a:steps/use', producer: 'a:steps/make', need: 'make' },
    { input: 'build/x', action: 'a:steps/use', producer: 'b:steps/make', need: 'b' },
  ],
  'required-not-produced': [{ path: 'artifacts/report.json' }],
  'control-target': [
    { target: 'data/x.json', action: 'a:tests/1', narrowed: true },
    { target: 'data/x.json', action: 'a:tests/1', narrowed: false },
  ],
  'control-source': [{ source: 'build/x.json', action: 'a:lint/1', producer: 'a:tests/1' }],
  'control-empty': [
    { problem: 'nothing', path: '' },
    { problem: 'itself', path: 'data/x.json' },
    { problem: 'twice', path: './data/x.json' },
  ],
  'agent-unset': [{ action: 'a:steps/fix' }],
  'config-load': [{ detail: 'SyntaxError: Unexpected token' }],
  'config-ambiguous': [{ files: ['codex.config.ts', 'codex.config.mjs'] }],
  'no-packs': [{ patterns: ['task-packs/*', 'solutions/**'] }, { patterns: [] }],
  'unknown-selector': [
    { kind: 'name', selector: 'inventroy', suggestion: 'inventory' },
    { kind: 'name', selector: 'x*', suggestion: null },
    { selector: 'slow', kind: 'tag', suggestion: null },
  ],
  'nothing-selected': [{ selection: '--pillar game' }],
  'not-granted': [
    {
      field: 'constraints.network',
      pack: 'a',
      capability: { kind: 'network', endpoint: 'example.org:443' },
      granted: 'nobody',
      definition: 'ab',
    },
    {
      field: 'constraints.secrets',
      pack: 'a',
      capability: { kind: 'secret', name: 'TOKEN' },
      granted: 'another-definition',
      definition: 'ab',
    },
    {
      field: 'constraints.cloud_mutations',
      pack: 'a',
      capability: { kind: 'cloud' },
      granted: 'nobody',
      definition: 'ab',
    },
  ],
  'secret-unset': [{ field: 'constraints.secrets', pack: 'a', secret: 'TOKEN' }],
  'tool-missing': [
    { tool: 'jq', pack: 'a' },
    { tool: 'pyhton3', pack: 'a', suggestion: 'python3' },
    { tool: 'codex', pack: 'a', by: 'agent' },
  ],
  'tool-no-answer': [{ tool: 'frob', pack: 'a', path: '/opt/frob' }],
  'tool-version': [{ tool: 'node', pack: 'a', range: '>=22', found: '20.20.2' }],
  'tool-unknown-version': [{ tool: 'make', pack: 'a', path: '/usr/bin/make' }],
  'no-network-sandbox': [
    {
      field: 'constraints.network',
      pack: 'a',
      problem: 'no way out to a proxy can be made here: sh: 1: ip: not found',
    },
  ],
  'plugin-undescribed': [{ module: './plugin.mjs', path: 'plugin.json' }],
  'plugin-capability': [
    { field: 'plugin', pack: 'a', capability: { kind: 'network', endpoint: 'example.org:443' } },
    { field: 'plugin', pack: 'a', capability: { kind: 'secret', name: 'TOKEN' } },
    { field: 'plugin', pack: 'a', capability: { kind: 'cloud' } },
  ],
  'plugin-disabled': [{ field: 'plugin', pack: 'a' }],
  'plugin-error': [
    { pack: 'a', action: 'a:plugin/run', reason: { kind: 'plugin', problem: 'error' } },
    { pack: 'a', action: 'a:plugin/run', reason: { kind: 'plugin', problem: 'result' } },
    { pack: 'a', action: 'a:plugin/run', reason: { kind: 'limit', limit: 'timeout' } },
    { pack: 'a', action: 'a:plugin/run', reason: { kind: 'missing-outputs', paths: ['packs/a/echo.json'] } },
    { pack: 'a', action: 'a:plugin/run', reason: { kind: 'repeated-error', times: 2 } },
    { pack: 'a', action: 'a:plugin/run', reason: { kind: 'exit' } },
  ],
  'replay-differs': [
    { ...REPLAY, subject: 'tool', of: 'codex 1.0.0', names: ['codex 1.1.0'] },
    { ...REPLAY, subject: 'guarantees', of: '', names: ['network', 'syscalls'] },
    { ...REPLAY, subject: 'packs', of: '', names: ['a', 'b'] },
    { ...REPLAY, subject: 'step', of: 'a:steps/fix', names: [] },
    { ...REPLAY, subject: 'change', of: 'a:gate/scope', names: [] },
    { ...REPLAY, subject: 'key', of: 'a:steps/fix', names: [] },
    { ...REPLAY, subject: 'fingerprint', of: 'a:steps/fix', names: ['arguments', 'limits'] },
    { ...REPLAY, subject: 'files', of: 'a:steps/fix', names: ['src/a.ts'] },
    { ...REPLAY, subject: 'files', of: 'a:steps/fix', names: [] },
    { ...REPLAY, subject: 'outputs', of: 'a:steps/fix', names: ['task-packs/a/plan.md'] },
    { ...REPLAY, subject: 'patch', of: 'a:gate/scope', names: ['src/a.ts'] },
    { ...REPLAY, subject: 'patch', of: 'a:gate/scope', names: [] },
  ],
  'cache-entry-dropped': [
    { action: 'a:steps/x', key: 'a'.repeat(64), problem: { kind: 'malformed' } },
    { action: 'a:steps/x', key: 'a'.repeat(64), problem: { kind: 'other-key' } },
    { action: 'a:steps/x', key: 'a'.repeat(64), problem: { kind: 'not-passed', exitCode: 1 } },
    { action: 'a:steps/x', key: 'a'.repeat(64), problem: { kind: 'not-of-action', path: 'packs/a/x' } },
    { action: 'a:steps/x', key: 'a'.repeat(64), problem: { kind: 'not-of-action', path: null } },
    { action: 'a:steps/x', key: 'a'.repeat(64), problem: { kind: 'changed', path: 'packs/a/out/x' } },
    { action: 'a:steps/x', key: 'a'.repeat(64), problem: { kind: 'changed', path: null } },
    {
      action: 'a:steps/x',
      key: 'a'.repeat(64),
      problem: { kind: 'unreadable', path: '/cache/blobs/aa/aaaa', reason: 'EACCES: permission denied, open' },
    },
  ],
  'cache-not-stored': [{ action: 'a:steps/x', reason: 'ENOSPC: no space left on device, write' }],
  'cache-unused': [{ missing: ['network', 'syscalls'] }],
  'no-sandbox': [
    { findings: [] },
    {
      findings: [
        { executor: 'bubblewrap', problem: 'not-installed', detail: '' },
        { executor: 'unshare', problem: 'blocked', detail: 'unshare failed: Operation not permitted' },
      ],
    },
    { findings: [{ executor: 'bubblewrap', problem: 'leaks', detail: 'a connection to the host succeeded' }] },
  ],
}

/** A complaint with each set of facts, about no file unless one is given. */
export function everyComplaint(location: Location | null = null): readonly Diagnostic[] {
  return Object.entries(FACTS).flatMap(([code, variants]) =>
    variants.map((facts) => diagnostic(code as DiagnosticCode, location, facts)),
  )
}
