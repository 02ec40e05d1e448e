import { BUNDLED, unbundle, type BundleProblem } from '../evidence/bundle.ts'
import { DEFINITIONS } from '../evidence/keys.ts'
import type { PluginMode } from '../model/plugin.ts'
import type { RecordedRun } from '../model/ports.ts'
import { loadProject } from '../project.ts'
import type { Context } from './context.ts'
import type { OpenedProject } from './project.ts'

/** A bundle, unpacked into a private folder for as long as it is needed. */
export interface OpenedBundle {
  /** `null`: it is as codex writes it. */
  readonly problem: BundleProblem | null
  readonly run: RecordedRun
  /** The packs that it holds. Their configuration is not in it: that is a program, and what it grants is the operator's to say. */
  open(ids: readonly string[], plugins: PluginMode): OpenedProject
  release(): void
}

/** @param path absolute. @returns `null` where there is no such file */
export async function openBundle(context: Context, path: string): Promise<OpenedBundle | null> {
  const bundles = await context.bundles()
  const chunks = bundles.openBundle(path)
  if (!chunks) return null
  const unpacking = bundles.unpacking()
  try {
    const unpacked = unbundle(chunks, unpacking.create)
    const run = { ...unpacking.run(BUNDLED.run.slice(0, -1)), name: path.slice(path.lastIndexOf('/') + 1) }
    return {
      problem: unpacked.ok ? null : unpacked.error,
      run,
      open: (ids, plugins) => {
        const workspace = unpacking.workspace(BUNDLED.workspace.slice(0, -1))
        const config = { file: null, value: { packs: packFolders(run) } }
        return { workspace, project: loadProject(workspace, config, { names: ids, pillars: [], tags: [], plugins }) }
      },
      release: () => unpacking.release(),
    }
  } catch (error) {
    unpacking.release()
    throw error
  }
}

/** Where the packs of a genuine run lie in its workspace. */
function packFolders(run: RecordedRun): readonly string[] {
  const listed = run.list()
  const files = listed.ok ? listed.value.map(({ path }) => path) : []
  const definitions = files.filter((path) => path.startsWith(`${DEFINITIONS}/`))
  return definitions.map((path) => path.slice(DEFINITIONS.length + 1, path.lastIndexOf('/')) || '.')
}
