// Runs that reuse outcomes from a cache, and what keeps the cache small.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import {
  ANOTHER_USER,
  codex,
  giveAway,
  jsonLinesOf,
  LATEST,
  manifestText,
  placeFor,
  putFiles,
  read,
  recordOf,
  start,
  UNPRIVILEGED,
  type Files,
  type Place,
} from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

/** Two actions that can be kept, and two gates, which always run. */
const FILES: Files = pack(
  'words',
  {
    steps: [{ id: 'sort', run: 'echo sorting; sort -u words.txt >out/words.txt', outputs: ['out/'] }],
    ...test('printf "found %s\\n" "$(wc -l <out/words.txt)"'),
    artifacts: { required: ['out/words.txt'] },
  },
  { 'words.txt': 'b\na\nb\n' },
)

const CACHE = '.codex/cache'

/** Files of the cache by their kind, absolute. */
function cached(place: Place, kind: 'actions' | 'blobs', cache: string = CACHE): readonly string[] {
  const folder = join(place.root, cache, kind)
  if (!existsSync(folder)) return []
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => !file.isDirectory())
  return files.map((file) => join(file.parentPath, file.name)).toSorted()
}

/** Which actions of the last run were reused. */
function reused(place: Place): Readonly<Record<string, boolean>> {
  return Object.fromEntries(recordOf(place).actions.map(({ id, reused: from }) => [id, from !== null]))
}

const ALL = {
  'words:steps/sort': true,
  'words:tests/1': true,
  'words:gate/artifacts': false,
  'words:gate/secrets': false,
}
const NONE = Object.fromEntries(Object.keys(ALL).map((id) => [id, false]))

function treeOf(place: Place, folder: string): Readonly<Record<string, string>> {
  const root = join(place.root, LATEST, folder)
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  const paths = files.map((file) => join(file.parentPath, file.name)).toSorted()
  return Object.fromEntries(paths.map((path) => [path.slice(root.length), readFileSync(path, 'latin1')]))
}

