// Somebody who was not there checks what a run has left.
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/model/digest.ts'
import { codex, giveAway, LATEST, placeFor, UNPRIVILEGED, type Place } from '../support/cli.ts'
import { keyPair } from '../support/keys.ts'
import { pack, test } from '../support/tasks.ts'

const WORKSPACE = {
  ...pack('a', {
    ...test('cat out.txt'),
    steps: [{ id: 'make', run: 'echo made > out.txt', outputs: ['out.txt'] }],
    artifacts: { required: ['out.txt'] },
  }),
}

let ran: Place
let failed: Place

beforeAll(async () => {
  ran = (await codex(WORKSPACE, { args: ['run', '--sandbox=none', '-q'], exitCode: 0 })).place
  failed = (await codex(pack('a', test('exit 3')), { args: ['run', '--sandbox=none', '-q'], exitCode: 1 })).place
})

/** A place with nothing but a copy of the run, so that nothing else can be what tells. */
function copied(from: Place = ran): { readonly place: Place; readonly run: string } {
  const place = placeFor({})
  const run = join(place.root, 'evidence')
  cpSync(realpathSync(join(from.root, LATEST)), run, { recursive: true, preserveTimestamps: true })
  return { place, run }
}

describe('codex verify', () => {
  it('finds a run genuine, wherever it lies', async () => {
    const digest = sha256(readFileSync(join(ran.root, LATEST, 'manifest.json')))
    const stdout = [/^Run \S+ passed\.\nmanifest sha256:/, digest, /1 pack, 4 actions, .*1 artifact/, /\nGENUINE\n$/]
    await codex(ran, { args: ['verify', 'latest'], exitCode: 0, stdout, stderr: '' })
    await codex(copied().place, { args: ['verify', './evidence'], exitCode: 0, stdout })
  })

  it('finds a run that failed as genuine as one that passed, unless that was asked for', async () => {
    await codex(failed, { args: ['verify', 'latest'], exitCode: 0, stdout: [/^Run \S+ failed\./, /GENUINE\n$/] })
    await codex(failed, { args: ['verify', 'latest', '--passed'], exitCode: 1, stdout: [/^Run \S+ failed\./] })
    await codex(ran, { args: ['verify', 'latest', '--passed'], exitCode: 0 })
  })

  it('needs nothing but the folder: no workspace, no configuration, no leave to write', async () => {
    const { place, run } = copied()
    writeFileSync(join(place.root, 'codex.config.js'), 'process.exit(0)')
    execFileSync('chmod', ['-R', 'a-w,a+rX', run])
    giveAway(place)
    await codex(place, { args: ['verify', './evidence'], exitCode: 0, through: UNPRIVILEGED })
    execFileSync('chmod', ['-R', 'u+w', run])
  })

  it('prints one document', async () => {
    const { place, run } = copied()
    const genuine = await codex(place, { args: ['verify', './evidence', '--json'], exitCode: 0 })
    expect(JSON.parse(genuine.stdout)).toMatchObject({
      run: 'evidence',
      genuine: true,
      verdict: 'passed',
      problems: [],
    })
    appendFileSync(join(run, 'artifacts/a/out.txt'), 'x')
    const forged = await codex(place, { args: ['verify', './evidence', '--json'], exitCode: 5 })
    expect(JSON.parse(forged.stdout)).toMatchObject({
      genuine: false,
      exitCode: 5,
      problems: [{ path: 'artifacts/a/out.txt', problem: 'resized', expected: 5, found: 6, by: 'manifest.json' }],
      moreProblems: 0,
    })
  })

  it.each([
    ['a flipped byte', 'artifacts/a/out.txt', (path: string) => writeFileSync(path, 'mode\n')],
    ['a truncated file', 'logs/a/tests/1/1.log', (path: string) => truncateSync(path, 1)],
    ['a removed file', 'events.jsonl', (path: string) => rmSync(path)],
    ['a file that was added', 'artifacts/a/more.txt', (path: string) => writeFileSync(path, 'x')],
    ['an edited list', 'files.sha256', (path: string) => appendFileSync(path, `${'0'.repeat(64)}  a\n`)],
    [
      'a link to the same bytes',
      'run.json',
      (path: string) => (renameSync(path, `${path}.x`), symlinkSync('run.json.x', path)),
    ],
    ['a folder that is a link', 'logs', (path: string) => (renameSync(path, `${path}.x`), symlinkSync('logs.x', path))],
    ['a FIFO', 'logs/a/fifo', (path: string) => execFileSync('mkfifo', [path])],
    [
      'a name that a terminal would obey',
      'artifacts/\\e[2Jx\\n',
      (path: string) => writeFileSync(path.replace('\\e', '\u001B').replace('\\n', '\n'), ''),
    ],
  ])('names %s', async (_, path, corrupt) => {
    const { place, run } = copied()
    corrupt(join(run, path))
    const { stdout } = await codex(place, {
      args: ['verify', './evidence'],
      exitCode: 5,
      stdout: [/NOT GENUINE: \d+ problem/],
    })
    expect(stdout).toContain(`✗ ${path} `)
  })

  it('names a file that it may not read, and one in a folder that it may not enter', async () => {
    const { place, run } = copied()
    chmodSync(join(run, 'run.json'), 0)
    giveAway(place)
    const args = ['verify', './evidence']
    await codex(place, { args, exitCode: 5, stdout: [/✗ run\.json can't be read: EACCES/], through: UNPRIVILEGED })
    chmodSync(join(run, 'logs'), 0)
    await codex(place, { args, exitCode: 5, stdout: [/✗ evidence can't be read: EACCES.*logs/], through: UNPRIVILEGED })
    chmodSync(join(run, 'logs'), 0o755)
  })

  it('takes no offence at what holds no byte of its own', async () => {
    const { place, run } = copied()
    mkdirSync(join(run, 'empty/folder'), { recursive: true })
    linkSync(join(run, 'run.json'), join(place.root, 'another-name'))
    await codex(place, { args: ['verify', './evidence'], exitCode: 0 })
  })

  it('does not take a run that has not ended for one that has', async () => {
    const { place, run } = copied()
    const { manifestVersion, tool } = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8'))
    const started = { actions: [], guarantees: null, manifestVersion, packs: [], tool, verdict: 'started' }
    writeFileSync(join(run, 'manifest.json'), JSON.stringify(started))
    await codex(place, {
      args: ['verify', './evidence'],
      exitCode: 5,
      stdout: [/manifest\.json says that the run has not ended/, /codex runs repair evidence/],
    })
  })

  it('finds a run that was cut off and repaired genuine, and says so', async () => {
    const { place } = await codex(WORKSPACE, { args: ['run', '--sandbox=none', '-q'], exitCode: 0 })
    const run = realpathSync(join(place.root, LATEST))
    const { manifestVersion, tool } = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8'))
    const started = { actions: [], guarantees: null, manifestVersion, packs: [], tool, verdict: 'started' }
    writeFileSync(join(run, 'manifest.json'), JSON.stringify(started))
    const journal = readFileSync(join(run, 'events.jsonl'), 'utf8')
    writeFileSync(join(run, 'events.jsonl'), journal.slice(0, journal.indexOf('"action-finished"')))
    rmSync(join(run, 'files.sha256'))
    await codex(place, { args: ['verify', 'latest'], exitCode: 5, stdout: [/has not ended/] })
    await codex(place, { args: ['runs', 'repair', basename(run)], exitCode: 0 })
    const stdout = [/^Run \S+ was interrupted; it was cut off/, /GENUINE\n$/]
    await codex(place, { args: ['verify', basename(run)], exitCode: 0, stdout })
    appendFileSync(join(run, 'logs/more.log'), 'x')
    await codex(place, {
      args: ['verify', basename(run)],
      exitCode: 5,
      stdout: [/logs\/more\.log is not part of the run/],
    })
  })

  it.each([['--check'], ['--shuffle', 'a-seed'], ['--sign=key.pem']])('knows what %s leaves', async (...flags) => {
    const key = keyPair('k')
    const place = placeFor({
      ...WORKSPACE,
      'key.pem': { text: key.privatePem, mode: 0o600 },
      'key.pub': key.publicKey.pem,
    })
    await codex(place, { args: ['run', '--sandbox=none', '-q', ...flags], exitCode: 0 })
    const given = flags[0]?.startsWith('--sign') ? ['--key', 'key.pub'] : []
    await codex(place, {
      args: ['verify', 'latest', ...given],
      exitCode: 0,
      stdout: [given.length > 0 ? key.keyId : /Not signed/],
    })
  })

  it('wants a signature where a key is given, and a key where there is one', async () => {
    const { place } = copied()
    const [key, other] = [keyPair('k'), keyPair('o')]
    writeFileSync(join(place.root, 'key.pub'), key.publicKey.pem)
    writeFileSync(join(place.root, 'other.pub'), other.publicKey.pem)
    const args = ['verify', './evidence']
    await codex(place, { args, exitCode: 0, stdout: [/Not signed/] })
    await codex(place, {
      args: [...args, '--key', 'key.pub'],
      exitCode: 5,
      stdout: [/statement\.dsse\.json is missing/],
    })
    await codex(place, { args: [...args, '--key', 'none.pub'], exitCode: 2, stderr: [/'none\.pub'/] })
  })

  it('knows no run that is not there', async () => {
    await codex(ran, { args: ['verify', 'nothing'], exitCode: 2, stderr: [/There is no run 'nothing'/] })
    await codex(ran, { args: ['verify', '.'], exitCode: 2, stderr: [/is not the folder of a run/] })
  })
})
