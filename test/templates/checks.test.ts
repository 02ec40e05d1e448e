// What the checks of the templates find, beyond the one case that each template brings: every rule of them finds its own.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, describe, expect, it } from 'vitest'

const templates = fileURLToPath(new URL('../../templates', import.meta.url))
const base = mkdtempSync(join(realpathSync(tmpdir()), 'templates-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

let count = 0

/** Runs one program of a template with other files in it, and gives what it complains about, line by line. */
async function complaints(
  template: string,
  script: string,
  {
    files = {},
    env = {},
  }: { files?: Readonly<Record<string, string | Buffer>>; env?: Readonly<Record<string, string>> },
): Promise<readonly string[]> {
  const cwd = join(base, String(count++))
  cpSync(join(templates, template), cwd, { recursive: true })
  for (const folder of ['artifacts', 'build']) mkdirSync(join(cwd, folder))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), content)
  }
  const { exitCode, stderr } = await execa(process.execPath, [script], { cwd, env, reject: false, stdin: 'ignore' })
  expect(exitCode, stderr).toBe(stderr === '' ? 0 : 1)
  return stderr === '' ? [] : stderr.split('\n')
}

describe('web-accessibility', () => {
  it('finds what every rule is there for, by its criterion', async () => {
    const page = `<!doctype html>
<html>
<head><meta name="viewport" content="width=device-width, user-scalable=no"><style>
a { color: #777 }
</style></head>
<body>
<h2>Late</h2><h4></h4>
<img src="x.png"><!-- <img> in a comment -->
<a href="x"><img src="y.png" alt=""></a> <button></button>
<iframe src="x"></iframe>
<select id="s"></select> <label for="t">T</label> <input type="hidden"> <p id="s" style="background: #000">
</body></html>
`
    const found = await complaints('web/web-accessibility', 'tools/check.mjs', {
      files: { 'site/page.html': page },
      env: { WCAG_LEVEL: 'AA' },
    })
    expect(found.map((line) => line.replace('site/page.html', ''))).toEqual([
      ':2: <html> names no language in lang (WCAG 3.1.1)',
      ':1: the page has no title (WCAG 2.4.2)',
      ':3: the page can not be enlarged (WCAG 1.4.4)',
      ':8: <img> has no alt (WCAG 1.1.1)',
      ':10: <iframe> has no title (WCAG 4.1.2)',
      ':11: <select> has no label (WCAG 1.3.1, 4.1.2)',
      ':9: <a> has no text (WCAG 2.4.4)',
      ':9: <button> has no text (WCAG 4.1.2)',
      ':7: no <h1> comes first (WCAG 1.3.1, 2.4.6)',
      ':7: <h4> follows <h2> (WCAG 1.3.1)',
      ':7: <h4> is empty (WCAG 2.4.6)',
      ':1: the page has no <main> (WCAG 1.3.1)',
      ':4: a has a contrast of 4.48 and not 4.5 (WCAG 1.4.3)',
      ':11: <p> has a contrast of 1.00 and not 4.5 (WCAG 1.4.3)',
      ':11: it refers to t, which is not there (WCAG 1.3.1)',
      ':11: the id s is there twice (WCAG 4.1.2)',
      ':11: the id s is there twice (WCAG 4.1.2)',
    ])
  })

  it('asks for more contrast at the level AAA', async () => {
    const found = await complaints('web/web-accessibility', 'tools/check.mjs', { env: { WCAG_LEVEL: 'AAA' } })
    expect(found).toEqual(['site/index.html:10: .alarm has a contrast of 6.54 and not 7 (WCAG 1.4.6)'])
  })
})

describe('web-links', () => {
  it('follows links as a browser does', async () => {
    const page = `<a href="guide">g</a> <a href="/style.css">ok</a> <a href="Style.css">case</a>
<a href="http://[">bad</a> <img srcset="ferry.svg 1x, none.svg 2x"> <a href="javascript:void 0">js</a>
<p style="background: url(none.png)"></p> <a href="#here">a</a> <a href="guide/start.html#with%20a%20bicycle">ok</a>
<!-- <a href="none.html"> --> <a href="../out.html">o</a> <a href="//example.org/x">ok</a> <a href="%zz">z</a>
`
    const found = await complaints('web/web-links', 'tools/check.mjs', {
      files: { 'site/extra.html': page, 'site/style.css': '/* url(x) */\n@import "none.css";' },
      env: { BASE: '/' },
    })
    expect(found).toEqual([
      'site/extra.html:1: guide: the / at its end is missing',
      'site/extra.html:1: Style.css: there is no site/Style.css',
      'site/extra.html:2: http://[: that is no address',
      'site/extra.html:2: none.svg: there is no site/none.svg',
      'site/extra.html:2: javascript:void 0: it runs a script',
      'site/extra.html:3: none.png: there is no site/none.png',
      'site/extra.html:3: #here: site/extra.html has no anchor here',
      'site/extra.html:4: ../out.html: there is no site/out.html',
      'site/extra.html:4: %zz: there is no site/%zz',
      'site/style.css:2: none.css: there is no site/none.css',
      'site/extra.html: no page links to it',
    ])
  })

  it('knows the folder that the site is in', async () => {
    const files = { 'site/index.html': '<a href="/docs/guide/">ok</a> <a href="/guide/">out</a>' }
    const found = await complaints('web/web-links', 'tools/check.mjs', { files, env: { BASE: '/docs/' } })
    expect(found).toContain('site/index.html:1: /guide/: it leaves /docs/, where the site is')
    expect(found).not.toContain('site/index.html:1: /docs/guide/: there is no site/guide/index.html')
  })
})

