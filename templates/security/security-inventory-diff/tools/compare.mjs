// Compares two inventories by the ids of their assets: what was added, removed, and changed in which field.
import { readFileSync, writeFileSync } from 'node:fs'

const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const { watched } = read('data/policy.json')
const before = new Map(read('data/before.json').map((asset) => [asset.id, asset]))
const after = new Map(read('data/after.json').map((asset) => [asset.id, asset]))

const added = [...after.values()].filter(({ id }) => !before.has(id))
const removed = [...before.values()].filter(({ id }) => !after.has(id))
const changed = [...after.values()].flatMap((asset) => changesOf(before.get(asset.id) ?? asset, asset))
writeFileSync('artifacts/drift.json', `${JSON.stringify({ added, removed, changed }, null, 2)}\n`)
writeFileSync('artifacts/drift.md', report())

function changesOf(old, asset) {
  const fields = [...new Set([...Object.keys(old), ...Object.keys(asset)])].toSorted()
  return fields
    .filter((field) => JSON.stringify(old[field]) !== JSON.stringify(asset[field]))
    .map((field) => ({
      id: asset.id,
      field,
      from: old[field] ?? null,
      to: asset[field] ?? null,
      watched: watched.includes(field),
    }))
}

function report() {
  const rows = [
    ...added.map(({ id, exposure }) => [id, 'added', `exposure: ${exposure}`]),
    ...removed.map(({ id }) => [id, 'removed', '']),
    ...changed.map(({ id, field, from, to }) => [id, 'changed', `${field}: ${from} to ${to}`]),
  ]
  const table = ['| asset | change | what |', '| --- | --- | --- |', ...rows.map((row) => `| ${row.join(' | ')} |`)]
  return `# Drift\n\n${before.size} assets before, ${after.size} after.\n\n${table.join('\n')}\n`
}
