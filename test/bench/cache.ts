import { rmSync } from 'node:fs'
import { cpuTime, median, run, takeTurns, type Row } from './measure.ts'
import { addMakers, makeWorkspace } from './workspaces.ts'

/** A millisecond of CPU for each of 990 actions, on a machine whose `node -e 0` takes 84 ms. */
const A_MILLISECOND_EACH = 11.8
const ROUNDS = 5

/**
 * What actions cost that are all reused, each with a log and an output: a run of 1,000 of them, gates included, and one of 10, which
 * is the start. All of a run is counted, from reading the packs to sealing its folder.
 */
export function cacheRows(codex: readonly string[]): readonly Row[] {
  const [few, many] = [
    { packs: 1, steps: 7 },
    { packs: 10, steps: 97 },
  ].map(({ packs, steps }) => {
    const root = makeWorkspace()
    for (let index = 0; index < packs; index++) addMakers(root, { id: `pack-${index}`, steps })
    return root
  }) as [string, string]
  const command = [...codex, 'run', '-q', '--cache']
  const start = performance.now()
  run(command, { cwd: many })
  const cold = performance.now() - start
  run(command, { cwd: few })
  const [warm = NaN] = takeTurns([() => run(command, { cwd: many })], ROUNDS)
  const [fewTime, manyTime, empty] = cpuTimes([
    () => cpuTime(command, few),
    () => cpuTime(command, many),
    () => cpuTime([process.execPath, '-e', '0'], few),
  ]) as [number, number, number]
  for (const root of [few, many]) rmSync(root, { recursive: true })
  return [
    {
      name: 'CPU: 990 reused actions / node -e 0',
      ours: manyTime - fewTime,
      floor: empty,
      unit: 'ms',
      aim: A_MILLISECOND_EACH,
    },
    { name: 'a run of 1,000 actions, all reused / none', ours: warm, floor: cold, unit: 'ms', aim: 0.25 },
  ]
}

/** In turns, so that a machine that gets slower slows all of them: medians. */
function cpuTimes(commands: readonly (() => number)[]): readonly number[] {
  const times = commands.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, command] of commands.entries()) times[index]?.push(command())
  }
  return times.map(median)
}
