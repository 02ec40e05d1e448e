// A lander over hilly ground. Lengths are thousandths of a metre, speeds thousandths of a metre a tick: whole numbers only,
// because sums of fractions depend on their order, and functions such as Math.sin on the machine.
import { nextRandom } from './random.mjs'

/** @typedef {'flying' | 'landed' | 'crashed'} Status */
/** @typedef {{ tick: number, x: number, y: number, vx: number, vy: number, fuel: number, status: Status, ground: readonly number[], pad: number }} State */

const GRAVITY = 4
const THRUST = 10
const SIDEWAYS = 3
const COLUMN = 4000
const COLUMNS = 24
const [SAFE_DOWN, SAFE_SIDEWAYS] = [120, 60]

/**
 * @param {number} seed
 * @returns {State}
 */
export function start(seed) {
  let random = nextRandom(seed)
  const ground = []
  for (let column = 0; column < COLUMNS; column++) {
    ground.push(2000 + (random % 9000))
    random = nextRandom(random)
  }
  const pad = 4 + (random % (COLUMNS - 8))
  ground[pad + 1] = ground[pad] ?? 0
  return { tick: 0, x: COLUMN * 2, y: 60_000, vx: 0, vy: 0, fuel: 400, status: 'flying', ground, pad }
}

/**
 * One tick.
 *
 * @param {State} state
 * @param {string} keys `T`hrust, `L`eft, `R`ight
 * @returns {State}
 */
export function step(state, keys) {
  if (state.status !== 'flying') return { ...state, tick: state.tick + 1 }
  const burns = keys.includes('T') && state.fuel > 0
  const vy = state.vy - GRAVITY + (burns ? THRUST : 0)
  const vx = state.vx + (keys.includes('R') ? SIDEWAYS : 0) - (keys.includes('L') ? SIDEWAYS : 0)
  const x = state.x + vx
  const y = state.y + vy
  const column = Math.floor(x / COLUMN)
  const height = state.ground[column]
  const moved = { ...state, tick: state.tick + 1, x, y, vx, vy, fuel: state.fuel - (burns ? 1 : 0) }
  if (height === undefined) return { ...moved, status: 'crashed' }
  if (y > height) return moved
  const isSafe = -vy <= SAFE_DOWN && Math.abs(vx) <= SAFE_SIDEWAYS && (column === state.pad || column === state.pad + 1)
  return { ...moved, y: height, status: isSafe ? 'landed' : 'crashed' }
}
