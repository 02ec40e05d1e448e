import * as z from 'zod'
import type { RecordedRun } from '../model/ports.ts'
import type { Verdict } from '../model/outcome.ts'
import { RECORD } from './conclude.ts'
import { readManifest } from './read.ts'

/**
 * How a run stands. `running`: a process that may be alive is at work on it; `killed`: it has started and its process is gone;
 * `damaged`: its manifest is none.
 */
export type Standing = Exclude<Verdict, 'started'> | 'running' | 'killed' | 'damaged'

/** A recorded run in few words. What can't be read of it is `null`. */
export interface RunOverview {
  readonly name: string
  readonly standing: Standing
  /** ISO 8601 in UTC. */
  readonly startedAt: string | null
  /** `null` for a run that did not say when it ended as well. */
  readonly durationMs: number | null
  readonly packs: readonly string[]
  readonly actions: number
  /** Of all that lies in its folder. */
  readonly bytes: number | null
}

const recordTimes = z.looseObject({ startedAt: z.iso.datetime(), durationMs: z.number() })

/** @param alive whether a process is at work on it */
export function overviewOf(run: RecordedRun, alive: boolean): RunOverview {
  const manifest = readManifest(run)
  const times = timesOf(run)
  const listed = run.list()
  const standing = manifest.ok ? standingOf(manifest.value.verdict, alive) : 'damaged'
  const ended = standing !== 'running' && standing !== 'killed'
  return {
    name: run.name,
    standing,
    startedAt: times?.startedAt ?? null,
    durationMs: ended ? (times?.durationMs ?? null) : null,
    packs: manifest.ok ? manifest.value.packs.map(({ id }) => id) : [],
    actions: manifest.ok ? manifest.value.actions.length : 0,
    bytes: listed.ok ? listed.value.reduce((sum, { size }) => sum + size, 0) : null,
  }
}

export function standingOf(verdict: Verdict, alive: boolean): Standing {
  if (verdict !== 'started') return verdict
  return alive ? 'running' : 'killed'
}

function timesOf(run: RecordedRun): z.output<typeof recordTimes> | null {
  try {
    const read = recordTimes.safeParse(JSON.parse(Buffer.concat([...run.chunks(RECORD)]).toString()))
    return read.success ? read.data : null
  } catch {
    return null
  }
}
