import { canonicalJson, type Json } from '../../model/canonical.ts'
import type { Cause, Detail, OwnChange, Subject } from '../../model/difference.ts'
import { sha256 } from '../../model/digest.ts'
import type { ActionId } from '../../model/graph.ts'
import { compareBytes } from '../../model/order.ts'
import type { PackId } from '../../model/pack.ts'
import type { RunView, ViewedAction } from '../../model/run-view.ts'
import { runSubjects, type Attribute } from './attribute.ts'
import { addedRemoved } from './fingerprints.ts'
import { placeOfChange } from './places.ts'

/** An action that is not the same in both runs: by itself, or where `own` is empty only by those in `via`. */
export interface Differing {
  readonly action: ViewedAction
  readonly own: readonly OwnChange[]
  readonly via: readonly ActionId[]
}

export interface CauseContext {
  readonly from: RunView
  readonly to: RunView
  readonly attribute: Attribute
}

interface Growing {
  subject: Subject
  readonly details: Detail[]
  readonly actions: Set<ActionId>
}

/** @param differing in plan order */
export function causesOf(differing: readonly Differing[], context: CauseContext): readonly Cause[] {
  const growing = new Map<string, Growing>()
  const grow = (subject: Subject): Growing => {
    const name = canonicalJson(subject as unknown as Json)
    const known = growing.get(name) ?? { subject, details: [], actions: new Set() }
    growing.set(name, known)
    return known
  }
  for (const subject of runSubjects(context.from, context.to)) {
    const { details } = grow(subject)
    if (subject.kind === 'definition') details.push(...packDetails(subject.pack, context))
  }
  for (const { action, own } of differing) {
    for (const change of own) {
      const cause = grow(context.attribute(action, change))
      cause.actions.add(action.id)
      if (isDetailed(cause.subject, change)) cause.details.push(detailOf(action, change, context))
    }
  }
  const causes = withRenames([...growing.values()])
  const dependents = dependentsOf(differing)
  return inOrder(causes, differing).map(({ subject, details, actions }) => ({
    subject,
    details,
    actions: [...actions],
    followers: followersOf(behind(actions, dependents), differing),
  }))
}

/** The subject tells the rest of them as a whole. */
function isDetailed(subject: Subject, change: OwnChange): boolean {
  if (change.kind === 'file' || change.kind === 'unexplained') return false
  return subject.kind === 'definition' || subject.kind === 'codex' || subject.kind === 'unexplained'
}

function detailOf(action: ViewedAction, change: OwnChange, context: CauseContext): Detail {
  const pack = packFor(action.pack, change, context)
  return { action: action.id, change, place: pack && placeOfChange(pack, action, change) }
}

/** What is gone has its place in the first run only. */
function packFor(id: PackId, change: OwnChange, { from, to }: CauseContext) {
  const [before, after] = [from.definition(id), to.definition(id)]
  return change.kind === 'removed' ? (before ?? after) : (after ?? before)
}

function packDetails(id: PackId, context: CauseContext): readonly Detail[] {
  const [before, after] = [context.from, context.to].map(({ packs }) => packs.find((pack) => pack.id === id))
  return (['needs', 'grants'] as const).flatMap((kind) => {
    const lists = addedRemoved(before?.[kind] ?? [], after?.[kind] ?? [])
    if (lists.added.length + lists.removed.length === 0) return []
    const pack = packFor(id, { kind, ...lists }, context)
    return [{ action: null, change: { kind, ...lists }, place: pack && placeOfChange(pack, null, { kind, ...lists }) }]
  })
}

const EMPTY = sha256('')

/** A file that is gone and one that has come with the same bytes are one file with another name. */
function withRenames(causes: readonly Growing[]): readonly Growing[] {
  const gone = new Map<string, Growing[]>()
  for (const cause of causes.toSorted(byPath)) {
    const { subject } = cause
    if (subject.kind !== 'file' || subject.to !== null || subject.from === null || subject.from === EMPTY) continue
    gone.set(subject.from, [...(gone.get(subject.from) ?? []), cause])
  }
  const merged = new Set<Growing>()
  for (const cause of causes.toSorted(byPath)) {
    const { subject } = cause
    if (subject.kind !== 'file' || subject.from !== null || subject.to === null) continue
    const old = gone.get(subject.to)?.shift()
    if (old?.subject.kind !== 'file') continue
    cause.subject = { ...subject, from: old.subject.from, renamed: old.subject.path }
    for (const action of old.actions) cause.actions.add(action)
    merged.add(old)
  }
  return causes.filter((cause) => !merged.has(cause))
}

function byPath(a: Growing, b: Growing): number {
  return compareBytes(pathOf(a), pathOf(b))
}

function pathOf({ subject }: Growing): string {
  return 'path' in subject ? subject.path : ''
}

/** Those of the run as a whole first, then by the first action, then by name. */
function inOrder(causes: readonly Growing[], differing: readonly Differing[]): readonly Growing[] {
  const rank = new Map(differing.map(({ action }, place) => [action.id, place]))
  const places = new Map(
    causes.map((cause) => {
      const actions = [...cause.actions].toSorted((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0))
      cause.actions.clear()
      for (const action of actions) cause.actions.add(action)
      return [cause, rank.get(actions[0] ?? '') ?? differing.length] as const
    }),
  )
  const isWhole = ({ subject: { kind } }: Growing): boolean =>
    kind === 'codex' || kind === 'guarantees' || kind === 'refusals' || kind === 'stopped'
  const place = (cause: Growing): number => (isWhole(cause) ? -1 : (places.get(cause) ?? 0))
  return causes.toSorted((a, b) => place(a) - place(b) || byPath(a, b) || compareBytes(nameOf(a), nameOf(b)))
}

function nameOf({ subject }: Growing): string {
  return canonicalJson(subject as unknown as Json)
}

/** Who follows whom. */
export function dependentsOf(differing: readonly Differing[]): ReadonlyMap<ActionId, readonly ActionId[]> {
  const dependents = new Map<ActionId, ActionId[]>()
  for (const { action, via } of differing) {
    for (const id of via) {
      const known = dependents.get(id)
      if (known) known.push(action.id)
      else dependents.set(id, [action.id])
    }
  }
  return dependents
}

/** These actions and everybody who follows them, directly or not. */
export function behind(
  actions: Iterable<ActionId>,
  dependents: ReadonlyMap<ActionId, readonly ActionId[]>,
): ReadonlySet<ActionId> {
  const reached = new Set(actions)
  // A set that is being walked also yields what is added on the way.
  for (const id of reached) for (const dependent of dependents.get(id) ?? []) reached.add(dependent)
  return reached
}

/** Those behind the actions of a cause who have no reason of their own. */
function followersOf(reached: ReadonlySet<ActionId>, differing: readonly Differing[]): readonly ActionId[] {
  return differing
    .filter(({ action, own }) => own.length === 0 && reached.has(action.id))
    .map(({ action }) => action.id)
}
