import { describe, expect, it } from 'vitest'
import { byteSize, packSize } from '../../src/report/bytes.ts'
import { alignColumns, fit, widthOf } from '../../src/report/columns.ts'
import { elapsed, packDuration } from '../../src/report/duration.ts'

describe('times', () => {
  it.each([
    [0, '0 ms'],
    [-5, '0 ms'],
    [999.4, '999 ms'],
    [1000, '1.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1 m 00 s'],
    [125_000, '2 m 05 s'],
    [3_599_600, '1 h 00 m'],
    [7_380_000, '2 h 03 m'],
  ])('%d ms read %s', (milliseconds, text) => {
    expect(elapsed(milliseconds)).toBe(text)
  })

  it.each([
    [300_000, '5m'],
    [90_000, '90s'],
    [1500, '1500ms'],
    [7_200_000, '2h'],
  ])('%d ms are %s in a pack', (milliseconds, text) => {
    expect(packDuration(milliseconds)).toBe(text)
  })
})

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [2 ** 20 - 1, '1 MiB'],
    [5 * 2 ** 40, '5 TiB'],
    [2000 * 2 ** 40, '2000 TiB'],
  ])('%d bytes read %s', (bytes, text) => {
    expect(byteSize(bytes)).toBe(text)
  })

  it.each([
    [2 ** 30, '1GiB'],
    [1e9, '1GB'],
    [10 * 2 ** 20, '10MiB'],
    [512 * 1024, '512KiB'],
    [1001, '1001B'],
  ])('%d bytes are %s in a pack', (bytes, text) => {
    expect(packSize(bytes)).toBe(text)
  })
})

describe('columns', () => {
  it('cuts to columns, not to characters', () => {
    expect(fit('abcdef', 6, '…')).toBe('abcdef')
    expect(fit('abcdefg', 6, '…')).toBe('abcde…')
    expect(fit('名前名前', 8, '…')).toBe('名前名前')
    expect(fit('名前名前名', 8, '…')).toBe('名前名…')
    expect(widthOf(fit('名'.repeat(100), 9, '...'))).toBe(9)
    expect(fit('abc', 0, '…')).toBe('')
  })

  it('aligns all but the last column, without trailing blanks', () => {
    expect(
      alignColumns([
        ['a', 'b', ''],
        ['名前', 'long', 'x'],
      ]),
    ).toEqual(['a     b', '名前  long  x'])
  })
})
