// What a pack of a recorded run has changed, as files of the repository: everything is compared with what was recorded.
import type { Change, FileBytes, FileState, PatchProblem } from '../model/change.ts'
import { sha256 } from '../model/digest.ts'
import type { GitId, ProposedFile } from '../model/forge.ts'
import type { Manifest, ManifestPack } from '../model/manifest.ts'
import { compareBytes } from '../model/order.ts'
import type { PackId } from '../model/pack.ts'
import { err, ok, type Result } from '../model/result.ts'
import { treeWith, type ListFolder } from './git-tree.ts'

/** A commit of the repository that a workspace lies in. Paths are those of the repository. */
export interface BaseCommit {
  readonly id: GitId
  readonly tree: GitId
  /** Where the workspace lies in the repository: empty, or with a slash at its end. */
  readonly prefix: string
  readonly list: ListFolder
  /** A regular file; `null`: there is none. */
  readonly file: (path: string) => FileBytes | null
}

type ApplyPatch = (
  patch: Uint8Array,
  read: (path: string) => FileBytes | null,
) => Result<ReadonlyMap<string, FileBytes | null>, PatchProblem>

export interface ContentSource {
  readonly manifest: Manifest
  readonly base: BaseCommit
  /** The patch of a pack as it lies in the run's folder; `null`: it can't be read. */
  readonly patch: (pack: PackId) => Uint8Array | null
  readonly applyPatch: ApplyPatch
}

export interface Content {
  /** Packs whose changes are in it, in plan order. */
  readonly packs: readonly PackId[]
  readonly files: readonly ProposedFile[]
  readonly tree: GitId
}

export type ContentProblem =
  /** A file is not in the commit as the run has seen it. Relative to the workspace. */
  | { readonly kind: 'other-base'; readonly path: string }
  /** The patch of a pack is not the recorded one, or makes something else than was recorded. */
  | { readonly kind: 'other-change'; readonly pack: PackId; readonly path: string | null }

/** Whether a pack has changed anything. */
export function hasChange({ change }: ManifestPack): boolean {
  return (change?.patch ?? null) !== null
}

/** The pack with all that it needs, however far, in plan order. */
export function packWithNeeds({ packs }: Manifest, pack: PackId): readonly ManifestPack[] {
  const byId = new Map(packs.map((each) => [each.id, each]))
  const wanted = new Set([pack])
  // A set that is being walked also yields what is added on the way.
  for (const id of wanted) for (const need of byId.get(id)?.needs ?? []) wanted.add(need)
  return packs.filter(({ id }) => wanted.has(id))
}

/** The files of the base commit with the changes of the pack and of those that it needs, one after the other. */
export function contentOf(pack: PackId, source: ContentSource): Result<Content, ContentProblem> {
  const { manifest, base } = source
  const packs = packWithNeeds(manifest, pack).filter(hasChange)
  const changed = new Map<string, FileBytes | null>()
  const fileAt = (path: string): FileBytes | null => {
    const file = changed.get(path)
    return file === undefined ? base.file(`${base.prefix}${path}`) : file
  }
  for (const { id, change } of packs) {
    const made = change ? filesAfter(id, change, { ...source, fileAt }) : ok(new Map<string, FileBytes | null>())
    if (!made.ok) return made
    for (const [path, file] of made.value) changed.set(path, file)
  }
  const files = [...changed].map(([path, content]): ProposedFile => ({ path: `${base.prefix}${path}`, content }))
  const sorted = files.toSorted((a, b) => compareBytes(a.path, b.path))
  return ok({ packs: packs.map(({ id }) => id), files: sorted, tree: treeWith(base.list, sorted) })
}

type Applying = Pick<ContentSource, 'patch' | 'applyPatch'> & { readonly fileAt: (path: string) => FileBytes | null }

/** What the patch of a pack makes of the files, if that is what was recorded. */
function filesAfter(
  pack: PackId,
  change: Change,
  { patch, applyPatch, fileAt }: Applying,
): Result<ReadonlyMap<string, FileBytes | null>, ContentProblem> {
  for (const { path, before } of change.files) {
    if (!isState(fileAt(path), before)) return err({ kind: 'other-base', path })
  }
  const bytes = patch(pack)
  if (!bytes || sha256(bytes) !== change.patch) return err({ kind: 'other-change', pack, path: null })
  const made = applyPatch(bytes, fileAt)
  if (!made.ok) return err({ kind: 'other-change', pack, path: made.error.path })
  for (const { path, after } of change.files) {
    const file = made.value.get(path)
    if (file === undefined || !isState(file, after)) return err({ kind: 'other-change', pack, path })
  }
  const recorded = new Set(change.files.map(({ path }) => path))
  const other = [...made.value.keys()].find((path) => !recorded.has(path))
  return other === undefined ? made : err({ kind: 'other-change', pack, path: other })
}

function isState(file: FileBytes | null, state: FileState | null): boolean {
  if (file === null || state === null) return file === null && state === null
  return file.executable === state.executable && sha256(file.bytes) === state.digest
}
