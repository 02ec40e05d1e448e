import { mendCrashed } from '../evidence/mend/mend.ts'
import { applyExitCode, type Applied } from '../model/applying.ts'
import { CACHE_BYTES } from '../model/cache-prune.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Emit } from '../model/event.ts'
import type { RunFolder } from '../model/ports.ts'
import { planProject, runProject, type RunOptions, type RunResult } from '../pipeline.ts'
import type { Project } from '../project.ts'
import { diagnosticsJson } from '../report/diagnostics.ts'
import { appliedJson, wordNotPassed } from '../report/applying.ts'
import { printJson, renderRunJson, type RunDocument } from '../report/json.ts'
import { jsonLines } from '../report/jsonl.ts'
import { renderPlan, renderPlanJson } from '../report/plan.ts'
import { renderReplayed } from '../report/rerun.ts'
import { escapeText } from '../report/style.ts'
import { signedWords, wordNotSigned } from '../report/wording-keys.ts'
import { applyRun, tellApplied } from './apply.ts'
import type { CheckedOut, Context, LentMachine } from './context.ts'
import { maxAttemptsOf } from './environment.ts'
import type { ExecutionOptions } from './execution.ts'
import {
  folderOf,
  forPeople,
  styleFor,
  type CommonOptions,
  type PluginOptions,
  type SelectionOptions,
} from './options.ts'
import { isUnaffected, openProject, showDiagnostics } from './project.ts'
import { comparedTo, packsToRun, type Compared } from './replaying.ts'
import { passOn, reportTargets, type WantedReport } from './report.ts'
import { free, isWithin, keepOut, lendMachine, makeCache, makeRunFolder } from './run-place.ts'
import { baseFor } from './since.ts'
import { attestorFor, KEY_VARIABLE, keepFromPacks } from './signing.ts'
import { screenFor } from './screen.ts'
import { annotate, isWorkflow, leaveOutputs } from './workflow.ts'

export interface RunCommandOptions extends CommonOptions, SelectionOptions, PluginOptions, ExecutionOptions {
  readonly failFast?: boolean
  readonly check?: boolean
  readonly shuffle?: string
  readonly dryRun?: boolean
  /** The commit whose files are taken instead of those that lie there. */
  readonly base?: string
  readonly jsonl?: boolean
  /** A key file, `sigstore`, or empty for CODEX_SIGNING_KEY. */
  readonly sign?: string
  readonly report?: readonly WantedReport[]
  /** Whether what has passed is put into the working tree. */
  readonly apply?: boolean
  /** Empty: the workspace's own. */
  readonly cache?: string
  /** The run that steps of change packs are taken from. */
  readonly replay?: string
}

export async function run(context: Context, named: readonly string[], options: RunCommandOptions): Promise<number> {
  const maxAttempts = maxAttemptsOf(context.env['MAX_ATTEMPTS'])
  const { attestor, keyFile } = await attestorFor(context, options.sign)
  const targets = await reportTargets(context, options.report ?? [])
  const wanted = await packsToRun(context, named, options)
  if (typeof wanted === 'number') return wanted
  const { names, replay } = wanted
  const settings = settingsOf(context, options, { attestor, maxAttempts, replay })
  const root = context.workspaceRoot(folderOf(context, options))
  const from = options.base === undefined || root === null ? null : await baseFor(context, root, options.base)
  try {
    if (root === null || options.dryRun)
      return await planOnly(context, names, { options: { ...options, from }, keyFile })
    return await runAt(context, names, { root, from, options, settings, targets, keyFile })
  } finally {
    from?.release()
  }
}

interface Starting {
  /** Absolute path of the workspace. */
  readonly root: string
  readonly from: CheckedOut | null
  readonly options: RunCommandOptions
  readonly settings: Settings
  readonly targets: Awaited<ReturnType<typeof reportTargets>>
  readonly keyFile: string | null
}

