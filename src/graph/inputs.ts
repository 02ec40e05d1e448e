import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import type { ActionId, ArtifactMount } from '../model/graph.ts'
import { compareBytes } from '../model/order.ts'
import { placeOf, type PackId, type ResolvedPack } from '../model/pack.ts'
import { scopePatterns } from './changes.ts'
import type { CommandPhase, Draft, Output, PackDraft } from './draft.ts'
import type { OutputIndex } from './outputs.ts'
import { normalPath, overlaps, parsePattern, type Pattern } from './pattern.ts'
import { isExcluded, parseSelection, select } from './selection.ts'

/** What the inputs of one pack are resolved against. */
export interface World {
  readonly index: Pick<OutputIndex, 'near'>
  readonly packs: ReadonlyMap<PackId, PackDraft>
  /** Folders of all packs. */
  readonly dirs: ReadonlySet<string>
  /** Whether the first pack needs the second, directly or through others. */
  readonly needs: (pack: PackId, other: PackId) => boolean
  /** Patterns of the pack and other packs, in pairs, whose missing order was reported. */
  readonly unordered: Set<string>
}

const PHASE_ORDER: readonly CommandPhase[] = ['steps', 'format', 'lint', 'tests', 'plugin']

/** Finds what every command of a pack reads, and by that which commands come before which. */
export function resolveInputs(draft: PackDraft, world: World): Diagnostic[] {
  const problems: Diagnostic[] = []
  const pack = draft.pack
  const artifacts = artifactsOf(pack, world, problems)
  const steps = draft.phases.flat().filter(({ phase }) => phase === 'steps')
  const providers = packProviders(draft, world, problems)
  for (const phase of draft.phases) {
    const byId = new Map(phase.map((command) => [command.command.id, command]))
    for (const command of phase) {
      addNeeds(command, byId, problems)
      command.artifacts = artifacts
      if (command.command.files === null) providers.forEach((provider) => command.providers.add(provider))
      else narrow(command, world, problems)
      const { agent } = command.command
      if (agent) command.sources = withFile(command.sources, normalPath(pack.dir, agent.prompt))
      for (const earlier of seenBy(command, { draft, steps }))
        if (earlier.outputs.length > 0) command.providers.add(earlier)
    }
  }
  return problems
}

/** The commands of its pack whose outputs a command sees in any case: a plugin those of all. */
function seenBy(
  command: Draft,
  { draft, steps }: { readonly draft: PackDraft; readonly steps: readonly Draft[] },
): Iterable<Draft> {
  if (command.plugin) return draft.phases.flat().filter(({ phase }) => phase !== 'plugin')
  return command.phase === 'steps' ? command.predecessors.keys() : [...steps, ...command.predecessors.keys()]
}

function artifactsOf(pack: ResolvedPack, { packs }: World, problems: Diagnostic[]): readonly ArtifactMount[] {
  return pack.definition.inputs.artifacts.map(({ from, path, as }, place) => {
    const producer = packs.get(from)
    const producers = producer ? producersOf(producer, path) : []
    if (producer && producers.length === 0) {
      const produced = producer.phases.flat().flatMap(({ command }) => command.outputs)
      const location = placeOf(pack, `/inputs/artifacts/${place}/path`)
      problems.push(diagnostic('artifact-not-produced', location, { from, path, produced }))
    }
    return { from, path: normalPath(producer?.pack.dir ?? '', path), as: normalPath(pack.dir, as), producers }
  })
}

/** The commands that make a path of their pack. A required file that none makes is handed on by the gate. */
function producersOf({ pack, phases, gates }: PackDraft, path: string): readonly ActionId[] {
  const wanted = parsePattern(pack.dir, path)
  const makers = phases.flat().filter(({ outputs }) => outputs.some(({ pattern }) => overlaps(wanted, pattern)))
  if (makers.length > 0) return makers.map(({ id }) => id)
  const { required } = pack.definition.artifacts
  const isKept =
    pack.files.includes(wanted.prefix) && required.some((kept) => normalPath(pack.dir, kept) === wanted.prefix)
  return isKept ? [gates.artifacts] : []
}

