// Why two runs differ, of real runs and of what is left of damaged ones.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codex, LATEST, placeFor, putFiles, type Files, type Place } from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

interface Change {
  readonly files?: Files
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly exitCode?: number
}

/** Runs a workspace as it is and once more with a change; gives the names of the runs. */
async function twoRuns(place: Place, change: Change): Promise<readonly [string, string]> {
  const first = await runIn(place, {})
  putFiles(place.root, change.files ?? {})
  return [first, await runIn(place, change)]
}

async function runIn(place: Place, { env = {}, args = [], exitCode = 0 }: Change): Promise<string> {
  await codex(place, { args: ['run', '-q', '--sandbox=none', ...args], env, exitCode })
  return basename(realpathSync(join(place.root, LATEST)))
}

interface Document {
  readonly same: boolean
  readonly causes: readonly {
    readonly kind: string
    readonly actions: readonly string[]
    readonly followers: readonly string[]
  }[]
}

async function documentOf(place: Place, runs: readonly [string, string], exitCode = 1): Promise<Document> {
  const { stdout } = await codex(place, { args: ['diff', ...runs, '--json'], exitCode })
  return JSON.parse(stdout) as Document
}

const COPY = { id: 'copy', run: 'cat in.txt > out.txt', inputs: { files: ['in.txt'] }, outputs: ['out.txt'] }
const READS_OUT = { acceptance: { tests: [{ run: 'test -s out.txt', inputs: { files: ['out.txt'] } }] } }
const CHAIN = pack('p', { steps: [COPY], ...READS_OUT }, { 'in.txt': 'one\ntwo\nthree\n' })

// Before the others: it runs four hundred commands.
describe('a graph of 200 actions', () => {
  it('tells one changed input of 200 actions as one cause, with its lines', async () => {
    const steps = Array.from({ length: 197 }, (_, place) => ({
      id: `s${place}`,
      run: `cat ${place === 0 ? 'in.txt' : 'o0'} > o${place}`,
      inputs: { files: [place === 0 ? 'in.txt' : 'o0'] },
      outputs: [`o${place}`],
    }))
    const tests = [{ run: 'test -s o196', inputs: { files: ['o196'] } }]
    const place = placeFor(pack('p', { steps, acceptance: { tests } }, { 'in.txt': 'a\nb\nc\n' }))
    const runs = await twoRuns(place, { files: { 'task-packs/p/in.txt': 'a\nB\nc\n' } })
    // The bytes before are those of no commit, so there is nothing to compare them with.
    await codex(place, {
      args: ['diff', ...runs],
      exitCode: 1,
      stdout: [
        /^1\. `task-packs\/p\/in.txt` changed: sha256:[0-9a-f]{12} -> sha256:[0-9a-f]{12}\.\n {3}in 1 action: p:steps\/s0\n {3}199 actions only followed: p:steps\/s1, p:steps\/s10, p:steps\/s100 and 196 more\n/m,
        /^200 of 200 actions differ: 1 by themselves, 199 only followed; 0 are the same\.$/m,
      ],
    })
    const { causes } = await documentOf(place, runs)
    expect(causes.map(({ kind, actions, followers }) => [kind, actions.length, followers.length])).toEqual([
      ['file', 1, 199],
    ])
  }, 300_000)
})

