// Every way out of a run leaves evidence, and what is done with the runs that there are.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { verifyRun } from '../../src/evidence/verify/verify.ts'
import { recordedRunAt } from '../../src/host/recorded-run.ts'
import {
  codex,
  giveAway,
  LATEST,
  manifestOf,
  manifestText,
  placeFor,
  putFiles,
  read,
  recordOf,
  start,
  statusesOf,
  UNPRIVILEGED,
  type Files,
  type Place,
  type Started,
} from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

// Each drives the program many times, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

const RUN = ['run', '-q', '--sandbox=none']

function runsIn({ root }: Place, folder = '.codex/runs'): readonly string[] {
  return readdirSync(join(root, folder)).filter((name) => /^\d{8}T/.test(name))
}

async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 100_000, interval: 10 })
}

/** A run that goes on until it is ended, once its first action has begun. */
async function running(files: Files = {}, args: readonly string[] = RUN): Promise<{ place: Place; program: Started }> {
  const place = placeFor({ ...pack('a', test('echo up; sleep 600')), ...files })
  const program = start(place, { args })
  await eventually(() => expect(read(place, `${LATEST}/logs/a/tests/1/1.log`)).toBe('up\n'))
  return { place, program }
}

async function killed(files: Files = {}): Promise<Place> {
  const { place, program } = await running(files)
  program.kill('SIGKILL')
  await program
  return place
}

describe.concurrent('evidence is left by a run', () => {
  const ways: readonly (readonly [string, Files, readonly string[], number, string])[] = [
    ['of a pack that is not valid', pack('a', { pillar: 'none' }), [], 2, 'refused'],
    [
      'with a configuration that throws',
      { ...pack('a'), 'codex.config.mjs': 'throw new Error("no")' },
      [],
      2,
      'refused',
    ],
    ['without a pack', { 'codex.config.mjs': 'export default {}' }, [], 2, 'refused'],
    ['of a pack that there is not', pack('a'), ['b'], 2, 'refused'],
    ['that policy refuses', pack('a', { constraints: { network: ['localhost:1'] } }), [], 3, 'refused'],
    ['that lacks a tool', pack('a', { inputs: { tools: { 'no-such-tool': '*' } } }), [], 3, 'refused'],
    ['that fails', pack('a', test('exit 1')), [], 1, 'failed'],
    ['whose place is told by its packs', pack('a'), ['--out', 'out/runs'], 0, 'passed'],
  ]

  it.each(ways)('%s', async (_, files, args, exitCode, verdict) => {
    const { place } = await codex(files, { args: [...RUN, ...args], exitCode })
    const run = args.includes('--out') ? 'out/runs/latest' : LATEST
    expect(manifestOf(place, run).verdict).toBe(verdict)
    expect(recordOf(place, run)).toMatchObject({ verdict, argv: [...RUN, ...args], workspace: place.root })
    await codex(place, { args: ['verify', run], exitCode: 0 })
  })

  it('that has no folder for temporary files', async () => {
    const { place } = await codex(pack('a'), { args: RUN, env: { TMPDIR: '/nowhere' }, exitCode: 2 })
    expect(manifestOf(place)).toMatchObject({ verdict: 'interrupted', actions: [] })
    expect(read(place, `${LATEST}/events.jsonl`)).toContain('TemporaryFolderError: The folder for temporary files')
    await codex(place, { args: ['verify', 'latest'], exitCode: 0 })
  })

  it('in which codex fails', async () => {
    const steps = [
      { id: 'wait', run: 'echo up; until [ -e ../../go ]; do sleep 0.02; done' },
      { id: 'next', run: 'echo next', needs: ['wait'] },
    ]
    const place = placeFor(pack('a', { steps }))
    const go = join(place.temporary, 'go')
    const files = pack('a', {
      steps: [{ ...steps[0], run: `echo up; until [ -e ${go} ]; do sleep 0.02; done` }, steps[1]],
    })
    putFiles(place.root, files)
    const program = start(place, { args: RUN })
    await eventually(() => expect(read(place, `${LATEST}/logs/a/steps/wait/1.log`)).toBe('up\n'))
    writeFileSync(join(place.root, LATEST, 'logs/a/steps/next'), 'in the way')
    writeFileSync(go, '')
    const { exitCode, stderr } = await program
    expect(exitCode, stderr).toBe(70)
    expect(manifestOf(place).verdict).toBe('interrupted')
    const expected = { 'a:steps/wait': 'passed', 'a:steps/next': 'failed', 'a:tests/1': 'interrupted' }
    expect(statusesOf(manifestOf(place))).toMatchObject(expected)
    expect(read(place, `${LATEST}/events.jsonl`)).toContain('"type":"run-crashed"')
    await codex(place, { args: ['verify', 'latest'], exitCode: 0 })
  })

  it.each([
    ['that its configuration ends', 'process.exit(0)'],
    ['whose configuration never comes back', 'await new Promise(() => {})'],
  ])('%s', async (_, config) => {
    const { place } = await codex({ ...pack('a'), 'codex.config.mjs': config }, { args: RUN, exitCode: 70 })
    expect(manifestOf(place).verdict).toBe('started')
    await codex(place, { args: ['runs', 'repair'], exitCode: 0, stdout: ['INTERRUPTED, it had not begun'] })
    await codex(place, { args: ['verify', 'latest'], exitCode: 0 })
  })

  it('unless it was called in a wrong way', async () => {
    const { place } = await codex(pack('a'), { args: [...RUN, ''], exitCode: 2 })
    await codex(place, { args: [...RUN, '--out', 'task-packs/a'], exitCode: 2 })
    expect(existsSync(join(place.root, '.codex'))).toBe(false)
  })
})

