import { describe, expect, it } from 'vitest'
import { codex, manifestOf, type Files } from '../support/cli.ts'
import { pack, task, test } from '../support/tasks.ts'

interface Told {
  readonly code: string
  readonly severity: string
  readonly message: string
  readonly fix: string | null
  readonly location: {
    readonly file: string
    readonly start: { readonly line: number; readonly column: number }
  } | null
  readonly related: readonly unknown[]
}

interface Document {
  readonly valid: boolean
  readonly packs: number
  readonly diagnostics: readonly Told[]
}

/** Broken in one way each; the folder is the code that is expected. */
const BROKEN: Readonly<Record<string, string | Uint8Array>> = {
  'yaml-syntax': 'version: 1\nid: [a\ntitle: T\n',
  'yaml-alias': `${task('yaml-alias')}tags: &t [x]\nlinks: *t\n`,
  'yaml-tag': `${task('yaml-tag')}domain: !!binary aGk=\n`,
  'yaml-merge-key': `${task('yaml-merge-key')}env: { <<: { A: b } }\n`,
  'yaml-directive': `%TAG ! tag:x,2000:\n---\n${task('yaml-directive')}`,
  'yaml-documents': `${task('yaml-documents')}---\n${task('more')}`,
  'yaml-length': `${task('yaml-length')}tags: [${'a,'.repeat(20_000)}]\n`,
  'yaml-depth': `${task('yaml-depth')}env: ${'['.repeat(200)}${']'.repeat(200)}\n`,
  'duplicate-key': `${task('duplicate-key')}title: Again\n`,
  'control-character': `${task('control-character')}description: "a\u202eb"\n`,
  'invalid-utf8': Buffer.concat([Buffer.from(task('invalid-utf8')), Buffer.from([0x23, 0xff, 0x0a])]),
  'unsupported-version': task('unsupported-version', { version: 2 }),
  'unknown-key': task('unknown-key', { stpes: [] }),
  'missing-key': task('missing-key', { title: undefined }),
  'wrong-type': task('wrong-type', { tags: 'one' }),
  'not-a-string': task('not-a-string', { env: { LEVEL: 3 } }),
  'invalid-value': task('invalid-value', { pillar: 'secruity' }),
  'vacuous-command': task('vacuous-command', test('exit 0')),
  'no-acceptance': task('no-acceptance', { acceptance: {} }),
  'duplicate-action-id': task('duplicate-action-id', {
    acceptance: {
      tests: [
        { id: 'same', run: 'a' },
        { id: 'same', run: 'b' },
      ],
    },
  }),
  'missing-need': task('missing-need', { needs: ['fnie'] }),
  'artifact-without-need': task('artifact-without-need', {
    inputs: { artifacts: [{ from: 'fine', path: 'out/x', as: 'x' }] },
  }),
  'artifact-not-produced': task('artifact-not-produced', {
    needs: ['fine'],
    inputs: { artifacts: [{ from: 'fine', path: 'out/y', as: 'x' }] },
  }),
  'path-leaves-workspace': task('path-leaves-workspace', { inputs: { files: ['../../../etc/*'] } }),
  'missing-file': task('missing-file', { docs: { spec: 'spce.md' } }),
  'glob-matches-nothing': task('glob-matches-nothing', { inputs: { files: ['task.yml', 'rulse/**'] } }),
  'output-collision': task('output-collision', {
    steps: [
      { id: 'one', run: 'echo 1 >x', outputs: ['x'] },
      { id: 'two', run: 'echo 2 >x', outputs: ['x'] },
    ],
  }),
  'output-is-input': task('output-is-input', {
    steps: [{ id: 'make', run: 'echo x >task.yml', outputs: ['task.yml'] }],
  }),
  'unordered-input': task('unordered-input', {
    ...test('cat ../fine/out/x', { inputs: { files: ['task.yml', '../fine/out/x'] } }),
  }),
  'required-not-produced': task('required-not-produced', { artifacts: { required: ['report.json'] } }),
}

const FINE = {
  steps: [{ id: 'make', run: 'echo x >out/x', outputs: ['out/x'] }],
  artifacts: { required: ['out/x'] },
}

function brokenFiles(): Files {
  const files = Object.entries(BROKEN).map(([code, text]) => [`task-packs/${code}/task.yml`, text] as const)
  return {
    ...Object.fromEntries(files),
    ...pack('fine', FINE),
    'task-packs/missing-file/spec.md': 'x',
    'task-packs/twin/task.yml': task('unknown-key'),
    'task-packs/ring-a/task.yml': task('ring-a', { needs: ['ring-b'] }),
    'task-packs/ring-b/task.yml': task('ring-b', { needs: ['ring-a'] }),
  }
}

