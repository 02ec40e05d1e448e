import { conclude, MANIFEST, type Signing } from './evidence/conclude.ts'
import { exitCodeOf, type StopSignal } from './evidence/exit-code.ts'
import { createJournal } from './evidence/journal.ts'
import {
  buildManifest,
  manifestBytes,
  manifestOutcome,
  planOf,
  refusalsOf,
  refusedManifest,
  startedManifest,
  type ManifestHead,
} from './evidence/manifest.ts'
import { mendCrashed } from './evidence/mend/mend.ts'
import { execute, type ExecuteOptions } from './execute.ts'
import type { BaseRecord } from './model/change.ts'
import type { CheckRecord } from './model/check.ts'
import { diagnostic, sortDiagnostics, type Diagnostic, type SandboxFinding } from './model/diagnostic.ts'
import type { Digest } from './model/digest.ts'
import type { Emit, RunEvent } from './model/event.ts'
import { packsWithPlugin, type Graph } from './model/graph.ts'
import type { Grant } from './model/grant.ts'
import type { Manifest } from './model/manifest.ts'
import { placeOf } from './model/pack.ts'
import type { ActionOutcome, Verdict } from './model/outcome.ts'
import type { PlannedAction, Tool } from './model/plan.ts'
import type { RuntimeFile } from './model/plugin.ts'
import type { Attestor, Clock, ContentStore, Executor, RunFolder, ToolResolver } from './model/ports.ts'
import type { HostFacts, RunRecord } from './model/record.ts'
import type { Replay, ReplaySource } from './model/replay.ts'
import { err, ok, type Result } from './model/result.ts'
import { planActions } from './plan/dryrun.ts'
import { findNeeds } from './plan/needs.ts'
import { refusalsOf as policyRefusals } from './plan/policy.ts'
import { createPreparer, type Prepare } from './plan/prepare.ts'
import type { Project } from './project.ts'
import type { Ended, Told } from './reports.ts'

/** The machine, as a run uses it. */
export interface Machine {
  readonly store: ContentStore
  readonly clock: Clock
  readonly facts: HostFacts
  /** The caller's variables, of which actions get what their packs name. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Absolute path of the workspace. */
  readonly workspace: string
  /** Finds a sandbox that was seen to hold; called at most once, and whoever called it closes what it gives. */
  openSandbox(): Promise<Result<Executor, readonly SandboxFinding[]>>
  resolverFor(executor: Executor): ToolResolver
  /** What talks to plugins; absent: none can be run. */
  readonly pluginRuntime?: () => readonly RuntimeFile[]
}

export interface RunOptions extends Omit<ExecuteOptions, 'taken'> {
  /** The run that steps of change packs are taken from; absent or `null`: they are run. */
  readonly replay?: ReplaySource | null
  readonly tool: ManifestHead['tool']
  /** What codex was called with. */
  readonly argv: readonly string[]
  /** Beside those of the configuration. */
  readonly grants: readonly Grant[]
  /** What change packs are run on; absent: there are none. */
  readonly base?: BaseRecord
  /** Signs what is stated about the run; `null`: it stays unsigned. */
  readonly attestor: Attestor | null
  /** Aborts with a {@link StopSignal} as its reason. */
  readonly signal: AbortSignal
}

export interface RunResult extends Signing {
  readonly verdict: Verdict
  readonly exitCode: number
  readonly manifest: Manifest
  readonly digest: Digest
  readonly outcomes: readonly ActionOutcome[]
  /** What was found by running everything twice; `null`: that was not asked for, or it did not come to it. */
  readonly check: CheckRecord | null
  /** Why the run was refused; warnings otherwise. */
  readonly diagnostics: readonly Diagnostic[]
}

/** An executor and all that its actions need, or why there is no leave to run. */
export interface Ready {
  readonly executor: Executor
  readonly tools: ReadonlyMap<string, Tool>
  readonly prepare: Prepare
}

