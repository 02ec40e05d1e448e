import { describe, expect, it } from 'vitest'
import { CODES, PAGES } from '../../src/report/help/pages.ts'
import { renderCodes, renderPage, summaryOf } from '../../src/report/help/render.ts'
import { tellOf, wholeTask } from '../support/help-examples.ts'

const PLAIN = { color: false, unicode: true, width: 80 }

describe.concurrent('the page of each code', () => {
  it.each(CODES)('%s has an example with which exactly that is wrong, and one with which nothing is', async (code) => {
    const { wrong, right } = PAGES[code]
    const isWarning = code.startsWith('cache-') || ['plugin-disabled', 'plugin-error'].includes(code)
    expect(await tellOf(wrong)).toEqual({ codes: [code], well: isWarning })
    expect(await tellOf(right)).toEqual({ codes: [], well: true })
  })

  it.each(CODES)('%s says in sentences what it is and why', (code) => {
    const { what, why } = PAGES[code]
    for (const text of [what, why, summaryOf(code)]) expect(text).toMatch(/^[A-Z].*\.$/)
    expect(`${what} ${why}`).not.toMatch(/ {2}|\bcan not\b|!$/)
  })
})

describe('renderPage', () => {
  it('is as it was when somebody read all of them', async () => {
    const pages = CODES.map((code) => renderPage(code, PLAIN)).join(`\n${'='.repeat(80)}\n\n`)
    await expect(pages).toMatchFileSnapshot('../golden/report/help.txt')
  })

  it.each([40, 80, 200])('fits a terminal of %i columns', (width) => {
    for (const code of CODES) {
      const prose = renderPage(code, { ...PLAIN, width })
        .split('\n')
        .filter((line) => !line.startsWith(' '))
      for (const line of prose) expect(line.length, line).toBeLessThanOrEqual(Math.min(width, 100))
    }
  })

  it('prints nothing that a terminal would obey', () => {
    for (const code of CODES) expect(renderPage(code, PLAIN)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })
})

describe('renderCodes', () => {
  it('tells of each code in a sentence', () => {
    const lines = renderCodes({ ...PLAIN, width: 200 })
      .trimEnd()
      .split('\n')
    expect(lines.filter((line) => /^\S/.test(line)).map((line) => line.split(' ')[0])).toEqual(CODES)
  })
})

it('leaves out of an example only what every task.yml has', () => {
  expect(wholeTask('task-packs/demo/task.yml', 'title: T\n')).toBe(
    'version: 1\nid: demo\npillar: platform\nrisk: low\nacceptance: { tests: [{ run: node test.mjs }] }\ntitle: T\n',
  )
})