describe.concurrent('codex runs list', () => {
  it('tells of every run how it stands', async () => {
    const { place } = await codex(pack('a', test('exit 1')), { args: RUN, exitCode: 1 })
    putFiles(place.root, pack('a'))
    await codex(place, { args: RUN, exitCode: 0 })
    const { stdout } = await codex(place, { args: ['runs'], exitCode: 0 })
    const [first, second] = runsIn(place)
    expect(stdout).toMatch(
      new RegExp(
        String.raw`^run +started \(UTC\) +verdict +actions +took +size +packs
${first} +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +failed +3 +.* a
${second} +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +passed +3 +.* a
2 runs
$`,
      ),
    )
    const json = await codex(place, { args: ['runs', 'list', '--json'], exitCode: 0 })
    const runs = [
      { run: first, standing: 'failed', packs: ['a'], actions: 3 },
      { run: second, standing: 'passed', packs: ['a'], actions: 3 },
    ]
    expect(JSON.parse(json.stdout)).toMatchObject(runs)
    await codex(place, { args: ['runs', '--out', 'nowhere'], exitCode: 0, stdout: '0 runs\n' })
  })

  it('tells one that runs from one that was killed', async () => {
    const { place, program } = await running()
    await codex(place, { args: ['runs'], exitCode: 0, stdout: [/ running /] })
    program.kill('SIGKILL')
    await program
    const stdout = [/ killed /, '1 of them killed: codex runs repair']
    await codex(place, { args: ['runs'], exitCode: 0, stdout })
    writeFileSync(join(place.root, LATEST, 'manifest.json'), '')
    await codex(place, { args: ['runs'], exitCode: 0, stdout: [/ damaged /] })
  })
})