/** A project's graph, planned and run, with its evidence in `folder`. A run that does not get that far leaves a manifest too. */
export async function runProject(
  project: Project,
  surroundings: { readonly machine: Machine; readonly folder: RunFolder; readonly listen: Emit },
  options: RunOptions,
): Promise<RunResult> {
  const { machine, folder } = surroundings
  const startedAt = machine.clock.now()
  const started = startedManifest({ tool: options.tool, guarantees: null })
  if (!folder.digests().has(MANIFEST)) folder.writeAtomically(MANIFEST, manifestBytes(started))
  try {
    const { graph } = project
    const refusal = { project, options, ...surroundings, startedAt }
    if (!graph) return await refuse(project.diagnostics, { ...refusal, exitCode: 2 })
    const { replay = null, tool, grants } = options
    // Few runs are replays.
    const replaying = replay && (await import('./replaying.ts'))
    const ready = await makeReady(replaying?.withoutSteps(project) ?? project, machine, grants)
    if (!ready.ok) return await refuse(ready.error, { ...refusal, exitCode: 3 })
    try {
      const { executor, prepare } = ready.value
      const surrounding = { tool, guarantees: executor.guarantees, prepare, store: machine.store }
      const taken = replay && replaying ? replaying.takeSteps(graph, replay, surrounding) : null
      if (taken && !taken.ok) return await refuse(taken.error, { ...refusal, exitCode: 5 })
      const running = { ...surroundings, ...ready.value, startedAt, taken: taken && taken.value }
      return await runGraph({ ...project, graph }, running, options)
    } finally {
      await ready.value.executor.close()
    }
  } catch (error) {
    mendCrashed(folder, error, machine.clock.now())
    throw error
  } finally {
    folder.close()
  }
}

/** What a run would do, with every key that is known before it. The result is a list of refusals, or of what would run. */
export async function planProject(
  project: Project & { readonly graph: Graph },
  machine: Machine,
  grants: readonly Grant[],
): Promise<Result<readonly PlannedAction[], readonly Diagnostic[]>> {
  const ready = await makeReady(project, machine, grants)
  if (!ready.ok) return ready
  try {
    const planned = planActions(project.graph, ready.value.prepare)
    if (planned.ok) return planned
    return err([diagnostic('unreadable', null, { path: planned.error.path, reason: planned.error.message })])
  } finally {
    await ready.value.executor.close()
  }
}

export async function makeReady(
  project: Project,
  machine: Machine,
  grants: readonly Grant[],
): Promise<Result<Ready, readonly Diagnostic[]>> {
  const { packs, graph } = project
  const actions = graph?.actions ?? []
  const refusals = policyRefusals(packs, {
    grants: [...project.grants, ...grants],
    callerEnv: machine.variables,
    withPlugin: packsWithPlugin(actions),
  })
  if (refusals.length > 0) return err(sortDiagnostics(refusals))
  const opened = await machine.openSandbox()
  if (!opened.ok) return err([diagnostic('no-sandbox', null, { findings: opened.error })])
  const executor = opened.value
  const tools = await findNeeds({ packs, actions }, executor, machine.resolverFor(executor)).catch(
    async (error: unknown) => {
      await executor.close()
      throw error
    },
  )
  if (!tools.ok) {
    await executor.close()
    return tools
  }
  const { store, variables: callerEnv, pluginRuntime } = machine
  return ok({
    executor,
    tools: tools.value,
    prepare: createPreparer({
      ...{ store, guarantees: executor.guarantees, tools: tools.value, callerEnv },
      ...(pluginRuntime ? { pluginRuntime } : {}),
    }),
  })
}

interface Refusal extends Recorded {
  readonly project: Project
  readonly options: RunOptions
  readonly exitCode: number
}

