// codex init where somebody sits at a terminal: one is made by script(1), and each key waits for its question.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { CLI, placeFor, read, type Place } from '../support/cli.ts'

interface Sat {
  readonly exitCode: number | undefined
  readonly screen: string
}

const DOWN = '\u001B[B'
const ENTER = '\r'
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'

/** Whatever a terminal obeys instead of showing it. */
const OBEYED = /\u001B\[[0-9;?]*[A-Za-z]/g

/** Types each answer when its question, or the choice that it follows, has been on the screen since the last one. */
async function sit(
  place: Place,
  args: readonly string[],
  answers: readonly (readonly [RegExp, string])[],
): Promise<Sat> {
  const words = [process.execPath, CLI, 'init', ...args].map((word) => `'${word}'`).join(' ')
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

const made = (place: Place): boolean => existsSync(join(place.root, 'task-packs'))

describe('codex init on a terminal', () => {
  it('asks for id, pillar, domain, template, title and variables, and says what is wrong with an answer', async () => {
    const place = placeFor({})
    const { exitCode, screen } = await sit(
      place,
      [],
      [
        [/What is the pack called\?/, `My${ENTER}`],
        [/can't be `My`/, '\u007F\u007Fmy-pack'],
        [/my-pack█/, ENTER],
        [/Which pillar\?[^]*● security/, DOWN],
        [/● web/, DOWN],
        [/● game/, DOWN],
        [/● platform/, ENTER],
        [/Which template\?[^]*● platform-minimal \(The smallest/, ENTER],
        [/What is the work, in one line\?/, `It's mine${ENTER}`],
        [/How people are greeted\?/, ENTER],
      ],
    )
    expect(exitCode, screen).toBe(0)
    expect(screen).toContain('Made task-packs/my-pack of the template platform-minimal')
    expect(read(place, 'task-packs/my-pack/task.yml')).toMatch(
      /^id: my-pack\ntitle: 'It''s mine'\n[^]*GREETING: Hello\n/m,
    )
  })

  it.each([
    ['Ctrl-C', CTRL_C],
    ['Ctrl-D', CTRL_D],
  ])('is left with %s, with nothing written', async (_, key) => {
    const place = placeFor({})
    const { exitCode, screen } = await sit(place, ['mine'], [[/Which pillar\?[^]*● security/, key]])
    expect(exitCode, screen).toBe(130)
    expect(screen).toMatch(/Nothing was written\.\s*$/)
    expect(made(place)).toBe(false)
  })

  it('asks nothing where all is said', async () => {
    const place = placeFor({})
    const { exitCode, screen } = await sit(place, ['mine', '-t', 'platform-minimal', '-q'], [])
    expect([exitCode, screen]).toEqual([0, ''])
    expect(made(place)).toBe(true)
  })
})
