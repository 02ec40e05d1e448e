// The sources: text files as they should be, front matter complete, every page with a place of its own.
import { readFileSync } from 'node:fs'
import { filesUnder } from './files.mjs'
import { readPage } from './pages.mjs'

const problems = [...['content', 'static'].flatMap(textProblems), ...pageProblems(), ...siteProblems()]
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

/** @param {string} folder */
function textProblems(folder) {
  return filesUnder(folder).flatMap((file) => {
    const text = readFileSync(`${folder}/${file}`, 'utf8')
    const found = text
      .split('\n')
      .flatMap((line, index) =>
        /[\t\r ]$/.test(line) ? [`${folder}/${file}:${index + 1} ends with a blank or a carriage return`] : [],
      )
    return text.endsWith('\n') ? found : [...found, `${folder}/${file} does not end with a line feed`]
  })
}

function pageProblems() {
  /** @type {Map<number, string>} */
  const places = new Map()
  return filesUnder('content').flatMap((source) => {
    try {
      const { order } = readPage(source)
      const other = places.get(order)
      places.set(order, source)
      return other === undefined ? [] : [`content/${source} has the same order as content/${other}: ${order}`]
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)]
    }
  })
}

function siteProblems() {
  const site = JSON.parse(readFileSync('site.json', 'utf8'))
  const missing = ['title', 'lang', 'baseUrl', 'description'].filter((key) => typeof site[key] !== 'string')
  return missing.map((key) => `site.json lacks "${key}"`)
}