describe.concurrent('codex runs repair', () => {
  it('leaves one alone that runs', async () => {
    const { place, program } = await running()
    const stderr = ['is still running: it was left alone.']
    await codex(place, { args: ['runs', 'repair', 'latest'], exitCode: 1, stdout: '', stderr })
    await codex(place, { args: ['runs', 'repair'], exitCode: 0, stdout: '', stderr: ['nothing to repair'] })
    expect(manifestOf(place).verdict).toBe('started')
    program.kill('SIGINT')
    expect((await program).exitCode).toBe(130)
    await codex(place, { args: ['verify', 'latest'], exitCode: 0 })
  })

  it('repairs what was killed, wherever it lies and whoever kept it, once', async () => {
    const place = await killed()
    renameSync(join(place.root, '.codex/runs', runsIn(place)[0] ?? ''), join(place.root, 'kept'))
    const stdout = ['kept: repaired; INTERRUPTED, 0 of 3 actions had ended', /^manifest sha256:[0-9a-f]{64}$/m]
    await codex(place, { args: ['runs', 'repair', './kept'], exitCode: 0, stdout })
    await codex(place, { args: ['verify', './kept'], exitCode: 0 })
    await codex(place, { args: ['runs', 'repair', './kept'], exitCode: 0, stdout: ['nothing to repair'] })
    const { stdout: json } = await codex(place, { args: ['runs', 'repair', './kept', '--json'], exitCode: 0 })
    expect(JSON.parse(json)).toEqual([{ run: 'kept', outcome: 'complete' }])
  })

  it('refuses one that has lost what its journal tells of, and one that holds what no run makes', async () => {
    const lost = await killed(pack('b', test('echo b')))
    await eventually(() => expect(read(lost, `${LATEST}/events.jsonl`)).toContain('b:tests/1'))
    writeFileSync(join(lost.root, LATEST, 'run.json'), '')
    await codex(lost, { args: ['runs', 'repair'], exitCode: 5, stdout: '', stderr: ["can't be repaired", 'run.json'] })
    expect(manifestOf(lost).verdict).toBe('started')
    const linked = await killed({ 'secret/x': 'x' })
    mkdirSync(join(linked.root, LATEST, 'artifacts'))
    symlinkSync('/etc/passwd', join(linked.root, LATEST, 'artifacts/x'))
    const stderr = ['`artifacts/x` is no regular file']
    await codex(linked, { args: ['runs', 'repair', 'latest'], exitCode: 5, stdout: '', stderr })
  })

  it('names a run that there is not', async () => {
    await codex(pack('a'), { args: ['runs', 'repair', 'nonesuch'], exitCode: 2, stderr: ["no run 'nonesuch'"] })
  })
})

