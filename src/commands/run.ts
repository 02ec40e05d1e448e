import type { Diagnostic } from '../model/diagnostic.ts'
import type { Emit } from '../model/event.ts'
import type { Graph } from '../model/graph.ts'
import type { Grant } from '../model/grant.ts'
import type { Aspect } from '../model/plan.ts'
import type { RunFolder } from '../model/ports.ts'
import { planProject, runProject, type RunOptions, type RunResult } from '../pipeline.ts'
import type { Project } from '../project.ts'
import { runConsole, type RunConsole } from '../report/console.ts'
import { diagnosticsJson } from '../report/diagnostics.ts'
import { printJson, renderRunJson } from '../report/json.ts'
import { jsonLines } from '../report/jsonl.ts'
import { renderPlan, renderPlanJson } from '../report/plan.ts'
import { escapeText } from '../report/style.ts'
import { signedWords, wordNotSigned } from '../report/wording-keys.ts'
import type { SandboxChoice } from './choices.ts'
import type { Context, LentMachine } from './context.ts'
import { forPeople, styleFor, UsageError, verbosityOf, type CommonOptions, type SelectionOptions } from './options.ts'
import { openProject, showDiagnostics } from './project.ts'
import { attestorFor, KEY_VARIABLE, keepFromPacks } from './signing.ts'

export interface RunCommandOptions extends CommonOptions, SelectionOptions {
  readonly jobs?: number
  readonly failFast?: boolean
  readonly check?: boolean
  readonly shuffle?: string
  readonly dryRun?: boolean
  readonly jsonl?: boolean
  readonly out?: string
  readonly sandbox?: SandboxChoice
  readonly acceptWeaker?: readonly Aspect[]
  readonly allow?: readonly Grant[]
  /** A key file, `sigstore`, or empty for CODEX_SIGNING_KEY. */
  readonly sign?: string
}

export async function run(context: Context, names: readonly string[], options: RunCommandOptions): Promise<number> {
  const maxAttempts = maxAttemptsOf(context.env['MAX_ATTEMPTS'])
  const { attestor, keyFile } = await attestorFor(context, options.sign)
  const settings = settingsOf(context, options, { attestor, maxAttempts })
  const { workspace, project } = await openProject(context, names, options)
  if (!workspace) return refuse(context, project.diagnostics, { options, project })
  if (keyFile !== null) keepFromPacks(keyFile, workspace, project.graph)
  const sandbox = options.sandbox ?? 'auto'
  const accepted = options.acceptWeaker ?? []
  const machine = await making('folder for temporary files', async () =>
    context.machine(workspace.root, sandbox, accepted),
  )
  try {
    if (options.dryRun) return await showPlan(context, project, { machine, options })
    const out = options.out === undefined ? null : outside(project, workspace.root, context.absolute(options.out))
    const folder = await making("run's folder", async () => context.runFolder(workspace.root, out))
    return await runAndReport(context, project, { machine, folder, options, settings })
  } finally {
    machine.release()
  }
}

/** A folder (absolute) for runs, as long as it is not among what a pack takes for its inputs. */
function outside({ packs, ignores }: Project, root: string, folder: string): string {
  if (folder !== root && !folder.startsWith(`${root}/`)) return folder
  const path = folder.slice(root.length + 1)
  const around = packs.find(({ dir }) => dir === '' || path === dir || path.startsWith(`${dir}/`))
  if (around === undefined || (path !== '' && ignores(`${path}/manifest.json`))) return folder
  throw new UsageError(
    `The run's folder would become an input of the pack '${around.definition.id}', because it lies in its folder: choose another, or let .gitignore name it`,
  )
}

/** What stands in the way of a folder, or is missing above it: for the caller to put right, unlike a disk that is full. */
const IN_THE_WAY: ReadonlySet<unknown> = new Set([
  ...['EEXIST', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ENOENT', 'ENOTDIR'],
  ...['EACCES', 'EPERM', 'EROFS'],
])

async function making<T>(what: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && IN_THE_WAY.has(error.code))) throw error
    throw new UsageError(`The ${what} can't be made: ${error.message}`)
  }
}

type Settings = Omit<RunOptions, 'signal'>

function settingsOf(
  context: Context,
  options: RunCommandOptions,
  checked: Pick<Settings, 'attestor' | 'maxAttempts'>,
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

function maxAttemptsOf(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError(`MAX_ATTEMPTS is '${text}': a whole number from 1 is needed`)
  return Number(text)
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
  readonly folder: RunFolder
  readonly settings: Settings
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
    const result = await runProject(project, { machine, folder, listen }, { ...settings, signal: context.watchStop() })
    return tell(context, project, { ...running, result })
  } finally {
    stopTicking()
    screen?.close()
  }
}

function silent({ json, jsonl, quiet }: RunCommandOptions): boolean {
  return Boolean(json || jsonl || quiet)
}

function screenFor(context: Context, graph: Graph, { folder, options }: Running): RunConsole {
  return runConsole({
    ...styleFor('err', context, options),
    graph,
    out: context.out,
    err: context.err,
    live: context.terminal.err && context.env['CI'] !== 'true' && context.env['TERM'] !== 'dumb',
    verbosity: verbosityOf(options),
    github: context.env['GITHUB_ACTIONS'] === 'true',
    size: () => (context.terminal.err ? context.terminal.size() : { columns: 200, rows: 24 }),
    now: context.now,
    readLog: (path, bytes) => context.readTail(folder.resolve(path), bytes),
    runPath: () => context.showPath(folder.path),
  })
}

/** What the listeners have not said: the document of --json, and why a run was refused. */
function tell(
  context: Context,
  project: Project,
  { folder, options, result }: Running & { result: RunResult },
): number {
  const shown = context.showPath(folder.path)
  if (options.json) {
    context.out(renderRunJson({ ...result, run: shown, manifestDigest: result.digest }))
  } else if (result.verdict === 'refused') {
    showDiagnostics(context, result.diagnostics, { ...options, sources: project.sources })
    context.err(`refused; run folder: ${shown} (${signedWords(result.signed)})\n`)
    if (!options.jsonl) context.out(`manifest sha256:${result.digest}\n`)
  }
  if (result.signingProblem !== null) {
    const again = `It is kept without; \`codex sign ${escapeText(shown)}\` tries again.`
    context.err(`error: ${wordNotSigned(result.signingProblem)}. ${again}\n`)
  }
  return result.exitCode
}
