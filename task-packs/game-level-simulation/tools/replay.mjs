import { readFileSync } from 'node:fs'
import { firstLink, nextLink } from './sim/chain.mjs'
import { isOver, newGame, step } from './sim/game.mjs'
import { parseLevel } from './sim/level.mjs'

/** @typedef {import('./sim/game.mjs').State} State */

/**
 * What was pressed: for each stretch of ticks a set of keys out of `L`, `R` and `J`.
 *
 * @typedef {{ seed: number, stretches: readonly { ticks: number, keys: string }[] }} Recording
 */

/** @returns {Recording} */
export function readRecording() {
  return JSON.parse(readFileSync('data/input.json', 'utf8'))
}

/**
 * The one way in which a recording is written down, a stretch on each line.
 *
 * @param {Recording} recording
 */
export function formatRecording({ seed, stretches }) {
  const lines = stretches.map(({ ticks, keys }) => `    { "ticks": ${ticks}, "keys": "${keys}" }`)
  return `{\n  "seed": ${seed},\n  "stretches": [\n${lines.join(',\n')}\n  ]\n}\n`
}

/**
 * Plays a recording to its end and reports every state, the first included. A state is only valid during the call.
 *
 * @param {Recording} recording
 * @param {(state: State, link: string) => void} onTick
 * @returns {{ state: State, head: string }}
 */
export function replay(recording, onTick) {
  const text = readFileSync('data/level.txt', 'utf8')
  const state = newGame(parseLevel(text), recording.seed)
  let link = firstLink(text, recording.seed)
  onTick(state, link)
  for (const { ticks, keys } of recording.stretches) {
    const input = { left: keys.includes('L'), right: keys.includes('R'), jump: keys.includes('J') }
    for (let tick = 0; tick < ticks && !isOver(state); tick++) {
      step(state, input)
      link = nextLink(link, state)
      onTick(state, link)
    }
  }
  return { state, head: link }
}
