import { bodyAt, moveBody, overlap, tilesOf } from './body.mjs'
import { moveEnemy } from './enemies.mjs'
import { placesOf, TILE, tileAt } from './level.mjs'

/** @typedef {import('./body.mjs').Body} Body */
/** @typedef {{ kind: 'walker' | 'bat', body: Body, facing: number }} Enemy */

/**
 * All that there is at one tick. Every number in it is a whole number.
 *
 * @typedef {object} State
 * @property {number} tick
 * @property {number} random  state of the generator
 * @property {import('./body.mjs').World} world
 * @property {{ body: Body, grounded: boolean, lives: number, safeTicks: number, hasKey: boolean }} player
 * @property {Enemy[]} enemies
 * @property {{ x: number, y: number }[]} coins  still to be found, in tiles
 * @property {number} score
 * @property {boolean} won
 */

/** What is held down during a tick. @typedef {{ left: boolean, right: boolean, jump: boolean }} Input */

const PLAYER = { width: 176, height: 208 }
const ENEMY = { width: 192, height: 160 }
const RUN_SPEED = 34
const JUMP_SPEED = 106
const BOUNCE_SPEED = 70
const GRAVITY = 6
const MAX_FALL = 140
const SAFE_TICKS = 60
const LIVES = 3
const POINTS = { coin: 10, key: 50, stomp: 100, exit: 1000 }

/**
 * @param {import('./level.mjs').Level} level
 * @param {number} seed  from 1 to 4294967295
 * @returns {State}
 */
export function newGame(level, seed) {
  const walkers = placesOf(level, 'w').map((place) => newEnemy('walker', place))
  const bats = placesOf(level, 'b').map((place) => newEnemy('bat', place))
  return {
    tick: 0,
    random: seed,
    world: { level, doorOpen: false },
    player: { body: startBody(level), grounded: false, lives: LIVES, safeTicks: 0, hasKey: false },
    enemies: [...walkers, ...bats],
    coins: placesOf(level, 'o'),
    score: 0,
    won: false,
  }
}

/**
 * One tick: player, enemies, contacts, in this order. Nothing happens once the game is over.
 *
 * @param {State} state
 * @param {Input} input
 */
export function step(state, input) {
  if (isOver(state)) return
  state.tick += 1
  movePlayer(state, input)
  for (const enemy of state.enemies) moveEnemy(state, enemy)
  touchTiles(state)
  touchEnemies(state)
}

/** @param {State} state */
export function isOver(state) {
  return state.won || state.player.lives === 0
}

/** @param {State} state @param {Input} input */
function movePlayer({ world, player }, input) {
  const { body } = player
  body.vx = (input.right ? RUN_SPEED : 0) - (input.left ? RUN_SPEED : 0)
  if (input.jump && player.grounded) body.vy = -JUMP_SPEED
  body.vy = Math.min(body.vy + GRAVITY, MAX_FALL)
  player.grounded = moveBody(world, body).landed
  player.safeTicks = Math.max(player.safeTicks - 1, 0)
}

/** @param {State} state */
function touchTiles(state) {
  const { player, world } = state
  const touched = [...tilesOf(player.body)]
  const found = state.coins.filter((coin) => touched.some(({ x, y }) => x === coin.x && y === coin.y))
  state.coins = state.coins.filter((coin) => !found.includes(coin))
  state.score += found.length * POINTS.coin
  for (const { x, y } of touched) {
    const tile = tileAt(world.level, x, y)
    if (tile === 'K' && !player.hasKey) {
      player.hasKey = true
      world.doorOpen = true
      state.score += POINTS.key
    }
    if (tile === 'E' && !state.won) {
      state.won = true
      state.score += POINTS.exit
    }
  }
  if (touched.some(({ x, y }) => tileAt(world.level, x, y) === '^')) loseLife(state)
}

/** @param {State} state */
function touchEnemies(state) {
  const { player } = state
  const touched = state.enemies.filter((enemy) => overlap(player.body, enemy.body))
  if (touched.length === 0 || player.safeTicks > 0) return
  const stomped = touched.filter(
    ({ body }) => player.body.vy > 0 && player.body.y + player.body.height < body.y + (TILE >> 1),
  )
  if (stomped.length === 0) {
    loseLife(state)
    return
  }
  state.enemies = state.enemies.filter((enemy) => !stomped.includes(enemy))
  state.score += stomped.length * POINTS.stomp
  player.body.vy = -BOUNCE_SPEED
}

/** Back to the start, safe for a moment; key and coins are kept. @param {State} state */
function loseLife({ player, world }) {
  player.lives -= 1
  player.body = startBody(world.level)
  player.grounded = false
  player.safeTicks = SAFE_TICKS
}

/** @param {import('./level.mjs').Level} level */
function startBody(level) {
  return bodyAt(placesOf(level, '@')[0] ?? { x: 1, y: 1 }, PLAYER)
}

/**
 * @param {'walker' | 'bat'} kind
 * @param {{ x: number, y: number }} place
 * @returns {Enemy}
 */
function newEnemy(kind, place) {
  return { kind, body: bodyAt(place, ENEMY), facing: -1 }
}
