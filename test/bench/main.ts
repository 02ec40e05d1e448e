import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContentStore } from '../../src/host/content-store.ts'
import { chooseExecutor } from '../../src/host/sandbox/choose.ts'
import { runQuietly } from '../../src/host/sandbox/probe.ts'
import { bubblewrapIsolation } from '../../src/host/sandbox/isolations.ts'
import { shellWord } from '../../src/host/sandbox/shell.ts'
import { createScratch } from '../../src/host/scratch.ts'
import { treeOf } from '../../src/model/tree.ts'
import { cacheRows } from './cache.ts'
import { cpuTime, median, renderRow, run, takeTurns, type Row } from './measure.ts'
import { watchRows } from './watch.ts'
import { addFiles, addPack, makeWorkspace } from './workspaces.ts'
import { yamlRows } from './yaml.ts'

const LIMITS = {
  timeoutMs: 60_000,
  memoryBytes: 1024 ** 3,
  processes: 256,
  logBytes: 1024 ** 2,
  outputBytes: 1024 ** 2,
}
const CONCURRENCY = 2

interface Options {
  /** Absolute path of the project. */
  readonly root: string
  /** Part of a benchmark's name; empty for all. */
  readonly only: string
}

/** Prints each figure beside a floor or a peer that was measured in the same run; only the ratios mean anything. */
export async function main({ root, only }: Options): Promise<void> {
  const codex = [process.execPath, join(root, 'dist/cli.js')]
  const benchmarks: Readonly<Record<string, () => readonly Row[] | Promise<readonly Row[]>>> = {
    start: () => startRows(codex),
    actions: () => actionRows(codex),
    probe: () => probeRows(),
    staging: () => [...stagingRows(), ...largePackRows(codex)],
    packs: () => packRows(codex),
    yaml: () => yamlRows(codex),
    verify: () => verifyRows(codex),
    cache: () => cacheRows(codex),
    watch: () => watchRows(codex),
  }
  process.stdout.write(`${''.padEnd(58)}${'codex'.padStart(12)}${'floor'.padStart(12)}\n`)
  for (const [name, rows] of Object.entries(benchmarks)) {
    if (name.includes(only)) for (const row of await rows()) process.stdout.write(renderRow(row))
  }
}

function startRows(codex: readonly string[]): readonly Row[] {
  const root = makeWorkspace()
  for (let index = 0; index < 10; index++) addPack(root, { id: `pack-${index}`, commands: 3 })
  const [empty = NaN, version = NaN, graph = NaN] = takeTurns(
    [
      () => run([process.execPath, '-e', '0']),
      () => run([...codex, '--version']),
      () => run([...codex, 'graph'], { cwd: root }),
    ],
    15,
  )
  rmSync(root, { recursive: true })
  return [
    { name: 'codex --version / node -e 0', ours: version, floor: empty, unit: 'ms', aim: 1.5 },
    { name: 'codex graph of 10 packs / node -e 0', ours: graph, floor: empty, unit: 'ms', aim: 3 },
  ]
}

/** What one more action costs: runs of many and of few, against the same bubblewrap command line in bare shell loops. */
function actionRows(codex: readonly string[]): readonly Row[] {
  const [few, many] = [10, 410].map((commands) => {
    const root = makeWorkspace()
    addPack(root, { id: 'noop', commands })
    return root
  }) as [string, string]
  const loop = bareLoop(200)
  const runIn = (cwd: string, ...flags: string[]): void =>
    void run([...codex, 'run', '-q', '-j', String(CONCURRENCY), ...flags], { cwd })
  const [fewTime = NaN, manyTime = NaN, loopTime = NaN, fewBare = NaN, manyBare = NaN] = takeTurns(
    [
      () => runIn(few),
      () => runIn(many),
      () => run(['bash', '-c', loop.script]),
      () => runIn(few, '--sandbox=none'),
      () => runIn(many, '--sandbox=none'),
    ],
    5,
  )
  loop.remove()
  for (const root of [few, many]) rmSync(root, { recursive: true })
  const floor = loopTime / (200 * CONCURRENCY)
  return [
    { name: 'a no-op action / the same bwrap in a loop', ours: (manyTime - fewTime) / 400, floor, unit: 'ms', aim: 2 },
    {
      name: 'a no-op action, --sandbox=none / bwrap in a loop',
      ours: (manyBare - fewBare) / 400,
      floor,
      unit: 'ms',
      aim: null,
    },
  ]
}

/** What it costs to find a sandbox and to see that it holds, against actions that do nothing, one after another. */
async function probeRows(): Promise<readonly Row[]> {
  const scratch = createScratch()
  const probes: number[] = []
  const actions: number[] = []
  for (let round = 0; round <= 10; round++) {
    const own = createScratch(scratch.path)
    const store = createContentStore(scratch.path, own.folder('content'))
    const start = performance.now()
    const chosen = await chooseExecutor('bubblewrap', { store, scratch: own, workspace: scratch.path })
    if (!chosen.ok) throw new Error(JSON.stringify(chosen.error))
    const probed = performance.now()
    for (let count = 0; count < 20; count++) {
      await runQuietly(chosen.value, { argv: ['test', '-d', '.'], env: { PATH: '/usr/bin:/bin' }, outputs: [] })
    }
    // The first round warms caches and the compiler of Node.js.
    if (round > 0) {
      probes.push(probed - start)
      actions.push((performance.now() - probed) / 20)
    }
    await chosen.value.close()
  }
  scratch.remove()
  return [
    {
      name: 'choosing and probing a sandbox / an action in it',
      ours: median(probes),
      floor: median(actions),
      unit: 'ms',
      aim: 5,
    },
  ]
}

