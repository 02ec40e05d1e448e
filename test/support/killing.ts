// Runs of fifty small actions that are ended from outside at moments that a seed decides.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Manifest } from '../../src/model/manifest.ts'
import { jsonLinesOf, placeFor, start, type Files, type Place, type Started } from './cli.ts'
import { pack } from './tasks.ts'

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)

/** Fifty actions: steps with outputs, phases, artifacts, and a pack that needs another. */
export const FIFTY: Files = {
  ...pack('a', {
    title: 'Fünfzig kleine Handlungen',
    steps: numbers(8).map((n) => ({ id: `s${n}`, run: `echo ${n} | tee out/${n}`, outputs: [`out/${n}`] })),
    acceptance: {
      lint: numbers(10).map((n) => ({ run: `echo lint ${n}` })),
      tests: numbers(10).map((n) => ({ run: `test -s out/${(n % 8) + 1}; echo ü` })),
    },
    artifacts: { required: numbers(8).map((n) => `out/${n}`) },
  }),
  ...pack('b', {
    needs: ['a'],
    acceptance: {
      lint: numbers(9).map((n) => ({ run: `echo ${n}` })),
      tests: numbers(9).map(() => ({ run: 'test 1' })),
    },
  }),
}

/** When a run is to end: after so many events that it has told, or after so many milliseconds, and a little later. */
export interface Moment {
  readonly index: number
  readonly sandbox: 'none' | 'bubblewrap'
  readonly events: number | null
  readonly ms: number
}

/** Events that a whole run of {@link FIFTY} tells, with some room for an end that never comes. */
const EVENTS = 155

/** Spread over the whole life of a run: every fourth by time from its very start, the others by what it has told. */
export function momentsOf(count: number, seed: number): readonly Moment[] {
  const random = randomOf(seed)
  return numbers(count).map((index) => ({
    index,
    sandbox: index % 10 === 0 ? 'bubblewrap' : 'none',
    events: index % 4 === 0 ? null : 1 + Math.floor(random() * EVENTS),
    ms: Math.floor(random() * (index % 4 === 0 ? 600 : 4)),
  }))
}

/** mulberry32: the same numbers for the same seed, on every machine. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Starts a run in a fresh workspace and ends it with a signal at a moment, unless it has ended by then. */
export async function endedAt(
  moment: Moment,
  signal: 'SIGKILL' | 'SIGINT',
): Promise<{ readonly place: Place; readonly ended: Awaited<Started> }> {
  const place = placeFor(FIFTY)
  const program = start(place, { args: ['run', '--jsonl', '-j4', `--sandbox=${moment.sandbox}`] })
  void until(program, moment).then(() => program.kill(signal))
  return { place, ended: await program }
}

async function until(program: Started, { events, ms }: Moment): Promise<void> {
  if (events !== null) await linesOf(program, events)
  await new Promise((resolve) => void setTimeout(resolve, ms))
}

/** Waits until a program has printed so many lines, or has ended. */
async function linesOf({ stdout }: Started, count: number): Promise<void> {
  let left = count
  await new Promise<void>((resolve) => {
    stdout.once('close', resolve)
    stdout.on('data', (chunk: Buffer) => {
      left -= chunk.toString('latin1').split('\n').length - 1
      if (left <= 0) resolve()
    })
  })
}

/** The folder of the only run that there is (absolute); `null`: it did not come to that. */
export function onlyRun({ root }: Place): string | null {
  const runs = join(root, '.codex/runs')
  if (!existsSync(runs)) return null
  const names = readdirSync(runs).filter((name) => /^\d{8}T/.test(name))
  expect(names.length).toBeLessThan(2)
  return names[0] === undefined ? null : join(runs, names[0])
}

export function manifestIn(run: string): Manifest {
  return JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8')) as Manifest
}

/** The journal's whole lines. */
export function journalIn(run: string): string {
  const path = join(run, 'events.jsonl')
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return text.slice(0, text.lastIndexOf('\n') + 1)
}

/** Every file of a run is in its list, with its digest, and nothing else. */
export function expectSealed(run: string): void {
  execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'files.sha256'], { cwd: run, stdio: 'pipe' })
  const listed = readFileSync(join(run, 'files.sha256'), 'utf8').trimEnd().split('\n')
  const found = readdirSync(run, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())
  expect(found.map(({ name }) => name).toSorted()).toHaveLength(listed.length + 1)
}

/** What a journal says of actions that have ended: the outcome of each, by its id. */
export function toldIn(journal: string): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const lines = journal === '' ? [] : jsonLinesOf(journal)
  const outcomes = lines.flatMap(({ type, outcome }) => (type === 'action-finished' ? [outcome as { id: string }] : []))
  return new Map(
    outcomes.map(({ id, ...outcome }) => {
      const { attempts: _attempts, ...told } = outcome as Record<string, unknown>
      return [id, told]
    }),
  )
}
