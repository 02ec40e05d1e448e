// Pages in a real browser.
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

/** Where Debian's package puts it. */
const PROGRAM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

export interface Opened {
  readonly page: Page
  /** Everything that was asked for, the page itself first. */
  readonly requests: readonly string[]
  /** What the browser complained about. */
  readonly complaints: readonly string[]
}

export interface Pages {
  /** Opens a page from a file of its own. */
  open(html: string, options?: BrowserContextOptions): Promise<Opened>
}

/** Starts a browser for the tests of a file, and ends it after them. */
export function pagesIn(options: BrowserContextOptions = {}): Pages {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'codex-browser-test-'))
  let browser: Browser | null = null
  let files = 0

  beforeAll(async () => {
    if (!existsSync(PROGRAM))
      throw new Error(`${PROGRAM} is not there: install Debian's package chromium, or set CHROMIUM`)
    // Its own sandbox does not work for root; what it opens here is ours.
    browser = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox'] })
  })

  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  return {
    open: async (html, own = options) => {
      const file = join(folder, `${files++}.html`)
      writeFileSync(file, html)
      if (!browser) throw new Error('the browser is started before the first test')
      const page = await browser.newPage(own)
      const requests: string[] = []
      const complaints: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('dialog', (dialog) => complaints.push(dialog.message()))
      await page.goto(pathToFileURL(file).href)
      return { page, requests, complaints }
    },
  }
}
