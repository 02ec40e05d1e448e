import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diagnostic, type Diagnostic, type DiagnosticCode, type DiagnosticFacts } from '../../src/model/diagnostic.ts'
import { locationOf, sourceText, type Location, type SourceText } from '../../src/model/source.ts'
import { CODES } from '../../src/report/help/pages.ts'
import { diagnosticsJson, renderDiagnostics } from '../../src/report/diagnostics.ts'

const GOLDEN = readFileSync(new URL('../golden/report/diagnostics.txt', import.meta.url), 'utf8')
const PLAIN = { color: false, unicode: true, width: 80 }

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
  'cyclic-need': [{ cycle: ['a', 'b', 'c'] }, { cycle: ['a', 'a'] }],
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
  'config-load': [{ detail: 'SyntaxError: Unexpected token' }],
  'config-ambiguous': [{ files: ['codex.config.ts', 'codex.config.mjs'] }],
  'no-packs': [{ patterns: ['task-packs/*', 'solutions/**'] }, { patterns: [] }],
  'unknown-selector': [
    { kind: 'name', selector: 'inventroy', suggestion: 'inventory' },
    { kind: 'name', selector: 'x*', suggestion: null },
    { selector: 'slow', kind: 'tag', suggestion: null },
  ],
  'nothing-selected': [{ selection: '--pillar game' }],
  'needs-later-feature': [{ field: 'constraints.secrets', pack: 'a' }],
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
  'tool-missing': [{ tool: 'jq', pack: 'a' }],
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

function everyCode(): readonly Diagnostic[] {
  return Object.entries(FACTS).flatMap(([code, variants]) =>
    variants.map((facts) => diagnostic(code as DiagnosticCode, null, facts)),
  )
}

function at(source: SourceText, part: string): Location {
  const start = source.text.indexOf(part)
  return locationOf(source, { start, end: start + part.length })
}

function sources(...texts: readonly SourceText[]): ReadonlyMap<string, SourceText> {
  return new Map(texts.map((text) => [text.file, text]))
}

describe('the wording', () => {
  it('has a message and a fix for every code', async () => {
    const text = renderDiagnostics(everyCode(), new Map(), PLAIN)
    await expect(text).toMatchFileSnapshot('../golden/report/diagnostics.txt')
  })

  it.each(CODES)('has %s among those that somebody has read', (code) => {
    expect(GOLDEN).toMatch(new RegExp(`^error ${code} \\S`, 'm'))
  })

  it('makes every message a sentence, and every fix one or more', () => {
    for (const entry of diagnosticsJson(everyCode()) as readonly { message: string; fix: string | null }[]) {
      expect(entry.message).toMatch(/^[A-Z`].*\.$/)
      for (const line of entry.fix?.split('\n') ?? []) expect(line).toMatch(/^[A-Z`].*[.?]$/)
    }
  })
})

describe('renderDiagnostics', () => {
  const first = sourceText('packs/a/task.yml', 'version: 1\nid: a\nstpes:\n  - id: x\n')
  const second = sourceText('packs/b/task.yml', 'id: b\nneeds: [a]\n')

  it('shows place, severity, code, message, frame, related places and fix, sorted, and counts', () => {
    const cycle = diagnostic(
      'cyclic-need',
      at(second, 'a]'),
      { cycle: ['b', 'a'] },
      {
        related: [{ location: at(first, 'id: a'), note: 'a needs b' }],
      },
    )
    const key = diagnostic('unknown-key', at(first, 'stpes'), {
      key: 'stpes',
      parent: '',
      suggestion: 'steps',
      known: ['steps'],
    })
    expect(renderDiagnostics([cycle, key], sources(first, second), PLAIN)).toBe(
      [
        'packs/a/task.yml:3:1 error unknown-key `stpes` is not a key of a task pack.',
        '  2 │ id: a',
        '  3 │ stpes:',
        '    │ ^^^^^',
        '  fix: Did you mean `steps`?',
        '',
        'packs/b/task.yml:2:9 error cyclic-need These need each other in a circle: `b` -> `a` -> `b`.',
        '  1 │ id: b',
        '  2 │ needs: [a]',
        '    │         ^^',
        '  packs/a/task.yml:2:1 a needs b',
        '  1 │ version: 1',
        '  2 │ id: a',
        '    │ ^^^^^',
        '  fix: Remove one of these needs.',
        '',
        '2 errors in 2 packs',
        '`codex help <code>` tells more about each.',
        '',
      ].join('\n'),
    )
  })

  it('counts errors and warnings apart, and says files where not all are packs', () => {
    const config = sourceText('codex.config.ts', 'x\n')
    const text = renderDiagnostics(
      [
        diagnostic('no-acceptance', at(first, 'id: a'), {}, { severity: 'warning' }),
        diagnostic('config-load', at(config, 'x'), { detail: 'no' }),
      ],
      sources(first, config),
      PLAIN,
    )
    expect(text.split('\n').at(-3)).toBe('1 error, 1 warning in 2 files')
  })

  it('says once where to read more, by the code where there is only one', () => {
    const complaint = diagnostic('no-acceptance', at(first, 'id: a'), {})
    const text = renderDiagnostics([complaint, complaint], sources(first), PLAIN)
    expect(text.split('\n').slice(-3)).toEqual(['2 errors in 1 pack', '`codex help no-acceptance` tells more.', ''])
  })

  it('is empty for no complaints', () => {
    expect(renderDiagnostics([], new Map(), PLAIN)).toBe('')
  })

  it('colours only when asked to', () => {
    const complaint = [diagnostic('no-acceptance', at(first, 'id: a'), {})]
    expect(renderDiagnostics(complaint, sources(first), PLAIN)).not.toContain('\u001B')
    expect(renderDiagnostics(complaint, sources(first), { ...PLAIN, color: true })).toContain(
      '\u001B[31merror\u001B[39m',
    )
  })
})

describe('diagnosticsJson', () => {
  it('carries code, severity, words, place and related places', () => {
    const source = sourceText('packs/a/task.yml', 'id: a\n')
    const location = at(source, 'id')
    const complaint = diagnostic(
      'duplicate-key',
      location,
      { key: 'id' },
      { related: [{ location, note: 'the first' }] },
    )
    const place = { file: 'packs/a/task.yml', start: { line: 1, column: 1 }, end: { line: 1, column: 3 } }
    expect(diagnosticsJson([complaint])).toEqual([
      {
        code: 'duplicate-key',
        severity: 'error',
        message: '`id` is given twice.',
        fix: 'Keep one of the two.',
        location: place,
        related: [{ location: place, note: 'the first' }],
      },
    ])
  })
})
