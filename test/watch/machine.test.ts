import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FilePlace } from '../../src/model/watcher.ts'
import { MANY, SAVE, SETTLE, WatchMachine, type WatchEffect, type WatchEvent } from '../../src/watch/machine.ts'

const place = (name: string, moved = false): WatchEvent => ({ type: 'place', place: { folder: 'a', name, moved } })
const due: WatchEvent = { type: 'due' }
const looked = (found: 'nothing' | 'halfway' | 'changes'): WatchEvent => ({ type: 'looked', found })
const validated: WatchEvent = { type: 'validated' }

/** Steps at the times given, and what each led to. */
function run(machine: WatchMachine, ...steps: readonly (readonly [number, WatchEvent])[]): readonly WatchEffect[] {
  return steps.flatMap(([now, event]) => machine.step(event, now))
}

const look = (names: readonly (readonly [string, boolean])[], patient = true): WatchEffect => ({
  do: 'look',
  places: names.map(([name, moved]): FilePlace => ({ folder: 'a', name, moved })),
  patient,
})

describe('a save', () => {
  it('is looked at once, when nothing more is told', () => {
    const machine = new WatchMachine()
    const told = run(machine, [0, place('4913', true)], [1, place('task.yml', true)], [3, place('task.yml')])
    expect(told).toEqual(Array.from({ length: 3 }, () => ({ do: 'wait', ms: SETTLE })))
    expect(run(machine, [3 + SETTLE, due])).toEqual([
      look([
        ['4913', true],
        ['task.yml', true],
      ]),
    ])
    expect(run(machine, [12, looked('changes')])).toEqual([{ do: 'validate', asked: false }])
    expect(run(machine, [30, validated])).toEqual([])
  })

  it('that changes nothing validates nothing', () => {
    expect(run(new WatchMachine(), [0, place('x')], [8, due], [9, looked('nothing')]).slice(2)).toEqual([])
  })

  it('that is halfway is waited for, but not for ever', () => {
    const machine = new WatchMachine()
    run(machine, [0, place('task.yml', true)], [8, due])
    const [wait, ...none] = run(machine, [9, looked('halfway')])
    expect([wait?.do, none]).toEqual(['wait', []])
    // The other half arrives, and what was halfway is looked at with it.
    expect(run(machine, [20, place('x')])).toEqual([{ do: 'wait', ms: SETTLE }])
    const both = [
      ['task.yml', true],
      ['x', false],
    ] as const
    expect(run(machine, [28, due])).toEqual([look(both)])
    const [rest] = run(machine, [29, looked('halfway')])
    expect(rest?.do === 'wait' && rest.ms).toBe(9 + (wait?.do === 'wait' ? wait.ms : 0) - 29)
    expect(run(machine, [60, due])).toEqual([look(both, false)])
    expect(run(machine, [61, looked('changes')])).toEqual([{ do: 'validate', asked: false }])
  })

  it('during a look or a validation is settled afterwards', () => {
    const machine = new WatchMachine()
    run(machine, [0, place('x')], [8, due], [9, looked('changes')])
    expect(run(machine, [10, place('y')])).toEqual([])
    expect(run(machine, [20, validated])).toEqual([{ do: 'wait', ms: SETTLE }])
    expect(run(machine, [28, due])).toEqual([look([['y', false]])])
  })

  it('is looked at before long, even if somebody never stops writing', () => {
    const machine = new WatchMachine()
    for (let now = 0; now < 1000; now += 4) {
      const [effect] = machine.step(place('log'), now)
      if (effect?.do === 'wait' && effect.ms === 0) return
    }
    expect.fail('it waits for ever')
  })
})

