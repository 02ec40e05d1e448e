// The program where somebody sits at a terminal: one is made by script(1), and each key waits for its question.
import { execa } from 'execa'
import { expect } from 'vitest'
import { CLI, type Place } from './cli.ts'

interface Sat {
  readonly exitCode: number | undefined
  readonly screen: string
}

export const DOWN = '\u001B[B'
export const ENTER = '\r'
export const CTRL_C = '\u0003'
export const CTRL_D = '\u0004'

/** Whatever a terminal obeys instead of showing it. */
const OBEYED = /\u001B\[[0-9;?]*[A-Za-z]/g

/** Types each answer when its question, or the choice that it follows, has been on the screen since the last one. */
export async function sit(
  place: Place,
  args: readonly string[],
  answers: readonly (readonly [RegExp, string])[],
): Promise<Sat> {
  const words = [process.execPath, CLI, ...args].map((word) => `'${word}'`).join(' ')
  const running = execa('script', ['-qec', `stty cols 100 rows 30; ${words}`, '/dev/null'], {
    cwd: place.root,
    env: { PATH: process.env['PATH'], HOME: place.home, TMPDIR: place.temporary, LANG: 'C.UTF-8', TERM: 'xterm' },
    extendEnv: false,
    reject: false,
    stdin: 'pipe',
  })
  const left = [...answers]
  let screen = ''
  let from = 0
  for await (const chunk of running.stdout.setEncoding('utf8')) {
    screen += String(chunk)
    const [next] = left
    if (!next || !next[0].test(screen.slice(from).replace(OBEYED, ''))) continue
    from = screen.length
    left.shift()
    running.stdin.write(next[1])
  }
  const { exitCode } = await running
  expect(left, screen).toEqual([])
  return { exitCode, screen: screen.replace(OBEYED, '') }
}
