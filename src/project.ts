import type { Acceptance } from './graph/acceptance.ts'
import { draftGraph, type Drafted } from './graph/compile.ts'
import { GraphMemory, type GraphOptions } from './graph/memory.ts'
import { NO_BREAKERS, type RunBreakers } from './model/breakers.ts'
import { diagnostic, sortDiagnostics, type Diagnostic } from './model/diagnostic.ts'
import type { Graph } from './model/graph.ts'
import type { Grant } from './model/grant.ts'
import type { PackId, ResolvedPack } from './model/pack.ts'
import type { Workspace } from './model/ports.ts'
import type { SourceText } from './model/source.ts'
import { parseConfig } from './packs/config.ts'
import { recallPacks, type LoadedPacks } from './packs/load.ts'
import { PackMemory } from './packs/memory.ts'
import { selectPacks, type Selection } from './packs/select.ts'

/** What a configuration file holds, as it was loaded: `file` is `null` where there is none. */
export interface LoadedConfig {
  readonly file: string | null
  readonly value: unknown
  /** Other files that it was made of, relative to the workspace root. */
  readonly inputs?: readonly string[]
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
  /** What the configuration grants. */
  readonly grants: readonly Grant[]
  /** Whether git ignores a path, relative to the workspace root. */
  readonly ignores: (path: string) => boolean
  readonly breakers: RunBreakers
}

/** A project before its graph is put together: that takes most of the time, and who only wants to know what is wrong needs none. */
export interface CheckedProject extends Omit<Project, 'graph'> {
  /** How many actions the graph has; `null` where something is wrong. */
  readonly actions: number | null
  /** `null` where something is wrong. */
  readonly acceptance: () => Acceptance | null
  /** To be called before anything else is checked with the same memory. */
  readonly freeze: () => Graph | null
}

/** Of a workspace that can't be read. */
export const NOTHING_CHECKED: Omit<CheckedProject, 'diagnostics'> = {
  packs: [],
  actions: null,
  acceptance: () => null,
  freeze: () => null,
  grants: [],
  sources: new Map(),
  ignores: () => false,
  breakers: NO_BREAKERS,
}

/** What checks of one workspace leave for the next, so that each makes again only what changes concern. */
export class ProjectMemory {
  readonly packs: PackMemory
  /** Of the packs that were selected, and of all. */
  readonly graphs: readonly [GraphMemory, GraphMemory]

  constructor(workspace: Workspace, options: GraphOptions = {}) {
    this.packs = new PackMemory(workspace)
    this.graphs = [new GraphMemory(options), new GraphMemory(options)]
  }
}

/** files -> packs -> graph. Everything that is wrong is told at once. */
export function loadProject(
  workspace: Workspace,
  loaded: LoadedConfig,
  { plugins = 'disabled', ...selection }: Selection & GraphOptions,
): Project {
  return frozen(checkProject(new ProjectMemory(workspace, { plugins }), loaded, selection))
}

/** Puts the graph together. */
export function frozen(checked: CheckedProject): Project {
  const { actions: _, acceptance: __, freeze, ...project } = checked
  return { ...project, graph: freeze() }
}

/** The same without the graph, made with what is remembered of the files; what has changed in them must have been looked at. */
export function checkProject(memory: ProjectMemory, loaded: LoadedConfig, selection: Selection): CheckedProject {
  const { config, diagnostics: configProblems } = parseConfig(loaded.value, loaded.file)
  const found = recallPacks(memory.packs, config)
  const { selected, diagnostics: selectionProblems } = selectPacks(found.packs, selection, memory.packs.files)
  const about = problemsOf(selected, { found, selection, unsure: hasErrors(selectionProblems) })
  const unexplained = selectionProblems.filter((problem) => !isOfBroken(problem, found.broken))
  const problems = [...configProblems, ...about, ...unexplained]
  if (found.packs.length === 0 && !hasErrors(problems)) {
    problems.push(diagnostic('no-packs', null, { patterns: config.packs }))
  }
  const sound = soundPacks(selected, problems)
  const drafted = draftGraph(sound, memory.graphs[0])
  const beside = problemsBeside(drafted, { selected, found, memory: memory.graphs[1] })
  const diagnostics = sortDiagnostics([...problems, ...drafted.diagnostics, ...beside])
  // A graph without one of its packs would prove less than was asked for.
  const isWhole = !hasErrors(diagnostics) && sound.length === selected.length
  return {
    packs: selected,
    actions: isWhole ? drafted.actions : null,
    acceptance: () => (isWhole ? drafted.acceptance() : null),
    freeze: () => (isWhole ? drafted.freeze() : null),
    diagnostics,
    sources: found.sources,
    grants: config.grants,
    ignores: found.ignores,
    breakers: config.breakers,
  }
}

