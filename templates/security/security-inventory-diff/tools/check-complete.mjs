// Lays the drift over the old inventory; nothing but the new one may come of it.
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'

const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const { added, removed, changed } = read('artifacts/drift.json')
const assets = new Map(read('data/before.json').map((asset) => [asset.id, { ...asset }]))
for (const { id } of removed) assets.delete(id)
for (const asset of added) assets.set(asset.id, asset)
for (const { id, field, to } of changed) {
  const asset = assets.get(id) ?? {}
  if (to === null) delete asset[field]
  else asset[field] = to
}
const expected = new Map(read('data/after.json').map((asset) => [asset.id, asset]))
const ids = [...new Set([...assets.keys(), ...expected.keys()])].map(String).toSorted()
const wrong = ids.filter((id) => !isDeepStrictEqual(assets.get(id), expected.get(id)))
for (const id of wrong) process.stderr.write(`artifacts/drift.json does not tell what has become of ${id}\n`)
if (wrong.length > 0 || ids.length === 0) process.exitCode = 1