describe('security-redaction', () => {
  const redacted = (handover: string): Readonly<Record<string, string>> => {
    const read = (path: string): string => readFileSync(join(templates, 'security/security-redaction', path), 'utf8')
    return {
      'reports/incident.md': 'Nothing.\n',
      'reports/export.csv': 'Nothing.\n',
      'build/redacted/incident.md': 'Nothing.\n',
      'build/redacted/export.csv': 'Nothing.\n',
      'data/people.csv': read('data/people.csv'),
      'build/redacted/handover.md': handover,
    }
  }
  const audit = (original: string, handover: string): Promise<readonly string[]> =>
    complaints('security/security-redaction', 'tools/check-redacted.mjs', {
      files: { ...redacted(handover), 'reports/handover.md': original },
      env: { INTERNAL_DOMAIN: 'corp.example' },
    })

  it('finds people in every spelling', async () => {
    const text = [
      'Ines ALVAREZ',
      'ohara',
      'akanaT',
      Buffer.from('m.tanaka@example.org').toString('base64'),
      '442079460002',
    ]
    const found = await audit(text.join('\n'), text.join('\n'))
    const lines = found.map((line) => line.replace('build/redacted/handover.md:', ''))
    expect(lines).toEqual(
      expect.arrayContaining([
        '1: the name of person 1 is left, without accents',
        '2: the name of person 2 is left, without punctuation',
        '3: the name of person 3 is left, backwards',
        '4: the e-mail address of person 3 is left, in base64',
        '5: the telephone number of person 2 is left, without its blanks',
      ]),
    )
  })

  it('finds addresses that nobody has listed, other changes, and pseudonyms of two meanings', async () => {
    const original =
      'x@y.example\n192.0.2.1 and 2001:db8::1\nA.corp.example\nat 10:00\nThis stays.\none 192.0.2.2\ntwo 192.0.2.3'
    const handover =
      'x@y.example\n192.0.2.1 and 2001:db8::1\nA.corp.example\nat 10:00\nThis goes.\none [ip-1]\ntwo [ip-1]'
    expect(await audit(original, handover)).toEqual([
      'build/redacted/handover.md:1: an e-mail address is left',
      'build/redacted/handover.md:2: an IPv4 address is left',
      'build/redacted/handover.md:2: an IPv6 or MAC address is left',
      'build/redacted/handover.md:3: an internal host is left',
      'build/redacted/handover.md:5: something else than identifiers was changed',
      'build/redacted/handover.md:7: [ip-1] has two meanings',
    ])
  })
})

describe('game-assets', () => {
  it('reads no picture that a game could not', async () => {
    const tools = new URL('../../templates/game/game-assets/tools/png.mjs', import.meta.url)
    const { readPng } = (await import(tools.href)) as { readPng: (bytes: Buffer) => { width: number; height: number } }
    const good = readFileSync(join(templates, 'game/game-assets/assets/ground.png'))
    expect(readPng(good)).toMatchObject({ width: 32, height: 16 })
    // Every byte is covered by a checksum or by the structure.
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good)
      bad[at] = (bad[at] ?? 0) ^ 1
      expect(() => readPng(bad), `byte ${at}`).toThrow(Error)
    }
    for (let length = 0; length < good.length; length++) {
      expect(() => readPng(good.subarray(0, length)), `cut at ${length}`).toThrow(Error)
    }
  })

  it('finds sprites that overlap, leave their texture or are not used', async () => {
    const atlas = {
      texture: 'ground.png',
      sprites: {
        grass: { x: 0, y: 0, w: 16, h: 16 },
        stone: { x: 15, y: 0, w: 16, h: 17 },
        spare: { x: 31, y: 0, w: 1, h: 1 },
      },
    }
    const found = await complaints('game/game-assets', 'tools/check-sprites.mjs', {
      files: { 'assets/ground.atlas.json': JSON.stringify(atlas), 'assets/other.png': 'x' },
    })
    expect(found).toEqual([
      'assets/ground.atlas.json: stone does not lie within the 32 x 16 pixels of ground.png',
      'assets/ground.atlas.json: stone overlaps grass',
      'assets/ground.atlas.json: no level uses spare',
      'assets/other.png: no atlas uses it',
    ])
  })
})
