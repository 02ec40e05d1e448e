// Runs whose files or machine change under them.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { actionOf, codex, LATEST, manifestOf, placeFor, read, start, UNPRIVILEGED, type Place } from '../support/cli.ts'
import { commitAll, git } from '../support/git.ts'
import { pack, task, test } from '../support/tasks.ts'

/** A pack whose first step waits for the test's word, which comes through a mount: the one live view that an action has. */
const WAITING = pack(
  'a',
  {
    inputs: { mounts: [{ path: '/gate', identity: '/identity' }] },
    steps: [
      {
        id: 'wait',
        run: 'echo up; until [ -e /workspace/gate/open ]; do sleep 0.02; done',
        inputs: { files: ['task.yml', 'early'] },
      },
      { id: 'copy', run: 'cat late', needs: ['wait'], inputs: { files: ['late', 'early'] } },
    ],
    ...test('cat early late'),
  },
  { early: 'early before\n', late: 'late before\n' },
)

/** Runs the pack, and does something to its folder (absolute) while the first step waits. */
async function disturb(
  change: (folder: string) => void,
): Promise<{ readonly place: Place; readonly exitCode: number | undefined; readonly stderr: string }> {
  const place = placeFor({ ...WAITING, identity: 'x', 'gate/x': '' })
  const program = start(place, { args: ['run'] })
  const log = `${LATEST}/logs/a/steps/wait/1.log`
  await vi.waitFor(() => expect(existsSync(join(place.root, log))).toBe(true), { timeout: 100_000, interval: 10 })
  change(join(place.root, 'task-packs/a'))
  writeFileSync(join(place.root, 'gate/open'), '')
  const { exitCode, stderr } = await program
  return { place, exitCode, stderr }
}

describe.concurrent('while an action runs', () => {
  it('a file that it saw may change: later ones see what was hashed first', async () => {
    const { place, exitCode } = await disturb((folder) => writeFileSync(join(folder, 'early'), 'early after\n'))
    expect(exitCode).toBe(0)
    expect(read(place, `${LATEST}/logs/a/tests/1/1.log`)).toBe('early before\nlate before\n')
    const digest = createHash('sha256').update('early before\n').digest('hex')
    for (const action of ['steps/wait', 'steps/copy', 'tests/1']) {
      expect(read(place, `${LATEST}/inputs/a/${action}.sha256`)).toContain(`${digest}  task-packs/a/early\n`)
    }
  })

  it('a file that nothing has seen yet may change: what ran is what was hashed', async () => {
    const { place, exitCode } = await disturb((folder) => writeFileSync(join(folder, 'late'), 'late after\n'))
    expect(exitCode).toBe(0)
    const seen = read(place, `${LATEST}/logs/a/steps/copy/1.log`)
    expect(seen).toMatch(/^late (?:before|after)\n$/)
    const digest = createHash('sha256').update(seen).digest('hex')
    expect(read(place, `${LATEST}/inputs/a/steps/copy.sha256`)).toContain(`${digest}  task-packs/a/late\n`)
    expect(read(place, `${LATEST}/logs/a/tests/1/1.log`)).toBe(`early before\n${seen}`)
  })

  const gone: readonly (readonly [string, (path: string) => void])[] = [
    ['be removed', () => {}],
    ['become a folder', (path) => mkdirSync(path)],
    ['become a FIFO', (path) => execFileSync('mkfifo', [path])],
    ['become a device', (path) => symlinkSync('/dev/zero', path)],
    ['become a link out of the workspace', (path) => symlinkSync('/etc/passwd', path)],
  ]

  it.each(gone)('a file that nothing has seen yet must not %s', async (_, put) => {
    const { place, exitCode, stderr } = await disturb((folder) => {
      rmSync(join(folder, 'late'))
      put(join(folder, 'late'))
    })
    expect(exitCode, stderr).toBe(1)
    expect(stderr).toContain('task-packs/a/late')
    const manifest = manifestOf(place)
    expect(manifest.verdict).toBe('failed')
    const reason = { kind: 'input-changed', path: 'task-packs/a/late' }
    expect(actionOf(manifest, 'a:steps/copy')).toMatchObject({ status: 'failed', reason, key: null, inputs: null })
    expect(actionOf(manifest, 'a:tests/1').status).toBe('skipped')
  })
})

/** Starts a program with a file system of so many bytes at a folder of the workspace, which is copied out of it at the end. */
function withSmallDisk(size: string): readonly string[] {
  const script = 'mount -t tmpfs -o "size=$0" small disk || exit 99; "$@"; code=$?; cp -a disk disk-after; exit "$code"'
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, size]
}

