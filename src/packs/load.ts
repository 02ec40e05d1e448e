import { sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import type { ResolvedPack } from '../model/pack.ts'
import type { Workspace } from '../model/ports.ts'
import type { SourceText } from '../model/source.ts'
import type { ResolvedConfig } from './config.ts'
import { duplicateIds } from './cross.ts'
import type { Ignores } from './ignore.ts'
import { PackMemory } from './memory.ts'

export interface LoadedPacks {
  /** Sorted by the bytes of their ids, each id once. Valid only if no diagnostic is an error. */
  readonly packs: readonly ResolvedPack[]
  /** Everything that is wrong with any pack, sorted. */
  readonly diagnostics: readonly Diagnostic[]
  /** The text of every task.yml, and of every file beside a plugin, that could be read, by its path. */
  readonly sources: ReadonlyMap<string, SourceText>
  /** Whether git ignores a path of the workspace. */
  readonly ignores: Ignores
  /** Paths of task.yml files that yielded no pack, sorted by bytes. */
  readonly broken: readonly string[]
}

/** What of a configuration packs depend on. */
type PacksConfig = Pick<ResolvedConfig, 'packs'> & Partial<Pick<ResolvedConfig, 'agent'>>

/** Finds, reads and checks all packs of a workspace. What is wrong with one does not hide what is wrong with another. */
export function loadPacks(workspace: Workspace, config: PacksConfig): LoadedPacks {
  return recallPacks(new PackMemory(workspace), config)
}

/** The same for a workspace that was loaded before: what still holds is not made again. */
export function recallPacks(memory: PackMemory, config: PacksConfig): LoadedPacks {
  const found = memory.discover(config)
  const loaded = memory.load(found.dirs)
  const duplicates = duplicateIds(loaded)
  const packs = loaded
    .flatMap(({ parsed, file }) => (parsed?.pack && !duplicates.files.has(file) ? [parsed.pack] : []))
    .toSorted((a, b) => compareBytes(a.definition.id, b.definition.id))
  const resolved = memory.resolve(packs, config.agent ?? null)
  const diagnostics = [
    ...found.diagnostics,
    ...loaded.flatMap((one) => one.diagnostics),
    ...duplicates.diagnostics,
    ...resolved.flatMap((one) => one.diagnostics),
    ...memory.cross(packs, loaded),
  ]
  memory.forgetOthers(found.dirs, packs)
  const whole = new Set(packs.map(({ source }) => source.file))
  return {
    packs: resolved.map(({ pack }) => pack),
    diagnostics: sortDiagnostics(diagnostics),
    sources: new Map([
      ...loaded.flatMap(({ file, parsed }) => (parsed ? [[file, parsed.source] as const] : [])),
      ...resolved.flatMap(({ source }) => (source ? [[source.file, source] as const] : [])),
    ]),
    ignores: memory.ignores,
    broken: loaded.map(({ file }) => file).filter((file) => !whole.has(file)),
  }
}
