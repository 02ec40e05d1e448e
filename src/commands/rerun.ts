import { parseChecksums } from '../evidence/checksums.ts'
import { MANIFEST } from '../evidence/conclude.ts'
import { manifestSchema } from '../evidence/schema.ts'
import { mendCrashed } from '../evidence/mend/mend.ts'
import { manifestDifferences } from '../evidence/same.ts'
import { changedSources, sourcesOf, type ListOf } from '../evidence/sources.ts'
import { sha256, type Digest } from '../model/digest.ts'
import { actionPath, type Graph } from '../model/graph.ts'
import type { Manifest } from '../model/manifest.ts'
import type { PluginMode } from '../model/plugin.ts'
import type { RecordedRun, RunFolder, Workspace } from '../model/ports.ts'
import type { ChangedSource, Rerun } from '../model/verification.ts'
import { runProject, type RunOptions, type RunResult } from '../pipeline.ts'
import type { Project } from '../project.ts'
import type { Context, LentMachine } from './context.ts'
import type { ExecutionOptions } from './execution.ts'
import { pluginModeOf } from './environment.ts'
import { UsageError, type CommonOptions, type PluginOptions } from './options.ts'
import { showDiagnostics } from './project.ts'
import { free, isWithin, lendMachine, makeRunFolder } from './run-place.ts'
import { screenFor } from './screen.ts'

export interface RerunOptions extends CommonOptions, PluginOptions, ExecutionOptions {}

/** A recorded run, and the packs that it is about as they are now. */
export interface Again {
  readonly recorded: RecordedRun
  readonly manifest: Manifest
  readonly workspace: Workspace
  readonly project: Project
}

/** What came of it, or the exit code of what stood in its way, which has been told. */
export type Rerunning = Rerun | number

/** Does a run again from the files that it has seen, which have to be the same, and compares what it shows. */
export async function rerun(context: Context, again: Again, options: RerunOptions): Promise<Rerunning> {
  const { manifest, workspace, project, recorded } = again
  const { graph } = project
  const changed = changedDefinitions(again)
  if (changed.length > 0) return notRun(changed)
  // The definitions are those of the run, so what is wrong with them now lies in other files.
  if (!graph) return refused(context, project, { ...options, exitCode: 5 })
  const machine = await lendMachine(context, workspace.root, options)
  try {
    const found = changedBefore(again, machine)
    if (found.length > 0) return notRun(found)
    const result = await runAgain(context, { ...again, project: { ...project, graph } }, { machine, options })
    if (typeof result === 'number') return result
    const written = recorded.read(MANIFEST)
    const same = written.ok && sha256(written.value) === result.digest
    return {
      run: result.run,
      manifest: result.digest,
      changed: [],
      differences: same ? [] : manifestDifferences(manifest, result.manifest),
    }
  } finally {
    machine.release()
  }
}

function notRun(changed: readonly ChangedSource[]): Rerun {
  return { run: null, manifest: null, changed, differences: [] }
}

function refused(
  context: Context,
  { diagnostics, sources }: Pick<Project, 'diagnostics' | 'sources'>,
  { exitCode, ...options }: RerunOptions & { readonly exitCode: number },
): number {
  showDiagnostics(context, diagnostics, { ...options, sources })
  return exitCode
}

/** A pack that says something else can't be asked the same; one that is not there can't be asked. */
function changedDefinitions({ manifest, project }: Again): readonly ChangedSource[] {
  const packs = new Map(project.packs.map((pack) => [pack.definition.id, pack]))
  return manifest.packs.flatMap(({ id, definition }) => {
    const pack = packs.get(id)
    const found = pack?.digest ?? null
    return found === definition ? [] : [{ path: pack?.source.file ?? `${id}/task.yml`, recorded: definition, found }]
  })
}

/** Actions often have one list in common, and it is read once. */
export function listsOf(recorded: RecordedRun, { actions }: Manifest): ListOf {
  const digests = new Map(actions.map(({ id, inputs }) => [id, inputs]))
  const known = new Map<Digest, ReadonlyMap<string, Digest> | null>()
  return (id) => {
    const digest = digests.get(id) ?? null
    if (digest === null) return null
    if (!known.has(digest)) known.set(digest, readList(recorded, `inputs/${actionPath(id)}.sha256`))
    return known.get(digest) ?? null
  }
}