function addNeeds(draft: Draft, byId: ReadonlyMap<string, Draft>, problems: Diagnostic[]): void {
  for (const [place, need] of draft.command.needs.entries()) {
    const earlier = byId.get(need)
    if (earlier) draft.predecessors.set(earlier, 'needs')
    else if (draft.phase === 'steps') {
      const location = placeOf(draft.pack, `${draft.command.pointer}/needs/${place}`)
      problems.push(diagnostic('missing-need', location, { need, suggestion: null, scope: 'step' }))
    }
  }
}

/** What an agent is asked to do is an input, be it among those that were asked for or not. */
function withFile(sources: readonly string[], file: string): readonly string[] {
  return sources.includes(file) ? sources : [...sources, file].toSorted(compareBytes)
}

/** Actions of other packs whose outputs the pack's own patterns take, for the commands that do not narrow them. */
function packProviders({ pack, phases }: PackDraft, world: World, problems: Diagnostic[]): ReadonlySet<Draft> {
  const providers = new Set<Draft>()
  const first = phases.flat().find(({ command }) => command.files === null)
  if (!first) return providers
  const selection = parseSelection(pack.dir, pack.definition.inputs.files)
  for (const { pattern, place } of selection.includes) {
    const reader = { pack, action: first.id, pointer: '/inputs/files', pattern, place, world }
    for (const output of world.index.near(pattern.prefix)) {
      if (output.draft.pack === pack || !meets(output, reader) || isExcluded(selection, pattern, output.pattern))
        continue
      if (isOrdered(output, reader, problems)) providers.add(output.draft)
    }
  }
  return providers
}

function narrow(draft: Draft, world: World, problems: Diagnostic[]): void {
  const { pack, command } = draft
  const pointer = `${command.pointer}/inputs/files`
  const selection = parseSelection(pack.dir, command.files ?? [])
  const { packs } = world
  const sources = select(selection, packs.get(pack.definition.id)?.seen ?? pack.files)
  const mounts = draft.artifacts.map((mount) => ({ mount, place: parsePattern('', placeOfMount(mount)) }))
  const taken = new Set<ArtifactMount>()
  draft.sources = draft.phase === 'steps' ? withScope(sources.taken, pack) : sources.taken
  const changing = changingFor(pack, world)
  for (const { pattern, place } of selection.includes) {
    const reader = { pack, action: draft.id, pointer, pattern, place, world }
    const mounted = mounts.filter((each) => overlaps(pattern, each.place))
    for (const each of mounted) if (!isExcluded(selection, pattern, each.place)) taken.add(each.mount)
    let found = sources.matched.has(pattern) || mounted.length > 0 || changing.some((scope) => overlaps(pattern, scope))
    for (const output of world.index.near(pattern.prefix)) {
      if (output.draft === draft || !meets(output, reader)) continue
      found = isExcluded(selection, pattern, output.pattern) || takeOutput(draft, output, { reader, problems }) || found
    }
    if (!found) problems.push(nothingMatched(reader))
  }
  draft.artifacts = draft.artifacts.filter((mount) => taken.has(mount))
}

/** A step sees what it may change, whatever else it says. */
function withScope(sources: readonly string[], { scope }: ResolvedPack): readonly string[] {
  return scope ? [...new Set([...sources, ...scope.files])].toSorted(compareBytes) : sources
}

/** The scopes in which files may be made before a command of the pack starts. */
function changingFor(pack: ResolvedPack, { packs, needs }: World): readonly Pattern[] {
  const { id } = pack.definition
  return [...packs.values()].flatMap(({ pack: other }) =>
    other.scope && (other === pack || needs(id, other.definition.id)) ? scopePatterns(other) : [],
  )
}

