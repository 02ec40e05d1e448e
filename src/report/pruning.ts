import { byteSize } from './bytes.ts'
import { printJson } from './json.ts'
import { count } from './phrase.ts'
import { runJson, type ShownRun } from './runs.ts'
import { escapeText } from './style.ts'

export interface Pruned {
  readonly removed: readonly ShownRun[]
  /** Names of runs that would have gone if nothing were at work on them. */
  readonly alive: readonly string[]
  readonly dryRun: boolean
  /** How many there are now. */
  readonly kept: number
}

export function wordQuestion(runs: readonly ShownRun[]): string {
  const first = runs[0]?.name ?? ''
  const last = runs.at(-1)?.name ?? ''
  const which = runs.length === 1 ? first : `from ${first} to ${last}`
  return `Remove ${count(runs.length, 'run')}, ${escapeText(which)} (${sizeOf(runs)}), for good?`
}

export function renderPruned({ removed, alive, dryRun, kept }: Pruned): string {
  const verb = dryRun ? 'would be removed' : 'removed'
  return [
    ...removed.map(({ name, standing }) => `${escapeText(name)}  ${standing}`),
    ...alive.map((name) => `${escapeText(name)} is still running: it stays`),
    `${count(removed.length, 'run')} ${verb} (${sizeOf(removed)}), ${kept} kept`,
  ]
    .map((line) => `${line}\n`)
    .join('')
}

export function renderPrunedJson({ removed, alive, dryRun, kept }: Pruned): string {
  return printJson({ dryRun, removed: removed.map(runJson), alive, kept })
}

function sizeOf(runs: readonly ShownRun[]): string {
  return byteSize(runs.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0))
}