/** As many loops at once as codex runs actions, each failing as soon as one of its commands does. */
function bareLoop(times: number): { readonly script: string; readonly remove: () => void } {
  const scratch = createScratch()
  const root = scratch.folder('root')
  const isolation = bubblewrapIsolation(scratch.folder('isolation'))
  const job = {
    argv: ['test', '-d', '.'],
    cwd: '',
    env: {},
    secrets: [],
    tools: [],
    mounts: [],
    limits: LIMITS,
    overlay: null,
    outlet: null,
  }
  const loops = Array.from({ length: CONCURRENCY }, (_, index) => {
    const folder = scratch.folder(`loop-${index}`)
    const file = join(folder, 'job')
    writeFileSync(file, isolation.script({ ...job, root, folder }))
    return `(for i in $(seq ${times}); do (. ${shellWord(file)}) </dev/null || exit; done) &`
  })
  return { script: `${loops.join(' ')} ${'wait -n && '.repeat(CONCURRENCY)} true`, remove: () => scratch.remove() }
}

const FILES = 10_000

function stagingRows(): readonly Row[] {
  const scratch = createScratch()
  const root = scratch.folder('workspace')
  addFiles(root, FILES)
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.bin'))
  const bare: number[] = []
  const ours: number[] = []
  for (let round = 0; round < 5; round++) {
    let start = performance.now()
    for (const path of paths)
      createHash('sha256')
        .update(readFileSync(join(root, path)))
        .digest('hex')
    bare.push(performance.now() - start)
    start = performance.now()
    const store = createContentStore(root, scratch.folder(`content-${round}`))
    treeOf(
      paths.map((path) => {
        const entry = store.stage(path)
        if (!entry.ok) throw new Error(entry.error.message)
        return entry.value
      }),
    )
    ours.push(performance.now() - start)
  }
  scratch.remove()
  return [
    {
      name: `staging ${FILES} files / reading and hashing them`,
      ours: median(ours),
      floor: median(bare),
      unit: 'ms',
      aim: 3,
    },
  ]
}

/** Twenty actions over the same 10,000 files against two: staging must be paid once. */
function largePackRows(codex: readonly string[]): readonly Row[] {
  const [two, twenty] = [2, 20].map((commands) => {
    const root = makeWorkspace()
    addFiles(addPack(root, { id: 'large', commands }), FILES)
    return root
  }) as [string, string]
  const [twoTime = NaN, twentyTime = NaN] = takeTurns(
    [two, twenty].map((cwd) => () => void run([...codex, 'run', '-q', '-j2'], { cwd })),
    3,
  )
  for (const root of [two, twenty]) rmSync(root, { recursive: true })
  return [
    {
      name: `20 actions over ${FILES} files / 2 actions over them`,
      ours: twentyTime,
      floor: twoTime,
      unit: 'ms',
      aim: null,
    },
  ]
}

/** Three seconds of CPU on a machine whose `node -e 0` takes 84 ms. */
const THOUSAND_PACKS = 36

/** CPU time to validate and compile. */
function packRows(codex: readonly string[]): readonly Row[] {
  const [thousand, tenThousand] = [1000, 10_000].map((count) => {
    const root = makeWorkspace()
    for (let index = 0; index < count; index++) {
      addPack(root, { id: `pack-${index}`, needs: index === 0 ? [] : [`pack-${index - 1}`], commands: 3 })
    }
    const cpu = median(Array.from({ length: count > 1000 ? 1 : 3 }, () => cpuTime([...codex, 'validate'], root)))
    rmSync(root, { recursive: true })
    return cpu
  }) as [number, number]
  const empty = median(Array.from({ length: 9 }, () => cpuTime([process.execPath, '-e', '0'], process.cwd())))
  return [
    {
      name: 'CPU: validating 1,000 packs of 3 actions / node -e 0',
      ours: thousand,
      floor: empty,
      unit: 'ms',
      aim: THOUSAND_PACKS,
    },
    { name: 'CPU: 10,000 packs / 1,000 packs', ours: tenThousand, floor: thousand, unit: 'ms', aim: 10 },
  ]
}

const LARGE_PACKS = 8
const ARTIFACT_BYTES = 128 * 1024 * 1024

/** A thousand actions: eight packs of four with an artifact each, and eight of 121 that do nothing. */
function addLargeRun(root: string): void {
  for (let index = 0; index < LARGE_PACKS; index++) {
    const step = { id: 'make', run: `head -c ${ARTIFACT_BYTES + index} /dev/zero > out.bin`, outputs: ['out.bin'] }
    const task = {
      ...{ version: 1, id: `large-${index}`, title: 'Many bytes', pillar: 'platform', risk: 'low', steps: [step] },
      ...{ acceptance: { tests: [{ run: 'test -s out.bin' }] }, artifacts: { required: ['out.bin'] } },
    }
    const folder = join(root, `packs/large-${index}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'task.yml'), JSON.stringify(task))
    addPack(root, { id: `many-${index}`, commands: 119 })
  }
}

/** A run of a thousand actions with a gigabyte of artifacts, against `sha256sum` over the same files. */
function verifyRows(codex: readonly string[]): readonly Row[] {
  const root = makeWorkspace()
  addLargeRun(root)
  run([...codex, 'run', '-q', '--sandbox=none'], { cwd: root })
  const evidence = realpathSync(join(root, '.codex/runs/latest'))
  const [ours = NaN, floor = NaN] = takeTurns(
    [
      () => run([...codex, 'verify', '-q', evidence], { cwd: root }),
      () => run(['sha256sum', '--check', '--strict', '--quiet', 'files.sha256'], { cwd: evidence }),
    ],
    3,
  )
  rmSync(root, { recursive: true })
  return [{ name: 'verifying 1,000 actions, 1 GiB / sha256sum', ours, floor, unit: 'ms', aim: 2 }]
}
