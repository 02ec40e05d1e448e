// Plays every recording and writes down the hash of the state at each checkpoint. A recording is a seed and then lines of
// `<ticks> <keys>`, `-` for none. Usage: play.mjs <file>
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { start, step } from '../game/lander.mjs'

const CHECKPOINT = 30

const played = Object.fromEntries(
  readdirSync('replays')
    .toSorted()
    .map((file) => [file.replace(/\.txt$/, ''), play(readFileSync(`replays/${file}`, 'utf8'))]),
)
writeFileSync(process.argv[2] ?? 'build/states.json', `${JSON.stringify(played, null, 2)}\n`)

function play(recording) {
  const [head = '', ...lines] = recording.trimEnd().split('\n')
  let state = start(Number(/^seed (\d+)$/.exec(head)?.[1]))
  const checkpoints = [hash(state)]
  for (const line of lines) {
    const [, ticks = '0', keys = ''] = /^(\d+) (-|[TLR]+)$/.exec(line) ?? []
    for (let tick = 0; tick < Number(ticks); tick++) {
      state = step(state, keys)
      if (state.tick % CHECKPOINT === 0) checkpoints.push(hash(state))
    }
  }
  return { status: state.status, ticks: state.tick, fuel: state.fuel, checkpoints, last: hash(state) }
}

function hash(state) {
  return createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, 16)
}
