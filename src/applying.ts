// A recorded run -> the working tree: what its packs have changed, and their artifacts.
import { applyPatch } from './change/apply.ts'
import { composeChanges, isSame, type PathChange } from './change/compose.ts'
import { artifactPaths } from './evidence/verify/named.ts'
import type { AppliedFile, ApplyProblem } from './model/applying.ts'
import { isChangePath } from './model/change-path.ts'
import { patchPath, type Change, type FileBytes, type FileState, type PatchProblem } from './model/change.ts'
import { sha256 } from './model/digest.ts'
import type { Manifest } from './model/manifest.ts'
import { compareBytes } from './model/order.ts'
import type { PackId } from './model/pack.ts'
import type { RecordedRun } from './model/ports.ts'
import { err, ok, type Result } from './model/result.ts'
import type { Standing, TreeStep, WorkingTree } from './model/working-tree.ts'

export interface ApplyInput {
  readonly manifest: Pick<Manifest, 'packs'>
  readonly run: Pick<RecordedRun, 'list' | 'read' | 'chunks'>
  readonly tree: Pick<WorkingTree, 'stand' | 'read'>
  /** Which of the files that stand in the place of artifacts, and are others, may be replaced. */
  readonly replaceable: (paths: readonly string[]) => Promise<ReadonlySet<string>>
}

export interface ApplyPlan {
  /** Sorted by the bytes of their paths. */
  readonly files: readonly AppliedFile[]
  readonly steps: readonly TreeStep[]
  readonly problems: readonly ApplyProblem[]
}

/** What has to be done to a working tree so that it is what a run has made of it, and what speaks against that. Nothing is written. */
export async function planApplying(input: ApplyInput): Promise<ApplyPlan> {
  const composed = composeChanges(input.manifest.packs)
  if (!composed.ok) return planOf([], [evidence(composed.error, 'manifest.json')])
  const paths = new Set(composed.value.map(({ path }) => path))
  const seen = composed.value.map((change): Seen => {
    const found = input.tree.stand(change.path)
    const isAt = (state: FileState | null): boolean => isState(found, state, paths)
    return { ...change, found, at: isAt(change.after) ? 'after' : isAt(change.before) ? 'before' : null }
  })
  const moved = seen.filter(({ at }) => at === null).map(movedOn)
  const made = moved.length > 0 ? ok(new Map()) : makeChanges(input, new Map(seen.map((each) => [each.path, each])))
  if (!made.ok) return planOf([], [made.error])
  const artifacts = await artifactsOf(input, composed.value)
  return planOf(
    [...seen.map((each) => plannedChange(each, made.value)), ...artifacts.planned],
    [...moved, ...artifacts.problems],
  )
}

/** A change, and what stands in its place: as before all packs or after them; `null`: neither. */
interface Seen extends PathChange {
  readonly found: Standing
  readonly at: 'before' | 'after' | null
}

interface Planned {
  readonly file: AppliedFile
  /** `null`: nothing has to be done. */
  readonly step: TreeStep | null
}

function planOf(planned: readonly Planned[], problems: readonly ApplyProblem[]): ApplyPlan {
  const sorted = planned.toSorted((a, b) => compareBytes(a.file.path, b.file.path))
  const steps = sorted.flatMap(({ step }) => (step ? [step] : []))
  return { files: sorted.map(({ file }) => file), steps: problems.length > 0 ? [] : steps, problems }
}

function evidence(pack: PackId, path: string, problem: PatchProblem | null = null): ApplyProblem {
  return { kind: 'evidence', path, pack, problem }
}

function movedOn({ path, pack, before, found }: Omit<Seen, 'at'>): ApplyProblem {
  return { kind: 'changed', path, pack, before, found }
}

/** `paths`: what else changes; files in the way that are among them will be gone, and each is looked at by itself. */
function isState(found: Standing, state: FileState | null, paths: ReadonlySet<string>): boolean {
  switch (found.kind) {
    case 'nothing':
      return state === null
    case 'file':
      return isSame(found.state, state)
    case 'folder':
      return state === null && found.files.every((path) => paths.has(path))
    case 'below':
      return state === null && found.is === 'file' && paths.has(found.path)
    case 'other':
    case 'unreadable':
      return false
  }
}

function plannedChange(seen: Seen, made: ReadonlyMap<string, FileBytes | null>): Planned {
  const { path, pack, before, after, at } = seen
  const file = { path, pack, what: 'change' as const }
  if (at !== 'before') return { file: { ...file, action: 'none' }, step: null }
  const action = before === null ? 'make' : after === null ? 'delete' : 'change'
  const bytes = made.get(path)?.bytes
  return { file: { ...file, action }, step: { path, before, after, chunks: () => (bytes ? [bytes] : []) } }
}

