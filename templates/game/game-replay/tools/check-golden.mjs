// Every recording plays out as it once did, twice, up to its last state. After a change of the rules that was meant, copy
// artifacts/replays.json of the run over golden/replays.json and look at the difference.
import { readFileSync, writeFileSync } from 'node:fs'

const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const states = read('build/states.json')
const again = read('build/again.json')
const golden = read('golden/replays.json')
writeFileSync('artifacts/replays.json', `${JSON.stringify(states, null, 2)}\n`)

const problems = []
for (const name of new Set([...Object.keys(golden), ...Object.keys(states)])) {
  const at = `replays/${name}.txt`
  if (!golden[name]) problems.push(`${at}: golden/replays.json does not know it`)
  else if (!states[name]) problems.push(`${at}: it was not played`)
  else {
    compare(at, states[name], golden[name], 'the state is another one')
    compare(at, states[name], again[name] ?? states[name], 'played again, the state is another one')
  }
}
if (Object.keys(states).length === 0) problems.push('replays: there is no recording')
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

function compare(at, found, expected, words) {
  const first = expected.checkpoints.findIndex((hash, index) => hash !== found.checkpoints[index])
  if (first !== -1) problems.push(`${at}: ${words} from tick ${first * 30} on`)
  else if (found.last !== expected.last)
    problems.push(`${at}: ${words} at the end, ${found.status} after ${found.ticks} ticks`)
}
