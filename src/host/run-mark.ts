import { lstatSync, lutimesSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, isSystemError } from './file-error.ts'
import { fateOf, processName } from './process-id.ts'

const BEAT_MS = 5000
/** How long a process of which nothing can be known from here may be silent before it is taken for dead. */
const SILENCE_MS = 60_000

/** Says that a process is at work on a run. It lies beside the run's folder, because all that is in there is evidence. */
export interface RunMark {
  /** Whether nobody has taken the run over. */
  held(): boolean
  remove(): void
}

/**
 * Marks a run of the folder `parent` (absolute) as alive: by a link that leads to the name of this process, since a link is there
 * whole or not at all. It needs no removing to end: a process that is killed is seen to be gone, and from where that can't be
 * seen (another container or machine) its mark is seen to grow old.
 * `null`: another process is at work on the run.
 */
export function markRun(parent: string, name: string): RunMark | null {
  if (isMarked(parent, name)) return null
  const path = markOf(parent, name)
  rmSync(path, { force: true })
  const owner = processName() ?? 'unknown'
  try {
    symlinkSync(owner, path)
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return null
    throw error
  }
  const held = (): boolean => ownerOf(path) === owner
  const timer = setInterval(() => attempt(path, () => beat(path)), BEAT_MS)
  timer.unref()
  return {
    held,
    remove: () => {
      clearInterval(timer)
      if (held()) rmSync(path, { force: true })
    },
  }
}

/** Whether a process that may be alive is at work on the run. */
export function isMarked(parent: string, name: string): boolean {
  const path = markOf(parent, name)
  const owner = ownerOf(path)
  if (owner === null) return false
  const fate = fateOf(owner)
  if (fate !== 'unknown') return fate === 'alive'
  const stat = attempt(path, () => lstatSync(path))
  return stat.ok && Date.now() - stat.value.mtimeMs < SILENCE_MS
}

function markOf(parent: string, name: string): string {
  return join(parent, `.${name}.alive`)
}

function ownerOf(path: string): string | null {
  const target = attempt(path, () => readlinkSync(path))
  return target.ok ? target.value : null
}

function beat(path: string): void {
  const now = Date.now() / 1000
  lutimesSync(path, now, now)
}