/** The bytes that the patches of all packs make, one after the other, of files that stand as before all of them. */
function makeChanges(
  { manifest, run, tree }: ApplyInput,
  seen: ReadonlyMap<string, Seen>,
): Result<ReadonlyMap<string, FileBytes | null>, ApplyProblem> {
  const current = new Map<string, FileBytes | null>()
  let moved: Seen | null = null
  const read = (path: string): FileBytes | null | undefined => {
    const known = seen.get(path)
    if (known === undefined) return null
    if (known.at !== 'before') return undefined
    const made = current.get(path)
    if (made !== undefined || known.before === null) return made ?? null
    const bytes = tree.read(path)
    if (sha256(bytes) !== known.before.digest) moved = known
    return { bytes, executable: known.before.executable }
  }
  for (const { id, change } of manifest.packs) {
    const made = change ? makeChange(run, { id, change }, read) : ok(new Map<string, FileBytes | null>())
    if (moved) return err(movedOn(moved))
    if (!made.ok) return made
    for (const [path, file] of made.value) current.set(path, file)
  }
  return ok(current)
}

function makeChange(
  run: Pick<RecordedRun, 'read'>,
  { id, change }: { readonly id: PackId; readonly change: Change },
  read: (path: string) => FileBytes | null | undefined,
): Result<ReadonlyMap<string, FileBytes | null>, ApplyProblem> {
  const path = patchPath(id)
  if (change.patch === null) return change.files.length === 0 ? ok(new Map()) : err(evidence(id, path))
  const patch = run.read(path)
  if (!patch.ok || sha256(patch.value) !== change.patch) return err(evidence(id, path))
  const made = applyPatch(patch.value, read)
  if (!made.ok) return err(evidence(id, path, made.error))
  const wanted = change.files.filter((file) => read(file.path) !== undefined)
  const isAsTold =
    made.value.size === wanted.length &&
    wanted.every((file) => {
      const found = made.value.get(file.path)
      return found !== undefined && isSame(found && stateOf(found), file.after)
    })
  return isAsTold ? made : err(evidence(id, path))
}

function stateOf({ bytes, executable }: FileBytes): FileState {
  return { digest: sha256(bytes), executable, size: bytes.length }
}

interface Artifacts {
  readonly planned: readonly Planned[]
  readonly problems: readonly ApplyProblem[]
}

async function artifactsOf(input: ApplyInput, changes: readonly PathChange[]): Promise<Artifacts> {
  const changed = new Map(changes.map((each) => [each.path, each]))
  const paths = new Set(changed.keys())
  const kept = keptArtifacts(input)
  const problems: ApplyProblem[] = []
  const others: string[] = []
  const looked = kept.flatMap((artifact) => {
    const change = changed.get(artifact.path)
    if (!isChangePath(artifact.path) || (change && !isSame(change.after, artifact.state))) {
      problems.push(evidence(artifact.pack, artifact.kept))
    }
    if (change) return []
    const found = input.tree.stand(artifact.path)
    if (found.kind === 'file' && !isSame(found.state, artifact.state)) others.push(artifact.path)
    return [{ ...artifact, found }]
  })
  const replaceable = others.length > 0 ? await input.replaceable(others) : new Set<string>()
  const planned = looked.map((artifact): Planned => {
    const { path, pack, state, found } = artifact
    const isFree =
      found.kind === 'file' ? isSame(found.state, state) || replaceable.has(path) : isState(found, null, paths)
    if (!isFree) problems.push({ kind: 'in-the-way', path, pack, found })
    const before = found.kind === 'file' ? found.state : null
    const action = before === null ? 'make' : isSame(before, state) ? 'none' : 'change'
    const step = { path, before, after: state, chunks: () => input.run.chunks(artifact.kept) }
    return { file: { path, pack, what: 'artifact', action }, step: action === 'none' ? null : step }
  })
  return { planned, problems }
}

interface Artifact {
  readonly path: string
  readonly pack: PackId
  readonly state: FileState
  /** Where its bytes are, in the run's folder. */
  readonly kept: string
}

function keptArtifacts({ manifest, run }: ApplyInput): readonly Artifact[] {
  const listed = run.list()
  const there = new Set(listed.ok ? listed.value.map(({ path }) => path) : [])
  return manifest.packs.flatMap((pack) => {
    const pathOf = artifactPaths(pack, (path) => there.has(path))
    return pack.artifacts.map(({ path, ...state }) => ({ path, pack: pack.id, state, kept: pathOf(path) }))
  })
}
