// codex init where somebody sits at a terminal: one is made by script(1), and each key waits for its question.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { placeFor, read, type Place } from '../support/cli.ts'
import { CTRL_C, CTRL_D, DOWN, ENTER, sit } from '../support/terminal-session.ts'

const made = (place: Place): boolean => existsSync(join(place.root, 'task-packs'))

describe('codex init on a terminal', () => {
  it('asks for id, pillar, domain, template, title and variables, and says what is wrong with an answer', async () => {
    const place = placeFor({})
    const { exitCode, screen } = await sit(
      place,
      ['init'],
      [
        [/What is the pack called\?/, `My${ENTER}`],
        [/can't be `My`/, '\u007F\u007Fmy-pack'],
        [/my-pack█/, ENTER],
        [/Which pillar\?[^]*● security/, DOWN],
        [/● web/, DOWN],
        [/● game/, DOWN],
        [/● platform/, ENTER],
        [/Which domain\?[^]*● general/, ENTER],
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
    const { exitCode, screen } = await sit(place, ['init', 'mine'], [[/Which pillar\?[^]*● security/, key]])
    expect(exitCode, screen).toBe(130)
    expect(screen).toMatch(/Nothing was written\.\s*$/)
    expect(made(place)).toBe(false)
  })

  it('asks nothing where all is said', async () => {
    const place = placeFor({})
    const { exitCode, screen } = await sit(place, ['init', 'mine', '-t', 'platform-minimal', '-q'], [])
    expect([exitCode, screen]).toEqual([0, ''])
    expect(made(place)).toBe(true)
  })
})
