// The page in a real browser: on a phone and on a desk, light and dark, by keyboard, and on paper.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { renderHtml } from '../../src/report/html.ts'
import { commandAction } from '../support/actions.ts'
import { pagesIn } from '../support/browser.ts'
import { hostileReport } from '../support/hostile-run.ts'
import { HOSTILE_TEXTS } from '../support/hostile.ts'
import { gates, packWith, reportOf, type Ending } from '../support/reports.ts'

const { open } = pagesIn()

/** Packs of all kinds, long names among them, with logs, artifacts, a picture and a failure. */
async function fullReport(): Promise<string> {
  const long = `a-step-${'with-a-long-name-'.repeat(3)}that-is-not-cut`
  const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
  const log = `${Array.from({ length: 90 }, (_, at) => `${at} ${'word '.repeat(30)}`).join('\n')}\n${'x'.repeat(3000)}\n`
  const endings: Ending[] = [
    { action: commandAction(`built:steps/${long}`), log: 'fine\n' },
    { action: commandAction('built:tests/1', { needs: [`built:steps/${long}`] }), log },
    ...gates('built'),
    {
      action: commandAction('broken:tests/1', { needs: ['built:gate/secrets'] }),
      status: 'failed',
      reason: { kind: 'exit' },
      exitCode: 1,
      log,
    },
    ...gates('broken').map((gate): Ending => ({
      ...gate,
      status: 'skipped',
      reason: { kind: 'cause', action: 'broken:tests/1' },
    })),
  ]
  const artifacts = { [`packs/built/${'deep/'.repeat(30)}picture.gif`]: gif, 'packs/built/table.csv': 'a,b\n1,2\n' }
  const packs = [
    packWith('built', { title: 'It is built' }),
    packWith('broken', { title: 'It is broken', needs: ['built'], risk: 'high' }),
  ]
  return renderHtml(await reportOf({ packs, endings, artifacts: { 'built:gate/artifacts': artifacts } }))
}

const PHONE = { viewport: { width: 360, height: 740 } }
const DESK = { viewport: { width: 1200, height: 800 } }

// What runs in the page is written as text: the types of a browser are not those of this project.
const openAll = (page: Page): Promise<void> =>
  page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true')
const widthOf = (page: Page): Promise<number> => page.evaluate('document.documentElement.scrollWidth')
/** What each fold shows beside its summary, in pixels. */
const heightsOfFolded = (page: Page): Promise<number[]> =>
  page.evaluate(
    '[...document.querySelectorAll("details")].map((fold) => fold.scrollHeight - fold.firstChild.offsetHeight)',
  )

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

describe('report.html in Chromium', () => {
  it('asks for nothing but itself and complains of nothing', async () => {
    const { page, requests, complaints } = await open(await fullReport())
    expect(requests).toHaveLength(1)
    expect(complaints).toEqual([])
    expect(await page.title()).toMatch(/^failed: /)
    await page.close()
  })

  it.each([
    ['on a phone, light', { ...PHONE, colorScheme: 'light' }],
    ['on a phone, dark', { ...PHONE, colorScheme: 'dark' }],
    ['on a desk, light', { ...DESK, colorScheme: 'light' }],
    ['on a desk, dark', { ...DESK, colorScheme: 'dark' }],
  ] as const)('has nothing that keeps people out: %s', async (_, options) => {
    const { page } = await open(await fullReport(), options)
    await openAll(page)
    await page.evaluate(axe.source)
    const violations = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)')
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
    await page.close()
  })

  it.each([360, 412, 800])('is nowhere wider than a screen of %i pixels, opened or not', async (width) => {
    const { page } = await open(await fullReport(), { viewport: { width, height: 700 } })
    expect(await widthOf(page)).toBeLessThanOrEqual(width)
    await openAll(page)
    expect(await widthOf(page)).toBeLessThanOrEqual(width)
    await page.close()
  })

  it('is used by keyboard: Tab reaches every fold, Enter opens and closes it', async () => {
    const { page } = await open(await fullReport(), DESK)
    const folds = await page.locator('summary').count()
    expect(folds).toBeGreaterThan(5)
    const reached = new Set<number>()
    const focused = (): Promise<number> =>
      page.evaluate('[...document.querySelectorAll("summary")].indexOf(document.activeElement)')
    for (let presses = 0; presses < folds + 60 && reached.size < folds; presses += 1) {
      await page.keyboard.press('Tab')
      const fold = await focused()
      if (fold >= 0) reached.add(fold)
    }
    expect(reached.size).toBe(folds)
    const first = page.locator('summary').first()
    const isOpen = (): Promise<boolean> => page.evaluate('document.querySelector("details").open')
    await first.focus()
    await page.keyboard.press('Enter')
    expect(await isOpen()).toBe(true)
    await page.keyboard.press('Enter')
    expect(await isOpen()).toBe(false)
    await page.close()
  })

  it('shows on paper what is folded on a screen, and nothing beside the paper', async () => {
    const { page } = await open(await fullReport(), { viewport: { width: 700, height: 900 } })
    expect(Math.max(...(await heightsOfFolded(page)))).toBeLessThan(5)
    await page.emulateMedia({ media: 'print' })
    expect(Math.min(...(await heightsOfFolded(page)))).toBeGreaterThan(10)
    expect(await widthOf(page)).toBeLessThanOrEqual(700)
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await page.close()
  })

  it('runs nothing and asks for nothing, whatever the strings', async () => {
    const { page, requests, complaints } = await open(renderHtml(await hostileReport(HOSTILE_TEXTS.join(' '))))
    for (const text of HOSTILE_TEXTS.slice(0, 12)) {
      await page.setContent(renderHtml(await hostileReport(text)))
      expect(await page.title()).toMatch(/^failed: /)
    }
    expect([requests, complaints]).toEqual([[expect.stringMatching(/^file:/)], []])
    await page.close()
  })

  it('would run nothing and ask for nothing even if something got into it', async () => {
    const asked: string[] = []
    const server = createServer(({ url = '' }, response) => {
      asked.push(url)
      response.end()
    })
    server.listen({ host: '127.0.0.1', port: 0 })
    await once(server, 'listening')
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const inside = `<script>document.title = "own3d"</script><script src="${origin}/script"></script>
      <img src="x" onerror="document.title = 'own3d'"><img src="${origin}/image"><iframe src="${origin}/frame"></iframe>
      <link rel="stylesheet" href="${origin}/style"><div style="background: url(${origin}/background)">x</div>`
    const html = await fullReport()
    const guarded = await open(html.replace('<main>', `<main>${inside}`))
    expect(await guarded.page.title()).not.toBe('own3d')
    expect(asked).toEqual([])
    const without = await open(html.replace('<main>', `<main>${inside}`).replace('Content-Security-Policy', 'x'))
    expect(await without.page.title()).toBe('own3d')
    expect(asked).toContain('/image')
    await Promise.all([guarded.page.close(), without.page.close()])
    server.closeAllConnections()
    await new Promise((resolve) => void server.close(resolve))
  })
})
