// The page of a graph in a real browser: what it shows, by mouse and by keyboard, light and dark, and what it never does.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { Graph } from '../../src/model/graph.ts'
import type { GraphView } from '../../src/report/graph-view.ts'
import { pageOf } from '../../src/report/picture/render.ts'
import { pagesIn, type Opened } from '../support/browser.ts'
import { HOSTILE_TEXTS } from '../support/hostile.ts'
import { FAILED, manyPacks, SMALL, viewOf } from '../support/pictures.ts'

const SCRIPT = readFileSync(fileURLToPath(new URL('../../dist/page.js', import.meta.url)), 'utf8')
const DESK = { viewport: { width: 1400, height: 800 } }

const { open: openHtml } = pagesIn(DESK)

async function open(view: GraphView, options: BrowserContextOptions = DESK): Promise<Opened> {
  const keys = new Map([['site:steps/build', { key: 'cd'.repeat(32) }]])
  const html = await pageOf(view, { fold: null, keys, grants: null, script: SCRIPT })
  return openHtml(html, options)
}

const shownActions = (page: Page): Promise<number> => page.locator('#svg .action').count()
const titleOf = (page: Page): Promise<string> => page.locator('#about h2').innerText()
const scaleOf = (page: Page): Promise<number> =>
  page.evaluate('new DOMMatrix(getComputedStyle(document.getElementById("svg")).transform).a')
/** Where the picture lies, as the page has it. */
const placeOf = (page: Page): Promise<string> => page.evaluate('document.getElementById("svg").style.transform')

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