describe.concurrent('codex runs prune', () => {
  /** Runs of which each has a day of its own, since two of one second are in no order. */
  async function withRuns(count: number): Promise<{ readonly place: Place; readonly names: readonly string[] }> {
    const { place } = await codex(pack('a'), { args: RUN, exitCode: 0 })
    const runs = join(place.root, '.codex/runs')
    const [name = ''] = runsIn(place)
    const names = Array.from({ length: count }, (_, index) => `202001${index + 10}${name.slice(8)}`)
    for (const dated of names) cpSync(join(runs, name), join(runs, dated), { recursive: true })
    for (const path of [name, 'latest']) rmSync(join(runs, path), { recursive: true })
    return { place, names }
  }

  it('removes nothing before it is told what and that it may', async () => {
    const { place, names } = await withRuns(2)
    await codex(place, { args: ['runs', 'prune'], exitCode: 2, stderr: ['--keep n'] })
    const stderr = ['there is no terminal to ask: say --yes']
    await codex(place, { args: ['runs', 'prune', '--keep', '1'], exitCode: 2, stdout: '', stderr })
    const stdout = [`${names[0]}  passed\n1 run would be removed (`]
    await codex(place, { args: ['runs', 'prune', '--keep', '1', '--dry-run'], exitCode: 0, stdout })
    for (const wrong of [
      ['--keep', 'x'],
      ['--older-than', '30'],
      ['--older-than', '1y'],
    ]) {
      await codex(place, { args: ['runs', 'prune', ...wrong], exitCode: 2 })
    }
    expect(runsIn(place)).toEqual(names)
  })

  it('asks at a terminal', async () => {
    const { place, names } = await withRuns(2)
    const atTerminal = (answer: string): readonly string[] => [
      ...['bash', '-c', `printf '%s\\n' "$0" | script -qec "$(printf '%q ' "$@")" /dev/null`, answer],
    ]
    const args = ['runs', 'prune', '--keep', '1']
    const asked = [`Remove 1 run, ${names[0]}`]
    await codex(place, { args, through: atTerminal('no'), exitCode: 1, stdout: [...asked, 'Nothing was removed.'] })
    expect(runsIn(place)).toEqual(names)
    await codex(place, { args, through: atTerminal('y'), exitCode: 0, stdout: [...asked, '1 run removed'] })
    expect(runsIn(place)).toEqual(names.slice(1))
  })

  it('keeps the newest, those that are young and those that somebody has renamed', async () => {
    const { place, names } = await withRuns(4)
    renameSync(join(place.root, '.codex/runs', names[0] ?? ''), join(place.root, '.codex/runs/release-1'))
    mkdirSync(join(place.root, '.codex/runs/20200101T000000Z-01234567'))
    const young = await codex(place, {
      args: ['runs', 'prune', '--older-than', '9999w', '--yes', '--json'],
      exitCode: 0,
    })
    expect(JSON.parse(young.stdout)).toMatchObject({ dryRun: false, removed: [], alive: [] })
    await codex(place, { args: ['runs', 'prune', '--keep', '1', '--older-than', '30d', '-y'], exitCode: 0 })
    const left = ['20200101T000000Z-01234567', names[3], 'release-1']
    expect(readdirSync(join(place.root, '.codex/runs')).toSorted()).toEqual(left)
  })

  it('never removes one that runs', async () => {
    const { place, program } = await running()
    const stdout = ['is still running: it stays\n0 runs removed']
    await codex(place, { args: ['runs', 'prune', '--keep', '0', '--yes'], exitCode: 0, stdout })
    program.kill('SIGINT')
    expect((await program).exitCode).toBe(130)
    await codex(place, { args: ['verify', 'latest'], exitCode: 0 })
    await codex(place, { args: ['runs', 'prune', '--keep', '0', '--yes'], exitCode: 0 })
    expect(readdirSync(join(place.root, '.codex/runs'))).toEqual([])
  })

  it('takes what an ordinary user may not even look into', async () => {
    const { place, names } = await withRuns(1)
    const folder = join(place.root, '.codex/runs', names[0] ?? '', 'artifacts')
    mkdirSync(join(folder, 'deep/down'), { recursive: true })
    giveAway(place)
    for (const path of ['deep/down', 'deep', '']) chmodSync(join(folder, path), 0o000)
    await codex(place, { args: ['runs', 'prune', '--keep', '0', '-y'], through: UNPRIVILEGED, exitCode: 0 })
    expect(readdirSync(join(place.root, '.codex/runs'))).toEqual([])
  })
})

describe.concurrent('runs at once', () => {
  it.each([
    ['in one workspace', '.codex/runs', []],
    ['with one --out', 'out', ['--out', 'out']],
  ] as const)('%s leave evidence of their own', async (_, folder, args) => {
    const place = placeFor(
      pack('a', { ...test('echo x >out'), steps: [{ id: 's', run: 'echo y >y', outputs: ['y'] }] }),
    )
    const programs = Array.from({ length: 4 }, () => start(place, { args: [...RUN, ...args] }))
    const ended = await Promise.all(programs)
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([1, 1, 1, 1])
    const names = runsIn(place, folder)
    expect(names).toHaveLength(4)
    expect(new Set(names.map((name) => manifestText(place, `${folder}/${name}`))).size).toBe(1)
    expect(names).toContain(readlinkSync(join(place.root, folder, 'latest')))
    const paths = names.map((name) => join(place.root, folder, name))
    expect(paths.flatMap((path) => verifyRun(recordedRunAt(path), { keys: [] }).problems)).toEqual([])
    expect(readdirSync(join(place.root, folder)).filter((name) => name.startsWith('.'))).toEqual([])
    expect(readdirSync(place.temporary)).toEqual([])
  })
})