describe.concurrent('codex diff', () => {
  it('shows the lines of a file that git remembers', async () => {
    const place = placeFor(CHAIN)
    const git = (...args: readonly string[]): void =>
      void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: place.root })
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'before')
    const runs = await twoRuns(place, { files: { 'task-packs/p/in.txt': 'one\n2\u001B[2J\nthree\n' } })
    const lines = '   @@ -1,3 +1,3 @@\n    one\n   -two\n   +2\\e[2J\n    three\n'
    const { stdout } = await codex(place, { args: ['diff', ...runs], exitCode: 1 })
    expect(stdout).toContain(lines)
    // Both versions are found in history as well.
    git('commit', '-qam', 'after')
    putFiles(place.root, { 'task-packs/p/in.txt': 'something else' })
    expect((await codex(place, { args: ['diff', ...runs], exitCode: 1 })).stdout).toContain(lines)
  })

  it('says that manifests are equal with exit code 0', async () => {
    const place = placeFor(CHAIN)
    const [first, second] = await twoRuns(place, {})
    await codex(place, {
      args: ['diff', first, second],
      exitCode: 0,
      stdout: [/The manifests are the same\./],
      stderr: '',
    })
    await codex(place, { args: ['diff', first, second, '-q'], exitCode: 0, stdout: '', stderr: '' })
    await codex(place, { args: ['diff', 'latest', join(LATEST)], exitCode: 0 })
  })

  it('tells what changed in a task.yml, with its line', async () => {
    const place = placeFor(pack('a', test('echo one')))
    const runs = await twoRuns(place, { files: pack('a', { ...test('echo two'), env: { LEVEL: '3' } }) })
    const { stdout } = await codex(place, { args: ['diff', ...runs], exitCode: 1 })
    expect(stdout).toMatch(/1\. `task-packs\/a\/task.yml` changed\.\n/)
    expect(stdout).toMatch(/^ +task-packs\/a\/task.yml:8 +a:tests\/1: command: `echo one` -> `echo two`$/m)
    expect(stdout).toMatch(/^ +task-packs\/a\/task.yml:10 +a:tests\/1: variable `LEVEL`: not set -> `3`$/m)
  })

  it('shows the lines of a task.yml where nothing that it declares has changed', async () => {
    const place = placeFor(pack('a'))
    const runs = await twoRuns(place, { files: pack('a', { title: 'Another title' }) })
    const { stdout } = await codex(place, { args: ['diff', ...runs], exitCode: 1 })
    expect(stdout).toMatch(/^ +-title: Pack a\n +\+title: Another title$/m)
  })

  it.each([
    ['a variable of the caller', pack('a', { inputs: { env: ['FLAVOR'] } }), { env: { FLAVOR: 'mint' } }, 'variable'],
    ['another file', pack('a'), { files: { 'task-packs/a/new.txt': 'x' } }, 'file'],
    ['another pack', pack('a'), { files: pack('b') }, 'pack'],
    [
      'a pack that it needs now',
      pack('a'),
      { files: { ...pack('b'), ...pack('a', { needs: ['b'] }) } },
      'pack definition',
    ],
    [
      'one more command',
      pack('a'),
      { files: pack('a', { acceptance: { lint: [{ run: 'echo' }], tests: [{ run: 'test -s task.yml' }] } }) },
      'definition',
    ],
    [
      'what identifies a mount',
      { ...pack('a', { inputs: { mounts: [{ path: '/nm', identity: '/lock' }] } }), lock: '1', 'nm/x': '' },
      { files: { lock: '2' } },
      'mount',
    ],
    ['a refusal', pack('a'), { files: pack('a', { constraints: { cloud_mutations: true } }), exitCode: 3 }, 'refusals'],
    ['a pack that is not valid', pack('a'), { files: pack('a', { pillar: 'none' }), exitCode: 2 }, 'refusals'],
  ] as const)('knows %s', async (_, files, change, kinds) => {
    const place = placeFor(files)
    const { causes } = await documentOf(place, await twoRuns(place, change))
    expect(
      causes
        .map(({ kind }) => kind)
        .toSorted()
        .join(' '),
    ).toBe(kinds.split(' ').toSorted().join(' '))
  })

  it('shouts what is not deterministic, and shows the first byte', async () => {
    const fields = {
      steps: [{ id: 'roll', run: 'head -c 64 /dev/urandom > roll.bin', outputs: ['roll.bin'] }],
      artifacts: { required: ['roll.bin'] },
    }
    const place = placeFor(pack('a', fields))
    const runs = await twoRuns(place, {})
    await codex(place, {
      args: ['diff', ...runs],
      exitCode: 1,
      stdout: [
        /^1\. NOT DETERMINISTIC: `a:steps\/roll` has one key and made other bytes: `task-packs\/a\/roll.bin` sha256/m,
        /^ +64 B -> 64 B; the first difference is at byte \d: 0x[0-9a-f]{2} -> 0x[0-9a-f]{2}$/m,
      ],
    })
  })

  it('compares what isolated the actions', async () => {
    const place = placeFor(pack('a'))
    const first = await runIn(place, {})
    await codex(place, { args: ['run', '-q'], exitCode: 0 })
    const { causes } = await documentOf(place, [first, 'latest'])
    expect(causes).toMatchObject([{ kind: 'guarantees', actions: ['a:tests/1'] }])
  })

  it('names the files of a run that are damaged, with exit code 5', async () => {
    const place = placeFor(CHAIN)
    const [first, second] = await twoRuns(place, { files: { 'task-packs/p/in.txt': 'changed\n' } })
    const folder = join(place.root, '.codex/runs', second)
    const damage = async (path: string, bytes: string, said: string): Promise<void> => {
      const whole = readFileSync(join(folder, path))
      writeFileSync(join(folder, path), bytes)
      await codex(place, {
        args: ['diff', first, second],
        exitCode: 5,
        stderr: [new RegExp(`^error: .codex/runs/${second}/${said}`, 'm'), /fix: 'codex verify \.codex/],
      })
      writeFileSync(join(folder, path), whole)
    }
    await damage('manifest.json', '{', 'manifest.json is no manifest')
    await damage('keys.jsonl', '{}\n', 'keys.jsonl is not what the manifest says')
    await damage('inputs/p/steps/copy.sha256', '', 'inputs/p/steps/copy.sha256 is not what the manifest says')
    rmSync(join(folder, 'inputs'), { recursive: true })
    await codex(place, { args: ['diff', first, second], exitCode: 5, stderr: [/copy.sha256 is missing/] })
  })

  it('asks the journal of a run that was killed', async () => {
    const place = placeFor(CHAIN)
    const [first, second] = await twoRuns(place, {})
    const folder = join(place.root, '.codex/runs', second)
    const journal = readFileSync(join(folder, 'events.jsonl'), 'utf8').split('\n')
    const end = journal.findIndex((line) => line.includes('"id":"p:tests/1"') && line.includes('action-finished'))
    writeFileSync(join(folder, 'events.jsonl'), `${journal.slice(0, end).join('\n')}\n`)
    writeFileSync(
      join(folder, 'manifest.json'),
      '{"actions":[],"guarantees":null,"manifestVersion":1,"packs":[],"tool":{"name":"codex-orchestrator","version":"0.1.0"},"verdict":"started"}',
    )
    await codex(place, {
      args: ['diff', first, second],
      exitCode: 1,
      stdout: [/The second run was interrupted\.\n +in 3 actions: p:tests\/1/],
      stderr: [/has no end: it was killed or still runs/],
    })
  })

  it('says which run is not there', async () => {
    const place = placeFor(pack('a'))
    mkdirSync(join(place.root, '.codex/runs'), { recursive: true })
    await codex(place, { args: ['diff', 'latest', 'x'], exitCode: 2, stderr: [/There is no run 'latest'/] })
    expect(readdirSync(join(place.root, '.codex/runs'))).toEqual([])
  })
})