describe('the page of a graph', () => {
  it('shows every action, asks for nothing but itself and complains of nothing', async () => {
    const { page, requests, complaints } = await open(viewOf(SMALL, { run: FAILED }))
    await expect.poll(() => shownActions(page)).toBe(SMALL.actions.length)
    expect(await page.title()).toBe('failed: 11 actions of 2 packs')
    expect([requests.length, complaints]).toEqual([1, []])
    await page.close()
  })

  it.each([
    ['on a desk, light', { ...DESK, colorScheme: 'light' }],
    ['on a desk, dark', { ...DESK, colorScheme: 'dark' }],
    ['on a phone, dark', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' }],
  ] as const)('has nothing that keeps people out: %s', async (_, options) => {
    const { page } = await open(viewOf(SMALL, { run: FAILED }), options)
    await expect.poll(() => shownActions(page)).toBe(SMALL.actions.length)
    const violations = async (): Promise<unknown> => {
      const found = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)')
      return found.map(({ id, nodes }) => [id, nodes[0]?.html])
    }
    await page.evaluate(axe.source)
    expect(await violations()).toEqual([])
    await page.getByRole('button', { name: 'steps/build' }).click()
    expect(await violations()).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await page.close()
  })

  it('tells of an action that is clicked its command, inputs, outputs, constraints, grants, key, and why it comes where', async () => {
    const { page } = await open(viewOf(SMALL))
    await page.locator('#svg .action', { hasText: 'build' }).click()
    expect(await titleOf(page)).toBe('steps/build')
    const said = await page.locator('#about').innerText()
    for (const text of ['node build.mjs', 'build.mjs', 'dist/', 'LEVEL=3', 'node >=20']) {
      expect(said).toContain(text)
    }
    expect(said).toContain('network:example.org:443')
    expect(said).toContain(`sha256:${'cd'.repeat(32)}`)
    expect(said).toContain('reads what `steps/fetch` makes: `packs/site/raw/`')
    // What has nothing to do with it steps back.
    await expect(page.locator('#svg .action', { hasText: 'names' }).getAttribute('class')).resolves.not.toContain(
      'faded',
    )
    await page.locator('#svg .action', { hasText: 'links' }).first().click()
    await expect(page.locator('#svg .action', { hasText: 'names' }).getAttribute('class')).resolves.toContain('faded')
    await page.keyboard.press('Escape')
    expect(await page.locator('#svg .faded').count()).toBe(0)
    await page.close()
  })

  it('finds by words, and by pillar, phase and status together', async () => {
    const { page } = await open(viewOf(SMALL, { run: FAILED }))
    await page.keyboard.press('/')
    await page.keyboard.type('MJS more')
    expect(await page.locator('#found').innerText()).toBe('1 of 11')
    expect(await page.locator('.list .name').allInnerTexts()).toEqual(['tests/pages'])
    await page.keyboard.press('Enter')
    expect(await titleOf(page)).toBe('tests/pages')
    await page.locator('#search').fill('')
    await page.getByRole('checkbox', { name: 'failed' }).check()
    expect(await page.locator('.list .name').allInnerTexts()).toEqual(['lint/links'])
    await page.getByRole('checkbox', { name: 'tests' }).check()
    expect(await page.locator('.list').count()).toBe(0)
    await page.close()
  })

  it('folds a pack into one node and opens it again, one by one and all at once', async () => {
    const { page } = await open(viewOf(SMALL))
    await page.locator('#fold').click()
    expect([await shownActions(page), await page.locator('#svg .folded').count()]).toEqual([0, 2])
    await page.locator('#svg .folded', { hasText: 'site' }).dblclick()
    await expect.poll(() => shownActions(page)).toBe(8)
    expect(await page.locator('#svg .folded').count()).toBe(1)
    await page.locator('#open').click()
    await expect.poll(() => shownActions(page)).toBe(11)
    await page.close()
  })

  it('moves and zooms by wheel, drag and keys, and shows all again', async () => {
    const { page } = await open(viewOf(SMALL))
    const all = await scaleOf(page)
    await page.mouse.move(400, 400)
    await page.mouse.wheel(0, -300)
    await expect.poll(() => scaleOf(page)).toBeGreaterThan(all)
    const before = await placeOf(page)
    await page.mouse.down()
    await page.mouse.move(500, 450)
    await page.mouse.up()
    await expect.poll(() => placeOf(page)).not.toBe(before)
    // A drag is no click.
    expect(await titleOf(page)).toBe('11 actions')
    await page.locator('#stage').focus()
    const moved = await placeOf(page)
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => placeOf(page)).not.toBe(moved)
    await page.keyboard.press('0')
    await expect.poll(() => scaleOf(page)).toBeCloseTo(all, 5)
    await page.close()
  })

  it('is used by keyboard alone: everything is in the list beside it', async () => {
    const { page } = await open(viewOf(SMALL))
    const reached = new Set<string>()
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab')
      reached.add(await page.evaluate<string>('document.activeElement.id || document.activeElement.innerText'))
    }
    for (const id of ['search', 'stage', 'fold', 'open', 'theme', 'in', 'out', 'all']) expect(reached).toContain(id)
    for (const name of await page.locator('.list .name').allInnerTexts()) expect([...reached].join(' ')).toContain(name)
    await page.getByRole('button', { name: 'lint/names' }).focus()
    await page.keyboard.press('Enter')
    expect(await titleOf(page)).toBe('lint/names')
    expect(await page.evaluate('document.getElementById("side").contains(document.activeElement)')).toBe(true)
    await page.close()
  })

  it('is light or dark as the system is, until somebody says otherwise', async () => {
    const { page } = await open(viewOf(SMALL), { ...DESK, colorScheme: 'dark' })
    const paper = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const dark = await paper()
    await page.locator('#theme').click()
    const light = await paper()
    expect(light).not.toBe(dark)
    await page.locator('#theme').click()
    expect(await paper()).toBe(dark)
    await page.close()
  })

  it('opens at what its address names', async () => {
    const { page } = await open(viewOf(SMALL))
    await page.locator('#svg .action', { hasText: 'names' }).click()
    const address = page.url()
    expect(address).toMatch(/#site%3Alint%2Fnames$/)
    await page.goto('about:blank')
    await page.goto(address)
    expect(await titleOf(page)).toBe('lint/names')
    await page.close()
  })

  it('draws of two thousand actions only what is looked at, and none when it is folded', async () => {
    const needs = Array.from({ length: 667 }, (_, at) => (at === 0 ? [] : [Math.floor((at - 1) / 2)]))
    const { page, complaints } = await open(viewOf(manyPacks(needs)))
    expect([await shownActions(page), await page.locator('#svg .folded').count()]).toEqual([0, 667])
    await page.locator('#search').fill('pack-600 test')
    await page.keyboard.press('Enter')
    expect(await titleOf(page)).toBe('tests/1')
    await expect.poll(() => shownActions(page)).toBe(3)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('runs nothing and asks for nothing, whatever packs say', async () => {
    const { actions, edges, packs } = SMALL
    const text = HOSTILE_TEXTS.join(' ')
    const hostile: Graph = {
      edges,
      packs: packs.map((pack) => ({
        ...pack,
        definition: { ...pack.definition, title: text, description: text, tags: [text] },
      })),
      actions: actions.map((action) =>
        action.kind === 'command' ? { ...action, text, outputs: [text], env: { [text]: text } } : action,
      ),
    }
    const { page, requests, complaints } = await open(viewOf(hostile))
    await page.locator('#svg .action', { hasText: 'build' }).click()
    expect(await page.locator('#about pre').innerText()).toContain('<script>alert(1)</script>')
    expect(await page.title()).toBe('11 actions of 2 packs')
    expect([requests.length, complaints]).toEqual([1, []])
    await page.close()
  })

  it('would run nothing else even if something got into it', async () => {
    const html = await pageOf(viewOf(SMALL), { fold: null, keys: new Map(), grants: null, script: SCRIPT })
    const inside = `<main><script>document.title = 'own3d'</script><img src=x onerror="document.title = 'own3d'">`
    const guarded = await openHtml(html.replace('<main>', inside))
    expect(await guarded.page.title()).not.toBe('own3d')
    expect(guarded.complaints.join(' ')).toContain('Content Security Policy')
    const without = await openHtml(html.replace('<main>', inside).replace('Content-Security-Policy', 'x'))
    expect(await without.page.title()).toBe('own3d')
    await Promise.all([guarded.page.close(), without.page.close()])
  })
})
