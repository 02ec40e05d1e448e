import { join } from 'node:path'
import type { LimitName } from '../../model/outcome.ts'
import type { Limits } from '../../model/pack.ts'
import type { Guarantees } from '../../model/plan.ts'
import type { Execution, ExecutionRequest, Executor } from '../../model/ports.ts'
import { treeOf } from '../../model/tree.ts'
import type { DiskContentStore } from '../content-store.ts'
import { openOutlet, type Outlet } from '../network/outlet.ts'
import { isInMemory, removeTree, rewriteFile } from '../scratch.ts'
import { enterLine, type Cgroup, type Cgroups } from './cgroups.ts'
import { exceedsOutput, judgeChanges, MOST_FILES, type Change, type Collected } from './changes.ts'
import { copiedRoot } from './copied-root.ts'
import type { Isolation, Job } from './job.ts'
import { createLanes, makeFolder } from './lanes.ts'
import { probeNetwork } from './probe-network.ts'
import { hostProxy, OUTLET_USE } from './outlet.ts'
import { canOverlay, createLowerTrees, isLarge, overlaidRoot } from './overlaid-root.ts'
import { probeOverlay } from './probe.ts'
import type { ExecutionRoot } from './root.ts'
import { createSlotPool, type RunningJob, type SlotPool } from './slot-pool.ts'
import { watchUsage } from './watchdog.ts'
import { VIEW } from '../../model/view.ts'

export interface SandboxOptions {
  readonly isolation: Isolation
  readonly guarantees: Guarantees
  readonly store: DiskContentStore
  /** Absolute path of the workspace. */
  readonly workspace: string
  /** Absolute path of an empty private folder, for what lives as long as the executor. */
  readonly folder: string
  /** What actions get one each of; `null`: a watchdog alone looks after them. */
  readonly cgroups: Cgroups | null
}

/** The local executor: one private root and one job of a slot for every attempt. */
export function createSandbox(options: SandboxOptions): Executor {
  const { isolation, store, folder } = options
  const pool = createSlotPool(isolation.namespaces, isolation.reusable)
  const lowers = createLowerTrees(makeFolder(folder, 'lower'), store)
  const runIn = createRunner(options, pool)
  const running = new Set<Promise<Execution>>()
  let overlays: Promise<boolean> | null = null

  const overlaid: LayOut = (lane, request) => overlaidRoot(lane, request, lowers)
  const copied: LayOut = (lane, request) => copiedRoot(lane, request, store)
  const canUseOverlays = async (): Promise<boolean> => {
    if (isolation.namespaces.length === 0 || !canOverlay(folder)) return false
    overlays ??= probeOverlay((request) => runIn(overlaid, request), store, folder)
    return overlays
  }
  const tryNetwork = createNetworkTrial(isolation, (request) => runIn(copied, request))
  const execute = async (request: ExecutionRequest): Promise<Execution> => {
    const problem = request.network.length > 0 ? await tryNetwork() : null
    if (problem !== null) return { end: { kind: 'not-started', message: problem }, ...NOTHING }
    const large = isLarge(request.inputs) && (await canUseOverlays())
    return runIn(large ? overlaid : copied, request)
  }
  return {
    name: isolation.name,
    limiter: limiterOf(options),
    guarantees: options.guarantees,
    tryNetwork,
    execute: (request) => {
      const execution = execute(request)
      running.add(execution)
      return execution.finally(() => running.delete(execution))
    },
    close: async () => {
      await pool.close()
      await Promise.allSettled(running)
      removeTree(folder)
    },
  }
}

function limiterOf({ isolation, cgroups }: SandboxOptions): Executor['limiter'] {
  if (isolation.namespaces.length === 0) return 'none'
  return cgroups ? 'cgroup' : 'watchdog'
}

type Runner = (layOut: LayOut, request: ExecutionRequest) => Promise<Execution>

function createRunner(options: SandboxOptions, pool: SlotPool): Runner {
  const { isolation, store, folder, workspace } = options
  const lanes = createLanes(folder)
  const inMemory = isInMemory(folder)
  return async (layOut, request) => {
    const lane = lanes.take()
    let counted = false
    let outlet: Outlet | null = null
    let cgroup: Cgroup | null = null
    try {
      if (request.network.length > 0) outlet = await openOutlet(join(lane, 'network'), request, !isolation.ownNetwork)
      if (request.signal.aborted) return { end: { kind: 'interrupted' }, ...NOTHING }
      const root = layOut(lane, request)
      const job = jobOf(request, { root, outlet, folder: lane, workspace })
      const file = join(lane, 'job')
      cgroup = limiterOf(options) === 'cgroup' ? cgroupFor(request, options.cgroups, inMemory) : null
      rewriteFile(file, `${cgroup ? enterLine(cgroup) : ''}${isolation.script(job)}`)
      const slotJob = { file, secrets: Object.values(request.secrets), cgroup }
      const end = await superviseJob(request, (onOutput) => pool.start(slotJob, onOutput))
      if (end.kind === 'exited' && !isolation.wasStarted(job)) {
        return { end: { kind: 'not-started', message: 'the sandbox could not be set up' }, ...NOTHING }
      }
      // Where files are memory, too many of them are too much memory for the kernel: what it was is seen afterwards.
      if (end.kind !== 'exited' && !(inMemory && isLimit(end, 'memory'))) return { end, ...NOTHING }
      const changes = root.changes()
      counted = changes !== null
      if (changes === null) return { end: { kind: 'limit', limit: 'output', files: MOST_FILES }, ...NOTHING }
      return collect({ end, changes }, request, store)
    } finally {
      await outlet?.close()
      await cgroup?.remove()
      await lanes.giveBack(lane, counted)
    }
  }
}

