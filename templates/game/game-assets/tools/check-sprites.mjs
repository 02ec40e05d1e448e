// Sprites lie within their texture and on no other; levels use sprites that are there, and there is none that nobody uses.
import { readdirSync, readFileSync } from 'node:fs'
import { readPng } from './png.mjs'

const problems = []
const sprites = new Map()
const used = new Set()
const files = readdirSync('assets').toSorted()
for (const file of files.filter((name) => name.endsWith('.atlas.json'))) readAtlas(`assets/${file}`)
for (const file of files.filter((name) => /^level.*\.json$/.test(name))) readLevel(`assets/${file}`)
for (const [name, { at }] of sprites) if (!used.has(name)) problems.push(`${at}: no level uses ${name}`)
for (const file of files.filter((name) => name.endsWith('.png'))) {
  if (![...sprites.values()].some(({ texture }) => texture === file)) problems.push(`assets/${file}: no atlas uses it`)
}
if (sprites.size === 0) problems.push('assets: there is no sprite')
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

function readAtlas(path) {
  const { texture, sprites: list } = JSON.parse(readFileSync(path, 'utf8'))
  if (!files.includes(texture)) return problems.push(`${path}: there is no assets/${texture}`)
  const { width, height } = sizeOf(`assets/${texture}`)
  const placed = Object.entries(list)
  for (const [index, [name, sprite]] of placed.entries()) {
    const { x, y, w, h } = sprite
    if (sprites.has(name)) problems.push(`${path}: ${name} is in ${sprites.get(name).at} as well`)
    sprites.set(name, { at: path, texture })
    const isWhole = [x, y, w, h].every(Number.isInteger) && w > 0 && h > 0
    if (!isWhole || x < 0 || y < 0 || x + w > width || y + h > height) {
      problems.push(`${path}: ${name} does not lie within the ${width} x ${height} pixels of ${texture}`)
    }
    for (const [other, there] of placed.slice(0, index)) {
      const apart = x >= there.x + there.w || there.x >= x + w || y >= there.y + there.h || there.y >= y + h
      if (!apart) problems.push(`${path}: ${name} overlaps ${other}`)
    }
  }
}

function readLevel(path) {
  const { tiles, legend } = JSON.parse(readFileSync(path, 'utf8'))
  for (const [row, line] of tiles.entries()) {
    if (line.length !== tiles[0].length) problems.push(`${path}: row ${row + 1} has another length than the first`)
    for (const tile of new Set(line)) {
      const sprite = legend[tile]
      if (sprite === null) continue
      if (!sprites.has(sprite)) problems.push(`${path}: row ${row + 1} uses ${sprite ?? tile}, which no atlas has`)
      used.add(sprite)
    }
  }
}

/** What is wrong with a texture is told by their check. */
function sizeOf(path) {
  try {
    return readPng(readFileSync(path))
  } catch {
    return { width: Infinity, height: Infinity }
  }
}
