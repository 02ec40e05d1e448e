import type { Manifest, ManifestAction } from '../model/manifest.ts'
import { ASPECTS } from '../model/plan.ts'
import type { RunRecord } from '../model/record.ts'
import { isFailure } from './causes.ts'
import { statusWords } from './lines.ts'
import { count } from './phrase.ts'
import type { Sentence } from './report-model.ts'

/** How a run ended, in one sentence that can be quoted. */
export function verdictSentence(manifest: Manifest, record: RunRecord | null): Sentence {
  switch (manifest.verdict) {
    case 'passed':
      return accepted(manifest, record)
    case 'failed':
      return notAccepted(manifest)
    case 'interrupted':
      return interrupted(manifest, record)
    case 'refused':
      return refused(manifest, record)
    case 'started':
      return ['Not finished: this run has no verdict, because it still goes on or was killed.']
  }
}

function accepted({ actions, packs, guarantees }: Manifest, record: RunRecord | null): Sentence {
  const what = packs.length === 1 ? 'the one pack' : `all ${packs.length} packs`
  const missing = guarantees ? ASPECTS.filter((aspect) => guarantees[aspect] === 'none') : ASPECTS
  const done = `Accepted: ${what} passed, ${count(actions.length, 'action')} in all`
  if (missing.length === ASPECTS.length) return [`${done}, without a sandbox: nothing was enforced.`]
  const where: Sentence = record?.executor ? [', in ', { name: record.executor }] : [', in a sandbox']
  if (missing.length === 0) return [done, ...where, ' with every guarantee enforced.']
  return [done, ...where, ` that did not enforce ${missing.join(', ')}.`]
}

function notAccepted({ actions, partial }: Manifest): Sentence {
  if (actions.length === 0) return ['Not accepted: there was nothing to run.']
  const failures = actions.filter(isFailure)
  const early = partial ? ', and the run was ended at the first failure (fail-fast)' : ''
  const [first] = failures
  if (first === undefined) return [`Not accepted: ${left(actions) || 'nothing proves that all of it passed'}${early}.`]
  const rest = left(actions)
  const after = `${rest === '' ? '' : `, and ${rest}`}${early}.`
  if (failures.length === 1) return ['Not accepted: ', { name: first.id }, ` ${statusWords(first)}${after}`]
  return [`Not accepted: ${failures.length} actions failed, the first of them `, { name: first.id }, after]
}

/** What was not run: `3 actions were skipped`. */
function left(actions: readonly ManifestAction[]): string {
  const skipped = actions.filter(({ status }) => status === 'skipped').length
  const stopped = actions.filter(({ reason }) => reason?.kind === 'run-breaker').length
  const parts = [
    ...(skipped > 0 ? [`${count(skipped, 'action')} ${were(skipped)} skipped`] : []),
    ...(stopped > 0 ? [`a breaker stopped ${count(stopped, 'action')}`] : []),
  ]
  return parts.join(', and ')
}

function were(number: number): string {
  return number === 1 ? 'was' : 'were'
}

function interrupted({ actions }: Manifest, record: RunRecord | null): Sentence {
  const passed = actions.filter(({ status }) => status === 'passed').length
  const then = ` after ${passed} of ${count(actions.length, 'action')} had passed.`
  const signal = record?.signal ?? null
  if (signal === null) return [`Not accepted: the run was cut short${then}`]
  return ['Not accepted: the run was ended by ', { name: signal }, then]
}

function refused({ refusals = [] }: Manifest, record: RunRecord | null): Sentence {
  const problems = record?.warnings.filter(({ severity }) => severity === 'error').length ?? refusals.length
  return [`Refused: nothing was run, because of ${count(problems, 'problem')}.`]
}
