import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyPack, type PackCopy } from './pack-copy.ts'

interface Report {
  readonly checks: readonly { readonly name: string; readonly subjects: number; readonly failures: number }[]
  readonly pages: readonly { readonly path: string; readonly words: number; readonly headings: number }[]
}

let built: PackCopy
const copies: PackCopy[] = []

function fresh(): PackCopy {
  const copy = built.copy()
  copies.push(copy)
  return copy
}

describe('web-static-site', () => {
  beforeAll(async () => {
    built = copyPack('web-static-site')
    copies.push(built)
    await built.pass('build', 'rebuild')
  })
  afterAll(() => copies.forEach((copy) => copy.dispose()))

  it('passes, and reports what it checked', async () => {
    const pack = fresh()
    await pack.pass('sources', 'pages', 'site')
    const report = JSON.parse(pack.read('artifacts/site-report.json')) as Report
    expect(report.pages.map(({ path }) => path)).toContain('guide/time.html')
    expect(report.pages.filter(({ words, headings }) => words < 50 || headings < 2)).toEqual([])
    expect(report.checks.filter(({ subjects, failures }) => subjects === 0 || failures > 0)).toEqual([])
  })

  it('fails for a page, an anchor, an image and a style sheet that are not there', async () => {
    const pack = fresh()
    pack.edit('content/glossary.md', 'guide/machine.md', 'guide/machines.md')
    pack.edit('content/guide/order.md', '#plan-order', '#plan-orders')
    pack.edit('content/index.md', 'images/two-machines.svg', 'images/three-machines.svg')
    pack.edit('tools/layout.mjs', 'style.css', 'styles.css')
    await pack.pass('build', 'rebuild')
    const { exitCode, output } = await pack.run('site')
    expect(exitCode).toBe(1)
    expect(output).toMatch(
      /site\/glossary\.html:\d+ links to guide\/machines\.html, but there is no site\/guide\/machines\.html/,
    )
    expect(output).toMatch(
      /site\/guide\/order\.html:\d+ links to .*#plan-orders, but site\/glossary\.html has no #plan-orders/,
    )
    expect(output).toMatch(/site\/index\.html:\d+ links to images\/three-machines\.svg, but there is no/)
    expect(output).toMatch(/site\/guide\/time\.html:\d+ links to \.\.\/styles\.css, but there is no site\/styles\.css/)
  })

  it('fails for a page that only the navigation links to', async () => {
    const pack = fresh()
    pack.write(
      'content/orphan.md',
      '---\ntitle: Orphan\ndescription: Alone.\norder: 99\n---\n\n# Alone\n\nNobody links here.\n',
    )
    await pack.pass('build', 'rebuild', 'sources', 'pages')
    const { exitCode, output } = await pack.run('site')
    expect(exitCode).toBe(1)
    expect(output).toBe("site/orphan.html can't be reached from index.html")
  })

  it('fails for a build that depends on the clock, on the time zone or on the order of reading', async () => {
    const pack = fresh()
    pack.edit('tools/layout.mjs', '<p>${escapeHtml(site.description)}</p>', '<p>${new Date(0).getHours()}</p>')
    pack.edit('tools/build.mjs', 'toSorted((a, b) => a.order - b.order)', 'slice()')
    await pack.pass('build', 'rebuild')
    const { exitCode, output } = await pack.run('site')
    expect(exitCode).toBe(1)
    expect(output).toMatch(/^guide\/time\.html differs between two builds at byte \d+$/m)
    expect(output).toMatch(/^sitemap\.xml differs between two builds at byte \d+$/m)
  })

  it('fails for a file that only one of two builds makes', async () => {
    const pack = fresh()
    pack.write('site/extra.txt', 'extra\n')
    const { exitCode, output } = await pack.run('site')
    expect(exitCode).toBe(1)
    expect(output).toBe('extra.txt is in the first build only')
  })

  it('fails for a site map with another date, without a page or with one too many', async () => {
    const pack = fresh()
    pack.edit('site/sitemap.xml', '1980-01-01', '2024-02-29')
    pack.edit('site/sitemap.xml', /.*glossary.*\n/, '')
    pack.edit('site/sitemap.xml', '</urlset>', '<url><loc>a</loc></url><url><loc>b</loc></url></urlset>')
    const { exitCode, output } = await pack.run('site')
    expect(exitCode).toBe(1)
    expect(output).toContain('does not list https://reproducible.example/index.html with the date 1980-01-01')
    expect(output).toContain('does not list https://reproducible.example/glossary.html')
    expect(output).toContain('site/sitemap.xml lists 8 pages instead of 7')
  })

  it('fails for an external link that is not https', async () => {
    const pack = fresh()
    pack.edit('site/glossary.html', '</main>', '<a href="http://example.org/">x</a></main>')
    const { exitCode, output } = await pack.run('site')
    expect(exitCode).toBe(1)
    expect(output).toMatch(/site\/glossary\.html:\d+ is not https: http:\/\/example\.org\//)
  })

  it('refuses pages that lack what every page needs', async () => {
    const pack = fresh()
    pack.edit('site/index.html', ' lang="en"', '')
    pack.edit('site/index.html', /alt="[^"]*"/, 'alt=""')
    pack.edit('site/glossary.html', /<title>.*<\/title>/, '<title></title>')
    pack.edit('site/glossary.html', '<h2 id="digest">', '<h4 id="digest">')
    pack.edit('site/guide/order.html', /<h1[^]*<\/h1>/, '')
    pack.edit('site/guide/chance.html', 'id="fix-the-seed"', 'id="content"')
    pack.edit('site/guide/time.html', '<footer class="footer">', '<footer class="footer" class="again">')
    const { exitCode, output } = await pack.run('pages')
    expect(exitCode).toBe(1)
    expect(output).toContain('site/index.html:1 has no lang')
    expect(output).toMatch(/site\/index\.html:\d+ shows images\/two-machines\.svg without an alt text/)
    expect(output).toContain('site/glossary.html:1 has no title')
    expect(output).toMatch(/site\/glossary\.html:\d+ goes from h2 to h4: Digest/)
    expect(output).toContain('site/guide/order.html:1 has 0 h1 elements instead of one')
    expect(output).toMatch(/site\/guide\/chance\.html:\d+ repeats the id "content"/)
    expect(output).toMatch(/site\/guide\/time\.html:\d+ is not valid HTML: duplicate-attribute/)
  })

  it('refuses a site without pages', async () => {
    const pack = fresh()
    pack.remove('site')
    pack.write('site/robots.txt', 'User-agent: *\n')
    const { exitCode, output } = await pack.run('pages')
    expect(exitCode).toBe(1)
    expect(output).toBe('site holds no page')
  })

  it('refuses sources out of form, all at once', async () => {
    const pack = fresh()
    pack.edit('content/glossary.md', 'order: 7', 'order: 6')
    pack.edit('content/index.md', /^description.*\n/m, '')
    pack.edit('content/guide/time.md', '# Keep', '# Keep \n')
    pack.edit('content/guide/order.md', '---\n', '')
    pack.edit('static/robots.txt', /\n$/, '')
    const { exitCode, output } = await pack.run('sources')
    expect(exitCode).toBe(1)
    expect(output).toContain('has the same order as content/')
    expect(output).toContain('content/index.md lacks "description" in its front matter')
    expect(output).toContain('content/guide/time.md:7 ends with a blank')
    expect(output).toContain('content/guide/order.md has no front matter')
    expect(output).toContain('static/robots.txt does not end with a line feed')
  })
})
