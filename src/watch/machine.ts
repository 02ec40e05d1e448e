import type { FilePlace } from '../model/watcher.ts'

/*
 *            place, watched, doubt                  due
 *   resting ──────────────────────▶ settling ─────────────────▶ looking
 *      ▲                             ▲    ▲  place: once more       │
 *      │                             │    └─────────────────────────┤ halfway: in the middle of a save, once
 *      │      validated, and places  │                              │
 *      ├─────────────────────────────┤                      changes │ nothing (then back to resting)
 *      │                             │                              ▼
 *      └──────────────────────────── validating ◀───────────────────┘
 *
 * What comes while it is looking or validating is settled afterwards. `ask` validates even where nothing has changed.
 */

/** What has to be looked at again. */
export type Places = readonly FilePlace[] | 'everywhere'

export type WatchEvent =
  | { readonly type: 'place'; readonly place: FilePlace }
  /** A folder is watched from now on, and may have changed before. */
  | { readonly type: 'watched'; readonly folder: string }
  /** Anything may have changed without being told. */
  | { readonly type: 'doubt' }
  /** Somebody wants a verdict whether or not anything has changed. */
  | { readonly type: 'ask' }
  /** The time of the last `wait` is over. */
  | { readonly type: 'due' }
  | { readonly type: 'looked'; readonly found: 'nothing' | 'halfway' | 'changes' }
  | { readonly type: 'validated' }

export type WatchEffect =
  /** Gives `due` after so many milliseconds; an earlier `wait` is off. */
  | { readonly do: 'wait'; readonly ms: number }
  /** Compares the places with what is known, and gives `looked`; `halfway` only where `patient`, and then nothing was kept. */
  | { readonly do: 'look'; readonly places: Places; readonly patient: boolean }
  /** Gives `validated`. `asked`: to be shown in any case. */
  | { readonly do: 'validate'; readonly asked: boolean }

/** Times in milliseconds. */
export const SETTLE = 8
/** How long a file that is gone or empty may be in the middle of being saved. */
const PATIENCE = 50
/** Somebody who never stops writing is not waited for. */
const LONGEST = 400

/** Telling of more places is no save any more, but a branch that is switched or a folder that is copied: its end is waited for. */
export const SAVE = 12
/** What comes after a longer pause is something else. */
const PAUSE = 100
const SETTLE_BURST = 100
const LONGEST_BURST = 2000
/** How long after a burst more of it may be found, in folders that nobody watched when they were filled. */
const AFTERMATH = 500
/** With so many places, to look everywhere takes no longer. */
export const MANY = 300

interface Pending {
  /** By folder and name; `null`: everywhere. */
  places: Map<string, FilePlace> | null
  asked: boolean
  since: number
  /** How many places were told of. */
  told: number
}

type Phase = 'resting' | 'settling' | 'looking' | 'validating'

/** Decides when to look at what. It knows neither files nor timers; the time is told. */
export class WatchMachine {
  #phase: Phase = 'resting'
  #pending: Pending | null = null
  /** What is being looked at. */
  #at: Pending | null = null
  /** Until when what is halfway is waited for; `null`: nothing was. */
  #patience: number | null = null
  readonly #rush = new Rush()

  step(event: WatchEvent, now: number): readonly WatchEffect[] {
    switch (event.type) {
      case 'place':
      case 'watched':
      case 'doubt':
      case 'ask':
        if (event.type === 'place') this.#rush.hear(event.place, now)
        this.#pending = gather(this.#pending, event, now)
        return this.#phase === 'resting' || this.#phase === 'settling' ? this.#settle(now) : []
      case 'due':
        return this.#phase === 'settling' ? this.#look(now) : []
      case 'looked':
        return this.#phase === 'looking' ? this.#looked(event.found, now) : []
      case 'validated':
        return this.#phase === 'validating' ? this.#rest(now) : []
    }
  }

  #settle(now: number): readonly WatchEffect[] {
    const pending = this.#pending
    if (!pending) return []
    this.#phase = 'settling'
    if (pending.asked) return this.#look(now)
    const burst = this.#rush.isOn(now)
    const latest = pending.since + (burst ? LONGEST_BURST : LONGEST)
    return [{ do: 'wait', ms: Math.max(0, Math.min(burst ? SETTLE_BURST : SETTLE, latest - now)) }]
  }

  #look(now: number): readonly WatchEffect[] {
    this.#at = this.#pending
    this.#pending = null
    if (!this.#at) return this.#restNow()
    this.#phase = 'looking'
    return [{ do: 'look', places: placesOf(this.#at), patient: now < (this.#patience ?? Infinity) && !this.#at.asked }]
  }

  #looked(found: 'nothing' | 'halfway' | 'changes', now: number): readonly WatchEffect[] {
    const at = this.#at
    if (found === 'halfway' && at) {
      this.#patience ??= now + PATIENCE
      this.#pending = merge(at, this.#pending)
      this.#phase = 'settling'
      return [{ do: 'wait', ms: Math.max(0, this.#patience - now) }]
    }
    this.#patience = null
    if (found === 'nothing' && !at?.asked) return this.#rest(now)
    this.#phase = 'validating'
    return [{ do: 'validate', asked: at?.asked ?? false }]
  }

  #rest(now: number): readonly WatchEffect[] {
    this.#at = null
    this.#restNow()
    return this.#settle(now)
  }

  #restNow(): readonly WatchEffect[] {
    this.#phase = 'resting'
    return []
  }
}

/** Whether more than a save is going on, however slowly it goes. */
class Rush {
  readonly #places = new Set<string>()
  #heard = -Infinity
  #until = -Infinity

  hear(place: FilePlace, now: number): void {
    if (now - this.#heard > PAUSE) this.#places.clear()
    this.#heard = now
    if (this.#places.size <= SAVE) this.#places.add(keyOf(place))
    if (this.#places.size > SAVE || this.isOn(now)) this.#until = now + AFTERMATH
  }

  isOn(now: number): boolean {
    return now < this.#until
  }
}

function keyOf({ folder, name }: FilePlace): string {
  return `${folder}/${name}`
}

function gather(
  pending: Pending | null,
  event: Extract<WatchEvent, { type: 'place' | 'watched' | 'doubt' | 'ask' }>,
  now: number,
): Pending {
  const kept = pending ?? { places: new Map(), asked: false, since: now, told: 0 }
  if (event.type === 'ask') kept.asked = true
  if (event.type === 'doubt') kept.places = null
  if (event.type === 'watched') add({ folder: event.folder, name: '', moved: true }, kept.places)
  if (event.type === 'place') {
    if (add(event.place, kept.places)) kept.told++
    if (kept.told > MANY) kept.places = null
  }
  return kept
}

/** Gives whether it was not there yet. */
function add(place: FilePlace, places: Map<string, FilePlace> | null): boolean {
  const key = keyOf(place)
  const isNew = places?.has(key) === false
  if (isNew || place.moved) places?.set(key, place)
  return isNew
}

/** What was to be looked at before comes first, and it has waited longer. */
function merge(earlier: Pending, later: Pending | null): Pending {
  if (!later) return earlier
  const places = earlier.places && later.places ? new Map(earlier.places) : null
  if (places && later.places) for (const place of later.places.values()) add(place, places)
  return {
    places,
    asked: earlier.asked || later.asked,
    since: earlier.since,
    told: earlier.told + later.told,
  }
}

function placesOf({ places }: Pending): Places {
  return places ? [...places.values()] : 'everywhere'
}