/** `null` where the kernel has none to give; the watchdog, which every attempt has, has to do then. */
function cgroupFor(request: ExecutionRequest, cgroups: Cgroups | null, inMemory: boolean): Cgroup | null {
  return cgroups?.create({ ...watchedLimits(request), filesBytes: inMemory ? request.limits.outputBytes : 0 }) ?? null
}

function isLimit(end: Execution['end'], limit: LimitName): boolean {
  return end.kind === 'limit' && end.limit === limit
}

/** Tries it once, when somebody asks for the first time. */
function createNetworkTrial({ ownNetwork }: Isolation, execute: Executor['execute']): Executor['tryNetwork'] {
  let found: Promise<string | null> | null = null
  return () => (found ??= ownNetwork ? probeNetwork(execute) : Promise.resolve(null))
}

type LayOut = (lane: string, request: ExecutionRequest) => ExecutionRoot

const NOTHING: Collected = { outputs: treeOf([]), missing: [], unusable: [], altered: [], undeclared: [] }

interface Places {
  readonly root: ExecutionRoot
  readonly outlet: Outlet | null
  readonly folder: string
  readonly workspace: string
}

function jobOf(request: ExecutionRequest, { root, outlet, folder, workspace }: Places): Job {
  return {
    ...request,
    secrets: Object.keys(request.secrets),
    mounts: request.mounts.map(({ path }) => ({ from: join(workspace, path), to: `${VIEW.workspace}/${path}` })),
    env: outlet?.port ? hostProxy(request.env, outlet.port) : request.env,
    outlet,
    root: root.path,
    overlay: root.overlay,
    folder,
  }
}

interface Ended {
  readonly end: Execution['end']
  readonly changes: readonly Change[]
}

function collect({ end, changes }: Ended, request: ExecutionRequest, store: DiskContentStore): Execution {
  const { limits } = request
  if (exceedsOutput(changes, end.kind === 'exited' ? end.exitCode : 0, limits.outputBytes)) {
    return { end: { kind: 'limit', limit: 'output' }, ...NOTHING }
  }
  return end.kind !== 'exited' ? { end, ...NOTHING } : { end, ...judgeChanges(changes, { ...request, store }) }
}

type Start = (onOutput: (bytes: Uint8Array) => void) => RunningJob

/** Lets the job run until it ends, or ends it at a limit or when the caller aborts. Every process is gone afterwards. */
async function superviseJob(request: ExecutionRequest, start: Start): Promise<Execution['end']> {
  let stopped: Execution['end'] | null = null
  let failure: { readonly error: unknown } | null = null
  const stop = (end: Execution['end']): void => {
    if (stopped) return
    stopped = end
    void job.kill()
  }
  const job = start((bytes) => {
    if (stopped) return
    try {
      if (!request.onOutput(bytes)) stop({ kind: 'limit', limit: 'log' })
    } catch (error) {
      // Thrown in a stream's listener it would end the whole process; a full disk under the log is this attempt's error.
      failure = { error }
      stop({ kind: 'interrupted' })
    }
  })
  const release = guard(job, request, stop)
  try {
    const { exitCode, limit } = await job.end
    if (failure) throw (failure as { readonly error: unknown }).error
    if (stopped) return stopped
    if (limit !== null) return { kind: 'limit', limit }
    if (exitCode === null)
      return { kind: 'not-started', message: job.complaints() || 'the supervisor of the sandbox ended' }
    return { kind: 'exited', exitCode }
  } finally {
    release()
  }
}

/** Whatever may stop a job from outside of it; returns what calls it off. */
function guard(job: RunningJob, request: ExecutionRequest, stop: (end: Execution['end']) => void): () => void {
  const onAbort = (): void => stop({ kind: 'interrupted' })
  const onLimit = (limit: LimitName): void => stop({ kind: 'limit', limit })
  const { limits, signal } = request
  const timer = setTimeout(() => onLimit('timeout'), limits.timeoutMs)
  const unwatch = job.supervisor === undefined ? null : watchUsage(job.supervisor, watchedLimits(request), onLimit)
  signal.addEventListener('abort', onAbort, { once: true })
  return () => {
    clearTimeout(timer)
    unwatch?.()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Of the action and the forwarder that comes with its network. */
function watchedLimits({ limits, network }: ExecutionRequest): Pick<Limits, 'memoryBytes' | 'processes'> {
  const { memoryBytes, processes } = limits
  if (network.length === 0) return { memoryBytes, processes }
  return { memoryBytes: memoryBytes + OUTLET_USE.memoryBytes, processes: processes + OUTLET_USE.processes }
}
