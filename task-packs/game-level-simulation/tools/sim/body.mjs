import { TILE, TILE_SHIFT, tileAt } from './level.mjs'

/**
 * A box that moves: its upper left corner, its size and its speed, in whole units and units per tick.
 *
 * @typedef {{ x: number, y: number, width: number, height: number, vx: number, vy: number }} Body
 */

/** @typedef {{ level: import('./level.mjs').Level, doorOpen: boolean }} World */

/**
 * @param {World} world
 * @param {number} x  in tiles
 * @param {number} y
 */
export function isSolid({ level, doorOpen }, x, y) {
  const tile = tileAt(level, x, y)
  return tile === '#' || (tile === 'D' && !doorOpen)
}

/**
 * The tiles that a box touches.
 *
 * @param {Body} body
 */
export function* tilesOf({ x, y, width, height }) {
  for (let row = y >> TILE_SHIFT; row <= (y + height - 1) >> TILE_SHIFT; row++) {
    for (let column = x >> TILE_SHIFT; column <= (x + width - 1) >> TILE_SHIFT; column++) yield { x: column, y: row }
  }
}

/**
 * @param {World} world
 * @param {Body} body
 */
export function isInsideWall(world, body) {
  for (const { x, y } of tilesOf(body)) if (isSolid(world, x, y)) return true
  return false
}

/**
 * Moves a box, first sideways, then up or down, each until a wall stops it. Speeds are less than a tile per tick, so that no
 * wall is jumped over.
 *
 * @param {World} world
 * @param {Body} body
 * @returns {{ hitWall: boolean, landed: boolean }}
 */
export function moveBody(world, body) {
  body.x += body.vx
  const hitWall = isInsideWall(world, body)
  if (hitWall) {
    body.x = pushedOut(body.x, { size: body.width, speed: body.vx })
    body.vx = 0
  }
  body.y += body.vy
  const hitFloorOrCeiling = isInsideWall(world, body)
  const landed = hitFloorOrCeiling && body.vy > 0
  if (hitFloorOrCeiling) {
    body.y = pushedOut(body.y, { size: body.height, speed: body.vy })
    body.vy = 0
  }
  return { hitWall, landed }
}

/**
 * Where a box ends up along one axis after it ran into a tile.
 *
 * @param {number} at
 * @param {{ size: number, speed: number }} options
 */
function pushedOut(at, { size, speed }) {
  if (speed > 0) return (((at + size - 1) >> TILE_SHIFT) << TILE_SHIFT) - size
  return ((at >> TILE_SHIFT) + 1) << TILE_SHIFT
}

/**
 * @param {Body} a
 * @param {Body} b
 */
export function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/**
 * A box at a tile, standing on its lower edge in its middle.
 *
 * @param {{ x: number, y: number }} tile
 * @param {{ width: number, height: number }} size
 * @returns {Body}
 */
export function bodyAt(tile, { width, height }) {
  const x = tile.x * TILE + ((TILE - width) >> 1)
  return { x, y: (tile.y + 1) * TILE - height, width, height, vx: 0, vy: 0 }
}
