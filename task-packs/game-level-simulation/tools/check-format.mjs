// The data: a level without ragged rows, and recording and golden file in the one form that the tools write.
import { readFileSync } from 'node:fs'
import { CHECKPOINT_EVERY } from './golden.mjs'
import { formatRecording, readRecording } from './replay.mjs'
import { parseLevel } from './sim/level.mjs'

const problems = [...levelProblems(), ...recordingProblems(), ...goldenProblems()]
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

function levelProblems() {
  const text = readFileSync('data/level.txt', 'utf8')
  try {
    parseLevel(text)
  } catch (error) {
    return [`data/level.txt: ${error instanceof Error ? error.message : String(error)}`]
  }
  return text.endsWith('#\n') ? [] : ['data/level.txt does not end with one line feed']
}

function recordingProblems() {
  const recording = readRecording()
  const { seed, stretches } = recording
  const found = stretches.flatMap(({ ticks, keys }, index) =>
    Number.isSafeInteger(ticks) && ticks > 0 && /^[LR]?J?$/.test(keys)
      ? []
      : [`data/input.json, stretch ${index + 1}: ${JSON.stringify({ ticks, keys })} can't be pressed`],
  )
  if (!Number.isSafeInteger(seed) || seed < 1 || seed > 0xffffffff) found.push(`data/input.json: no seed: ${seed}`)
  const written = readFileSync('data/input.json', 'utf8') === formatRecording(recording)
  return written ? found : [...found, 'data/input.json is not in the form that tools/record.mjs writes']
}

function goldenProblems() {
  /** @type {import('./golden.mjs').Golden} */
  const golden = JSON.parse(readFileSync('golden/chain.json', 'utf8'))
  const { ticks, checkpoints, head } = golden
  const found = [...checkpoints, head].every((link) => /^[0-9a-f]{64}$/.test(link))
    ? []
    : ['golden/chain.json holds something else than SHA-256 digests']
  const expected = Math.floor(ticks / CHECKPOINT_EVERY) + 1
  if (checkpoints.length !== expected) {
    found.push(`golden/chain.json has ${checkpoints.length} checkpoints instead of ${expected} for ${ticks} ticks`)
  }
  return found
}
