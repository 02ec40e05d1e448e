import { patchPath } from '../model/change.ts'
import type { Digest } from '../model/digest.ts'
import { actionPath, type Action } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { Pack, PackId } from '../model/pack.ts'
import type { ContentStore, RunFolder } from '../model/ports.ts'
import { checksums, type Tree } from '../model/tree.ts'

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
 * Keeps each ready action's input tree as `inputs/<action>.sha256`, and the artifacts that a gate lets through under
 * `artifacts/<pack>/`, and the change of a pack as `changes/<pack>.patch`. Errors of the host (a full disk) are thrown: a run without its evidence must not pass.
 */
export function createCollector({ folder, store, packs }: CollectorInput): Collect {
  const dirs = new Map<PackId, string>(packs.map((pack) => [pack.definition.id, pack.dir]))
  const listOf = checksumLists()
  return (action, { inputs, outputs, patch }) => {
    if (inputs !== null) folder.write(`inputs/${actionPath(action.id)}.sha256`, listOf(inputs))
    if (action.kind !== 'gate') return
    if (patch) folder.write(patchPath(action.pack), patch)
    for (const entry of outputs.entries) {
      const path = artifactPath(action.pack, dirs.get(action.pack) ?? '', entry.path)
      store.export(entry, folder.resolve(path))
      folder.note(path, entry.digest)
    }
  }
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
