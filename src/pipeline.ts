import { conclude, MANIFEST, RECORD, type Signing } from './evidence/conclude.ts'
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
import { buildRecord, recordBytes, type HostFacts, type RunRecord } from './evidence/record.ts'
import { execute, type ExecuteOptions } from './execute.ts'
import type { CheckRecord } from './model/check.ts'
import { diagnostic, sortDiagnostics, type Diagnostic, type SandboxFinding } from './model/diagnostic.ts'
import type { Digest } from './model/digest.ts'
import type { Emit, RunEvent } from './model/event.ts'
import type { Graph } from './model/graph.ts'
import type { Grant } from './model/grant.ts'
import type { Manifest } from './model/manifest.ts'
import type { ActionOutcome, Verdict } from './model/outcome.ts'
import type { PlannedAction, Tool } from './model/plan.ts'
import type { Attestor, Clock, ContentStore, Executor, RunFolder, ToolResolver } from './model/ports.ts'
import { err, ok, type Result } from './model/result.ts'
import { planActions } from './plan/dryrun.ts'
import { findNeeds } from './plan/needs.ts'
import { refusalsOf as policyRefusals } from './plan/policy.ts'
import { createPreparer, type Prepare } from './plan/prepare.ts'
import type { Project } from './project.ts'

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
}

export interface RunOptions extends ExecuteOptions {
  readonly tool: ManifestHead['tool']
  /** What codex was called with. */
  readonly argv: readonly string[]
  /** Beside those of the configuration. */
  readonly grants: readonly Grant[]
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
interface Ready {
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
  const head: ManifestHead = { tool: options.tool, guarantees: null }
  folder.writeAtomically(MANIFEST, manifestBytes(startedManifest(head)))
  try {
    const { graph } = project
    const refusal = { folder, head, clock: machine.clock, attestor: options.attestor }
    if (!graph) return await refuse(project.diagnostics, { ...refusal, exitCode: 2 })
    const ready = await makeReady(project, machine, options.grants)
    if (!ready.ok) return await refuse(ready.error, { ...refusal, exitCode: 3 })
    try {
      return await runGraph({ ...project, graph }, { ...surroundings, ...ready.value, startedAt }, options)
    } finally {
      await ready.value.executor.close()
    }
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

async function makeReady(
  project: Project,
  machine: Machine,
  grants: readonly Grant[],
): Promise<Result<Ready, readonly Diagnostic[]>> {
  const refusals = policyRefusals(project.packs, {
    grants: [...project.grants, ...grants],
    callerEnv: machine.variables,
  })
  if (refusals.length > 0) return err(sortDiagnostics(refusals))
  const opened = await machine.openSandbox()
  if (!opened.ok) return err([diagnostic('no-sandbox', null, { findings: opened.error })])
  const executor = opened.value
  const tools = await findNeeds(project.packs, executor, machine.resolverFor(executor)).catch(
    async (error: unknown) => {
      await executor.close()
      throw error
    },
  )
  if (!tools.ok) {
    await executor.close()
    return tools
  }
  const { store, variables: callerEnv } = machine
  const { guarantees } = executor
  return ok({
    executor,
    tools: tools.value,
    prepare: createPreparer({ store, guarantees, tools: tools.value, callerEnv }),
  })
}

interface Refusal extends Pick<RunOptions, 'attestor'> {
  readonly folder: RunFolder
  readonly head: ManifestHead
  readonly clock: Clock
  readonly exitCode: number
}

async function refuse(
  diagnostics: readonly Diagnostic[],
  { folder, head, clock, exitCode, attestor }: Refusal,
): Promise<RunResult> {
  const refusals = refusalsOf(diagnostics)
  const journal = createJournal(folder)
  journal({ type: 'run-refused', at: clock.now(), run: folder.name, tool: head.tool, refusals })
  const manifest = refusedManifest(head, refusals)
  const end = { manifest, at: clock.now(), interrupted: false, addTo: () => null, attestor }
  const { finished, ...signing } = await conclude(folder, journal, end)
  const told = { verdict: 'refused', exitCode, manifest, digest: finished.manifest, outcomes: [], check: null } as const
  return { ...told, diagnostics, ...signing }
}

interface Running extends Ready {
  readonly machine: Machine
  readonly folder: RunFolder
  readonly listen: Emit
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
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
  const emit: Emit = (event) => {
    journal(event)
    listen(event)
  }
  const { guarantees } = executor
  const { tool } = options
  const plan = planOf(graph.packs, graph.actions)
  emit({ ...startOf(options, { executor, folder }), at: clock.now(), plan })
  const { outcomes, partial, crash, check } = await execute(project, { ...running, emit }, options)
  const signal = signalOf(options)
  const interrupted = signal !== null || crash !== null
  const ended = outcomes.map(manifestOutcome)
  const manifest = buildManifest({ tool, guarantees, plan, outcomes: ended, partial, interrupted })
  const { finished, ...signing } = await conclude(folder, journal, {
    ...{ manifest, at: clock.now(), interrupted, attestor: options.attestor },
    addTo: (place, end) => {
      const record = recordOf(project, running, { ...options, ...end, outcomes, signal, check })
      place.write(RECORD, recordBytes(record))
      return record
    },
  })
  if (crash) throw crash
  // Nobody is told before it is on the disk.
  listen(finished)
  const { verdict, manifest: digest } = finished
  const exitCode = exitCodeOf({ verdict, outcomes, signal, ...signing })
  return { verdict, exitCode, manifest, digest, outcomes, check, diagnostics: project.diagnostics, ...signing }
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

function signalOf({ signal }: RunOptions): StopSignal | null {
  return signal.aborted ? (signal.reason as StopSignal) : null
}

interface Ended extends Omit<RunOptions, 'check'> {
  readonly check: CheckRecord | null
  readonly at: number
  readonly verdict: Verdict
  readonly manifest: Digest
  readonly outcomes: readonly ActionOutcome[]
}

function recordOf(
  { diagnostics, grants: configured }: Project,
  { machine, folder, executor, tools, startedAt }: Running,
  {
    argv,
    jobs,
    grants,
    signal,
    shuffle,
    check,
    ...ended
  }: Omit<Ended, 'signal'> & { readonly signal: StopSignal | null },
): RunRecord {
  return buildRecord({
    run: folder.name,
    startedAt,
    finishedAt: ended.at,
    host: machine.facts,
    workspace: machine.workspace,
    executor: executor.name,
    jobs,
    argv,
    ...(shuffle === undefined ? {} : { shuffle }),
    ...(check ? { check } : {}),
    granted: [...configured, ...grants],
    verdict: ended.verdict,
    manifest: ended.manifest,
    signal,
    tools: [...tools.values()],
    warnings: diagnostics,
    outcomes: ended.outcomes,
  })
}
