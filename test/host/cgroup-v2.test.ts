// What the kernel does where codex can have cgroups, tried in a Linux of its own in which there are some.
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { UNWATCHED } from '../redteam/guards.ts'
import { buildMutant } from '../redteam/mutant.ts'
import { bootUml, WITHOUT_UML } from '../support/uml.ts'
import type { InsideResults, RanInside } from './cgroup-inside.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** Whoever looks after them. */
const ENDS = {
  'limits:steps/bomb': 'limit memory',
  'limits:steps/bomb-of-files': 'limit memory',
  'limits:steps/bomb-of-many': 'limit memory',
  'limits:steps/bomb-shared': 'limit memory',
  'limits:steps/good': 'passed',
  'limits:steps/just-over': 'limit memory',
  'limits:steps/just-under': 'passed',
  'limits:steps/output': 'limit output',
  'limits:steps/processes': 'limit processes',
  'limits:steps/processes-enough': 'passed',
  'limits:steps/shared-by-many': 'passed',
  'limits:steps/threads': 'limit processes',
}

if (WITHOUT_UML !== null) process.stderr.write(`\n${WITHOUT_UML}\n`)

describe.skipIf(WITHOUT_UML !== null)(`in a Linux with cgroups (version 2)${WITHOUT_UML ?? ''}`, () => {
  let seen: InsideResults
  let alone: Pick<InsideResults, 'peaks'>

  beforeAll(async () => {
    const driver = fileURLToPath(new URL('cgroup-inside.ts', import.meta.url))
    const scenarios = ['held', 'watched', 'killed', 'delegated', 'readOnly', 'doctors']
    seen = await bootUml({ driver, program: CLI, scenarios })
    const unwatched = await buildMutant(UNWATCHED)
    alone = await bootUml<typeof alone>({ driver, program: unwatched.path, scenarios: ['peaks'] }).finally(
      unwatched.remove,
    )
  }, 1_800_000)

  const endsOf = ({ ends }: RanInside): object =>
    Object.fromEntries(Object.entries(ends).filter(([id]) => id.includes(':steps/')))

  it('every action is held to its limits by the kernel, also beside others', () => {
    expect(seen.held.limiter, seen.held.said).toBe('cgroup')
    expect(endsOf(seen.held), seen.held.said).toEqual(ENDS)
    expect(seen.held.exitCode).toBe(4)
  })

  it('a watchdog does instead where processes of somebody else are around, and says the same of every action', () => {
    expect(seen.watched.limiter, seen.watched.said).toBe('watchdog')
    expect(endsOf(seen.watched), seen.watched.said).toEqual(ENDS)
    expect(seen.watched.manifest).toBe(seen.held.manifest)
  })

  it('the kernel sees what nobody looks for: a peak that passes, and processes that are quicker than anybody counts', () => {
    expect(endsOf(alone.peaks), alone.peaks.said).toEqual({
      'peaks:steps/fork-bomb': 'limit processes',
      'peaks:steps/short-peak': 'limit memory',
    })
  })

  it('nothing is left of them when codex ends', () => {
    for (const { left } of [seen.held, seen.watched, seen.delegated, alone.peaks]) expect(left).toEqual([])
  })

  it('what a codex leaves that is killed, the next one removes', () => {
    const { during, after, next } = seen.killed
    expect(during).toHaveLength(1)
    expect(after).toEqual(during)
    expect(next, next.said).toMatchObject({ exitCode: 0, limiter: 'cgroup', left: [] })
  })

  it('an ordinary user has them where they are given to him', () => {
    expect(seen.delegated.limiter, seen.delegated.said).toBe('cgroup')
    expect(endsOf(seen.delegated)).toEqual({ 'delegated:steps/bomb': 'limit memory', 'delegated:steps/good': 'passed' })
  })

  it('a watchdog does where they are mounted read-only, as in containers', () => {
    expect(seen.readOnly, seen.readOnly.said).toMatchObject({ exitCode: 0, limiter: 'watchdog' })
  })

  it('codex doctor tells which of both it is', () => {
    expect(seen.doctors.held).toMatch(/^ok The kernel .* and a watchdog/)
    expect(seen.doctors.watched).toMatch(/^warning A watchdog .* shares its own with other processes/)
  })
})
