import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMasker, maskText } from '../../src/run/mask.ts'

const SECRET = 'pa$$ w/ü+rd"é!'

function inPieces(bytes: Uint8Array, sizes: readonly number[], values: readonly string[]): string {
  const masker = createMasker(values)
  const told: Uint8Array[] = []
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    told.push(masker.push(bytes.subarray(at, at + size)))
    at += size
  }
  return Buffer.concat([...told, masker.flush()]).toString('latin1')
}

describe('a secret is hidden', () => {
  const bytes = Buffer.from(SECRET)
  const spelled: readonly (readonly [string, string])[] = [
    ['as it is', SECRET],
    ['in hex', bytes.toString('hex')],
    ['in upper-case hex', bytes.toString('hex').toUpperCase()],
    ['for a URL', encodeURIComponent(SECRET)],
    ['for a URL, in small letters', encodeURIComponent(SECRET).replaceAll(/%../g, (x) => x.toLowerCase())],
    ['for a form', new URLSearchParams({ x: SECRET }).toString().slice(2)],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in JSON of ASCII alone', 'pa$$ w/\\u00fc+rd\\"\\u00e9!'],
  ]

  it.each(spelled)('%s', (_, text) => {
    expect(maskText(`before ${text} after`, [SECRET])).toBe('before *** after')
  })

  it.each(['base64', 'base64url'] as const)('in %s at any offset, with any neighbours', (encoding) => {
    for (const before of ['', 'a', 'ab', 'abc', 'user:']) {
      for (const after of ['', 'x', 'xy', 'xyz']) {
        const encoded = Buffer.from(before + SECRET + after).toString(encoding)
        const told = maskText(encoded, [SECRET])
        expect(told).toContain('***')
        // Not more than the characters that hold bits of what stands beside it.
        expect(told.replace('***', '').length).toBeLessThanOrEqual(Math.ceil(((before + after).length * 8) / 6) + 4 + 2)
      }
    }
  })

  it('line by line, where it has several', () => {
    const key = '-----BEGIN KEY-----\nabcdefgh\nijklmnop\n-----END KEY-----\n'
    expect(maskText('x abcdefgh y\n', [key])).toBe('x *** y\n')
    expect(maskText(`x ${key}y`, [key])).toBe('x ***y')
  })

  it('with all that it overlaps, and once', () => {
    expect(maskText('xabcabcabcy', ['abcabc'])).toBe('x***y')
    expect(maskText('x12345y', ['123', '345'])).toBe('x***y')
    expect(maskText('aaaaaaaaaaaaaaaaaaaa', ['aa'])).toBe('***')
  })
})

describe('what comes in pieces', () => {
  it('is hidden as if it came at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'ab', 'aba', 'secret', SECRET, '\n', 'ü'), { maxLength: 40 }),
        fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 60 }),
        fc.uniqueArray(fc.constantFrom('aba', 'bab', 'secret', SECRET, 'a\nb'), { minLength: 1 }),
        (words, sizes, values) => {
          const bytes = Buffer.from(words.join(''))
          const told = inPieces(bytes, sizes, values)
          expect(told).toBe(inPieces(bytes, [], values))
          const oneLine = values.filter((value) => !value.includes('\n'))
          for (const value of oneLine) expect(told).not.toContain(Buffer.from(value).toString('latin1'))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('is told as it was where no secret is in it, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat({ max: 9 })), (bytes, sizes) => {
        expect(inPieces(bytes, sizes, ['a secret that is in none of it'])).toBe(Buffer.from(bytes).toString('latin1'))
      }),
    )
  })

  it('holds back no more than a secret is long', () => {
    const masker = createMasker(['secret'])
    const told = Array.from({ length: 1000 }, () => masker.push(Buffer.from('secre')).length)
    expect(told.slice(10).every((length) => length === 5)).toBe(true)
  })

  it('goes through at once where there is no secret', () => {
    const masker = createMasker([])
    expect(Buffer.from(masker.push(Buffer.from('abc'))).toString()).toBe('abc')
    expect(masker.flush().length).toBe(0)
  })
})
