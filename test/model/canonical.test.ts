import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, type Json } from '../../src/model/canonical.ts'

describe('canonical JSON', () => {
  it('has members in the order of their UTF-16 code units, as in section 3.2.3 of RFC 8785', () => {
    const text = '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",'
    const value = JSON.parse(
      `${text}"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"o"}`,
    ) as Json
    const keys = Object.keys(JSON.parse(canonicalJson(value)) as object)
    // An object of JavaScript has its numbers first, wherever they stand in the text.
    expect(keys).toEqual(['1', '\r', '\u0080', 'ö', '€', '😀', '\ufb33'])
    expect(canonicalJson(value).indexOf('"\\r"')).toBe(1)
  })

  it('says the same value, in one way', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (any) => {
        const value = JSON.parse(JSON.stringify(any)) as Json
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(value)
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text)
      }),
    )
  })

  it('has each string as JSON.stringify has it', () => {
    for (let code = 0; code < 0x250; code++) {
      const text = `a${String.fromCharCode(code)}b`
      expect(canonicalJson(text)).toBe(JSON.stringify(text))
    }
  })

  it('leaves out what is undefined', () => {
    expect(canonicalJson({ b: undefined, a: [1, null], c: {} })).toBe('{"a":[1,null],"c":{}}')
  })

  it.each([NaN, Infinity, -Infinity, 'a lone \ud800 surrogate'])('refuses %j', (value) => {
    expect(() => canonicalJson([value])).toThrow(RangeError)
  })
})
