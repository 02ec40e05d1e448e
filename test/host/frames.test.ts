import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameScanner } from '../../src/host/sandbox/frames.ts'

const nonce = 'a1b2c3d4e5f60718293a4b5c6d7e8f90'

function scan(stream: Buffer, cuts: readonly number[]): { output: Buffer; codes: number[] } {
  const [output, codes]: [Buffer[], number[]] = [[], []]
  const scanner = createFrameScanner({
    nonce,
    onOutput: (bytes) => output.push(Buffer.from(bytes)),
    onEnd: (code) => codes.push(code),
  })
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).toSorted((a, b) => a - b), stream.length]
  for (const [index, from] of places.entries()) scanner.push(stream.subarray(from, places[index + 1] ?? stream.length))
  scanner.flush()
  return { output: Buffer.concat(output), codes }
}

/** Bytes that look like a mark more often than chance would have it. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((part) => Buffer.from(part)),
      fc.nat({ max: nonce.length }).map((length) => Buffer.from(nonce.slice(0, length))),
      fc.constantFrom('\n', `${nonce}\n`, `${nonce}0\n`, 'f'.repeat(32) + ' 0\n').map((text) => Buffer.from(text)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts))
  .filter((all) => !all.includes(`${nonce} `))

describe('the frames of a slot', () => {
  it('give the same output and end however the stream is cut', () => {
    fc.assert(
      fc.property(bytes, fc.nat({ max: 255 }), fc.array(fc.nat(), { maxLength: 60 }), (printed, code, cuts) => {
        const { output, codes } = scan(Buffer.concat([printed, Buffer.from(`${nonce} ${code}\n`)]), cuts)
        expect(codes).toEqual([code])
        expect(output.equals(printed)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('byte by byte', () => {
    const printed = Buffer.from(`start ${nonce}x ${nonce.slice(0, 20)} end`)
    const stream = Buffer.concat([printed, Buffer.from(`${nonce} 137\n`)])
    const { output, codes } = scan(stream, Array.from(stream.keys()))
    expect([output.toString(), codes]).toEqual([printed.toString(), [137]])
  })

  it('pass the end of others through', () => {
    const other = `${'0'.repeat(32)} 0\n`
    const { output, codes } = scan(Buffer.from(`${other}text${other}`), [])
    expect([output.toString(), codes]).toEqual([`${other}text${other}`, []])
  })

  it('hold back only what may be the beginning of an end', () => {
    const seen: string[] = []
    const scanner = createFrameScanner({
      nonce,
      onOutput: (part) => seen.push(Buffer.from(part).toString()),
      onEnd: () => {},
    })
    scanner.push(Buffer.from('prompt> '))
    scanner.push(Buffer.from(`x${nonce.slice(0, 5)}`))
    scanner.push(Buffer.from('!'))
    expect(seen).toEqual(['prompt> ', 'x', `${nonce.slice(0, 5)}!`])
  })

  it('give out what was held back when nothing more comes', () => {
    expect(scan(Buffer.from(nonce), []).output.toString()).toBe(nonce)
  })

  it('say nothing after the end', () => {
    const { output, codes } = scan(Buffer.from(`out${nonce} 1\nmore${nonce} 2\n`), [])
    expect([output.toString(), codes]).toEqual(['out', [1]])
  })
})
