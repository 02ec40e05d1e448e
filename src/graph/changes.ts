import type { ActionId, ScopeCheck, SeenChanges } from '../model/graph.ts'
import type { PackId, ResolvedPack } from '../model/pack.ts'
import type { Draft, PackDraft } from './draft.ts'
import { planOrder } from './order.ts'
import { overlaps, parsePattern, workspacePattern, type Pattern } from './pattern.ts'
import { needsBetween } from './reach.ts'

/** What the change packs of a graph do to others; packs in plan order. */
export interface ChangeFlow {
  /** What a command sees of the changes of steps before it; `undefined`: there are none. */
  ofCommand(draft: Draft): SeenChanges | undefined
  /** What stands at these paths and patterns (relative to the workspace) when all steps of the pack have ended. */
  atEnd(pack: PackId, patterns: readonly string[]): SeenChanges | undefined
  /** What stands in its scope before its steps. */
  before(pack: PackId, patterns: readonly string[]): SeenChanges | undefined
  /** The steps of a change pack, in plan order. */
  stepsOf(pack: PackId): readonly ActionId[]
  /** Packs before it that may change the same files, with no path between the two. */
  rivalsOf(pack: PackId): ScopeCheck['rivals']
}

/** Of a graph without change packs. */
const NO_CHANGES: ChangeFlow = {
  ofCommand: () => undefined,
  atEnd: () => undefined,
  before: () => undefined,
  stepsOf: () => [],
  rivalsOf: () => [],
}

/** @param packs in plan order */
export function changeFlow(packs: ReadonlyMap<PackId, PackDraft>): ChangeFlow {
  const changing = [...packs.values()].filter(({ pack }) => pack.scope)
  if (changing.length === 0) return NO_CHANGES
  const steps = new Map(changing.map(({ pack, phases }) => [pack.definition.id, stepOrder(phases)]))
  const stepsOf = (pack: PackId): readonly ActionId[] => steps.get(pack) ?? []
  const needed = neededSteps(packs, steps)
  const seeing = (from: readonly ActionId[], takes: SeenChanges['takes']): SeenChanges | undefined =>
    from.length === 0 ? undefined : Object.freeze({ from: Object.freeze(from), takes })
  const before = (pack: PackId): readonly ActionId[] => needed.get(pack) ?? []
  const selections = selectionsOf(packs)
  return {
    stepsOf,
    rivalsOf: rivals(changing, stepsOf),
    before: (pack, patterns) => seeing(before(pack), [patterns]),
    atEnd: (pack, patterns) => seeing([...before(pack), ...stepsOf(pack)], [patterns]),
    ofCommand: (draft) => {
      const { id } = draft.pack.definition
      const own = stepsOf(id)
      const until = draft.phase === 'steps' ? own.slice(0, Math.max(0, own.indexOf(draft.id))) : own
      return seeing([...before(id), ...until], selections(draft))
    },
  }
}

/** The steps of a change pack one after the other: by what they need, then by the bytes of their ids. */
export function stepOrder(phases: PackDraft['phases']): readonly ActionId[] {
  const steps = phases.flat().filter(({ phase }) => phase === 'steps')
  const nodes = steps.map(({ id, predecessors }) => ({ id, needs: [...predecessors.keys()].map((need) => need.id) }))
  // Steps that need each other in a circle were reported.
  return planOrder(nodes) ?? []
}

/** For each pack the steps of change packs that it needs, directly or through others. */
function neededSteps(
  packs: ReadonlyMap<PackId, PackDraft>,
  steps: ReadonlyMap<PackId, readonly ActionId[]>,
): ReadonlyMap<PackId, readonly ActionId[]> {
  const found = new Map<PackId, ReadonlySet<PackId>>()
  for (const [id, { pack }] of packs) {
    const { needs } = pack.definition
    found.set(id, new Set(needs.flatMap((need) => [...(found.get(need) ?? []), ...(steps.has(need) ? [need] : [])])))
  }
  return new Map(
    [...found].map(([id, needed]) => [id, [...steps].flatMap(([other, own]) => (needed.has(other) ? own : []))]),
  )
}

/** A command that says nothing of its inputs sees what its pack sees; the lists are the same objects then. */
function selectionsOf(packs: ReadonlyMap<PackId, PackDraft>): (draft: Draft) => SeenChanges['takes'] {
  const dirs = [...packs.values()].map(({ pack }) => pack.dir)
  const shared = new Map<ResolvedPack, SeenChanges['takes']>()
  return ({ pack, command, phase }) => {
    const inScope = pack.scope ? [scopeOf(pack)] : []
    if (command.files !== null) {
      return [...inputSelections(pack, command.files, dirs), ...(phase === 'steps' ? inScope : [])]
    }
    const known = shared.get(pack) ?? [...inputSelections(pack, pack.definition.inputs.files, dirs), ...inScope]
    shared.set(pack, known)
    return known
  }
}

/** As `inputs.files` are understood: what is not rooted leaves the folders of packs below this one alone, and outputs are no sources. */
function inputSelections(pack: ResolvedPack, files: readonly string[], dirs: readonly string[]): SeenChanges['takes'] {
  const { dir, definition } = pack
  const commands = [...definition.steps, ...Object.values(definition.acceptance).flat()]
  const excluded = [
    ...files.filter((text) => text.startsWith('!')).map((text) => text.slice(1)),
    ...commands.flatMap(({ outputs }) => outputs),
  ].map((text) => `!${workspacePattern(dir, text)}`)
  const included = files.filter((text) => !text.startsWith('!'))
  const place = (text: string): string => workspacePattern(dir, text)
  const rooted = included.filter((text) => parsePattern(dir, text).rooted).map(place)
  const own = included.filter((text) => !parsePattern(dir, text).rooted).map(place)
  const below = dirs.filter((other) => other !== dir && (dir === '' || other.startsWith(`${dir}/`)))
  const elsewhere = below.map((other) => `!${workspacePattern(other, '**')}`)
  return [
    ...(rooted.length > 0 ? [[...rooted, ...excluded]] : []),
    ...(own.length > 0 ? [[...own, ...excluded, ...elsewhere]] : []),
  ]
}

/** The scope of a change pack relative to the workspace. */
export function scopeOf({ dir, definition }: ResolvedPack): readonly string[] {
  return definition.constraints.scope.map((text) =>
    text.startsWith('!') ? `!${workspacePattern(dir, text.slice(1))}` : workspacePattern(dir, text),
  )
}

export function scopePatterns({ dir, definition }: ResolvedPack): readonly Pattern[] {
  return definition.constraints.scope.filter((text) => !text.startsWith('!')).map((text) => parsePattern(dir, text))
}

function rivals(
  changing: readonly PackDraft[],
  stepsOf: (pack: PackId) => readonly ActionId[],
): (pack: PackId) => ScopeCheck['rivals'] {
  const needs = needsBetween(changing.map(({ pack }) => pack.definition))
  const scopes = changing.map(({ pack }) => ({ pack, patterns: scopePatterns(pack) }))
  return (id) => {
    const place = scopes.findIndex(({ pack }) => pack.definition.id === id)
    const own = scopes[place]
    if (!own) return []
    return scopes.slice(0, place).flatMap(({ pack, patterns }) => {
      const other = pack.definition.id
      const meets = patterns.some((left) => own.patterns.some((right) => overlaps(left, right)))
      return meets && !needs(id, other) ? [{ pack: other, steps: stepsOf(other) }] : []
    })
  }
}
