// Both inventories are sorted lists of assets with an id each; the new one has every required field.
import { readFileSync } from 'node:fs'

const { required } = JSON.parse(readFileSync('data/policy.json', 'utf8'))
const problems = [...check('data/before.json', []), ...check('data/after.json', required)]
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

function check(path, fields) {
  const assets = JSON.parse(readFileSync(path, 'utf8'))
  if (!Array.isArray(assets) || assets.length === 0) return [`${path}: it is no list of assets, or an empty one`]
  const found = []
  const ids = new Set()
  for (const [index, asset] of assets.entries()) {
    const at = `${path}, asset ${index + 1}`
    if (typeof asset.id !== 'string' || asset.id === '') found.push(`${at}: it has no id`)
    else if (ids.has(asset.id)) found.push(`${at}: the id ${asset.id} is there twice`)
    ids.add(asset.id)
    for (const field of fields) {
      if (typeof asset[field] !== 'string' || asset[field].trim() === '')
        found.push(`${path}: ${asset.id} has no ${field}`)
    }
  }
  return found
}
