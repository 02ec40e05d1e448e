import type { Command } from 'commander'
import { bundleChunks, type BundledSource } from '../evidence/bundle.ts'
import { allSources, sourcesOf } from '../evidence/sources.ts'
import type { TarFile } from '../evidence/tar.ts'
import { verifyRun } from '../evidence/verify/verify.ts'
import type { Graph } from '../model/graph.ts'
import { workspacePath, type ResolvedPack } from '../model/pack.ts'
import type { RecordedRun, Workspace } from '../model/ports.ts'
import { renderRerun } from '../report/rerun.ts'
import { renderVerification } from '../report/verification.ts'
import { printJson } from '../report/json.ts'
import type { Context, LentMachine } from './context.ts'
import { forPeople, styleFor, UsageError, type CommonOptions } from './options.ts'
import { openProject, showDiagnostics } from './project.ts'
import { changedBefore, listsOf, manifestOf, demandRerunnable, pluginsIn, type Again } from './rerun.ts'
import { openRun } from './recorded.ts'
import { lendMachine } from './run-place.ts'
import { oneMore, withCommon, type Finish } from './syntax.ts'
import { publicKeys } from './trusted-keys.ts'

interface BundleOptions extends CommonOptions {
  readonly out?: string
  readonly key?: readonly string[]
}

const CONTENT = `
The bundle holds the run's folder and every file of the workspace that it has seen, as they have to be to run it again
elsewhere: codex verify <file> --rerun. The same run gives the same bytes on every machine. Tools and mounted trees are not in
it: the other machine needs its own. A file that has changed since the run is named (exit 5), and nothing is written.`

export function addBundle(program: Command, context: Context, finish: Finish): void {
  withCommon(program.command('bundle'))
    .description('pack a run with its inputs into one file, to be verified and run again elsewhere')
    .argument('<run>', 'a folder, the name of a run or a unique beginning of one, or latest')
    .option('-o, --out <file>', 'where to write it (default: <run>.tar)')
    .option('--key <file>', 'the public key of whoever signed the run; repeatable', oneMore(null))
    .addHelpText('after', CONTENT)
    .action(async (name: string, options: BundleOptions) => finish(await bundle(context, name, options)))
}

async function bundle(context: Context, name: string, options: BundleOptions): Promise<number> {
  const recorded = openRun(context, name, options)
  const style = { ...styleFor('err', context, options), quiet: true }
  const found = verifyRun(recorded, { keys: await publicKeys(context, options.key) })
  if (found.problems.length > 0) {
    forPeople('err', context)(renderVerification(found, style))
    return 5
  }
  const manifest = manifestOf(recorded)
  demandRerunnable(manifest)
  const { workspace, project } = await openProject(
    context,
    manifest.packs.map(({ id }) => id),
    { ...options, plugins: pluginsIn(manifest) },
  )
  if (!workspace || !project.graph) {
    showDiagnostics(context, project.diagnostics, { ...options, sources: project.sources })
    return workspace ? 5 : 2
  }
  const again = { recorded, manifest, workspace, project }
  const machine = await lendMachine(context, workspace.root, {})
  try {
    const changed = changedBefore(again, machine)
    if (changed.length > 0) {
      const rerun = { run: null, manifest: null, changed, differences: [] }
      forPeople('err', context)(renderRerun(rerun, { ...style, recorded: recorded.path }))
      return 5
    }
    return await write(context, { again: { ...again, graph: project.graph }, machine, options })
  } finally {
    machine.release()
  }
}

interface Writing {
  readonly again: Again & { readonly graph: Graph }
  readonly machine: LentMachine
  readonly options: BundleOptions
}

async function write(context: Context, { again, machine, options }: Writing): Promise<number> {
  const { saveBundle } = await context.bundles()
  const file = context.absolute(options.out ?? `${again.recorded.name}.tar`)
  const saved = saveBundle(file, bundleChunks(filesOf(again.recorded), sourcesIn(again, machine)))
  if (!saved.ok) throw new UsageError(`The bundle can't be written: ${saved.error.message}`)
  const digest = saved.value
  const shown = context.showPath(file)
  context.out(options.json ? printJson({ bundle: shown, sha256: digest }) : `${digest}  ${shown}\n`)
  return 0
}

/** Of a run that was found genuine: nothing but files. */
function filesOf(recorded: RecordedRun): readonly TarFile[] {
  const listed = recorded.list()
  if (!listed.ok) throw new UsageError(`The run can't be read any more: ${listed.error.message}`)
  return listed.value.map(({ path, size }) => ({ path, size, executable: false, chunks: () => recorded.chunks(path) }))
}

/** All that the same packs are compiled from, and all that they read: staged before, so that what was compared is what is packed. */
function sourcesIn(again: Writing['again'], { store }: LentMachine): readonly BundledSource[] {
  const { graph, workspace, manifest, recorded, project } = again
  const { packs } = project
  const seen = sourcesOf(graph, manifest, listsOf(recorded, manifest)).recorded.keys()
  const paths = new Set([...seen, ...allSources(graph), ...packs.flatMap(filesBeside), ...mountIdentities(graph)])
  for (const path of [...paths]) for (const rules of ignoreFilesAbove(path, workspace)) paths.add(rules)
  return [...paths].map((path) => {
    const staged = store.stage(path)
    if (!staged.ok) throw new UsageError(`'${path}' can't be read: ${staged.error.message}`)
    return { ...staged.value, path, chunks: () => store.chunks(staged.value) }
  })
}

/** What a definition names beside its inputs, and itself. */
function filesBeside({ definition: { docs }, dir, source, plugin }: ResolvedPack): readonly string[] {
  const named = Object.values(docs).map((path) => workspacePath(dir, path))
  return [source.file, ...named, ...(plugin ? [plugin.module, plugin.source.file] : [])]
}

/** The trees themselves are not in a bundle; what they are known by enters keys. */
function mountIdentities({ actions }: Graph): readonly string[] {
  return actions.flatMap((action) => (action.kind === 'command' ? action.mounts.map(({ identity }) => identity) : []))
}

/** What git ignores is dropped without a word where an action writes it. */
function ignoreFilesAbove(path: string, workspace: Workspace): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  const folders = ['', ...parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)]
  return folders.map((folder) => `${folder}.gitignore`).filter((file) => workspace.kind(file) === 'file')
}