async function runAt(context: Context, names: readonly string[], starting: Starting): Promise<number> {
  const { root, from, settings, targets, keyFile } = starting
  const options = { ...starting.options, from }
  // A run that has nothing to do would prove nothing: there is none.
  const opened = options.since === undefined ? null : await openProject(context, names, options)
  if (opened && isUnaffected(opened.project)) return tellNothing(context, options)
  const signal = context.watchStop()
  const make = async (out: string | null): Promise<RunFolder> => makeRunFolder(context, { root, out, settings })
  const out = options.out === undefined ? null : context.absolute(options.out)
  // Before anything can fail, unless the packs have to say first whether the place is free.
  let folder = out === null || !isWithin(root, out) ? await make(out) : null
  try {
    const { workspace, project } = opened ?? (await openProject(context, names, options))
    if (keyFile !== null && workspace) keepFromPacks(keyFile, workspace, project.graph)
    folder ??= await make(out && free(project, root, out))
    keepReportsOut(targets, project, root)
    const cachePath = options.cache === undefined ? null : await makeCache(context, options.cache, { ...project, root })
    const sources = from?.workspace.root ?? root
    const machine = await lendMachine(context, root, { ...options, sources })
    try {
      const base = await baseOf(context, project, { root, from })
      const cache = cachePath === null ? null : machine.openCache(cachePath, toolName(context))
      const running = { root, machine, folder, options, settings: { ...settings, ...base, signal, cache } }
      const exitCode = await runAndReport(context, project, running)
      cache?.bound(CACHE_BYTES)
      await passOn(context, folder.path, targets)
      return exitCode
    } finally {
      machine.release()
    }
  } catch (error) {
    if (folder) mendCrashed(folder, error, context.now())
    throw error
  } finally {
    folder?.close()
  }
}

/** What change packs are run on; nothing is recorded of it where there are none. */
async function baseOf(
  context: Context,
  { packs }: Project,
  { root, from }: Pick<Starting, 'root' | 'from'>,
): Promise<Pick<Settings, 'base'>> {
  if (!packs.some(({ scope }) => scope)) return {}
  return { base: from ? { commit: from.commit, uncommitted: [], more: false } : await context.recordBase(root) }
}

function keepReportsOut(targets: readonly { readonly path: string }[], project: Project, root: string): void {
  for (const { path } of targets) {
    if (isWithin(root, path)) keepOut(project, root, { path, what: 'A report', holds: '' })
  }
}

function tellNothing(context: Context, { json }: RunCommandOptions): number {
  if (json) context.out(printJson({ verdict: null, exitCode: 0, run: null, diagnostics: [] }))
  return 0
}

async function planOnly(
  context: Context,
  names: readonly string[],
  {
    options,
    keyFile,
  }: { readonly options: RunCommandOptions & { readonly from: CheckedOut | null }; readonly keyFile: string | null },
): Promise<number> {
  const { workspace, project } = await openProject(context, names, options)
  if (!workspace) return refuse(context, project.diagnostics, { options, project })
  if (keyFile !== null) keepFromPacks(keyFile, workspace, project.graph)
  const machine = await lendMachine(context, workspace.root, options)
  try {
    return await showPlan(context, project, { machine, options })
  } finally {
    machine.release()
  }
}

function toolName({ tool }: Context): string {
  return `${tool.name} ${tool.version}`
}

type Settings = Omit<RunOptions, 'signal'>

function settingsOf(
  context: Context,
  options: RunCommandOptions,
  checked: Pick<Settings, 'attestor' | 'maxAttempts' | 'replay'>,
): Settings {
  return {
    ...checked,
    tool: context.tool,
    argv: context.argv,
    jobs: options.jobs ?? context.processors,
    failFast: options.failFast ?? false,
    check: options.check ?? false,
    ...(options.shuffle === undefined ? {} : { shuffle: options.shuffle }),
    grants: options.allow ?? [],
  }
}

interface Planning {
  readonly machine: LentMachine
  readonly options: RunCommandOptions
}

async function showPlan(context: Context, project: Project, { machine, options }: Planning): Promise<number> {
  const { graph } = project
  if (!graph) return refuse(context, project.diagnostics, { options, project })
  const planned = await planProject({ ...project, graph }, machine, options.allow ?? [])
  if (!planned.ok) return refuse(context, planned.error, { options, project, exitCode: exitCodeOf(planned.error) })
  const style = { ...styleFor('out', context, options), verbose: options.verbose ?? false }
  if (options.json) context.out(renderPlanJson(planned.value))
  else forPeople('out', context)(renderPlan(planned.value, style))
  return 0
}

