import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesAround, firstDifference } from '../../src/run/first-difference.ts'

/** The same bytes in pieces that end at the given places. */
function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b)
  return [0, ...ends].map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length))
}

const text = (content: string): Uint8Array[] => [Buffer.from(content)]

describe('the first difference', () => {
  it('is the first byte that differs, with both bytes and the line', () => {
    expect(firstDifference(text('one\ntwo\nthree'), text('one\ntwo\ntheee'))).toEqual({
      offset: 10,
      line: 3,
      bytes: ['r'.charCodeAt(0), 'e'.charCodeAt(0)],
    })
  })

  it('is the end of the shorter file', () => {
    expect(firstDifference(text('ab'), text('ab\n'))).toEqual({ offset: 2, line: 1, bytes: [null, 0x0a] })
    expect(firstDifference(text('ab\n'), text('ab\nc'))).toEqual({ offset: 3, line: 2, bytes: [null, 0x63] })
    expect(firstDifference([], text('x'))).toEqual({ offset: 0, line: 1, bytes: [null, 0x78] })
  })

  it('has no line in what is no text', () => {
    expect(firstDifference(text('a\0b1'), text('a\0b2'))).toMatchObject({ offset: 3, line: null })
    expect(firstDifference(text('a'), text('\0'))).toMatchObject({ offset: 0, line: null })
  })

  it('is found whatever pieces the bytes come in', () => {
    const some = fc.uint8Array({ maxLength: 60, max: 3 })
    const cuts = fc.array(fc.nat(60), { maxLength: 8 })
    fc.assert(
      fc.property(some, some, cuts, cuts, (left, right, leftCuts, rightCuts) => {
        const at = [...left, -1].findIndex((byte, index) => byte !== (right[index] ?? -1))
        const bytes = [left[at] ?? null, right[at] ?? null]
        const whole = firstDifference([left], [right])
        expect(firstDifference(pieces(left, leftCuts), pieces(right, rightCuts))).toEqual(whole)
        expect(whole && { at: whole.offset, bytes: whole.bytes }).toEqual(at === -1 ? null : { at, bytes })
      }),
    )
  })

  it('is shown with what is around it, cut at the ends', () => {
    const bytes = fc.uint8Array({ maxLength: 60 })
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(60)), fc.nat(60), fc.nat(20), (all, cuts, at, reach) => {
        const around = bytesAround(pieces(all, cuts), at, reach)
        expect(around).toEqual(Buffer.from(all.subarray(Math.max(0, at - reach), at + reach)))
      }),
    )
  })
})