async function refuse(diagnostics: readonly Diagnostic[], { exitCode, ...refusal }: Refusal): Promise<RunResult> {
  const { folder, machine, options, project } = refusal
  const { attestor, tool } = options
  const refusals = refusalsOf(diagnostics)
  const journal = createJournal(folder)
  journal({ type: 'run-refused', at: machine.clock.now(), run: folder.name, tool, refusals })
  const manifest = refusedManifest({ tool, guarantees: null }, refusals)
  const { finished, ...signing } = await conclude(folder, journal, {
    ...{ manifest, at: machine.clock.now(), interrupted: false, attestor },
    addTo: async (_, end) => {
      const told = {
        ...options,
        ...refusal,
        project: { ...project, diagnostics, graph: null },
        executor: null,
        tools: [],
      }
      await tell(told, { manifest, outcomes: [], signal: null, check: null, end })
      return null
    },
  })
  const told = { verdict: 'refused', exitCode, manifest, digest: finished.manifest, outcomes: [], check: null } as const
  return { ...told, diagnostics, ...signing }
}

/** What every run is recorded with. */
interface Recorded {
  readonly machine: Machine
  readonly folder: RunFolder
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
}

interface Running extends Ready, Recorded {
  readonly listen: Emit
  readonly taken: Replay | null
}

async function runGraph(
  project: Project & { readonly graph: Graph },
  running: Running,
  options: RunOptions,
): Promise<RunResult> {
  const { graph } = project
  const { executor, folder, machine, listen } = running
  const { clock } = machine
  const journal = createJournal(folder)
  const diagnostics = [...project.diagnostics]
  const emit: Emit = (event) => {
    if (event.type === 'warning') diagnostics.push(event.diagnostic)
    journal(event)
    listen(event)
  }
  const { guarantees } = executor
  const { tool } = options
  const plan = planOf(graph.packs, graph.actions)
  emit({ ...startOf(options, { executor, folder }), at: clock.now(), plan })
  for (const warning of disabledPlugins(graph)) emit({ type: 'warning', at: clock.now(), diagnostic: warning })
  const { outcomes, partial, check } = await execute(
    project,
    { ...running, emit },
    { ...options, taken: running.taken },
  )
  const signal = signalOf(options)
  const ended = { outcomes: outcomes.map(manifestOutcome), partial, interrupted: signal !== null }
  const manifest = buildManifest({ tool, guarantees, plan, ...ended })
  const { finished, ...signing } = await conclude(folder, journal, {
    ...{ manifest, at: clock.now(), interrupted: ended.interrupted, attestor: options.attestor },
    addTo: async (_, end) => {
      const about = { project: { ...project, diagnostics }, tools: [...running.tools.values()] }
      return tell({ ...options, ...running, ...about }, { manifest, outcomes, signal, check, end })
    },
  })
  // Nobody is told before it is on the disk.
  listen(finished)
  const { verdict, manifest: digest } = finished
  const exitCode = exitCodeOf({ verdict, outcomes, signal, ...signing })
  return { verdict, exitCode, manifest, digest, outcomes, check, diagnostics, ...signing }
}

/** A pack that runs without its plugin is told of, so that nobody takes it for one that was looked at. */
function disabledPlugins({ packs, actions }: Graph): readonly Diagnostic[] {
  const enabled = packsWithPlugin(actions)
  return packs
    .filter(({ definition: { id, plugin } }) => plugin !== null && !enabled.has(id))
    .map((pack) => {
      const facts = { field: 'plugin', pack: pack.definition.id }
      return diagnostic('plugin-disabled', placeOf(pack, '/plugin'), facts, { severity: 'warning' })
    })
}

type RunStarted = Extract<RunEvent, { type: 'run-started' }>

function startOf(
  { jobs, tool, shuffle }: RunOptions,
  { executor, folder }: Pick<Running, 'executor' | 'folder'>,
): Omit<RunStarted, 'at' | 'plan'> {
  const { name, guarantees } = executor
  const order = shuffle === undefined ? {} : { shuffle }
  return { type: 'run-started', run: folder.name, executor: name, guarantees, jobs, tool, ...order }
}

function signalOf({ signal }: Pick<RunOptions, 'signal'>): StopSignal | null {
  return signal.aborted ? (signal.reason as StopSignal) : null
}

/** Tells what the manifest must not: for programs in run.json, and all of it for people. */
async function tell(told: Told, ended: Ended): Promise<RunRecord> {
  // Loaded when there is something to tell, because most commands never have.
  const { leaveReports } = await import('./reports.ts')
  return leaveReports(told, ended)
}
