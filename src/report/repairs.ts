import type { Json } from '../model/canonical.ts'
import type { Manifest } from '../model/manifest.ts'
import { printJson } from './json.ts'
import { count, plain, quote } from './phrase.ts'
import { escapeText } from './style.ts'

/** What was done about a run, and how a person names its folder. */
export type Repair = { readonly run: string; readonly shown: string } & (
  | {
      readonly outcome: 'repaired'
      readonly manifest: Manifest
      /** SHA-256 of manifest.json. */
      readonly digest: string
      /** Bytes. */
      readonly torn: number
    }
  | { readonly outcome: 'complete' | 'alive' }
  | { readonly outcome: 'failed'; readonly problem: Problem }
)

type Problem =
  | { readonly kind: 'unreadable'; readonly path: string; readonly message: string }
  | { readonly kind: 'foreign' | 'lost'; readonly path: string }
  | { readonly kind: 'record' }
  | { readonly kind: 'journal'; readonly problem: { readonly line: number; readonly problem: string } | null }

export function renderRepair(repair: Repair): string {
  const shown = escapeText(repair.shown)
  switch (repair.outcome) {
    case 'alive':
      return `${shown} is still running: it was left alone.\n`
    case 'complete':
      return `${shown} has a manifest that says how it ended: nothing to repair.\n`
    case 'failed':
      return `error: ${shown} can't be repaired, and was left as it is: ${wordProblem(repair.problem)}\n`
    case 'repaired':
      return `${shown}: repaired; ${verdictWords(repair.manifest)}${tornWords(repair.torn)}\nmanifest sha256:${repair.digest}\n`
  }
}

export function renderRepairsJson(repairs: readonly Repair[]): string {
  return printJson(repairs.map(repairJson))
}

function repairJson(repair: Repair): Json {
  const { run, outcome } = repair
  if (repair.outcome === 'repaired') {
    const { verdict } = repair.manifest
    return { run, outcome, verdict, manifestSha256: repair.digest, tornBytes: repair.torn }
  }
  return repair.outcome === 'failed' ? { run, outcome, problem: wordProblem(repair.problem) } : { run, outcome }
}

function verdictWords({ verdict, actions }: Manifest): string {
  const ended = actions.filter(({ status }) => status !== 'interrupted').length
  const known = actions.length === 0 ? 'it had not begun' : `${ended} of ${count(actions.length, 'action')} had ended`
  return `${verdict.toUpperCase()}, ${known}`
}

function tornWords(bytes: number): string {
  return bytes === 0
    ? ''
    : `; the last ${count(bytes, 'byte')} of its journal were half a line, and are kept in the last one`
}

function wordProblem(problem: Problem): string {
  switch (problem.kind) {
    case 'unreadable':
      return `${quote(problem.path)} can't be read: ${plain(problem.message)}.`
    case 'foreign':
      return `${quote(problem.path)} is no regular file, and no run makes one. Take it away and repair again.`
    case 'lost':
      return `its journal tells of ${quote(problem.path)}, which is not there or not as it was. What it stands for is not proven: run again.`
    case 'record':
      return 'its run.json is not what a run writes. Run again.'
    case 'journal':
      return problem.problem === null
        ? 'neither its journal nor its manifest says what ran. Run again.'
        : `line ${problem.problem.line} of its journal can't be believed (${problem.problem.problem}). Run again.`
  }
}
