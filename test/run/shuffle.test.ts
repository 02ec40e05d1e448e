import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes } from '../../src/model/order.ts'
import { shuffledPriority } from '../../src/run/shuffle.ts'
import { commandAction } from '../support/actions.ts'

const ids = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => `p:steps/${id}`)

function orderOf(seed: string, given: readonly string[] = ids): string {
  const priority = shuffledPriority(
    given.map((id) => commandAction(id)),
    seed,
  )
  const ranked = given.toSorted((a, b) => (priority.get(b) ?? 0) - (priority.get(a) ?? 0) || compareBytes(a, b))
  return ranked.map((id) => id.at(-1)).join('')
}

describe('a shuffled order', () => {
  it('belongs to its seed, on every machine', () => {
    expect([orderOf('1'), orderOf('2'), orderOf('x')]).toEqual([orderOf('1'), orderOf('2'), orderOf('x')])
    expect(orderOf('1')).toMatchInlineSnapshot(`"daecfb"`)
  })

  it('takes every order there is', () => {
    const three = ids.slice(0, 3)
    expect(new Set(Array.from({ length: 100 }, (_, seed) => orderOf(String(seed), three))).size).toBe(6)
  })

  it('is that of the others where an action is added', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        expect(orderOf(seed).replace('f', '')).toBe(orderOf(seed, ids.slice(0, -1)))
      }),
    )
  })
})
