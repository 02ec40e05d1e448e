import { createHash } from 'node:crypto'

/** @typedef {import('./game.mjs').State} State */

/**
 * The state in one line of JSON with a fixed order of members: lists only, so that no key order can matter.
 *
 * @param {State} state
 */
export function canonicalState({ tick, random, world, player, enemies, coins, score, won }) {
  return JSON.stringify([
    tick,
    random,
    world.doorOpen,
    [...bodyList(player.body), player.grounded, player.lives, player.safeTicks, player.hasKey],
    enemies.map(({ kind, body, facing }) => [kind, ...bodyList(body), facing]),
    coins.map(({ x, y }) => [x, y]),
    score,
    won,
  ])
}

/** @param {import('./body.mjs').Body} body */
function bodyList({ x, y, vx, vy }) {
  return [x, y, vx, vy]
}

/**
 * The first link: what the game was started with.
 *
 * @param {string} levelText
 * @param {number} seed
 */
export function firstLink(levelText, seed) {
  return sha256(`${seed}\n${levelText}`)
}

/**
 * The next link covers all before it, so that two chains with one end are the same from the start.
 *
 * @param {string} previous
 * @param {State} state
 */
export function nextLink(previous, state) {
  return sha256(`${previous}\n${canonicalState(state)}`)
}

/** @param {string} text */
function sha256(text) {
  return createHash('sha256').update(text).digest('hex')
}
