import { isInsideWall, isSolid, moveBody } from './body.mjs'
import { TILE, TILE_SHIFT } from './level.mjs'
import { nextRandom } from './random.mjs'

const GRAVITY = 6
const PATROL_SPEED = 14
const CHASE_SPEED = 22
const CHASE_DISTANCE = 5 * TILE
const BAT_SPEED = 18
/** Ticks between two decisions of a bat; a power of two, so that a mask finds them. */
const BAT_PERIOD = 16

/** @typedef {import('./game.mjs').State} State */
/** @typedef {import('./game.mjs').Enemy} Enemy */

/**
 * One tick of one enemy.
 *
 * @param {State} state
 * @param {Enemy} enemy
 */
export function moveEnemy(state, enemy) {
  if (enemy.kind === 'walker') moveWalker(state, enemy)
  else moveBat(state, enemy)
}

/**
 * Walks to and fro, turns at walls and ledges, and goes faster towards a player who is near and on its level.
 *
 * @param {State} state
 * @param {Enemy} enemy
 */
function moveWalker(state, enemy) {
  const { body } = enemy
  const { body: player } = state.player
  const near = Math.abs(player.x - body.x) < CHASE_DISTANCE && Math.abs(player.y - body.y) < TILE
  if (near) enemy.facing = player.x < body.x ? -1 : 1
  if (isLedge(state, enemy)) {
    // A walker that chases waits at the edge; one on patrol turns round.
    body.vx = 0
    if (!near) enemy.facing = -enemy.facing
  } else {
    body.vx = enemy.facing * (near ? CHASE_SPEED : PATROL_SPEED)
  }
  body.vy += GRAVITY
  const { hitWall } = moveBody(state.world, body)
  if (hitWall && !near) enemy.facing = -enemy.facing
}

/**
 * @param {State} state
 * @param {Enemy} enemy
 */
function isLedge({ world }, { body, facing }) {
  const foot = facing > 0 ? body.x + body.width + PATROL_SPEED : body.x - PATROL_SPEED
  return !isSolid(world, foot >> TILE_SHIFT, (body.y + body.height) >> TILE_SHIFT)
}

/**
 * Flies in one of eight directions, another one every few ticks, and stays where a wall is in its way.
 *
 * @param {State} state
 * @param {Enemy} enemy
 */
function moveBat(state, enemy) {
  const { body } = enemy
  if ((state.tick & (BAT_PERIOD - 1)) === 0) {
    state.random = nextRandom(state.random)
    body.vx = ((state.random & 3) - 1) * BAT_SPEED
    body.vy = (((state.random >>> 2) & 3) - 1) * BAT_SPEED
    // Three of four outcomes are directions; the fourth stands for none.
    if ((state.random & 3) === 3) body.vx = 0
    if (((state.random >>> 2) & 3) === 3) body.vy = 0
  }
  const ahead = { ...body, x: body.x + body.vx, y: body.y + body.vy }
  if (!isInsideWall(state.world, ahead)) Object.assign(body, ahead)
}
