/** The side of a tile in units; all positions and speeds are whole units, and a tile is found by a shift. */
export const TILE = 256
export const TILE_SHIFT = 8

/**
 * What stands at a tile: `#` a wall, `D` the door (a wall until the key is found), `^` spikes, `o` a coin, `K` the key,
 * `E` the exit, `@` the start, `w` a walker, `b` a bat.
 *
 * @typedef {object} Level
 * @property {number} width  in tiles
 * @property {number} height
 * @property {readonly string[]} rows
 */

const KNOWN = new Set([' ', '#', 'D', '^', 'o', 'K', 'E', '@', 'w', 'b'])

/**
 * @param {string} text
 * @returns {Level}
 * @throws {Error} naming the row and column of what is wrong
 */
export function parseLevel(text) {
  const rows = text.trimEnd().split('\n')
  const width = rows[0]?.length ?? 0
  rows.forEach((row, y) => {
    if (row.length !== width) throw new Error(`level row ${y + 1} has ${row.length} tiles instead of ${width}`)
    for (let x = 0; x < width; x++) {
      if (!KNOWN.has(row.charAt(x)))
        throw new Error(`level row ${y + 1}, column ${x + 1}: unknown tile "${row.charAt(x)}"`)
    }
  })
  const level = { width, height: rows.length, rows }
  for (const tile of ['@', 'K', 'D', 'E']) {
    const count = placesOf(level, tile).length
    if (count !== 1) throw new Error(`the level has ${count} of "${tile}" instead of one`)
  }
  const open = [...border(level)].find(({ x, y }) => tileAt(level, x, y) !== '#')
  if (open) throw new Error(`level row ${open.y + 1}, column ${open.x + 1}: the edge is open`)
  return level
}

/**
 * The tile at a place; everything outside is wall.
 *
 * @param {Level} level
 * @param {number} x  in tiles
 * @param {number} y
 */
export function tileAt(level, x, y) {
  return level.rows[y]?.charAt(x) || '#'
}

/**
 * All places of a kind, row by row.
 *
 * @param {Level} level
 * @param {string} tile
 */
export function placesOf(level, tile) {
  const found = []
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) if (tileAt(level, x, y) === tile) found.push({ x, y })
  }
  return found
}

/** @param {Level} level */
function* border({ width, height }) {
  for (let x = 0; x < width; x++)
    yield* [
      { x, y: 0 },
      { x, y: height - 1 },
    ]
  for (let y = 0; y < height; y++)
    yield* [
      { x: 0, y },
      { x: width - 1, y },
    ]
}
