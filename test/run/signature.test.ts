import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failureSignature } from '../../src/run/signature.ts'

function signature(text: string, exitCode: number | null = 1, cut = false): string {
  return failureSignature(exitCode, Buffer.from(text), cut)
}

describe('the same failure', () => {
  it.each([
    ['a time', 'at 2026-01-02T03:04:05.678Z failed', 'at 2027-11-12 13:14:15 failed'],
    ['a time of day', '[03:04:05] failed', '[13:14:15.123] failed'],
    ['a path', 'no /tmp/a1/x.js here', 'no /var/folders/zz/b/x.js here'],
    ['a relative path', 'no ../a/x.js here', 'no ../../b/y.js here'],
    ['a process id', '[pid 123] failed', '[pid 4194303] failed'],
    ['an address', 'segfault at 0x7ffe', 'segfault at 0x55a0c0de'],
    ['a digest', 'got deadbeef1 for it', 'got 0123456789abcdef for it'],
    ['a UUID', 'job 123e4567-e89b-12d3-a456-426614174000', 'job ffffffff-ffff-ffff-ffff-ffffffffffff'],
    ['a duration', 'failed after 12.5ms', 'failed after 1,003.25ms'],
    ['a colour', '\u001B[31mfailed\u001B[0m', 'failed'],
  ])('is known in spite of %s', (_, first, second) => {
    expect(signature(first)).toBe(signature(second))
  })

  it.each([
    ['another exit code', signature('failed', 1), signature('failed', 2)],
    ['no exit code', signature('failed', 1), signature('failed', null)],
    ['another message', signature('cannot read a'), signature('cannot write a')],
    ['nothing printed', signature('failed'), signature('')],
    ['a word of hexadecimal letters', signature('defaced'), signature('effaced')],
  ])('is another with %s', (_, first, second) => {
    expect(first).not.toBe(second)
  })

  it('is known whatever came before its end', () => {
    const end = 'x'.repeat(80).concat('\n').repeat(60)
    expect(signature(`one\n${end}`)).toBe(signature(`something else\n${end}`))
    expect(signature(`${end}one`)).not.toBe(signature(`${end}something else`))
  })

  it('leaves out a first line that lacks its start', () => {
    expect(signature('lf a line\nfailed', 1, true)).toBe(signature('half a line\nfailed', 1, true))
    expect(signature('lf a line\nfailed')).not.toBe(signature('half a line\nfailed'))
  })

  it('does not depend on numbers, wherever they stand', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.stringMatching(/^[g-z ]{0,9}$/), fc.nat(), fc.nat()), { maxLength: 9 }),
        (parts) => {
          const text = (pick: 1 | 2): string => parts.map((part) => `${part[0]} ${part[pick]} `).join('')
          expect(signature(text(1))).toBe(signature(text(2)))
        },
      ),
    )
  })

  it('takes time in proportion to the tail for the worst of logs', () => {
    for (const text of ['/', '/a', '1', 'a', 'deadbee', '1:', '\u001B[', '2026-01-02T', '~/.', '-']) {
      expect(signature(text.repeat(16 * 1024))).toHaveLength(64)
    }
  }, 2_000)
})
