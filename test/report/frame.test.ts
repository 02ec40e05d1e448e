import { describe, expect, it } from 'vitest'
import { locationOf, sourceText } from '../../src/model/source.ts'
import { codeFrame } from '../../src/report/frame.ts'
import { styleOf } from '../../src/report/style.ts'

const style = styleOf({ color: false, unicode: false })

/** The frame around the first occurrence of `part`, in ASCII, without the indent that every frame has. */
function frameOf(text: string, part: string, width = 60): readonly string[] {
  const source = sourceText('task.yml', text)
  const start = text.indexOf(part)
  const frame = codeFrame(source, locationOf(source, { start, end: start + part.length }), { style, width })
  return frame
    .split('\n')
    .slice(0, -1)
    .map((line) => line.slice(2))
}

describe('codeFrame', () => {
  it('leaves out a blank line before', () => {
    expect(frameOf('a: 1\n\nb: 2\n', 'b')).toEqual(['3 | b: 2', '  | ^'])
  })

  it('puts carets under what a tab moved', () => {
    expect(frameOf('a:\tbad\n', 'bad')).toEqual(['1 | a:  bad', '  |     ^^^'])
    expect(frameOf('\tbad\n', '\t')).toEqual(['1 |     bad', '  | ^^^^'])
  })

  it('counts wide characters as two columns', () => {
    expect(frameOf('名前: 値\n', '値')).toEqual(['1 | 名前: 値', '  |       ^^'])
  })

  it('shows control, bidi and zero-width characters as escapes and marks them whole', () => {
    expect(frameOf('a: x\u202Ey\n', '\u202E')).toEqual(['1 | a: x\\u{202e}y', '  |     ^^^^^^^^'])
    expect(frameOf('a\u0007: z\u200B!\n', '!')).toEqual(['1 | a\\x07: z\\u{200b}!', `  | ${' '.repeat(16)}^`])
  })

  it('marks an empty range, and the end of a line, with one caret', () => {
    expect(frameOf('abc\n', '')).toEqual(['1 | abc', '  | ^'])
    expect(frameOf('abc\ndef', '\n')).toEqual(['1 | abc', '  |    ^'])
  })

  it('marks only the first line of a range of several', () => {
    expect(frameOf('a:\n  b: 1\n  c: 2\n', 'b: 1\n  c: 2')).toEqual(['1 | a:', '2 |   b: 1', '  |   ^^^^'])
  })

  it('aligns the numbers of lines', () => {
    const text = `${'x: 1\n'.repeat(9)}here\n`
    expect(frameOf(text, 'here')).toEqual([' 9 | x: 1', '10 | here', '   | ^^^^'])
  })

  it('cuts a long line around the carets', () => {
    const [line = '', carets = ''] = frameOf(`${'a'.repeat(100)}HERE${'b'.repeat(100)}\n`, 'HERE', 46)
    expect(line).toMatch(/^1 \| \.\.\.a+HEREb+\.\.\.$/)
    expect(line.length).toBeLessThanOrEqual(46 - 2)
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('HERE')
  })

  it('cuts a range that is longer than the room', () => {
    const [line = '', carets = ''] = frameOf(`x: ${'a'.repeat(500)}\n`, 'a'.repeat(500), 46)
    expect(line.length).toBeLessThanOrEqual(44)
    expect(carets.length).toBeLessThanOrEqual(44)
    expect(carets).toContain('^^^^^')
  })

  it('stays bounded in a line of megabytes', () => {
    const frame = frameOf(`${'a'.repeat(2_000_000)}HERE${'b'.repeat(2_000_000)}\n`, 'HERE')
    expect(frame[0]).toContain('HERE')
    expect(frame.join('').length).toBeLessThan(200)
  })

  it('strips the carriage return of a Windows line', () => {
    expect(frameOf('a: 1\r\nb: 2\r\n', 'b')).toEqual(['1 | a: 1', '2 | b: 2', '  | ^'])
  })

  it('shows nothing for a line that is not in the text', () => {
    const source = sourceText('task.yml', 'a\n')
    const place = { file: 'task.yml', start: { line: 9, column: 1 }, end: { line: 9, column: 2 } }
    expect(codeFrame(source, place, { style, width: 60 })).toBe('')
  })
})
