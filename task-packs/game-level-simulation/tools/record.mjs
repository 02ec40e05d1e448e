// Finds keys that win the level and writes them to data/input.json: a beam search over stretches of eight ticks, led by the
// distance to the key and then to the exit. Run by hand after the level has changed.
import { readFileSync, writeFileSync } from 'node:fs'
import { formatRecording } from './replay.mjs'
import { isSolid } from './sim/body.mjs'
import { newGame, step } from './sim/game.mjs'
import { parseLevel, placesOf, TILE_SHIFT } from './sim/level.mjs'

const SEED = 20240304
const STRETCH = 8
const BEAM = 600
const MAX_STRETCHES = 200
const KEYS = ['', 'R', 'RJ', 'L', 'LJ', 'J']

const level = parseLevel(readFileSync('data/level.txt', 'utf8'))
const toKey = distances('K', false)
const toExit = distances('E', true)
const best = search()
if (!best) throw new Error('no keys were found that win the level')
writeFileSync('data/input.json', formatRecording({ seed: SEED, stretches: merged(best) }))

function search() {
  /** @type {{ state: import('./sim/game.mjs').State, keys: string[], cost: number }[]} */
  let beam = [{ state: newGame(level, SEED), keys: [], cost: 0 }]
  for (let length = 0; length < MAX_STRETCHES; length++) {
    /** @type {Map<string, typeof beam[number]>} */
    const next = new Map()
    for (const { state, keys } of beam) {
      for (const pressed of KEYS) {
        const after = structuredClone(state)
        const input = { left: pressed.includes('L'), right: pressed.includes('R'), jump: pressed.includes('J') }
        for (let tick = 0; tick < STRETCH; tick++) step(after, input)
        if (after.won) return [...keys, pressed]
        if (after.player.lives < 3) continue
        const { x, y, vy } = after.player.body
        const same = [x >> 6, y >> 6, vy >> 4, after.player.hasKey, after.coins.length].join()
        const candidate = { state: after, keys: [...keys, pressed], cost: costOf(after) }
        if ((next.get(same)?.cost ?? Infinity) > candidate.cost) next.set(same, candidate)
      }
    }
    beam = [...next.values()].toSorted((a, b) => a.cost - b.cost).slice(0, BEAM)
  }
  return null
}

/** Tiles still to go, coins left as a detour that is worth a few tiles each. @param {import('./sim/game.mjs').State} state */
function costOf({ player, coins, enemies }) {
  const { x, y, width, height } = player.body
  const column = (x + (width >> 1)) >> TILE_SHIFT
  const row = (y + (height >> 1)) >> TILE_SHIFT
  const way = player.hasKey ? toExit[row]?.[column] : (toKey[row]?.[column] ?? 0) + 100
  return (way ?? 1000) * 4 + coins.length * 10 + enemies.length * 4
}

/**
 * Steps through the air from every tile to the one tile of a kind.
 *
 * @param {string} tile
 * @param {boolean} doorOpen
 */
function distances(tile, doorOpen) {
  /** @type {number[][]} */
  const steps = level.rows.map(() => [])
  let edge = placesOf(level, tile)
  for (let distance = 0; edge.length > 0; distance++) {
    for (const { x, y } of edge) (steps[y] ??= [])[x] = distance
    const around = edge.flatMap(({ x, y }) => [
      { x: x + 1, y },
      { x: x - 1, y },
      { x, y: y + 1 },
      { x, y: y - 1 },
    ])
    const fresh = around.filter(({ x, y }) => steps[y]?.[x] === undefined && !isSolid({ level, doorOpen }, x, y))
    edge = [...new Map(fresh.map((place) => [`${place.x},${place.y}`, place])).values()]
  }
  return steps
}

/** @param {readonly string[]} keys */
function merged(keys) {
  /** @type {{ ticks: number, keys: string }[]} */
  const stretches = []
  for (const pressed of keys) {
    const last = stretches.at(-1)
    if (last?.keys === pressed) last.ticks += STRETCH
    else stretches.push({ ticks: STRETCH, keys: pressed })
  }
  return stretches
}