describe('a run with a cache', () => {
  it('has the manifest, logs, artifacts and lists of inputs of one without', async () => {
    const place = placeFor(FILES)
    const evidence = (): object => ({
      manifest: manifestText(place),
      ...{ logs: treeOf(place, 'logs'), inputs: treeOf(place, 'inputs'), artifacts: treeOf(place, 'artifacts') },
    })
    await codex(place, { args: ['run'], exitCode: 0 })
    const without = evidence()
    expect(existsSync(join(place.root, CACHE))).toBe(false)
    await codex(place, { args: ['run', '--cache'], exitCode: 0, stderr: [/PASSED: 4 passed in/] })
    expect([evidence(), reused(place)]).toEqual([without, NONE])
    const stderr = [
      /✓ words:steps\/sort {2}reused$/m,
      /✓ words:tests\/1 {2}reused$/m,
      /PASSED: 4 passed \(2 reused\) in/,
    ]
    await codex(place, { args: ['run', '--cache'], exitCode: 0, stderr })
    expect([evidence(), reused(place)]).toEqual([without, ALL])
    await codex(place, { args: ['verify', 'latest', '--passed'], exitCode: 0 })
    const entries = cached(place, 'actions')
    expect(entries).toEqual(
      recordOf(place)
        .actions.flatMap(({ reused: from }) => from ?? [])
        .toSorted(),
    )
    await codex(place, { args: ['run'], exitCode: 0, stderr: [/PASSED: 4 passed in/] })
    expect(reused(place)).toEqual(NONE)
  })

  it('says in every form what was reused', async () => {
    const place = placeFor(FILES)
    await codex(place, { args: ['run', '--cache', '-q'], exitCode: 0 })
    const { stdout } = await codex(place, { args: ['run', '--cache', '--jsonl'], exitCode: 0 })
    const ended = jsonLinesOf(stdout).filter(({ type }) => type === 'action-finished')
    expect(Object.fromEntries(ended.map((event) => [event['action'], event['reused']]))).toEqual(ALL)
    expect(jsonLinesOf(stdout).filter(({ type }) => type === 'action-started')).toEqual([])
    const document = JSON.parse((await codex(place, { args: ['run', '--cache', '--json'], exitCode: 0 })).stdout) as {
      readonly actions: readonly { readonly id: string; readonly reused: boolean }[]
    }
    expect(Object.fromEntries(document.actions.map((action) => [action.id, action.reused]))).toEqual(ALL)
    expect(read(place, `${LATEST}/events.jsonl`)).toContain(`"reused":"${place.root}/${CACHE}/actions/`)
    expect(manifestText(place)).not.toContain('reused')
  })

  it('runs again what has another input, and what has another output before it', async () => {
    const place = placeFor(FILES)
    await codex(place, { args: ['run', '--cache'], exitCode: 0 })
    putFiles(place.root, { 'task-packs/words/words.txt': 'a\nb\n' })
    await codex(place, { args: ['run', '--cache'], exitCode: 0 })
    // Its sources have changed as well, so that the test runs, too.
    expect(reused(place)).toEqual(NONE)
    putFiles(place.root, { 'task-packs/words/words.txt': 'b\na\nb\n' })
    await codex(place, { args: ['run', '--cache'], exitCode: 0 })
    expect(reused(place)).toEqual(ALL)
  })

  it('never keeps what failed', async () => {
    const place = placeFor(pack('a', { ...test('echo "$RANDOM"; exit 3') }))
    for (const _ of [1, 2]) {
      await codex(place, { args: ['run', '--cache'], exitCode: 1 })
      expect(cached(place, 'actions')).toEqual([])
    }
  })

  it('takes a folder behind a `=` only, whatever its name, and packs as ever', async () => {
    const place = placeFor({ ...FILES, ...pack('other') })
    await codex(place, { args: ['run', '--cache', 'words'], exitCode: 0, stderr: [/4 passed in/] })
    expect(existsSync(join(place.root, 'words'))).toBe(false)
    const there = join(place.home, 'a cache')
    await codex(place, { args: ['run', `--cache=${there}`, 'words'], exitCode: 0, stderr: [/4 passed in/] })
    await codex(place, {
      args: ['run', 'words', '--cache=../../../home/a cache'],
      cwd: 'task-packs/words',
      exitCode: 2,
    })
    const args = ['run', 'words', '--cache=../../home/a cache']
    await codex(place, { args, cwd: 'task-packs', exitCode: 2 })
    await codex(place, { args: ['run', 'words', '--cache=../home/a cache'], exitCode: 0, stderr: [/\(2 reused\)/] })
  })

  it('keeps and takes nothing without a sandbox', async () => {
    const place = placeFor(FILES)
    const stderr = [/warning cache-unused The cache is not used, because this run does not enforce network, filesystem/]
    await codex(place, { args: ['run', '--cache', '--sandbox=none'], exitCode: 0, stderr })
    expect(cached(place, 'actions')).toEqual([])
    expect(recordOf(place).warnings).toMatchObject([{ code: 'cache-unused' }])
  })
})

