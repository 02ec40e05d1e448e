import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineFinder, windowsOf, type TextWindow, type WindowSizes } from '../../src/run/secret-windows.ts'

const SIZES: WindowSizes = { step: 16, before: 3, after: 5 }

/** A text in pieces of any size. */
const chunked = fc
  .tuple(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat(400), { maxLength: 20 }))
  .map(([bytes, cuts]) => {
    const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted((a, b) => a - b)
    return { bytes, chunks: places.slice(1).map((end, index) => bytes.subarray(places[index], end)) }
  })

function own({ text, from, to }: TextWindow): string {
  return text.slice(from, to)
}

const ascii = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(Math.min(byte, 127))).join('')

describe('the windows of a text', () => {
  it('have each byte as their own once, in order, whatever the pieces are', () => {
    fc.assert(
      fc.property(chunked, ({ bytes, chunks }) => {
        expect([...windowsOf(chunks, SIZES)].map(own).join('')).toBe(ascii(bytes))
      }),
    )
  })

  it('show what is before and behind their own part, and no more than they may', () => {
    fc.assert(
      fc.property(chunked, ({ bytes, chunks }) => {
        const text = ascii(bytes)
        let at = 0
        for (const window of windowsOf(chunks, SIZES)) {
          const start = at - window.from
          expect(text.slice(start, start + window.text.length)).toBe(window.text)
          expect(window.from).toBe(Math.min(at, SIZES.before))
          const end = start + window.text.length
          expect(end === text.length || window.text.length - window.to === SIZES.after).toBe(true)
          expect(window.text.length).toBeLessThanOrEqual(SIZES.before + SIZES.step + SIZES.after)
          at += window.to - window.from
        }
      }),
    )
  })

  it('know the lines that they show', () => {
    const line = fc.constantFrom(0x61, 0x0a)
    fc.assert(
      fc.property(fc.array(line, { maxLength: 200 }), fc.nat(199), (codes, at) => {
        fc.pre(at < codes.length)
        const bytes = Uint8Array.from(codes)
        let before = 0
        for (const window of windowsOf([bytes], SIZES)) {
          const offset = at - before + window.from
          before += window.to - window.from
          if (offset < window.from || offset >= window.to) continue
          expect(lineFinder(window)(offset)).toBe(codes.slice(0, at).filter((code) => code === 0x0a).length + 1)
        }
      }),
    )
  })

  it('say whether there is only one', () => {
    const wholes = (length: number): readonly boolean[] =>
      [...windowsOf([new Uint8Array(length)], SIZES)].map(({ whole }) => whole)
    expect(wholes(0)).toEqual([])
    expect(wholes(21)).toEqual([true])
    expect(wholes(22)).toEqual([false, false])
  })
})
