import { patchPath } from '../../model/change.ts'
import type { Digest } from '../../model/digest.ts'
import { actionPath } from '../../model/graph.ts'
import type { Manifest, ManifestPack } from '../../model/manifest.ts'
import { artifactPath, keptOutputPath } from '../collect.ts'
import { MANIFEST, RECORD } from '../conclude.ts'
import type { RunRecord } from '../../model/record.ts'

/** What one file of a run says of another. */
export interface Named {
  readonly digest: Digest
  /** In bytes; `null`: it is not told. */
  readonly size: number | null
  /** The file that says so. */
  readonly by: string
}

export type NamedFiles = ReadonlyMap<string, Named>

/** Every list of inputs, by its path in the run's folder. */
export function inputLists({ actions }: Manifest): NamedFiles {
  return new Map(
    actions.flatMap(({ id, inputs }) =>
      inputs === null
        ? []
        : [[`inputs/${actionPath(id)}.sha256`, { digest: inputs, size: null, by: MANIFEST }] as const],
    ),
  )
}

/** Every patch, and what the steps of change packs have made beside them, by their paths in the run's folder. */
export function changes({ packs, actions }: Manifest): NamedFiles {
  const files = new Map<string, Named>()
  for (const { id, change } of packs) {
    if (change?.patch) files.set(patchPath(id), { digest: change.patch, size: null, by: MANIFEST })
  }
  const changing = new Set(actions.flatMap(({ id, pack }) => (id === `${pack}:gate/scope` ? pack : [])))
  for (const { phase, pack, outputs } of actions) {
    if (phase !== 'steps' || !changing.has(pack)) continue
    for (const { path, digest, size } of outputs) files.set(keptOutputPath(pack, path), { digest, size, by: MANIFEST })
  }
  return files
}

/** Every log, by its path in the run's folder. */
export function logs({ actions }: RunRecord): NamedFiles {
  return new Map(
    actions
      .flatMap(({ attempts }) => attempts)
      .flatMap(({ log: { path, digest } }) =>
        path === null || digest === null ? [] : [[path, { digest, size: null, by: RECORD }] as const],
      ),
  )
}

/** Every log of the time before, where everything was run twice. */
export function earlierLogs({ check }: RunRecord): NamedFiles {
  return new Map(check?.logs.map(({ path, digest }) => [path, { digest, size: null, by: RECORD }]))
}

/** Every artifact, by its path in the run's folder. */
export function artifacts({ packs }: Manifest, isThere: (path: string) => boolean): NamedFiles {
  return new Map(
    packs.flatMap((pack) => {
      const pathOf = artifactPaths(pack, isThere)
      return pack.artifacts.map(({ path, digest, size }) => [pathOf(path), { digest, size, by: MANIFEST }] as const)
    }),
  )
}

/** Where an artifact of a pack is kept, relative to the run's folder, by its path in the workspace. */
export function artifactPaths(pack: ManifestPack, isThere: (path: string) => boolean): (path: string) => string {
  const dir = folderOf(pack, isThere)
  return (path) => artifactPath(pack.id, dir, path)
}

/** No path of a workspace lies in it. */
const NOWHERE = '\0'

/**
 * The pack's folder, which a manifest does not tell: of the folders above an artifact that can be in it, the one under which
 * most of what is there lies where it should. Whichever it is, each artifact has one place and one digest.
 */
function folderOf({ id, artifacts: own }: ManifestPack, isThere: (path: string) => boolean): string {
  const inside = own.filter(({ path }) => !isThere(artifactPath(id, NOWHERE, path)))
  const [first] = inside
  if (first === undefined) return NOWHERE
  let best = { dir: NOWHERE, hits: 0 }
  for (const dir of foldersAbove(first.path)) {
    const hits = inside.filter(({ path }) => isThere(artifactPath(id, dir, path))).length
    if (hits > best.hits) best = { dir, hits }
  }
  return best.dir
}

function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, parts.length - 1 - index).join('/'))
}