describe('a cache that is not as it was', () => {
  it('is said to be, in the console and the record, and the action runs', async () => {
    const place = placeFor(FILES)
    await codex(place, { args: ['run', '--cache'], exitCode: 0 })
    const manifest = manifestText(place)
    for (const file of cached(place, 'blobs')) writeFileSync(file, Buffer.alloc(statSync(file).size, 'x'))
    const stderr = [
      /^warning cache-entry-dropped What the cache holds for `words:steps\/sort` is not used.*`task-packs\/words\/out\/words.txt` have changed\.$/m,
      /^warning cache-entry-dropped .*`words:tests\/1` .*the bytes of the log have changed\.$/m,
      /PASSED: 4 passed in/,
    ]
    await codex(place, { args: ['run', '--cache'], exitCode: 0, stderr })
    expect(manifestText(place)).toBe(manifest)
    await codex(place, { args: ['verify', 'latest', '--passed'], exitCode: 0 })
    expect(recordOf(place).warnings).toMatchObject([
      { code: 'cache-entry-dropped', facts: { action: 'words:steps/sort', problem: { kind: 'changed' } } },
      { code: 'cache-entry-dropped', facts: { action: 'words:tests/1', problem: { kind: 'changed', path: null } } },
    ])
    await codex(place, { args: ['run', '--cache'], exitCode: 0, stderr: [/\(2 reused\)/] })
    expect(recordOf(place).warnings).toEqual([])
  })

  it('is told as an event, and in the document of a run', async () => {
    const place = placeFor(FILES)
    const spoil = (): void => {
      for (const file of cached(place, 'actions')) truncateSync(file, 10)
    }
    await codex(place, { args: ['run', '--cache'], exitCode: 0 })
    spoil()
    const lines = jsonLinesOf((await codex(place, { args: ['run', '--cache', '--jsonl'], exitCode: 0 })).stdout)
    expect(lines.filter(({ type }) => type === 'warning')).toMatchObject([
      { warning: { code: 'cache-entry-dropped', severity: 'warning' } },
      { warning: { code: 'cache-entry-dropped' } },
    ])
    spoil()
    const document = JSON.parse(
      (await codex(place, { args: ['run', '--cache', '--json'], exitCode: 0 })).stdout,
    ) as object
    expect(document).toMatchObject({ diagnostics: [{ code: 'cache-entry-dropped' }, { code: 'cache-entry-dropped' }] })
  })

  it('is not believed where it came with the workspace, unless somebody names it', async () => {
    const origin = placeFor(FILES)
    await codex(origin, { args: ['run', '--cache'], exitCode: 0 })
    const place = placeFor(FILES)
    execFileSync('cp', ['-a', join(origin.root, '.codex'), place.root])
    const stderr = [/codex did not make \.codex\/cache in this place/, /--cache=\.codex\/cache/]
    await codex(place, { args: ['run', '--cache'], exitCode: 2, stderr })
    await codex(place, { args: ['run', '--cache=.codex/cache'], exitCode: 0, stderr: [/\(2 reused\)/] })
  })

  it('can be read where it can not be written to, which is said once', async () => {
    const place = placeFor({ ...FILES, ...pack('other', test('echo new; test -s task.yml')) })
    const cache = join(place.home, 'cache')
    await codex(place, { args: ['run', 'words', `--cache=${cache}`], exitCode: 0 })
    giveAway(place)
    execFileSync('chmod', ['-R', 'a-w', cache])
    const { stderr } = await codex(place, { args: ['run', `--cache=${cache}`], exitCode: 0, through: UNPRIVILEGED })
    expect(stderr).toMatch(/PASSED: 7 passed \(2 reused\)/)
    expect(stderr.match(/warning cache-not-stored The outcome of `other:tests\/1` can't be kept/g)).toHaveLength(1)
    execFileSync('chmod', ['-R', 'u+w', cache])
  })

  it('that belongs to somebody else is read as far as that is allowed, and never waited for', async () => {
    const place = placeFor(FILES)
    const cache = join(place.home, 'cache')
    await codex(place, { args: ['run', `--cache=${cache}`], exitCode: 0 })
    const other = placeFor(FILES)
    giveAway(other)
    chmodSync(place.home, 0o755)
    const call = { args: ['run', `--cache=${cache}`], through: ANOTHER_USER }
    await codex(other, { ...call, exitCode: 0, stderr: [/PASSED: 4 passed \(2 reused\)/] })
    if (UNPRIVILEGED.length === 0) return
    for (const file of cached(place, 'actions', '../home/cache')) chmodSync(file, 0o600)
    const stderr = [/cache-entry-dropped .*`words:steps\/sort`.* can't be read \(EACCES/, /PASSED: 4 passed in/]
    await codex(other, { ...call, exitCode: 0, stderr })
  })

  it.each(['blobs', 'actions'])('with a file in place of its folder of %s keeps nothing more', async (kind) => {
    const place = placeFor({ ...FILES, [`../home/cache/${kind}`]: 'in the way' })
    const { stderr } = await codex(place, { args: ['run', '--cache=../home/cache'], exitCode: 0 })
    expect(stderr).toMatch(/PASSED: 4 passed in/)
    expect(stderr.match(/warning cache-not-stored/g)).toHaveLength(1)
  })
})

describe('a cache among inputs', () => {
  it('is refused, unless git ignores it', async () => {
    const place = placeFor(FILES)
    const stderr = [/The cache would become an input of the pack 'words', because it lies in its folder/]
    await codex(place, { args: ['run', '--cache=task-packs/words/cache'], exitCode: 2, stderr })
    expect(existsSync(join(place.root, 'task-packs/words/cache'))).toBe(false)
    putFiles(place.root, { '.gitignore': 'cache/\n' })
    await codex(place, { args: ['run', '--cache=task-packs/words/cache'], exitCode: 0 })
    await codex(place, { args: ['run', '--cache=task-packs/words/cache'], exitCode: 0, stderr: [/\(2 reused\)/] })
  })

  it.each(['task-packs/words/task.yml', '/dev/null'])('%s can not be one', async (path) => {
    await codex(FILES, { args: ['run', `--cache=${path}`], exitCode: 2, stderr: [/^error: /] })
  })
})

/** A disk of 100 KiB in place of the folder, for the rest of the words. */
const SMALL_DISK = [
  ...['unshare', '--user', '--map-root-user', '--mount', '--', 'sh', '-ec'],
  'mount -t tmpfs -o size=100k tmpfs "$1"; shift; "$@"',
  'sh',
]

describe('while it is used', () => {
  it('a disk may be full: the run goes on, says so once, and reuses what is there', async () => {
    const step = (id: string): object => ({ id, run: `head -c 70000 /dev/zero >${id}`, outputs: [id] })
    const place = placeFor(pack('a', { steps: ['x', 'y', 'z'].map(step), ...test('test -s x') }))
    const cache = join(place.home, 'cache')
    mkdirSync(cache)
    // The second `z` is not the first: two blobs of the same bytes would be one.
    putFiles(place.root, {
      'task-packs/a/task.yml': read(place, 'task-packs/a/task.yml').replaceAll('/dev/zero', '/dev/urandom'),
    })
    const { stderr } = await codex(place, {
      args: ['run', '-j1', `--cache=${cache}`],
      through: [...SMALL_DISK, cache],
      exitCode: 0,
    })
    expect(stderr.match(/warning cache-not-stored .*ENOSPC/g)).toHaveLength(1)
    expect(stderr).toMatch(/PASSED: 6 passed in/)
  })

  it('two runs may keep the same outcomes at once', async () => {
    const place = placeFor(FILES)
    const args = ['run', `--cache=${join(place.home, 'cache')}`]
    const ran = await Promise.all([1, 2, 3].map(() => start(place, { args })))
    expect(ran.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
    expect(new Set(ran.map(({ stdout }) => stdout)).size).toBe(1)
    await codex(place, { args, exitCode: 0, stderr: [/\(2 reused\)/] })
  })

  it('somebody may prune it', async () => {
    const place = placeFor(FILES)
    await codex(place, { args: ['run', '--cache'], exitCode: 0 })
    const manifest = manifestText(place)
    const prune = { args: ['cache', 'prune', '--max-size', '0', '--yes'] }
    const runs = [1, 2, 3].flatMap(() => [start(place, { args: ['run', '--cache'] }), start(place, prune)])
    const ran = await Promise.all(runs)
    expect(ran.map(({ exitCode, stderr }) => [exitCode, /cache-/.test(stderr)])).toEqual(ran.map(() => [0, false]))
    expect(manifestText(place)).toBe(manifest)
  })

  it('codex may be killed while it keeps something: nothing half-kept is ever reused', async () => {
    const step = { id: 'x', run: 'head -c 120000000 /dev/zero >x; echo done', outputs: ['x'] }
    const place = placeFor(pack('a', { steps: [step], ...test('test -s x') }))
    const temporary = (): readonly string[] => cached(place, 'blobs').filter((file) => file.includes('.new-'))
    const program = start(place, { args: ['run', '--cache'] })
    await vi.waitFor(() => expect(temporary()).toHaveLength(1), { timeout: 100_000, interval: 1 })
    program.kill('SIGKILL')
    await program
    expect(cached(place, 'actions')).toEqual([])
    const [left = ''] = temporary()
    expect(statSync(left).size).toBeLessThan(120_000_000)
    await codex(place, { args: ['run', '--cache'], exitCode: 0, stderr: [/PASSED: 4 passed in/] })
    await codex(place, { args: ['run', '--cache'], exitCode: 0, stderr: [/\(2 reused\)/] })
    utimesSync(left, 1, 1)
    await codex(place, { args: ['cache', 'prune', '--yes'], exitCode: 0 })
    expect(existsSync(left)).toBe(false)
    await codex(place, { args: ['run', '--cache'], exitCode: 0, stderr: [/\(2 reused\)/] })
  })
})

describe('codex cache prune', () => {
  const prune = (...words: readonly string[]): readonly string[] => ['cache', 'prune', ...words]

  it('removes what was used longest ago, and says what', async () => {
    const place = placeFor({ ...FILES, ...pack('other', test('echo new; test -s task.yml')) })
    await codex(place, { args: ['run', 'words', '--cache'], exitCode: 0 })
    for (const file of cached(place, 'actions')) utimesSync(file, 1, 1)
    await codex(place, { args: ['run', 'other', '--cache'], exitCode: 0 })
    const would = 'Would remove 2 of 3 outcomes, 20 KiB of 28 KiB in .codex/cache.\n'
    await codex(place, { args: prune('--max-size=10KiB', '-n'), exitCode: 0, stdout: would })
    expect(cached(place, 'actions')).toHaveLength(3)
    const removed = would.replace('Would remove', 'Removed')
    await codex(place, { args: prune('--older-than=30d', '--yes'), exitCode: 0, stdout: removed })
    expect(cached(place, 'actions')).toHaveLength(1)
    await codex(place, { args: ['run', '--cache'], exitCode: 0, stderr: [/\(1 reused\)/] })
    const { stdout } = await codex(place, { args: prune('--json', '-y', '--max-size', '0'), exitCode: 0 })
    expect(JSON.parse(stdout)).toEqual({
      cache: CACHE,
      before: { entries: 3, bytes: 28 * 1024 },
      going: { entries: 3, bytes: 28 * 1024 },
      dryRun: false,
    })
    expect([...cached(place, 'actions'), ...cached(place, 'blobs')]).toEqual([])
  })

  it('leaves everything where it is below the bound of a run', async () => {
    const place = placeFor(FILES)
    await codex(place, { args: ['run', '--cache=../home/cache'], exitCode: 0 })
    const stdout = [/^Removed 0 of 2 outcomes, 0 B of 20 KiB in /]
    await codex(place, { args: prune('--yes', '--cache', '../home/cache'), exitCode: 0, stdout })
  })

  it('does nothing that it was not told to', async () => {
    const place = placeFor(FILES)
    await codex(place, { args: prune('--yes'), exitCode: 2, stderr: [/There is no cache in the workspace/] })
    await codex(place, { args: prune('--yes', '--cache=none'), exitCode: 2, stderr: [/There is no cache in none/] })
    await codex(place, { args: ['run', '--cache'], exitCode: 0 })
    await codex(place, { args: prune('--max-size=0'), exitCode: 2, stderr: [/There is no terminal to ask: say --yes/] })
    for (const wrong of ['--max-size=5', '--max-size=-1GiB', '--older-than=30', '--older-than=1y', '--older-than=0d']) {
      await codex(place, { args: prune('--yes', wrong), exitCode: 2, stderr: [/such as (5GiB|30d)/] })
    }
    expect(cached(place, 'actions')).toHaveLength(2)
  })

  it('asks on a terminal', async () => {
    const place = placeFor(FILES)
    await codex(place, { args: ['run', '--cache'], exitCode: 0 })
    const answer = (text: string): string => `import os, pty, sys
def read(fd):
    data = os.read(fd, 1024)
    if b'[y/N]' in data: os.write(master, ${JSON.stringify(text)}.encode())
    return data
pid, master = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
pty._copy(master, read)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`
    const asked = async (text: string, exitCode: number): Promise<string> => {
      const through = ['python3', '-c', answer(text)]
      return (await codex(place, { args: prune('--max-size=0'), through, exitCode })).stdout
    }
    expect(await asked('n\n', 1)).toMatch(/Remove 2 of 2 outcomes, 20 KiB of 20 KiB from \.codex\/cache\? \[y\/N\]/)
    expect(await asked('\n', 1)).toContain('Nothing was removed')
    expect(await asked('\u0004', 1)).toContain('Nothing was removed')
    expect(cached(place, 'actions')).toHaveLength(2)
    expect(await asked('y\n', 0)).toContain('Removed 2 of 2')
    expect(cached(place, 'actions')).toEqual([])
  })
})

it('nothing but the flag turns a cache on', async () => {
  const place = placeFor({ ...FILES, 'codex.config.ts': "export default { cache: '.codex/cache' }\n" })
  await codex(place, { args: ['run'], exitCode: 2, stderr: [/cache/] })
  rmSync(join(place.root, 'codex.config.ts'))
  await codex(place, { args: ['run'], env: { CODEX_CACHE: '1', CODEX_CACHE_DIR: '.codex/cache' }, exitCode: 0 })
  expect(existsSync(join(place.root, CACHE))).toBe(false)
})