/** What can't be read is not refused by policy. */
function exitCodeOf(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.some(({ code }) => code === 'unreadable') ? 2 : 3
}

interface Refusal {
  readonly options: RunCommandOptions
  readonly project: Project
  readonly exitCode?: number
}

function refuse(
  context: Context,
  diagnostics: readonly Diagnostic[],
  { options, project, exitCode = 2 }: Refusal,
): number {
  if (options.json) context.out(printJson({ verdict: 'refused', exitCode, diagnostics: diagnosticsJson(diagnostics) }))
  else showDiagnostics(context, diagnostics, { ...options, sources: project.sources })
  return exitCode
}

interface Running extends Planning {
  /** Of the workspace, absolute. */
  readonly root: string
  readonly folder: RunFolder
  readonly settings: RunOptions
}

async function runAndReport(context: Context, project: Project, running: Running): Promise<number> {
  const { machine, folder, options, settings } = running
  if (settings.attestor && options.sign === undefined && !silent(options)) {
    context.err(`Signing, because ${KEY_VARIABLE} is set.\n`)
  }
  const screen = project.graph && !options.json && !options.jsonl ? screenFor(context, project.graph, running) : null
  const listen: Emit = options.jsonl ? jsonLines(context.out) : (screen?.listen ?? (() => {}))
  const stopTicking = screen && context.terminal.err ? context.tick(screen.tick) : () => {}
  try {
    const { result, replayed } = await comparedTo(
      settings.replay ?? null,
      await runProject(project, { machine, folder, listen }, settings),
    )
    await leaveOutputs(context, folder.path, result)
    const applied = options.apply ? await applyPassed(context, running, result) : null
    await tell(context, project, { ...running, result, applied, replayed })
    return result.exitCode === 0 && applied ? applyExitCode(applied) : result.exitCode
  } finally {
    stopTicking()
    screen?.close()
  }
}

/** `null`: it has not passed. */
async function applyPassed(context: Context, { root, folder }: Running, result: RunResult): Promise<Applied | null> {
  const recorded = context.recordedRun(folder.path, root)
  if (result.verdict !== 'passed' || result.exitCode !== 0 || !recorded.ok) return null
  return applyRun(context, { run: recorded.value, manifest: result.manifest, root }, {})
}

function silent({ json, jsonl, quiet }: RunCommandOptions): boolean {
  return Boolean(json || jsonl || quiet)
}

/** What the listeners have not said: the document of --json, and why a run was refused. */
async function tell(
  context: Context,
  project: Project,
  { machine, folder, options, result, applied, replayed }: Running & Compared & { readonly applied: Applied | null },
): Promise<void> {
  const shown = context.showPath(folder.path)
  if (options.json) {
    const shownToo = { run: shown, manifestDigest: result.digest, replay: replayed }
    context.out(renderRunJson({ ...result, ...shownToo, ...toldOf(applied, options) }))
  } else if (result.verdict === 'refused') {
    showDiagnostics(context, result.diagnostics, { ...options, sources: project.sources })
    if (isWorkflow(context) && !options.jsonl) await annotate(context, machine.workspace, result.diagnostics)
    context.err(`refused; run folder: ${shown} (${signedWords(result.signed)})\n`)
    if (!options.jsonl) context.out(`manifest sha256:${result.digest}\n`)
  }
  if (replayed && !options.json) forPeople('err', context)(renderReplayed(replayed, styleFor('err', context, options)))
  if (result.signingProblem !== null) {
    const again = `It is kept without; \`codex sign ${escapeText(shown)}\` tries again.`
    context.err(`error: ${wordNotSigned(result.signingProblem)}. ${again}\n`)
  }
  if (options.json) return
  // What the events of --jsonl are told to is no person.
  if (applied) tellApplied(context, applied, { ...options, quiet: silent(options) })
  else if (options.apply) context.err(wordNotPassed(shown, result.verdict))
}

function toldOf(applied: Applied | null, { apply }: RunCommandOptions): Partial<RunDocument> {
  if (!apply) return {}
  return { applying: appliedJson(applied), ...(applied?.problems.length ? { exitCode: applyExitCode(applied) } : {}) }
}
