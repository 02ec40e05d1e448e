import { describe, expect, it } from 'vitest'
import type { Cause } from '../../src/model/check.ts'
import { likelyCauses } from '../../src/run/causes.ts'

function causesOf(earlier: string, later: string, whole = true): readonly Cause[] {
  const start = Buffer.from(later, 'latin1')
  return likelyCauses({ lines: [earlier, later], whole: whole ? [earlier, later] : null, start })
}

describe('the likely causes of a difference', () => {
  it.each([
    ['Mon Nov 23 04:13:01 UTC 2026', 'Mon Nov 23 04:13:02 UTC 2026', 'time'],
    ['built 2026-11-23T04:13:01.123Z', 'built 2026-11-23T04:13:02.456Z', 'time'],
    ['on Sun, 22 Nov 2026', 'on Mon, 23 Nov 2026', 'time'],
    ['"at": 1795407754', '"at": 1795407755', 'time'],
    ['at 1795407754123', 'at 1795407755321', 'time'],
    ['done in 12.3 ms', 'done in 9 ms', 'time'],
    ['0.8371234', '0.1923', 'random'],
    ['id 1b4e28ba-2fa1-11d2-883f-0016d3cca427', 'id 6fa459ea-ee8a-3ca4-894e-db77e160355e', 'random'],
    ['pid 24025', 'pid 24136', 'random'],
    ['tmp.aBcDeFgHiJ', 'tmp.KlMnOpQrSt', 'random'],
    ['in /tmp/build-aXb12/out', 'in /tmp/build-zzk90/out', 'path'],
    ['/home/ada/w/x.c:1', '/home/bob/w/x.c:1', 'path'],
    ['b\na\nc\n', 'a\nb\nc\n', 'order'],
    ['["b","a"]', '["a","b"]', 'order'],
    ['{\n"b": 1,\n"a": 2\n}', '{\n"a": 2,\n"b": 1\n}', 'order'],
    ['1,234.5', '1.234,5', 'locale'],
    ['PK\u0003\u0004aaaa', 'PK\u0003\u0004bbbb', 'archive'],
    ['\u001F\u008B\u0008aaa', '\u001F\u008B\u0008bbb', 'archive'],
  ] as const)('%j and %j: %s', (earlier, later, cause) => {
    expect(causesOf(earlier, later)).toEqual([cause])
  })

  it('can be several', () => {
    expect(causesOf('04:13:01 in /tmp/a/b pid 12', '04:13:02 in /tmp/a/c pid 13')).toEqual(['time', 'path', 'random'])
  })

  it('leaves out what is there both times and the same', () => {
    expect(causesOf('04:13:01 pid 12', '04:13:01 pid 13')).toEqual(['random'])
  })

  it.each([
    ['yes', 'no'],
    ['', 'something'],
    ['04:13:01 yes', '04:13:02 no'],
  ])('are not made up: %j and %j', (earlier, later) => {
    expect(causesOf(earlier, later)).toEqual([])
  })

  it('are told of a line alone where the files are too large', () => {
    expect(causesOf('b a', 'a b', false)).toEqual(['order'])
  })
})
