// Kill -9 at random moments of a run with fifty actions. CODEX_KILLS=200 tries two hundred, CODEX_SEED others.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { replayJournal } from '../../src/evidence/replay.ts'
import { verifyRun } from '../../src/evidence/verify/verify.ts'
import { recordedRunAt } from '../../src/host/recorded-run.ts'
import { codex, manifestText, recordOf, type Place } from '../support/cli.ts'
import {
  endedAt,
  expectSealed,
  FIFTY,
  journalIn,
  manifestIn,
  momentsOf,
  onlyRun,
  toldIn,
  type Moment,
} from '../support/killing.ts'

const COUNT = Number(process.env['CODEX_KILLS'] ?? 40)
const SEED = Number(process.env['CODEX_SEED'] ?? 1)

const whole = new Map<Moment['sandbox'], string>()

beforeAll(async () => {
  for (const sandbox of ['none', 'bubblewrap'] as const) {
    const { place } = await codex(FIFTY, { args: ['run', '-q', `--sandbox=${sandbox}`], exitCode: 0 })
    whole.set(sandbox, manifestText(place))
  }
})

async function json<T>(place: Place, args: readonly string[], exitCode = 0): Promise<T> {
  const { stdout } = await codex(place, { args: [...args, '--json'], exitCode })
  return JSON.parse(stdout) as T
}

interface Listed {
  readonly run: string
  readonly standing: string
}

interface Repaired {
  readonly run: string
  readonly outcome: string
}

function problemsOf(run: string): readonly string[] {
  return verifyRun(recordedRunAt(run), { keys: [] }).problems.map(({ kind, path }) => `${path} ${kind}`)
}

/** Nothing that was recorded is lost, and nothing passed that did not. */
async function expectRepaired(place: Place, run: string): Promise<void> {
  const stdout = ['the run has not ended', 'codex runs repair']
  await codex(place, { args: ['verify', run], exitCode: 5, stdout })
  const journal = journalIn(run)
  const told = toldIn(journal)
  const done = await json<readonly Repaired[]>(place, ['runs', 'repair'])
  expect(done.map(({ outcome }) => outcome)).toEqual(['repaired'])

  const manifest = manifestIn(run)
  const replayed = replayJournal(journalIn(run))
  expect(replayed).toMatchObject({ ok: true, value: { manifest, torn: false } })
  expect(journalIn(run).startsWith(journal)).toBe(true)
  for (const [id, outcome] of told) expect(manifest.actions.find((action) => action.id === id)).toMatchObject(outcome)
  const others = manifest.actions.filter(({ id }) => !told.has(id))
  expect(others.every(({ status }) => status === 'interrupted')).toBe(true)
  const concluded = journal.includes('"type":"run-finished"')
  expect(manifest.verdict).toBe(concluded ? 'passed' : 'interrupted')
  expectSealed(run)
  expect(problemsOf(run)).toEqual([])
  expect(recordOf(place, run.slice(place.root.length + 1))).toMatchObject({ verdict: manifest.verdict, jobs: 4 })
  await codex(place, { args: ['runs', 'repair', run], exitCode: 0, stdout: ['nothing to repair'] })
  await codex(place, { args: ['verify', run], exitCode: 0 })
}

/** Whatever stands there is true: that nothing ran, that a run was killed, or that it passed. */
async function expectTold(place: Place): Promise<void> {
  const run = onlyRun(place)
  const verdict = run === null ? null : manifestIn(run).verdict
  expect([null, 'started', 'passed']).toContain(verdict)
  const standings = verdict === null ? [] : [verdict === 'started' ? 'killed' : verdict]
  const runs = await json<readonly Listed[]>(place, ['runs'])
  expect(runs.map(({ standing }) => standing)).toEqual(standings)
  if (run !== null && verdict === 'started') await expectRepaired(place, run)
  expect(run !== null && verdict === 'passed' ? problemsOf(run) : []).toEqual([])
}

async function expectNextRuns(place: Place, { sandbox }: Moment): Promise<void> {
  await codex(place, { args: ['run', '-q', `--sandbox=${sandbox}`], exitCode: 0 })
  expect(manifestText(place)).toBe(whole.get(sandbox))
  expect(manifestIn(join(place.root, '.codex/runs/latest')).actions).toHaveLength(50)
  expect(readdirSync(place.temporary)).toEqual([])
  expect(readdirSync(join(place.root, '.codex/runs')).filter((name) => name.startsWith('.'))).toEqual([])
}

describe.concurrent(`kill -9 at ${COUNT} moments`, () => {
  it.each(momentsOf(COUNT, SEED))(
    'no. $index ($sandbox, after $events events and $ms ms) leaves a run that can be repaired, and the next runs',
    async (moment) => {
      const { place, ended } = await endedAt(moment, 'SIGKILL')
      expect(ended.exitCode === 0 || ended.signal === 'SIGKILL').toBe(true)
      await expectTold(place)
      if (moment.index % 4 === 0) await expectNextRuns(place, moment)
    },
  )
})
