import { spawnSync } from 'node:child_process'

export interface Row {
  readonly name: string
  /** Of codex and of the floor or peer, in the unit. */
  readonly ours: number
  readonly floor: number
  readonly unit: string
  /** What the ratio is to stay below; `null`: only shown. */
  readonly aim: number | null
}

/** Wall times in milliseconds of commands that take turns, so that a machine that gets slower slows all of them: medians. */
export function takeTurns(commands: readonly (() => void)[], rounds: number): readonly number[] {
  const times = commands.map((): number[] => [])
  for (let round = 0; round <= rounds; round++) {
    for (const [index, command] of commands.entries()) {
      const start = performance.now()
      command()
      // The first round warms the caches of the file system.
      if (round > 0) times[index]?.push(performance.now() - start)
    }
  }
  return times.map(median)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? NaN
}

/** Runs a command that must end with the expected code. */
export function run(argv: readonly string[], options: { readonly cwd?: string; readonly code?: number } = {}): string {
  const [file = '', ...words] = argv
  const { status, stdout, stderr } = spawnSync(file, words, {
    cwd: options.cwd,
    encoding: 'utf8',
    maxBuffer: 1024 ** 3,
  })
  if (status !== (options.code ?? 0)) throw new Error(`${argv.join(' ')} ended with ${status}\n${stdout}\n${stderr}`)
  return stdout
}

/** CPU time in milliseconds of a command and its children, as its shell adds it up. */
export function cpuTime(argv: readonly string[], cwd: string): number {
  const words = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const times =
    run(['bash', '-c', `${words} >/dev/null; times`], { cwd })
      .trimEnd()
      .split('\n')
      .at(-1) ?? ''
  return [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + Number(m) * 60_000 + Number(s) * 1000,
    0,
  )
}

export function renderRow({ name, ours, floor, unit, aim }: Row): string {
  const ratio = ours / floor
  const mark = aim === null ? '' : ratio <= aim ? `  (at most ${aim})` : `  MORE THAN ${aim}`
  const numbers = [ours, floor].map((value) => `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`.padStart(12)).join('')
  return `${name.padEnd(58)}${numbers}  ${ratio.toFixed(2)}x${mark}\n`
}
