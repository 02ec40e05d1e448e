// What must hold at every tick, whatever is pressed: for the recording, and for keys that nobody would press.
import { readFileSync } from 'node:fs'
import { readRecording, replay } from './replay.mjs'
import { isInsideWall } from './sim/body.mjs'
import { canonicalState } from './sim/chain.mjs'
import { parseLevel, TILE } from './sim/level.mjs'
import { nextRandom } from './sim/random.mjs'

const GAMES = 20
const STRETCHES = 60
const KEYS = ['', 'L', 'R', 'J', 'LJ', 'RJ']

const level = parseLevel(readFileSync('data/level.txt', 'utf8'))
const recordings = [readRecording(), ...Array.from({ length: GAMES }, (_, index) => randomRecording(index + 1))]
for (const recording of recordings) {
  const broken = firstBroken(recording)
  if (broken === null) continue
  process.stderr.write(`seed ${recording.seed}, ${broken}\n`)
  process.exitCode = 1
}

/**
 * @param {import('./replay.mjs').Recording} recording
 * @returns {string | null}
 */
function firstBroken(recording) {
  /** @type {string | null} */
  let broken = null
  let before = { coins: Infinity, score: 0, lives: Infinity, enemies: Infinity }
  replay(recording, (state) => {
    if (broken !== null) return
    const now = {
      coins: state.coins.length,
      score: state.score,
      lives: state.player.lives,
      enemies: state.enemies.length,
    }
    const complaint = impossible(state) ?? wrongWay(before, now)
    if (complaint !== null) broken = `tick ${state.tick}: ${complaint}`
    before = now
  })
  return broken
}

/** @param {import('./sim/game.mjs').State} state */
function impossible(state) {
  const fraction = canonicalState(state).match(/-?\d+\.\d+|\d+e-?\d+|null/)
  if (fraction) return `${fraction[0]} is not a whole number`
  if (state.random < 1 || state.random > 0xffffffff) return `${state.random} is no state of the generator`
  for (const { name, body } of bodiesOf(state)) {
    if (isInsideWall(state.world, body)) return `the ${name} is inside a wall at ${body.x},${body.y}`
    if (body.x < 0 || body.y < 0 || body.x > level.width * TILE || body.y > level.height * TILE) {
      return `the ${name} has left the level at ${body.x},${body.y}`
    }
    if (Math.abs(body.vx) >= TILE || Math.abs(body.vy) >= TILE) return `the ${name} is faster than a tile per tick`
  }
  return null
}

/** @param {import('./sim/game.mjs').State} state */
function bodiesOf({ player, enemies }) {
  return [{ name: 'player', body: player.body }, ...enemies.map(({ kind, body }) => ({ name: kind, body }))]
}

/**
 * @param {Record<string, number>} before
 * @param {Record<string, number>} now
 */
function wrongWay(before, now) {
  const grown = ['coins', 'lives', 'enemies'].find((name) => (now[name] ?? 0) > (before[name] ?? 0))
  if (grown) return `the number of ${grown} has grown`
  if ((now['score'] ?? 0) < (before['score'] ?? 0)) return 'the score has fallen'
  return (now['lives'] ?? 0) < 0 ? 'the player has less than no life' : null
}

/**
 * @param {number} seed
 * @returns {import('./replay.mjs').Recording}
 */
function randomRecording(seed) {
  let random = seed
  const draw = (/** @type {number} */ bound) => {
    random = nextRandom(random)
    return (random >>> 8) % bound
  }
  for (let warmUp = 0; warmUp < 8; warmUp++) draw(1)
  const stretches = Array.from({ length: STRETCHES }, () => ({
    ticks: 1 + draw(20),
    keys: KEYS[draw(KEYS.length)] ?? '',
  }))
  return { seed, stretches }
}
