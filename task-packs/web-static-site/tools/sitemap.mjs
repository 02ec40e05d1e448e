import { escapeHtml } from './layout.mjs'

/**
 * The site map (sitemaps.org, version 0.9). Its dates stand for the source, not for the moment of the build.
 *
 * @param {readonly string[]} paths  of the pages, relative to the site
 * @param {{ baseUrl: string, epoch: string }} options  `epoch`: SOURCE_DATE_EPOCH, in seconds since 1970
 */
export function sitemap(paths, { baseUrl, epoch }) {
  const date = dateOf(epoch)
  const urls = paths.map((path) => `  <url><loc>${escapeHtml(baseUrl + path)}</loc><lastmod>${date}</lastmod></url>\n`)
  return `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${urls.join('')}</urlset>
`
}

/**
 * The day in UTC as `YYYY-MM-DD`.
 *
 * @param {string} epoch
 */
export function dateOf(epoch) {
  if (!/^\d{1,12}$/.test(epoch)) throw new Error(`SOURCE_DATE_EPOCH is not a number of seconds: "${epoch}"`)
  return new Date(Number(epoch) * 1000).toISOString().slice(0, 10)
}