/** Where an artifact is seen, with a trailing `/` where it is a folder. */
export function placeOfMount({ path, as }: ArtifactMount): string {
  return path.endsWith('/') && !as.endsWith('/') ? `/${as}/` : `/${as}`
}

/** Makes the output an input of the command; false where it can't be, because it is made later. */
function takeOutput(draft: Draft, output: Output, context: { reader: Reader; problems: Diagnostic[] }): boolean {
  const producer = output.draft
  if (producer.pack !== draft.pack) {
    if (isOrdered(output, context.reader, context.problems)) draft.providers.add(producer)
    return true
  }
  if (PHASE_ORDER.indexOf(producer.phase) > PHASE_ORDER.indexOf(draft.phase)) return false
  draft.providers.add(producer)
  if (producer.phase === draft.phase && !draft.predecessors.has(producer)) draft.predecessors.set(producer, 'output')
  return true
}

/** A pattern of a pack does not reach into the folder of a pack within its own, unless it names that folder. */
function meets(output: Output, { pack, pattern, world }: Reader): boolean {
  if (!overlaps(pattern, output.pattern)) return false
  if (pattern.rooted || output.draft.pack === pack) return true
  const { prefix } = output.pattern
  for (let end = prefix.lastIndexOf('/'); end > pack.dir.length; end = prefix.lastIndexOf('/', end - 1)) {
    const dir = prefix.slice(0, end)
    if (world.dirs.has(dir)) return pattern.prefix.startsWith(`${dir}/`)
  }
  return true
}

/** One pattern, with who reads through it. */
interface Reader {
  readonly pack: ResolvedPack
  readonly action: ActionId
  /** JSON pointer of the list that holds the pattern. */
  readonly pointer: string
  readonly pattern: Pattern
  readonly place: number
  readonly world: World
}

/**
 * Whether the output is made before the reader runs. Complains, once per pattern and pack, where nothing orders the
 * two.
 */
function isOrdered(output: Output, reader: Reader, problems: Diagnostic[]): boolean {
  const consumer = reader.pack.definition.id
  const producer = output.draft.pack.definition.id
  if (reader.world.needs(consumer, producer)) return true
  const written = `${reader.pointer}/${reader.place}`
  const complaint = JSON.stringify([consumer, written, producer])
  if (reader.world.unordered.has(complaint) || reader.world.needs(producer, consumer)) return false
  reader.world.unordered.add(complaint)
  const location = placeOf(reader.pack, written)
  const related = [{ location: placeOf(output.draft.pack, output.pointer), note: output.draft.id }]
  const facts = { input: reader.pattern.text, action: reader.action, producer: output.draft.id, need: producer }
  problems.push(diagnostic('unordered-input', location, facts, { related }))
  return false
}

function nothingMatched({ pack, pointer, pattern, place }: Reader): Diagnostic {
  const folder = `${pattern.prefix.replace(/\/$/, '')}/`
  const isFolder = pattern.kind === 'literal' && pack.files.some((file) => file.startsWith(folder))
  const suggestion = isFolder ? `${pattern.text}/**` : sameName(pack, pattern)
  return diagnostic('glob-matches-nothing', placeOf(pack, `${pointer}/${place}`), { glob: pattern.text, suggestion })
}

/** A file of the pack with the same name in another folder, as its author would write it. */
function sameName(pack: ResolvedPack, pattern: Pattern): string | null {
  const name = pattern.prefix.slice(pattern.prefix.lastIndexOf('/') + 1)
  if (pattern.kind !== 'literal') return null
  const file = pack.files.find((path) => path.slice(path.lastIndexOf('/') + 1) === name)
  if (file === undefined) return null
  if (pack.dir === '') return file
  return file.startsWith(`${pack.dir}/`) ? file.slice(pack.dir.length + 1) : `/${file}`
}
