import { posix } from 'node:path'
import type { Digest } from '../../model/digest.ts'
import type { ActionId } from '../../model/graph.ts'
import { workspacePath, type PackId } from '../../model/pack.ts'
import type { RunView, ViewedAction } from '../../model/run-view.ts'

/** Tells the files that an action reads and another has made from those of the workspace. */
export interface Products {
  /** Who made the bytes that an action sees at a path; `null`: they are the workspace's. */
  producerOf(action: ViewedAction, path: string, digest: Digest): ActionId | null
}

interface Made {
  readonly action: ActionId
  readonly place: number
  readonly digest: Digest
}

interface Mounted {
  /** Where the files are seen, and where they were made: both files, or both folders (trailing `/`). */
  readonly as: string
  readonly path: string
}

export function productsOf(run: RunView): Products {
  const made = outputsByPath(run)
  const places = new Map(run.actions.map(({ id }, place) => [id, place]))
  const mounts = new Map<PackId, readonly Mounted[]>()
  const mountsOf = (pack: PackId): readonly Mounted[] => {
    const known = mounts.get(pack) ?? artifactsOf(run, pack)
    mounts.set(pack, known)
    return known
  }
  return {
    producerOf: ({ id, pack }, path, digest) => {
      const before = places.get(id) ?? 0
      const origins = [path, ...mountsOf(pack).flatMap((mount) => originOf(mount, path))]
      const makers = origins.flatMap((origin) => made.get(origin) ?? [])
      return makers.find((maker) => maker.digest === digest && maker.place < before)?.action ?? null
    },
  }
}

/** In plan order, so that who made a file comes before the gate that hands it on. */
function outputsByPath({ actions }: RunView): ReadonlyMap<string, readonly Made[]> {
  const made = new Map<string, Made[]>()
  for (const [place, { id, outputs }] of actions.entries()) {
    for (const { path, digest } of outputs) {
      const makers = made.get(path)
      if (makers) makers.push({ action: id, place, digest })
      else made.set(path, [{ action: id, place, digest }])
    }
  }
  return made
}

function artifactsOf(run: RunView, id: PackId): readonly Mounted[] {
  const pack = run.definition(id)
  if (!pack) return []
  return pack.definition.inputs.artifacts.map(({ from, path, as }) => {
    const origin = posix.normalize(workspacePath(run.definition(from)?.dir ?? '', path))
    const place = posix.normalize(workspacePath(pack.dir, as))
    return { path: origin, as: origin.endsWith('/') && !place.endsWith('/') ? `${place}/` : place }
  })
}

function originOf({ as, path }: Mounted, seen: string): readonly string[] {
  if (seen === as) return [path]
  return as.endsWith('/') && seen.startsWith(as) ? [`${path}${seen.slice(as.length)}`] : []
}
