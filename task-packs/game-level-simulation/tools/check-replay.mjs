// The chain of states is the golden one, it is the same under other circumstances, and the recording wins the level.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { CHECKPOINT_EVERY } from './golden.mjs'
import { readRecording, replay } from './replay.mjs'

/** @type {import('./golden.mjs').Golden} */
const golden = JSON.parse(readFileSync('golden/chain.json', 'utf8'))
const recording = readRecording()
const links = linesOf('build/chain.txt')
const again = linesOf('build/again.txt')
const { state, head } = replay(recording, () => {})

const checks = [
  check('checkpoints', golden.checkpoints, (expected, index) => {
    const tick = index * CHECKPOINT_EVERY
    return links[tick] === expected ? [] : [`tick ${tick}: the chain is ${links[tick]} instead of ${expected}`]
  }),
  check('head', [golden.head], (expected) => {
    const ticks = links.length - 1
    if (ticks !== golden.ticks) return [`the game takes ${ticks} ticks instead of ${golden.ticks}`]
    return links[ticks] === expected ? [] : [`tick ${ticks}: the head is ${links[ticks]} instead of ${expected}`]
  }),
  check('same-elsewhere', links, (link, tick) =>
    again[tick] === link ? [] : [`tick ${tick}: another time zone and locale give ${again[tick]} instead of ${link}`],
  ),
  check('same-in-one-process', [head], () =>
    head === links.at(-1) ? [] : [`played once more, the head is ${head} instead of ${links.at(-1)}`],
  ),
  // The first link covers the seed itself, so what counts is where the enemies went.
  check('seed-matters', [recording.seed + 1, recording.seed + 2], (seed) =>
    JSON.stringify(replay({ ...recording, seed }, () => {}).state.enemies) === JSON.stringify(state.enemies)
      ? [`the seed ${seed} moves no enemy differently`]
      : [],
  ),
  check('won', [state], ({ won, tick, player }) =>
    won ? [] : [`the level is not won: at tick ${tick} the player has ${player.lives} lives and is not at the exit`],
  ),
]

const failures = checks.flatMap((done) => done.failures)
writeReport()
for (const failure of failures.slice(0, 20)) process.stderr.write(`${failure}\n`)
if (failures.length > 0) process.exitCode = 1

/**
 * @template Subject
 * @param {string} name
 * @param {readonly Subject[]} subjects
 * @param {(subject: Subject, index: number) => string[]} find
 */
function check(name, subjects, find) {
  return { name, subjects: subjects.length, failures: subjects.flatMap(find) }
}

/** @param {string} path */
function linesOf(path) {
  return readFileSync(path, 'utf8').trimEnd().split('\n')
}

function writeReport() {
  const { player, coins, enemies, score, tick, won } = state
  const report = {
    pack: 'game-level-simulation',
    checks: checks.map((done) => ({ name: done.name, subjects: done.subjects, failures: done.failures.length })),
    seed: recording.seed,
    ticks: tick,
    chainHead: head,
    won,
    score,
    livesLeft: player.lives,
    coinsLeft: coins.length,
    enemiesLeft: enemies.length,
  }
  mkdirSync('artifacts', { recursive: true })
  writeFileSync('artifacts/replay.json', `${JSON.stringify(report, null, 2)}\n`)
}