describe('everything that is wrong', () => {
  it('is told at once, in order, each with its place, its line and a fix', async () => {
    const { place, stderr } = await codex(brokenFiles(), { args: ['validate'], exitCode: 2, stdout: '' })
    const { stdout } = await codex(place, { args: ['validate', '--json'], exitCode: 2, stderr: '' })
    const { valid, diagnostics } = JSON.parse(stdout) as Document
    expect(valid).toBe(false)
    const found = new Set(diagnostics.map(({ code, location }) => `${location?.file.split('/')[1]} ${code}`))
    const wanted = [
      ...Object.keys(BROKEN).map((code) => `${code} ${code}`),
      'unknown-key duplicate-pack-id',
      'ring-a cyclic-need',
    ]
    expect([...found].toSorted()).toEqual(wanted.toSorted())

    const places = diagnostics.map(
      ({ location }) => `${location?.file}:${location?.start.line}:${location?.start.column}`,
    )
    const heads = stderr
      .split('\n')
      .flatMap((line) => /^(\S+:\d+:\d+) error ([a-z0-9-]+) /.exec(line)?.slice(1, 3).join(' ') ?? [])
    expect(heads).toEqual(diagnostics.map(({ code }, index) => `${places[index]} ${code}`))
    const files = diagnostics.map(({ location }) => location?.file ?? '')
    expect(files).toEqual(files.toSorted())
    for (const { code, fix } of diagnostics) expect(fix, code).toMatch(/\S/)
    expect(stderr.match(/^ {2}fix: /gm)).toHaveLength(diagnostics.length)
    expect(stderr).toMatch(new RegExp(`^${diagnostics.length} errors in \\d+ packs$`, 'm'))
  })

  it('is shown with the line and the column that it is about', async () => {
    const files = {
      'task-packs/a/task.yml':
        'version: 1\nid: a\ntitle: A\npillar: web\nrisk: low\nstpes: []\nacceptance: { tests: [{ run: x }] }\n',
    }
    const stderr = [
      /^task-packs\/a\/task\.yml:6:1 error unknown-key `stpes` is not a key of a task pack\.$/m,
      /^ *6 │ stpes: \[\]\n *│ \^{5}$/m,
      /^ {2}fix: Did you mean `steps`\?$/m,
      /^1 error in 1 pack$/m,
    ]
    await codex(files, { args: ['validate'], exitCode: 2, stdout: '', stderr })
  })

  it('shows a circle with the place of each of its edges', async () => {
    const files = { ...pack('a', { needs: ['b'] }), ...pack('b', { needs: ['c'] }), ...pack('c', { needs: ['a'] }) }
    const stderr = [
      /^task-packs\/a\/task\.yml:\d+:\d+ error cyclic-need .*`a` -> `b` -> `c` -> `a`/m,
      /^ {2}task-packs\/b\/task\.yml:\d+:\d+ /m,
      /^ {2}task-packs\/c\/task\.yml:\d+:\d+ /m,
    ]
    await codex(files, { args: ['validate'], exitCode: 2, stderr })
  })

  it('stops a run before anything starts, and its manifest says so', async () => {
    const { place } = await codex(brokenFiles(), { args: ['run'], exitCode: 2, stderr: ['refused; run folder: '] })
    const { verdict, refusals, actions } = manifestOf(place)
    expect(verdict).toBe('refused')
    expect(actions).toEqual([])
    expect(refusals?.map(({ code }) => code)).toContain('vacuous-command')
  })
})

describe.concurrent('the formats', () => {
  const files = pack('a', { stpes: [] })

  it('are one document, the same for --json and --format=json', async () => {
    const { place, stdout } = await codex(files, { args: ['validate', '--json'], exitCode: 2, stderr: '' })
    await codex(place, { args: ['validate', '--format=json'], exitCode: 2, stdout, stderr: '' })
  })

  it('are SARIF for code scanning, with the version of the program', async () => {
    const { stdout } = await codex(files, { args: ['validate', '-f', 'sarif'], exitCode: 2, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'codex-orchestrator' } }, results: [{ ruleId: 'unknown-key' }] }],
    })
  })

  it('are commands for GitHub Actions, also where it listens', async () => {
    const stdout = [
      /^::error file=task-packs\/a\/task\.yml,line=\d+,endLine=\d+,col=1,endColumn=6,title=unknown-key::.*\n$/,
    ]
    const env = { GITHUB_ACTIONS: 'true' }
    await codex(files, { args: ['validate', '-f', 'github'], env, exitCode: 2, stdout, stderr: '' })
    await codex(pack('a'), { args: ['validate', '-f', 'github'], exitCode: 0, stdout: '', stderr: '' })
  })
})

describe.concurrent('a valid workspace', () => {
  it('is counted', async () => {
    await codex(pack('a'), { args: ['validate'], exitCode: 0, stdout: '1 pack valid, 3 actions\n' })
  })

  it('is one document for a program', async () => {
    const { stdout } = await codex(pack('a'), { args: ['validate', '--json'], exitCode: 0, stderr: '' })
    const acceptance = { commands: 1, withoutControl: ['a:tests/1'] }
    expect(JSON.parse(stdout)).toEqual({ valid: true, packs: 1, acceptance, diagnostics: [] })
  })

  it('says nothing with -q', async () => {
    await codex(pack('a'), { args: ['validate', '-q'], exitCode: 0, stdout: '', stderr: '' })
  })

  it('may ask for what nobody has granted, and hold a plugin while plugins are off', async () => {
    const fields = {
      constraints: { network: ['example.org:443'], secrets: ['TOKEN'], scope: ['src/**'] },
      plugin: './p.mjs',
    }
    const plugin = { 'p.mjs': '', 'p.json': '{ "name": "p", "version": "1.0.0" }\n' }
    await codex(pack('a', fields, plugin), {
      args: ['validate'],
      exitCode: 0,
      stderr: [/^warning: 1 of 1 acceptance command has no control/],
    })
  })
})
