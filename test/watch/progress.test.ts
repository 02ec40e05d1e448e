import { describe, expect, it } from 'vitest'
import { diagnostic, type Diagnostic } from '../../src/model/diagnostic.ts'
import type { Location } from '../../src/model/source.ts'
import { progressBetween } from '../../src/watch/progress.ts'

const at = (file: string, line = 1): Location => ({ file, start: { line, column: 1 }, end: { line, column: 2 } })
const key = (name: string, location: Location, suggestion: string | null = null): Diagnostic =>
  diagnostic('unknown-key', location, { key: name, parent: '', suggestion, known: [] })

describe('what has become of complaints', () => {
  it('is nothing where only lines and suggestions are others', () => {
    const before = [key('stpes', at('a', 3)), key('x', at('b'))]
    const after = [key('stpes', at('a', 9), 'steps'), key('x', at('b'))]
    expect(progressBetween(before, after)).toEqual({ appeared: [], fixed: [] })
  })

  it('is what is not there any more, and what was not there', () => {
    const [gone, stays, comes] = [key('gone', at('a')), key('stays', at('a')), key('comes', at('a'))]
    expect(progressBetween([gone, stays], [stays, comes])).toEqual({ appeared: [comes], fixed: [gone] })
  })

  it('counts those that say the same', () => {
    const [first, second] = [key('x', at('a', 1)), key('x', at('a', 2))]
    expect(progressBetween([first, second], [first])).toEqual({ appeared: [], fixed: [second] })
    expect(progressBetween([first], [first, second])).toEqual({ appeared: [second], fixed: [] })
  })

  it('tells files apart', () => {
    const [one, other] = [key('x', at('a')), key('x', at('b'))]
    expect(progressBetween([one], [other])).toEqual({ appeared: [other], fixed: [one] })
  })
})
