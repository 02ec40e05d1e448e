import type { Changes } from '../model/changes.ts'
import { ACCEPTANCE_PHASES, workspacePath, type PackId, type ResolvedPack } from '../model/pack.ts'
import { baseOf } from '../model/pattern.ts'
import type { Workspace } from '../model/ports.ts'
import { linkedPath } from './files.ts'
import { pluginFileOf } from './plugin-file.ts'
import { scopePatterns, scopeTest } from './scope.ts'
import { sourceTest } from './select-files.ts'

const CONFIG = /^codex\.config\.m?[jt]s$/
const [TASK, IGNORE] = ['task.yml', '.gitignore']

/**
 * The packs of which an input may be another than it was, and all that need them. Rather one too many than one too few: what
 * version control does not keep counts as changed, and so does everything where the configuration is another.
 */
export function affectedPacks(
  packs: readonly ResolvedPack[],
  changes: Changes,
  workspace: Workspace,
): ReadonlySet<PackId> {
  const all = new Set(packs.map(({ definition }) => definition.id))
  if (changes.paths.some(({ path }) => CONFIG.test(path))) return all
  const index = indexOf(changes, packs, workspace)
  const affected = new Set<PackId>()
  for (const pack of packs) {
    // A pack that is needed and gone was there before, or never: either way it has to be told of.
    const isOrphan = !pack.definition.needs.every((need) => all.has(need))
    if (isOrphan || isAffected(pack, { changes, index, workspace })) affected.add(pack.definition.id)
  }
  return withDependents(packs, affected)
}

interface Index {
  readonly files: ReadonlySet<string>
  /** Each with a `/` at its end. */
  readonly folders: readonly string[]
  /** Folders in which a `.gitignore` has changed. */
  readonly ignoring: readonly string[]
  /** Folders that have become packs, or are none any more. */
  readonly packs: readonly string[]
  readonly gone: readonly string[]
  /** Whether something that has changed is a link now. */
  readonly hasLinks: boolean
  /** Of all packs, as beginnings of paths. */
  readonly dirs: readonly string[]
}

function indexOf({ paths }: Changes, packs: readonly ResolvedPack[], workspace: Workspace): Index {
  const named = (name: string, among: Changes['paths']): string[] =>
    among.flatMap(({ path }) => (path === name || path.endsWith(`/${name}`) ? [path.slice(0, -name.length)] : []))
  return {
    files: new Set(paths.map(({ path }) => path)),
    folders: paths.flatMap(({ path }) => (path.endsWith('/') ? [path] : [])),
    ignoring: named(IGNORE, paths),
    packs: named(
      TASK,
      paths.filter(({ kind }) => kind !== 'changed'),
    ),
    hasLinks: paths.some(({ path }) => workspace.kind(path.replace(/\/$/, '')) === 'symlink'),
    dirs: packs.map(({ dir }) => within(dir)),
    gone: paths.flatMap(({ path, kind }) => (kind === 'deleted' ? [path] : [])),
  }
}

interface Looking {
  readonly changes: Changes
  readonly index: Index
  readonly workspace: Workspace
}

function isAffected(pack: ResolvedPack, { changes, index, workspace }: Looking): boolean {
  const inScope = [...(pack.scope?.files ?? []), ...(pack.scope?.obstacles ?? [])]
  const named = [...namedFiles(pack), ...pack.files, ...inScope]
  if (named.some((path) => hasChanged(path, { changes, index, workspace }))) return true
  const below = within(pack.dir)
  const nested = index.dirs.filter((dir) => dir !== below && dir.startsWith(below))
  const selects = sourceTest(pack, (path) => nested.some((dir) => path.startsWith(dir)))
  const isInScope = scopeTest(pack)
  if (index.gone.some((path) => selects(path) || isInScope(path))) return true
  if (index.packs.some((folder) => folder !== below && folder.startsWith(below))) return true
  const searched = searchedFolders(pack)
  const reaches = (folder: string): boolean =>
    searched.some((base) => base.startsWith(folder) || folder.startsWith(base))
  return index.ignoring.some(reaches) || index.folders.some(reaches)
}

/** A folder as the beginning of the paths in it. */
function within(dir: string): string {
  return dir === '' ? '' : `${dir}/`
}

/** A link is what it leads to, be it through other links, and may have been set to something else as well. */
function hasChanged(path: string, { changes, index, workspace }: Looking): boolean {
  const isChanged = (one: string): boolean =>
    index.files.has(one) || !changes.isKept(one) || index.folders.some((folder) => one.startsWith(folder))
  const linked = linkedPath(workspace, path)
  if (linked === null) return isChanged(path)
  return index.hasLinks || isChanged(linked.real) || linked.links.some(isChanged)
}

/** Files that a pack names outside of `inputs.files`. Sources of controls that a command makes are none. */
function namedFiles({ definition, dir }: ResolvedPack): string[] {
  const { docs, inputs, plugin, acceptance, steps } = definition
  const commands = ACCEPTANCE_PHASES.flatMap((phase) => acceptance[phase])
  const outputs = new Set([...definition.steps, ...commands].flatMap((command) => command.outputs))
  const sources = commands.flatMap(({ control }) => Object.values(control ?? {}))
  const artifacts = inputs.artifacts.map(({ as }) => as.replace(/\/$/, ''))
  const isMade = (path: string): boolean =>
    outputs.has(path) || artifacts.some((as) => path === as || path.startsWith(`${as}/`))
  const written = [
    TASK,
    ...Object.values(docs),
    ...steps.flatMap(({ agent }) => agent?.prompt ?? []),
    ...inputs.mounts.map(({ identity }) => identity),
    ...sources.filter((path) => !isMade(path)),
    ...(plugin === null ? [] : [plugin, pluginFileOf(plugin)]),
  ]
  return written.map((path) => workspacePath(dir, path))
}

/** The folders below which a pack looks for files, each with a `/` at its end; empty: the whole workspace. */
function searchedFolders(pack: ResolvedPack): string[] {
  const { definition, dir } = pack
  const bases = definition.inputs.files
    .filter((pattern) => !pattern.startsWith('!'))
    .map((pattern) => (pattern.startsWith('/') ? baseOf(pattern.slice(1)) : dir))
  const scopes = scopePatterns(pack).map(baseOf)
  return [...new Set([dir, ...bases, ...scopes])].map(within)
}

function withDependents(packs: readonly ResolvedPack[], affected: Set<PackId>): ReadonlySet<PackId> {
  const dependents = new Map<PackId, PackId[]>()
  for (const { definition } of packs) {
    for (const need of definition.needs) dependents.set(need, [...(dependents.get(need) ?? []), definition.id])
  }
  // A set that is being walked also yields what is added on the way.
  for (const id of affected) for (const dependent of dependents.get(id) ?? []) affected.add(dependent)
  return affected
}
