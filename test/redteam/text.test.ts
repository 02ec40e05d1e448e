// Attacks by text: packs that are read, and what commands print.
import { beforeAll, describe, expect, it } from 'vitest'
import { execa } from 'execa'
import { codex, giveAway, placeFor } from '../support/cli.ts'
import { parse } from '../packs/task-text.ts'
import { pack } from '../support/tasks.ts'
import { besidesOurs } from '../support/workflow-runner.ts'
import { INJECTIONS, type Injections } from './injection.ts'
import { BOMBS } from './parser.ts'
import { USERS } from './users.ts'

interface Told {
  readonly code: string
  readonly location: { readonly file: string } | null
}

describe.each(Object.entries(USERS))('read by %s', (_, through) => {
  let told: readonly Told[]

  beforeAll(async () => {
    const files = Object.entries(BOMBS).map(([id, { text }]) => [
      `task-packs/${id}/task.yml`,
      text.replace('id: bomb', `id: ${id}`),
    ])
    const place = placeFor(Object.fromEntries(files))
    if (through.length > 0) giveAway(place)
    const { stdout } = await codex(place, { args: ['validate', '--json'], through, exitCode: 2 })
    told = (JSON.parse(stdout) as { readonly diagnostics: readonly Told[] }).diagnostics
  })

  it.each(Object.entries(BOMBS))('refuses %s', (id, { code }) => {
    const codes = told.filter(({ location }) => location?.file === `task-packs/${id}/task.yml`).map((one) => one.code)
    expect(codes).toContain(code)
  })
})

it.each(Object.entries(BOMBS))('%s works on a reader that is not on its guard', (_, { text, acts }) => {
  expect(acts(text)).toBe(true)
})

it.each(Object.entries(BOMBS))('%s takes less than a second of a processor to refuse', (_, { text, code }) => {
  const start = process.cpuUsage()
  const { diagnostics } = parse(text)
  const { user, system } = process.cpuUsage(start)
  expect(user + system).toBeLessThan(1_000_000)
  expect(diagnostics.map((one) => one.code)).toContain(code)
})

/** A run on a screen, and one in a workflow, which obeys a screen's controls as well: its log is read on one. */
const PLACES = Object.entries(INJECTIONS).flatMap(([theme, injections]) =>
  inTens(injections).flatMap((some) => [
    [theme, 'on a screen', some, {}] as const,
    [theme, 'in a workflow of GitHub', some, { GITHUB_ACTIONS: 'true', CI: 'true', NO_COLOR: '1' }] as const,
  ]),
)

/** The logs of no more failures are shown at once. */
function inTens(injections: Injections): readonly Injections[] {
  const entries = Object.entries(injections)
  const starts = [...entries.keys()].filter((index) => index % 10 === 0)
  return starts.map((start) => Object.fromEntries(entries.slice(start, start + 10)))
}

describe.each(Object.entries(USERS))('run by %s', (_, through) => {
  describe.each(PLACES)('what is obeyed %s is shown %s:', (theme, at, injections, env) => {
    let text: string

    beforeAll(async () => {
      const steps = Object.entries(injections).map(([id, { run }]) => ({ id, run }))
      const place = placeFor(pack('a', { steps }))
      if (through.length > 0) giveAway(place)
      const { stdout, stderr } = await codex(place, { args: ['run', '-j4'], env, through, exitCode: 1 })
      text = `${stdout}\n${stderr}`
    })

    it.each(Object.entries(injections))('%s', (_id, { raw, shown }) => {
      expect(text).toMatch(shown)
      // On a screen a command of a workflow is a text like any other.
      const obeyed = theme === at && raw.test(besidesOurs(text))
      expect(obeyed).toBe(false)
    })
  })
})

describe('printed as it is', () => {
  it.each(Object.values(INJECTIONS).flatMap((injections) => Object.entries(injections)))(
    '%s would be obeyed',
    async (_, { run, raw }) => {
      const { root } = placeFor({ here: '' })
      const { all } = await execa(
        'sh',
        ['-c', `${run.replace(/; exit 1$/, '')}; find . ! -name here -type f -printf '%P\\n'`],
        {
          cwd: root,
          all: true,
          reject: false,
        },
      )
      expect(all).toMatch(raw)
    },
  )
})