interface Beside {
  readonly selected: readonly ResolvedPack[]
  readonly found: LoadedPacks
  readonly memory: GraphMemory
}

/** What is wrong with selected packs only together with others: what a pack may read is the same whether or not who writes it was named. */
function problemsBeside(drafted: Drafted, { selected, found, memory }: Beside): readonly Diagnostic[] {
  if (selected.length === found.packs.length) return []
  const all = soundPacks(found.packs, found.diagnostics)
  const known = new Set(drafted.diagnostics.map(identify))
  return concerning(selected, draftGraph(all, memory).diagnostics).filter((problem) => !known.has(identify(problem)))
}

/**
 * The packs with which nothing is wrong, nor with any that they need: what the graph says of those is right whatever becomes
 * of the others, so that nobody corrects one error only to be told of the next.
 */
function soundPacks(packs: readonly ResolvedPack[], problems: readonly Diagnostic[]): readonly ResolvedPack[] {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const places = errors.flatMap(({ location, related }) => [location, ...related.map((other) => other.location)])
  const files = new Set(places.map((place) => place?.file))
  const ids = new Set(packs.map(({ definition }) => definition.id))
  const dependents = new Map<PackId, PackId[]>([...ids].map((id) => [id, []]))
  const unsound = new Set<PackId>()
  for (const { definition, source } of packs) {
    const { id, needs } = definition
    if (files.has(source.file) || !needs.every((need) => ids.has(need))) unsound.add(id)
    for (const need of needs) dependents.get(need)?.push(id)
  }
  // A set that is being walked also yields what is added on the way.
  for (const id of unsound) for (const dependent of dependents.get(id) ?? []) unsound.add(dependent)
  return packs.filter(({ definition }) => !unsound.has(definition.id))
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error')
}

interface Scope {
  readonly found: LoadedPacks
  readonly selection: Selection
  /** Whether a name was not found: it may be that of a pack which could not be read. */
  readonly unsure: boolean
}

/**
 * Somebody who names packs hears of these, and of what they need; somebody who names none hears of all. So does whoever names
 * a pack that needs one which could not be read, because nothing can be left out that a pack stands on.
 */
function problemsOf(selected: readonly ResolvedPack[], { found, selection, unsure }: Scope): readonly Diagnostic[] {
  const { names, pillars, tags, changes } = selection
  // Whether a pack that could not be read is affected by changes can't be told.
  const everything = names.length + pillars.length + tags.length === 0 && (!changes || found.broken.length > 0)
  const ids = new Set(selected.map(({ definition }) => definition.id))
  const incomplete = selected.some(({ definition }) => !definition.needs.every((need) => ids.has(need)))
  if (everything || incomplete || (unsure && found.broken.length > 0)) return found.diagnostics
  return concerning(selected, found.diagnostics)
}

function concerning(packs: readonly ResolvedPack[], problems: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = new Set(packs.map((pack) => pack.source.file))
  return problems.filter(({ location, related }) => {
    const places = [location, ...related.map((other) => other.location)]
    return location === null || places.some((place) => place !== null && files.has(place.file))
  })
}

function identify({ code, location, facts }: Diagnostic): string {
  return JSON.stringify([code, location, facts])
}

/** Whether somebody named a pack that could not be read, by its folder or that folder's name: they hear why it could not. */
function isOfBroken({ code, facts }: Diagnostic, broken: readonly string[]): boolean {
  if (code !== 'unknown-selector' || !('selector' in facts) || facts.kind !== 'name') return false
  const name = facts.selector.replaceAll(/^\.\/|\/$/g, '')
  return broken.some((file) => {
    const folder = file.split('/').slice(0, -1)
    return folder.join('/') === name || folder.at(-1) === name
  })
}