describe('many changes', () => {
  it('are one look everywhere', () => {
    const machine = new WatchMachine()
    let last: readonly WatchEffect[] = []
    for (let count = 0; count < 20_000; count++) last = machine.step(place(`f${count}`, true), count / 100)
    const [wait] = last
    // A branch that is switched takes longer from file to file.
    expect(wait).toMatchObject({ do: 'wait' })
    expect(wait?.do === 'wait' && wait.ms > SETTLE).toBe(true)
    expect(run(machine, [300, due])).toEqual([{ do: 'look', places: 'everywhere', patient: true }])
    expect(run(machine, [301, looked('changes')])).toEqual([{ do: 'validate', asked: false }])
    expect(run(machine, [900, validated])).toEqual([])
  })

  it('are waited for until they end, and so is what is found in new folders', () => {
    const machine = new WatchMachine()
    const waits = Array.from({ length: SAVE + 3 }, (_, count) => machine.step(place(`f${count}`, true), count)[0])
    const times = waits.map((wait) => (wait?.do === 'wait' ? wait.ms : NaN))
    expect(times.slice(0, SAVE)).toEqual(Array.from({ length: SAVE }, () => SETTLE))
    expect(Math.min(...times.slice(SAVE))).toBeGreaterThan(SETTLE * 5)
    run(machine, [120, due], [121, looked('changes')], [130, validated])
    const [later] = machine.step({ type: 'watched', folder: 'f1' }, 140)
    expect(later).toEqual({ do: 'wait', ms: times.at(-1) })
    const [muchLater] = run(machine, [240, due], [241, looked('nothing')], [2000, place('x')]).slice(-1)
    expect(muchLater).toEqual({ do: 'wait', ms: SETTLE })
  })

  it('are seen to be many however slowly they come', () => {
    const machine = new WatchMachine()
    const times: number[] = []
    for (let count = 0; count < SAVE + 3; count++) {
      const told = run(machine, [count * 90, place(`f${count}`, true)])
      times.push(...told.flatMap((effect) => (effect.do === 'wait' ? [effect.ms] : [])))
      run(machine, [count * 90 + 8, due], [count * 90 + 9, looked('changes')], [count * 90 + 30, validated])
    }
    expect(times.slice(0, SAVE)).toEqual(Array.from({ length: SAVE }, () => SETTLE))
    expect(Math.min(...times.slice(SAVE))).toBeGreaterThan(SETTLE * 5)
  })

  it('of folders that are watched from now on are looked at one by one', () => {
    const machine = new WatchMachine()
    for (let count = 0; count <= MANY * 2; count++) machine.step({ type: 'watched', folder: `f${count}` }, 0)
    const [effect] = machine.step(due, 8)
    expect(effect?.do === 'look' && effect.places.length).toBe(MANY * 2 + 1)
  })
})

describe('whoever asks', () => {
  it('gets a verdict at once, whether or not anything has changed', () => {
    const machine = new WatchMachine()
    const told = run(machine, [0, { type: 'doubt' }], [0, { type: 'ask' }], [1, looked('nothing')])
    expect(told.slice(1)).toEqual([
      { do: 'look', places: 'everywhere', patient: false },
      { do: 'validate', asked: true },
    ])
  })

  it('gets it after the one that is under way', () => {
    const machine = new WatchMachine()
    run(machine, [0, place('x')], [8, due], [9, looked('changes')])
    expect(run(machine, [10, { type: 'ask' }])).toEqual([])
    expect(run(machine, [20, validated], [21, looked('nothing')])).toEqual([
      { do: 'look', places: [], patient: false },
      { do: 'validate', asked: true },
    ])
  })
})

describe('whatever comes when', () => {
  it('every place that is told is looked at after it was told, and it always comes to rest', () => {
    const event = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c').map((name) => place(name)) },
      { weight: 1, arbitrary: fc.constantFrom<WatchEvent>({ type: 'doubt' }, { type: 'ask' }) },
      { weight: 6, arbitrary: fc.constant('answer' as const) },
    )
    const answers = fc.infiniteStream(fc.constantFrom('nothing' as const, 'halfway' as const, 'changes' as const))
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), answers, (events, found) => {
        const world = new World()
        for (const one of events) {
          if (one === 'answer') world.answer(found.next().value)
          else world.tell(one)
        }
        for (let left = 0; left < 20 && world.isBusy; left++) world.answer('nothing')
        expect(world.isBusy).toBe(false)
        expect([...world.unseen]).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})

/** Answers whatever the machine wants, one thing at a time. */
class World {
  readonly unseen = new Set<string>()
  readonly #machine = new WatchMachine()
  #open: WatchEffect | null = null
  #seen: readonly string[] = []
  #now = 0

  get isBusy(): boolean {
    return this.#open !== null
  }

  tell(event: WatchEvent): void {
    if (event.type === 'place') this.unseen.add(event.place.name)
    this.#take(this.#machine.step(event, this.#now++))
  }

  answer(found: 'nothing' | 'halfway' | 'changes'): void {
    const open = this.#open
    this.#open = null
    switch (open?.do) {
      case undefined:
        return
      case 'wait':
        return this.#take(this.#machine.step(due, this.#now++))
      case 'validate':
        return this.#take(this.#machine.step(validated, this.#now++))
      case 'look': {
        const answer = found === 'halfway' && !open.patient ? 'changes' : found
        if (answer !== 'halfway') for (const name of this.#seen) this.unseen.delete(name)
        return this.#take(this.#machine.step(looked(answer), this.#now++))
      }
    }
  }

  #take(effects: readonly WatchEffect[]): void {
    for (const effect of effects) {
      // Only a wait is replaced; a look or a validation is answered first.
      if (this.#open && this.#open.do !== 'wait') throw new Error(`${effect.do} while ${this.#open.do} is under way`)
      this.#open = effect
      if (effect.do === 'look') {
        this.#seen = effect.places === 'everywhere' ? [...this.unseen] : effect.places.map(({ name }) => name)
      }
    }
  }
}
