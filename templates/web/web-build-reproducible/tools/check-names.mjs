// Every asset is called after what is in it, and the pages ask for it by that name.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

const problems = []
const assets = Object.entries(JSON.parse(readFileSync('site/assets.json', 'utf8')))
if (assets.length === 0) problems.push('site/assets.json: there is no asset')
for (const [file, name] of assets) {
  const digest = createHash('sha256')
    .update(readFileSync(`site/${name}`))
    .digest('hex')
  if (!name.includes(`.${digest.slice(0, 12)}.`)) problems.push(`site/${name}: this is not what the name says`)
  for (const page of readdirSync('site').filter((each) => each.endsWith('.html'))) {
    const asked = readFileSync(`site/${page}`, 'utf8')
    if (asked.includes(`"${file}"`)) problems.push(`site/${page}: it asks for ${file} and not for ${name}`)
  }
}
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1
