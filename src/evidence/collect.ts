import { patchPath } from '../model/change.ts'
import type { Digest } from '../model/digest.ts'
import { actionPath, type Action } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { Pack, PackId } from '../model/pack.ts'
import type { ContentStore, RunFolder } from '../model/ports.ts'
import { checksums, type Tree, type TreeEntry } from '../model/tree.ts'

/** How many bytes of checksum lists are kept for the next action with the same inputs. */
const LISTS_BYTES = 8 * 1024 * 1024

/** Where an artifact that lies outside of its pack's folder is kept, so that it can't meet one that lies inside. */
const OUTSIDE = '@workspace'

export interface CollectorInput {
  readonly folder: RunFolder
  readonly store: ContentStore
  readonly packs: readonly Pack[]
}

/** Writes what proves an outcome beside the manifest; called once for each action, as it ends. */
export type Collect = (action: Action, outcome: ActionOutcome) => void

/**
 * Keeps each ready action's input tree as `inputs/<action>.sha256`, the artifacts that a gate lets through under
 * `artifacts/<pack>/`, the change of a pack as `changes/<pack>.patch`, and what its steps have made beside that under
 * `changes/<pack>/outputs/`. Errors of the host (a full disk) are thrown: a run without its evidence must not pass.
 */
export function createCollector({ folder, store, packs }: CollectorInput): Collect {
  const dirs = new Map<PackId, string>(packs.map((pack) => [pack.definition.id, pack.dir]))
  const changing = new Set(
    packs.flatMap(({ definition }) => (definition.constraints.scope.length > 0 ? definition.id : [])),
  )
  const listOf = checksumLists()
  const keep = (path: string, entry: TreeEntry): void => {
    store.export(entry, folder.resolve(path))
    folder.note(path, entry.digest)
  }
  return ({ id, pack, phase, kind }, { inputs, outputs, patch }) => {
    if (inputs !== null) folder.write(`inputs/${actionPath(id)}.sha256`, listOf(inputs))
    if (patch) folder.write(patchPath(pack), patch)
    if (kind === 'gate')
      for (const entry of outputs.entries) keep(artifactPath(pack, dirs.get(pack) ?? '', entry.path), entry)
    if (phase !== 'steps' || !changing.has(pack)) return
    for (const entry of outputs.entries) keep(keptOutputPath(pack, entry.path), entry)
  }
}

/** Where an output of a step of a change pack is kept for a replay, which does not run the step; relative to the run's folder. */
export function keptOutputPath(pack: PackId, path: string): string {
  return `changes/${pack}/outputs/${path}`
}

/**
 * Where an artifact is kept, relative to the run's folder: under its path in the pack's folder `dir`, or under
 * `@workspace/` and its path in the workspace if it lies outside.
 */
export function artifactPath(pack: PackId, dir: string, path: string): string {
  if (dir === '') return `artifacts/${pack}/${path}`
  const own = path.startsWith(`${dir}/`) ? path.slice(dir.length + 1) : `${OUTSIDE}/${path}`
  return `artifacts/${pack}/${own}`
}

/** Many actions have the inputs of their pack in common, and a list of 10,000 files takes longer to make than to write. */
function checksumLists(): (tree: Tree) => Uint8Array {
  const lists = new Map<Digest, Uint8Array>()
  let held = 0
  return (tree) => {
    const known = lists.get(tree.digest)
    if (known) return known
    const list = Buffer.from(checksums(tree.entries))
    for (const [digest, old] of lists) {
      if (held + list.length <= LISTS_BYTES) break
      lists.delete(digest)
      held -= old.length
    }
    lists.set(tree.digest, list)
    held += list.length
    return list
  }
}
