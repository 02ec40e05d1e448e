/** @typedef {import('./pages.mjs').Page} Page */
/** @typedef {{ title: string, lang: string, baseUrl: string, description: string }} Site */

/**
 * A whole page. All links are relative, so that the site works from any folder.
 *
 * @param {Page} page
 * @param {{ site: Site, pages: readonly Page[], content: string }} options  `pages` in the order of the navigation
 */
export function layout(page, { site, pages, content }) {
  const up = '../'.repeat(page.path.split('/').length - 1)
  const at = pages.findIndex((other) => other.path === page.path)
  return `<!DOCTYPE html>
<html lang="${escapeHtml(site.lang)}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(page.title)} · ${escapeHtml(site.title)}</title>
    <meta name="description" content="${escapeHtml(page.description)}">
    <link rel="canonical" href="${escapeHtml(site.baseUrl + page.path)}">
    <link rel="stylesheet" href="${up}style.css">
  </head>
  <body>
    <a class="skip" href="#content">Skip to the content</a>
    <nav class="nav" aria-label="Pages">
      <ul>
${pages.map((other) => `        <li>${link(other, { up, current: other === page })}</li>`).join('\n')}
      </ul>
    </nav>
    <main id="content">
${content.trimEnd()}
    </main>
    <footer class="footer">
      <p>${neighbours(pages[at - 1], pages[at + 1], up)}</p>
      <p>${escapeHtml(site.description)}</p>
    </footer>
  </body>
</html>
`
}

/**
 * @param {Page | undefined} previous
 * @param {Page | undefined} next
 * @param {string} up
 */
function neighbours(previous, next, up) {
  const parts = []
  if (previous) parts.push(`Before: ${link(previous, { up, current: false })}`)
  if (next) parts.push(`Next: ${link(next, { up, current: false })}`)
  return parts.join(' · ')
}

/**
 * @param {Page} page
 * @param {{ up: string, current: boolean }} options
 */
function link(page, { up, current }) {
  return `<a href="${escapeHtml(up + page.path)}"${current ? ' aria-current="page"' : ''}>${escapeHtml(page.title)}</a>`
}

/** @param {string} text */
export function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
