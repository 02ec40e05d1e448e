import type { Cause, Difference, Side } from '../model/difference.ts'
import type { NamedRun } from './difference.ts'
import { printJson } from './json.ts'

export interface DifferenceDocument {
  readonly difference: Difference
  readonly runs: Readonly<Record<Side, NamedRun>>
  readonly exitCode: number
  /** Files of the runs that can't be believed. */
  readonly damaged: readonly { readonly run: Side; readonly path: string; readonly problem: string }[]
}

/** The one document of `diff --json`. */
export function renderDifferenceJson({ difference, runs, exitCode, damaged }: DifferenceDocument): string {
  const { same, causes, total, unchanged, roots, followers, endings } = difference
  return printJson({
    same,
    exitCode,
    from: runJson(runs.from),
    to: runJson(runs.to),
    causes: causes.map(causeJson),
    actions: { total, unchanged, roots, followers },
    endings,
    damaged,
  })
}

function runJson({ name, view }: NamedRun): object {
  return { run: name, verdict: view.verdict, manifestSha256: view.digest }
}

export function causeJson({ subject, details, actions, followers }: Cause): object {
  return {
    ...subject,
    details: details.map(({ action, change, place }) => ({
      action,
      change,
      file: place?.file ?? null,
      line: place?.start.line ?? null,
    })),
    actions,
    followers,
  }
}
