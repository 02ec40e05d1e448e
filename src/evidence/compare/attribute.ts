import type { FromTo, OwnChange, Side, Subject } from '../../model/difference.ts'
import type { Digest } from '../../model/digest.ts'
import type { PackId } from '../../model/pack.ts'
import type { RunView, ViewedAction } from '../../model/run-view.ts'

/** Says of which one thing a change of an action is a part. */
export type Attribute = (action: Pick<ViewedAction, 'id' | 'pack'>, change: OwnChange) => Subject

export function createAttribution(from: RunView, to: RunView): Attribute {
  const facts = factsOf(from, to)
  return (action, change) => {
    const plugin = isTouched(action) ? pluginSubject(action.pack, facts) : null
    if (plugin && FOLLOWS.has(change.kind)) return plugin
    switch (change.kind) {
      case 'file':
        return fileSubject(change, facts)
      case 'mode':
      case 'guarantees':
      case 'stopped':
      case 'unreadable':
      case 'unexplained':
        return change.kind === 'guarantees' ? guaranteesSubject(facts) : change
      case 'outcome':
        return { ...change, kind: 'nondeterminism', action: action.id }
      case 'variable':
        return isPassed(action.pack, change.name, facts) ? change : declaredSubject(action.pack, facts)
      case 'tool':
      case 'mount':
        return machineSubject(change) ?? declaredSubject(action.pack, facts)
      case 'field':
        return facts.codex ?? UNEXPLAINED
      case 'added':
      case 'removed':
        return singleSubject(action.pack, change.kind === 'added' ? 'to' : 'from', facts)
      default:
        return declaredSubject(action.pack, facts)
    }
  }
}

/** In what an action may differ only because its pack's plugin runs, or is judged otherwise. */
const FOLLOWS: ReadonlySet<OwnChange['kind']> = new Set(['added', 'removed', 'artifacts', 'needs', 'field', 'outcome'])

function isTouched({ id, pack }: Pick<ViewedAction, 'id' | 'pack'>): boolean {
  return id.startsWith(`${pack}:plugin/`) || id.startsWith(`${pack}:gate/`)
}

/** `null`: the same became of the plugin, or the pack has none in one of the runs. */
function pluginSubject(pack: PackId, { from, to }: Facts): Subject | null {
  const [before, after] = [from, to].map(({ packs }) => packs.find(({ id }) => id === pack)?.plugin)
  if (before === undefined || after === undefined || before === after) return null
  return { kind: 'plugin', pack, from: before, to: after }
}

const UNEXPLAINED: Subject = { kind: 'unexplained' }

interface Facts {
  readonly from: RunView
  readonly to: RunView
  readonly definitions: ReadonlyMap<PackId, FromTo<Digest | null>>
  /** The packs whose task.yml was the first of two digests and is the second, by both. */
  readonly byDigests: ReadonlyMap<string, PackId>
  readonly codex: Subject | null
}

function factsOf(from: RunView, to: RunView): Facts {
  const definitions = new Map<PackId, FromTo<Digest | null>>()
  for (const { id, definition } of from.packs) definitions.set(id, { from: definition, to: null })
  for (const { id, definition } of to.packs) {
    definitions.set(id, { from: definitions.get(id)?.from ?? null, to: definition })
  }
  const changed = [...definitions].filter(([, digests]) => digests.from !== digests.to)
  const byDigests = new Map(changed.map(([id, digests]) => [`${digests.from} ${digests.to}`, id]))
  return { from, to, definitions, byDigests, codex: codexSubject(from, to) }
}

function codexSubject({ tool: from }: RunView, { tool: to }: RunView): Subject | null {
  if (from.name === to.name && from.version === to.version) return null
  return { kind: 'codex', from: `${from.name} ${from.version}`, to: `${to.name} ${to.version}` }
}

function guaranteesSubject({ from, to }: Pick<Facts, 'from' | 'to'>): Subject {
  return { kind: 'guarantees', from: from.guarantees, to: to.guarantees }
}

function fileSubject(change: Extract<OwnChange, { kind: 'file' }>, facts: Facts): Subject {
  const pack = facts.byDigests.get(`${change.from} ${change.to}`)
  const isTask = change.path === 'task.yml' || change.path.endsWith('/task.yml')
  const definition = pack === undefined || !isTask ? null : definitionSubject(pack, facts)
  return definition ?? { ...change, renamed: null }
}

/** A variable that the caller sets is none that a task.yml gives a value. */
function isPassed(pack: PackId, name: string, { from, to, definitions }: Facts): boolean {
  const both = [from.definition(pack), to.definition(pack)]
  const digests = definitions.get(pack)
  return both.every((each) => (each ? each.definition.inputs.env.includes(name) : digests?.from === digests?.to))
}

/** What is declared in both runs and is another on this machine now. */
function machineSubject(change: Extract<OwnChange, { kind: 'tool' | 'mount' }>): Subject | null {
  if (change.kind === 'tool') {
    const { from, to } = change
    return from && to ? { kind: 'tool', name: change.name, from, to } : null
  }
  const { from, to } = change
  return from !== null && to !== null ? { kind: 'mount', path: change.path, from, to } : null
}

function declaredSubject(pack: PackId, facts: Facts): Subject {
  return movedSubject(pack, facts) ?? definitionSubject(pack, facts) ?? facts.codex ?? UNEXPLAINED
}

function movedSubject(pack: PackId, { from, to, definitions }: Facts): Subject | null {
  const digests = definitions.get(pack)
  const [before, after] = [from.definition(pack)?.dir, to.definition(pack)?.dir]
  if (digests?.from !== digests?.to || before === undefined || after === undefined || before === after) return null
  return { kind: 'moved', pack, from: before, to: after }
}

function definitionSubject(
  pack: PackId,
  { from, to, definitions }: Pick<Facts, 'from' | 'to' | 'definitions'>,
): Subject | null {
  const { from: before = null, to: after = null } = definitions.get(pack) ?? {}
  if (before === null || after === null || before === after) return null
  const known = to.definition(pack) ?? from.definition(pack)
  return { kind: 'definition', pack, file: known?.source.file ?? null, from: before, to: after }
}

/** An action of one run only: its pack was not part of the other, or declares it no more, or the other run never came so far. */
function singleSubject(pack: PackId, run: Side, facts: Facts): Subject {
  const other = run === 'from' ? facts.to : facts.from
  const side = run === 'from' ? 'to' : 'from'
  if (other.refusals.length > 0) return { kind: 'refusals', from: facts.from.refusals, to: facts.to.refusals }
  if (other.packs.length === 0) return { kind: 'stopped', run: side, how: 'interrupted' }
  const digests = facts.definitions.get(pack)
  if (digests?.from === null || digests?.to === null) return { kind: 'pack', pack, run }
  return declaredSubject(pack, facts)
}

/** What differs between two runs as a whole, whether or not it enters an action. */
export function runSubjects(from: RunView, to: RunView): readonly Subject[] {
  const facts = factsOf(from, to)
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
  const definitions = [...facts.definitions.keys()].flatMap((pack) => definitionSubject(pack, facts) ?? [])
  return [
    ...(same(from.refusals, to.refusals) ? [] : [{ kind: 'refusals', from: from.refusals, to: to.refusals } as const]),
    ...(facts.codex ? [facts.codex] : []),
    ...(same(from.guarantees, to.guarantees) || !from.guarantees || !to.guarantees ? [] : [guaranteesSubject(facts)]),
    ...definitions,
  ]
}
