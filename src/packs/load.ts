import { diagnostic, sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import { workspacePath, type Pack, type ResolvedPack } from '../model/pack.ts'
import type { Workspace } from '../model/ports.ts'
import type { SourceText } from '../model/source.ts'
import type { ResolvedConfig } from './config.ts'
import { crossPackDiagnostics, duplicateIds, type Loaded } from './cross.ts'
import { discover, fileDiagnostic } from './discover.ts'
import { find, remembering, type Met } from './files.ts'
import { ignoreRules, type Ignores } from './ignore.ts'
import { declaredOutputs } from './outputs.ts'
import { checkTask, readTask, type ReadTask } from './parse.ts'
import { producedBy } from './produced.ts'
import { resolvePack } from './resolve.ts'

export interface LoadedPacks {
  /** Sorted by the bytes of their ids, each id once. Valid only if no diagnostic is an error. */
  readonly packs: readonly ResolvedPack[]
  /** Everything that is wrong with any pack, sorted. */
  readonly diagnostics: readonly Diagnostic[]
  /** The text of every task.yml that could be read, by its path. */
  readonly sources: ReadonlyMap<string, SourceText>
  /** Whether git ignores a path of the workspace. */
  readonly ignores: Ignores
  /** Paths of task.yml files that yielded no pack, sorted by bytes. */
  readonly broken: readonly string[]
}

/** Finds, reads and checks all packs of a workspace. What is wrong with one does not hide what is wrong with another. */
export function loadPacks(workspace: Workspace, config: Pick<ResolvedConfig, 'packs'>): LoadedPacks {
  const files = remembering(workspace)
  const ignores = ignoreRules(files)
  const found = discover(files, config, ignores)
  const diagnostics: Diagnostic[] = [...found.diagnostics]
  const loaded = loadAll(files, found.dirs, diagnostics)
  const duplicates = duplicateIds(loaded)
  diagnostics.push(...duplicates.diagnostics)
  const packs = loaded
    .flatMap(({ parsed, file }) => (parsed?.pack && !duplicates.files.has(file) ? [parsed.pack] : []))
    .toSorted((a, b) => compareBytes(a.definition.id, b.definition.id))
  const context = {
    workspace: files,
    ignores,
    isProduced: producedBy(outputPatterns(packs)),
    walks: new Map<string, Met[]>(),
  }
  const resolved = packs.map((pack) => {
    const result = resolvePack(pack, context)
    diagnostics.push(...result.diagnostics)
    return result.pack
  })
  diagnostics.push(...crossPackDiagnostics(packs, loaded))
  const whole = new Set(packs.map(({ source }) => source.file))
  return {
    packs: resolved,
    diagnostics: sortDiagnostics(diagnostics),
    sources: new Map(loaded.flatMap(({ file, parsed }) => (parsed ? [[file, parsed.source] as const] : []))),
    ignores,
    broken: loaded.map(({ file }) => file).filter((file) => !whole.has(file)),
  }
}

/** So many are read before any of them is checked. */
const BATCH = 256

/** In batches, because reading YAML and checking what it says evict each other's code from the processor: a quarter of the time. */
function loadAll(workspace: Workspace, dirs: readonly string[], diagnostics: Diagnostic[]): Loaded[] {
  const loaded: Loaded[] = []
  for (let at = 0; at < dirs.length; at += BATCH) {
    const batch = dirs.slice(at, at + BATCH).map((dir) => ({ dir, read: read(workspace, dir, diagnostics) }))
    for (const { dir, read: task } of batch) {
      const parsed = task && checkTask(task)
      if (parsed) diagnostics.push(...parsed.diagnostics)
      loaded.push({ dir, file: workspacePath(dir, 'task.yml'), parsed })
    }
  }
  return loaded
}

function read(workspace: Workspace, dir: string, diagnostics: Diagnostic[]): ReadTask | null {
  const file = workspacePath(dir, 'task.yml')
  const found = find(workspace, file)
  if (found.at === 'outside') {
    diagnostics.push(diagnostic('path-leaves-workspace', null, { path: file, through: found.through }))
    return null
  }
  if (found.at !== 'file' && found.at !== 'unreadable') {
    const kind = found.at === 'other' ? 'fifo-socket-or-device' : 'broken-symlink'
    diagnostics.push(diagnostic('unsupported-file', null, { path: file, kind }))
    return null
  }
  const bytes = workspace.readFile(file)
  if (!bytes.ok) {
    diagnostics.push(fileDiagnostic(bytes.error))
    return null
  }
  return readTask({ bytes: bytes.value, file, dir })
}

function outputPatterns(packs: readonly Pack[]): string[] {
  return packs.flatMap((pack) => declaredOutputs(pack).map(({ path }) => workspacePath(pack.dir, path)))
}