describe.concurrent('on a full disk', () => {
  const files = {
    disk: 'a folder',
    ...pack('a', {
      steps: [{ id: 'make', run: 'head -c 3000000 /dev/zero >out; echo made', outputs: ['out'] }],
      ...test('head -c 3000000 /dev/zero'),
      artifacts: { required: ['out'] },
    }),
  } as const
  const stderr = ['error: The disk is full. Nothing was accepted.', 'ENOSPC']

  it.each([
    ['8k', 4, stderr],
    // Enough for codex itself, so that it is the command which fails.
    ['256k', 1, ['No space left on device', 'FAILED']],
    ['1m', 4, stderr],
  ] as const)('for temporary files no run passes (%s)', async (size, exitCode, told) => {
    const place = placeFor(files)
    const env = { TMPDIR: join(place.root, 'disk') }
    await codex(place, { args: ['run'], env, through: withSmallDisk(size), exitCode, stderr: told })
    expect(['started', 'interrupted', 'failed']).toContain(manifestOf(place).verdict)
    expect(readdirSync(join(place.root, 'disk-after'))).toEqual([])
  })

  it.each(['8k', '256k', '3500k'])('for evidence no run passes (%s)', async (size) => {
    const place = placeFor(files)
    await codex(place, { args: ['run', '--out', 'disk/runs'], through: withSmallDisk(size), exitCode: 4, stderr })
    expect(['started', 'interrupted', 'failed']).toContain(manifestOf(place, 'disk-after/runs/latest').verdict)
    expect(readdirSync(place.temporary)).toEqual([])
  })
})

/** Kinds and paths. */
function everythingIn({ root }: Place): readonly string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  return entries.map((entry) => `${entry.isFile() ? 'file' : 'other'} ${join(entry.parentPath, entry.name)}`)
}

describe.concurrent('a place for evidence', () => {
  it('that may not be written is named', async () => {
    const place = placeFor(pack('a'))
    chmodSync(place.temporary, 0o777)
    chmodSync(place.root, 0o555)
    const stderr = ["error: The run's folder can't be made: EACCES", `${place.root}/.codex`]
    await codex(place, { args: ['run'], through: UNPRIVILEGED, exitCode: 2, stdout: '', stderr })
    chmodSync(place.root, 0o755)
  })

  it.each([
    ['that is a file', { '.codex': 'mine' }, []],
    ['that leads nowhere', { '.codex': { link: 'gone/away' } }, []],
    ['below a file', { notes: 'mine' }, ['--out', 'notes/runs']],
    ['whose newest run is a folder', { '.codex/runs/latest/mine': 'mine' }, []],
  ] as const)('%s is named, and left as it is', async (_, files, args) => {
    const place = placeFor({ ...pack('a'), ...files })
    const before = everythingIn(place)
    const stderr = [/^error: The run's folder can't be made: E[A-Z]+: .*(?:\.codex|notes)/]
    await codex(place, { args: ['run', ...args], exitCode: 2, stdout: '', stderr })
    expect(everythingIn(place)).toEqual(expect.arrayContaining([...before]))
    expect(readdirSync(place.temporary)).toEqual([])
  })

  it.each([
    ['in the folder of a pack', 'task-packs/a/runs', pack('a')],
    ['that is the folder of a pack', 'task-packs/a', pack('a')],
    [
      'in a pack that is the whole workspace',
      'runs',
      { 'task.yml': task('a'), 'codex.config.mjs': "export default { packs: ['.'] }" },
    ],
  ] as const)('%s is refused, because the next run would take it for an input', async (_, out, files) => {
    const stderr = ["error: The run's folder would become an input of the pack 'a'"]
    const { place } = await codex(files, { args: ['run', '-o', out], exitCode: 2, stderr })
    expect(existsSync(join(place.root, out, 'latest'))).toBe(false)
    await codex(
      { ...files, '.gitignore': '/task-packs/a/runs\n/runs\n/task-packs/a/latest\n' },
      { args: ['run', '-o', out], exitCode: out === 'task-packs/a' ? 2 : 0 },
    )
  })

  it.each(['run', 'run --base HEAD', 'validate --since HEAD', 'doctor'])(
    'for temporary files that is missing is named by codex %s',
    async (command) => {
      const place = placeFor(pack('a'))
      git(place.root, 'init', '--quiet')
      commitAll(place.root)
      const stderr = [/^error: The folder for temporary files can't be made: ENOENT.*nowhere/]
      const args = command.split(' ')
      await codex(place, { args, env: { TMPDIR: '/nowhere' }, exitCode: 2, stdout: '', stderr })
    },
  )

  it.each(['with spaces', 'a,b:c', `it's "$x"`])('for temporary files may be called %j', async (name) => {
    const place = placeFor(
      pack('a', {}, Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`f${index}`, 'x']))),
    )
    const folder = join(place.temporary, name)
    mkdirSync(folder)
    await codex(place, { args: ['run'], env: { TMPDIR: folder }, exitCode: 0 })
    expect(readdirSync(folder)).toEqual([])
  })
})
