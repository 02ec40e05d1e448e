import { compileGraph } from './graph/compile.ts'
import { sortDiagnostics, type Diagnostic } from './model/diagnostic.ts'
import type { Graph } from './model/graph.ts'
import type { ResolvedPack } from './model/pack.ts'
import type { Workspace } from './model/ports.ts'
import type { SourceText } from './model/source.ts'
import { parseConfig } from './packs/config.ts'
import { loadPacks, type LoadedPacks } from './packs/load.ts'
import { selectPacks, type Selection } from './packs/select.ts'

/** What a configuration file holds, as it was loaded: `file` is `null` where there is none. */
export interface LoadedConfig {
  readonly file: string | null
  readonly value: unknown
}

/** Packs and their graph, ready to be planned; `graph` is `null` where something is wrong with them. */
export interface Project {
  /** The selected packs and all that they need, in plan order where there is a graph. */
  readonly packs: readonly ResolvedPack[]
  readonly graph: Graph | null
  /** About the selected packs, sorted. */
  readonly diagnostics: readonly Diagnostic[]
  /** The text of every task.yml that was read, by its path. */
  readonly sources: ReadonlyMap<string, SourceText>
  /** Whether git ignores a path, relative to the workspace root. */
  readonly ignores: (path: string) => boolean
}

/** files -> packs -> graph. Everything that is wrong is told at once. */
export function loadProject(workspace: Workspace, loaded: LoadedConfig, selection: Selection): Project {
  const { config, diagnostics: configProblems } = parseConfig(loaded.value, loaded.file)
  const found = loadPacks(workspace, config)
  const { selected, diagnostics: selectionProblems } = selectPacks(found.packs, selection)
  const about = problemsOf(selected, { found, selection, unsure: hasErrors(selectionProblems) })
  const problems = [...configProblems, ...about, ...selectionProblems]
  const { graph, diagnostics: graphProblems } = hasErrors(problems)
    ? { graph: null, diagnostics: [] }
    : compileGraph(selected)
  const diagnostics = sortDiagnostics([...problems, ...graphProblems])
  return {
    packs: selected,
    graph: hasErrors(diagnostics) ? null : graph,
    diagnostics,
    sources: found.sources,
    ignores: found.ignores,
  }
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error')
}

interface Scope {
  readonly found: LoadedPacks
  readonly selection: Selection
  /** Whether a name was not found: it may be that of a pack which could not be read. */
  readonly unsure: boolean
}

/** Somebody who names packs hears of these, and of what they need; somebody who names none hears of all. */
function problemsOf(selected: readonly ResolvedPack[], { found, selection, unsure }: Scope): readonly Diagnostic[] {
  const everything = selection.names.length + selection.pillars.length + selection.tags.length === 0
  if (everything || (unsure && found.broken.length > 0)) return found.diagnostics
  const files = new Set(selected.map((pack) => pack.source.file))
  return found.diagnostics.filter(({ location }) => location === null || files.has(location.file))
}