function readList(recorded: RecordedRun, path: string): ReadonlyMap<string, Digest> | null {
  const bytes = recorded.read(path)
  const list = bytes.ok ? parseChecksums(Buffer.from(bytes.value).toString()) : null
  return list?.ok ? list.value : null
}

/**
 * What of the workspace is not as the run has seen it. Files are staged as they are looked at: what was compared is what runs, or
 * is packed.
 */
export function changedBefore(again: Again, machine: LentMachine): readonly ChangedSource[] {
  const definitions = changedDefinitions(again)
  const { manifest, recorded, project } = again
  if (definitions.length > 0 || !project.graph) return definitions
  const sources = sourcesOf(project.graph, manifest, listsOf(recorded, manifest))
  return changedSources(sources, (path) => digestIn(machine, path))
}

function digestIn({ store }: LentMachine, path: string): Digest | null {
  const staged = store.stage(path)
  return staged.ok ? staged.value.digest : null
}

interface Running {
  readonly machine: LentMachine
  readonly options: RerunOptions
}

interface RanAgain extends RunResult {
  /** Its folder as a person would name it. */
  readonly run: string
}

async function runAgain(
  context: Context,
  { workspace: { root }, project }: Again & { readonly project: Compiled },
  { machine, options }: Running,
): Promise<RanAgain | number> {
  const settings = settingsOf(context, options)
  const out = options.out === undefined ? null : context.absolute(options.out)
  const place = out !== null && isWithin(root, out) ? free(project, root, out) : out
  const folder = await makeRunFolder(context, { root, out: place, settings })
  try {
    const result = await runShown(context, project, { machine, folder, options, settings })
    if (result.verdict === 'interrupted') return result.exitCode
    if (result.verdict !== 'refused') return { ...result, run: context.showPath(folder.path) }
    return refused(context, { ...project, ...result }, { ...options, exitCode: result.exitCode })
  } catch (error) {
    mendCrashed(folder, error, context.now())
    throw error
  } finally {
    folder.close()
  }
}

type Compiled = Project & { readonly graph: Graph }

function settingsOf(context: Context, options: RerunOptions): RunOptions {
  return {
    attestor: null,
    maxAttempts: null,
    tool: context.tool,
    argv: context.argv,
    jobs: options.jobs ?? context.processors,
    failFast: false,
    grants: options.allow ?? [],
    signal: context.watchStop(),
  }
}

interface Showing extends Running {
  readonly folder: RunFolder
  readonly settings: RunOptions
}

async function runShown(context: Context, project: Compiled, running: Showing): Promise<RunResult> {
  const { machine, folder, options, settings } = running
  // What is printed on stdout is about the comparison.
  const shown = { root: machine.workspace, folder, options }
  const screen = options.json ? null : screenFor({ ...context, out: () => {} }, project.graph, shown)
  const stopTicking = screen && context.terminal.err ? context.tick(screen.tick) : () => {}
  try {
    return await runProject(project, { machine, folder, listen: screen?.listen ?? (() => {}) }, settings)
  } finally {
    stopTicking()
    screen?.close()
  }
}

/** Of a run that was found genuine, so that it can be read. */
export function manifestOf(recorded: RecordedRun): Manifest {
  const bytes = recorded.read(MANIFEST)
  if (!bytes.ok) throw new UsageError(`manifest.json can't be read any more: ${bytes.error.message}`)
  return manifestSchema.parse(JSON.parse(Buffer.from(bytes.value).toString()))
}

/** What became of plugins in a recorded run; all of its packs were treated alike. */
export function pluginsIn({ packs }: Manifest): PluginMode {
  return packs.find(({ plugin }) => plugin !== undefined)?.plugin ?? 'disabled'
}

/** What has to become of plugins for the same to come out. That somebody has let them run once is no leave to run them again. */
export function pluginsAgain(context: Context, manifest: Manifest, options: PluginOptions): PluginMode {
  const recorded = pluginsIn(manifest)
  if (recorded !== 'disabled' && pluginModeOf(context.env, options) === 'disabled') {
    throw new UsageError('Plugins ran in it: to run it again, say --enable-plugins')
  }
  return recorded
}

/** Whether there is anything to be shown again. */
export function demandRerunnable({ verdict, partial }: Manifest): void {
  if (verdict !== 'passed' && verdict !== 'failed') {
    throw new UsageError(`The run was ${verdict}, so there is nothing in it to be shown again`)
  }
  if (partial) throw new UsageError('The run stopped early, at what chance had come to by then: it has no second time')
}
