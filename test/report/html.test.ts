import { parse, type DefaultTreeAdapterTypes as Tree } from 'parse5'
import { describe, expect, it } from 'vitest'
import { renderHtml } from '../../src/report/html.ts'
import { commandAction } from '../support/actions.ts'
import { hostileReport } from '../support/hostile-run.ts'
import { HOSTILE_TEXTS } from '../support/hostile.ts'
import { gates, oneTest, packWith, reportOf, type Ending } from '../support/reports.ts'

interface Found {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

function elementsOf(html: string): readonly Found[] {
  const found: Found[] = []
  const walk = (node: Tree.Node): void => {
    if ('tagName' in node) {
      const attributes = Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]))
      found.push({ name: node.tagName, attributes })
    }
    if ('childNodes' in node) for (const child of node.childNodes) walk(child)
  }
  walk(parse(html))
  return found
}

const OURS = new Set(
  `html head meta link title style body header main footer section nav article h1 h2 h3 h4 p ul li a code pre span div dl dt dd
  details summary table thead tbody tr th td strong br svg g path rect text figure figcaption img`.split(/\s+/),
)
const ATTRIBUTES = new Set(
  `lang charset http-equiv content name rel href id class scope aria-label aria-labelledby aria-hidden role tabindex width height
  viewBox x y rx d src alt`.split(/\s+/),
)

describe('report.html', () => {
  it('loads nothing and runs nothing, and says so to the browser', async () => {
    const elements = elementsOf(renderHtml(await reportOf(oneTest({ log: 'fine\n' }))))
    const policy = elements.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy')
    expect(policy?.attributes['content']).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    expect(elements.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['script']))
    const links = elements.flatMap(({ attributes }) => attributes['href'] ?? [])
    for (const link of links) expect(link).toMatch(/^(#[\w-]+|data:,)$/)
  })

  it('says the verdict first, then why it failed, with the end of the log, and how to check it', async () => {
    const log = `${Array.from({ length: 500 }, (_, at) => `line ${at}`).join('\n')}\nboom\n`
    const parts = oneTest({ status: 'failed', reason: { kind: 'exit' }, exitCode: 3, log })
    const html = renderHtml(await reportOf(parts))
    expect(html).toMatch(
      /<h1>Not accepted: <code>p:tests\/1<\/code> failed \(exit code 3\), and 2 actions were skipped\.<\/h1>/,
    )
    expect(html).toContain('It exited with code 3.')
    expect(html).toMatch(/line 0\nline 1[^]*not all of it is shown[^]*line 499\nboom<\/pre>/)
    expect(html).not.toContain('line 250')
    expect(html).toContain('sha256sum -c --quiet files.sha256')
  })

  it('tells neither the name of the machine nor a path of it', async () => {
    const html = renderHtml(await reportOf(oneTest({})))
    expect(html).not.toMatch(/secret-host|secret-project|somebody/)
  })

  it('shows images that are images, texts as texts, and nothing that could be more', async () => {
    const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
    const files = {
      'packs/p/a.gif': gif,
      'packs/p/b.svg': '<svg onload="alert(1)"/>',
      'packs/p/c.bin': 'a\0b',
      'packs/p/d.html': '<b>x</b>',
    }
    const html = renderHtml(await reportOf({ ...oneTest({}), artifacts: { 'p:gate/artifacts': files } }))
    const images = elementsOf(html).filter(({ name }) => name === 'img')
    expect(images.map(({ attributes }) => attributes['src']?.slice(0, 21))).toEqual(['data:image/gif;base64'])
    expect(html).toContain('&lt;svg onload=&quot;alert(1)&quot;/&gt;')
    expect(html).toContain('artifacts/p/c.bin')
  })

  it('draws the graph and tells it in words as well', async () => {
    const chain = ['a', 'b', 'c'].map((id, at, all) => packWith(id, { needs: all.slice(Math.max(0, at - 1), at) }))
    const endings = chain.flatMap(({ definition: { id } }) => [
      { action: commandAction(`${id}:tests/1`) },
      ...gates(id),
    ])
    const html = renderHtml(await reportOf({ packs: chain, endings }))
    expect(html.match(/<svg role="img"/g)).toHaveLength(4)
    expect(html).toContain('<li><code>b</code> passed, after <code>a</code></li>')
  })

  it.each(HOSTILE_TEXTS)('has only elements of ours, whatever the strings: %j', async (text) => {
    const html = renderHtml(await hostileReport(text))
    const elements = elementsOf(html)
    for (const { name, attributes } of elements) {
      expect(OURS).toContain(name)
      for (const attribute of Object.keys(attributes)) expect(ATTRIBUTES).toContain(attribute)
    }
    const harmless = elementsOf(renderHtml(await hostileReport(text.includes('/') ? 'harm/less' : 'harm less')))
    expect(elements.map(({ name }) => name)).toEqual(harmless.map(({ name }) => name))
    expect(html).not.toMatch(/[\0-\x09\x0B-\x1F\x7F-\x9F\u200B-\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/)
    expect(html).not.toMatch(/^\s*::|##\[/m)
  })

  it('is the same for the same run', async () => {
    const parts = oneTest({ log: 'x\n' })
    expect(renderHtml(await reportOf(parts))).toBe(renderHtml(await reportOf(parts)))
  })

  it('stays within 5 MB and a bounded time whatever the run', async () => {
    const line = `${'<&"'.repeat(130)}\n`
    const count = 3000
    const endings = Array.from({ length: count }, (_, at): Ending => {
      const needs =
        at % 50 === 0 ? Array.from({ length: Math.min(at, 500) }, (_need, n) => `p${n % 100}:tests/${n}`) : []
      const action = commandAction(`p${at % 100}:tests/${at}`, { argv: ['sh', '-ec', '<'.repeat(4000)], needs })
      return at % 3 === 0
        ? { action, status: 'failed', reason: { kind: 'exit' }, exitCode: 1, log: line.repeat(40) }
        : { action, log: line.repeat(40) }
    })
    const packs = Array.from({ length: 100 }, (_, at) => packWith(`p${at}`, { title: '&'.repeat(300) }))
    const noise = new Uint8Array(400 * 1024)
    noise.set(Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001080600000000000000', 'hex'))
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`packs/p0/${at}.png`, noise]))
    const withArtifacts = { packs, endings: [...endings, ...gates('p0')], artifacts: { 'p0:gate/artifacts': files } }
    const report = await reportOf(withArtifacts)
    const html = renderHtml(report)
    expect(Buffer.byteLength(html)).toBeLessThan(5_000_000)
    expect(report.failures).toHaveLength(20)
    expect(report.moreFailures).toBe(980)
    const told = report.packs.reduce((sum, pack) => sum + pack.actions.length + pack.moreActions, 0)
    expect(told).toBe(count + 2)
  })
})
