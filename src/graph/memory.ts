import type { Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import type { PackId, ResolvedPack } from '../model/pack.ts'
import type { PluginMode, PluginRun } from '../model/plugin.ts'
import { draftPack } from './actions.ts'
import { artifactsOf, type RequiredArtifacts } from './artifacts.ts'
import { resolveControls } from './controls.ts'
import { commandCycles } from './cycles.ts'
import type { Output, PackDraft } from './draft.ts'
import { resolveInputs, type World } from './inputs.ts'
import { planOrder } from './order.ts'
import { collidesWithAny, collisions, OutputIndex } from './outputs.ts'

/** A pack on its way into the graph, with what is wrong with what it reads. */
export interface PackEntry {
  readonly pack: ResolvedPack
  readonly draft: PackDraft
  readonly outputs: readonly Output[]
  /** How many actions it has. */
  readonly size: number
  problems: readonly Diagnostic[]
  artifacts: RequiredArtifacts
  /** Where it looked for outputs. */
  prefixes: readonly string[]
  /** Whether others have a say in what it reads. */
  readsOthers: boolean
  /** Which of the sets of outputs it was resolved against. */
  resolvedAt: number
}

/** What a graph is put together by, beside its packs. */
export interface GraphOptions {
  /** Whether packs' plugins are among its actions. Default: they are not. */
  readonly plugins?: PluginMode
}

/** With more new outputs, asking for each whether a pack reads it takes longer than resolving the packs again. */
const MOST_NEW = 64

/**
 * What was made of packs on their way into a graph. A pack that reads nothing of others, as most, is resolved once; those that do
 * are resolved each time, because what they read depends on the outputs, places and needs of all.
 */
export class GraphMemory {
  readonly #plugins: PluginMode
  readonly #entries = new WeakMap<ResolvedPack, PackEntry>()
  #outputs: readonly Output[] = []
  #index = new OutputIndex([])
  #version = 0
  #collisions: readonly Diagnostic[] = []
  #order: { readonly needs: ReadonlyMap<PackId, readonly PackId[]>; readonly ids: readonly PackId[] | null } | null =
    null

  constructor({ plugins = 'disabled' }: GraphOptions = {}) {
    this.#plugins = plugins
  }

  /** Ids in plan order; `null` where packs need each other in a circle. */
  order(packs: readonly ResolvedPack[]): readonly PackId[] | null {
    const known = this.#order
    const needs = new Map(packs.map(({ definition }) => [definition.id, definition.needs]))
    if (known?.needs.size === needs.size) {
      const same = [...needs].every(([id, list]) => sameItems(list, known.needs.get(id)))
      if (same) return known.ids
    }
    const ids = planOrder(packs.map(({ definition }) => definition))
    this.#order = { needs, ids }
    return ids
  }

  entry(pack: ResolvedPack): PackEntry {
    let entry = this.#entries.get(pack)
    if (!entry) this.#entries.set(pack, (entry = entryOf(pack, this.#plugins)))
    return entry
  }

  /** Finds what packs read of each other; `entries` in plan order. */
  resolve(entries: readonly PackEntry[], world: Omit<World, 'index' | 'unordered'>): void {
    const added = this.#replaceOutputs(entries.flatMap(({ outputs }) => outputs))
    const last = added === null ? this.#version : this.#version - 1
    for (const entry of entries) {
      const isKnown = entry.resolvedAt === this.#version || (entry.resolvedAt === last && !isNear(entry, added ?? []))
      const isSame = isKnown || (entry.resolvedAt !== NEVER && isAlone(entry, this.#index))
      if (entry.readsOthers || !isSame) resolveEntry(entry, { ...world, index: this.#index, unordered: new Set() })
      entry.resolvedAt = this.#version
    }
    this.#collisions = this.#collide(added)
  }

  /** Outputs of the packs that were resolved last which meet each other. */
  get collisions(): readonly Diagnostic[] {
    return this.#collisions
  }

  /** Where nothing met before, something does only with what is new. */
  #collide(added: readonly Output[] | null): readonly Diagnostic[] {
    const known = this.#collisions
    if (known.length > 0 || (added !== null && added.length > MOST_NEW)) return collisions(this.#outputs, this.#index)
    const isMet = added?.some((output) => collidesWithAny(output, this.#index)) ?? false
    return isMet ? collisions(this.#outputs, this.#index) : known
  }

  /** Gives those that are new; `null` where all are the same as before. */
  #replaceOutputs(outputs: readonly Output[]): readonly Output[] | null {
    if (sameItems(outputs, this.#outputs)) return null
    const before = new Set(this.#outputs)
    this.#outputs = outputs
    this.#index = new OutputIndex(outputs)
    this.#version++
    return outputs.filter((output) => !before.has(output))
  }
}

const NEVER = -1

function entryOf(pack: ResolvedPack, plugins: PluginMode): PackEntry {
  const draft = draftPack(pack, plugins)
  const commands = draft.phases.flat()
  return {
    pack,
    draft,
    outputs: commands.flatMap(({ outputs }) => outputs),
    size: commands.length + draft.controls.length + Object.keys(draft.gates).length,
    problems: [],
    artifacts: artifactsOf(draft),
    prefixes: [],
    readsOthers: true,
    resolvedAt: NEVER,
  }
}

function isNear({ prefixes, pack }: PackEntry, outputs: readonly Output[]): boolean {
  if (outputs.length > MOST_NEW) return true
  return outputs.some(
    ({ draft, pattern }) =>
      draft.pack !== pack &&
      prefixes.some((prefix) => prefix.startsWith(pattern.prefix) || pattern.prefix.startsWith(prefix)),
  )
}

/** Whether there is nothing of others where a pack looked. */
function isAlone({ prefixes, pack }: PackEntry, index: OutputIndex): boolean {
  for (const prefix of prefixes) for (const { draft } of index.near(prefix)) if (draft.pack !== pack) return false
  return true
}

function resolveEntry(entry: PackEntry, world: World): void {
  const { draft, pack, artifacts } = entry
  const prefixes: string[] = []
  let meetsOthers = false
  const index = {
    *near(prefix: string): Generator<Output> {
      prefixes.push(prefix)
      for (const output of world.index.near(prefix)) {
        if (output.draft.pack !== pack) meetsOthers = true
        yield output
      }
    },
  }
  clear(draft)
  const noted = { ...world, index }
  const problems = [...resolveInputs(draft, noted), ...resolveControls(draft, noted)]
  entry.problems = [...problems, ...artifacts.problems, ...commandCycles([draft])]
  entry.prefixes = prefixes
  entry.readsOthers = meetsOthers || pack.definition.inputs.artifacts.length > 0
}

/** As it was before anything was found out about it. */
function clear({ seen, phases, controls }: PackDraft): void {
  for (const command of phases.flat()) {
    command.sources = command.plugin ? withModule(seen, command.plugin) : seen
    command.artifacts = []
    command.providers.clear()
    command.predecessors.clear()
  }
  for (const control of controls) control.replace.length = 0
}

/** A plugin sees its own module, whatever the pack's inputs leave out. */
function withModule(files: readonly string[], { module }: PluginRun): readonly string[] {
  return files.includes(module) ? files : [...files, module].toSorted(compareBytes)
}

function sameItems<T>(one: readonly T[], other: readonly T[] | undefined): boolean {
  return one.length === other?.length && one.every((item, at) => item === other[at])
}
