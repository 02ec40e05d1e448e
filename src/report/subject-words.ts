import type { Ending, OutputChange, Subject } from '../model/difference.ts'
import { ASPECTS, type Guarantees } from '../model/plan.ts'
import { shortDigest, wordTool, wordValue, type RunNames } from './change-words.ts'
import { STATUS_WORDS } from './lines.ts'
import { count, quote, quoteAll } from './phrase.ts'

/** What was changed, as a sentence. */
export function wordSubject(subject: Subject, names: RunNames): string {
  switch (subject.kind) {
    case 'file':
      return wordFile(subject, names)
    case 'mode':
      return `${quote(subject.path)} ${subject.to ? 'became executable' : 'is executable no more'}.`
    case 'definition':
      return `${subject.file === null ? `The task.yml of ${quote(subject.pack)}` : quote(subject.file)} changed.`
    case 'pack':
      return `The pack ${quote(subject.pack)} is part of ${names[subject.run]} only.`
    case 'plugin':
      return `The plugin of ${quote(subject.pack)} was ${subject.from} in ${names.from}, and is ${subject.to} in ${names.to}.`
    case 'moved':
      return `The pack ${quote(subject.pack)} was moved from ${quote(subject.from)} to ${quote(subject.to)}.`
    case 'variable':
      return `The variable ${quote(subject.name)} changed: ${wordValue(subject.from)} -> ${wordValue(subject.to)}.`
    case 'tool':
      return `The tool ${quote(subject.name)} changed: ${wordTool(subject.from)} -> ${wordTool(subject.to)}.`
    case 'mount':
      return `What identifies ${quote(`/${subject.path}`)} changed: ${shortDigest(subject.from)} -> ${shortDigest(subject.to)}.`
    case 'guarantees':
      return `The sandbox guarantees something else: ${wordGuarantees(subject.from, subject.to)}.`
    case 'codex':
      return `codex changed: ${quote(subject.from)} -> ${quote(subject.to)}.`
    case 'refusals':
      return wordRefusals(subject, names)
    case 'nondeterminism':
      return `NOT DETERMINISTIC: ${quote(subject.action)} has one key and ${wordOutcomes(subject)}.`
    case 'stopped':
      return `${capitalised(names[subject.run])} ${STOPS[subject.how]}.`
    case 'unreadable':
      return `${quote(subject.path)} could not be read in ${names[subject.run]}.`
    case 'unexplained':
      return 'What is kept of these runs does not tell why they differ.'
  }
}

const STOPS = {
  interrupted: 'was interrupted',
  'fail-fast': 'stopped at its first failure',
  breaker: 'was stopped by a breaker',
  crash: 'ended when codex failed',
} as const

function wordFile(subject: Extract<Subject, { kind: 'file' }>, names: RunNames): string {
  const { path, from, to, renamed } = subject
  if (renamed !== null) return `${quote(renamed)} is called ${quote(path)} now, with the same bytes.`
  if (from === null) return `${quote(path)} is an input in ${names.to} only (${shortDigest(to)}).`
  if (to === null) return `${quote(path)} is an input in ${names.from} only (${shortDigest(from)}).`
  return `${quote(path)} changed: ${shortDigest(from)} -> ${shortDigest(to)}.`
}

function wordGuarantees(from: Guarantees | null, to: Guarantees | null): string {
  const changed = ASPECTS.filter((aspect) => from?.[aspect] !== to?.[aspect])
  return changed.map((aspect) => `${aspect} ${from?.[aspect] ?? 'unknown'} -> ${to?.[aspect] ?? 'unknown'}`).join(', ')
}

function wordRefusals({ from, to }: Extract<Subject, { kind: 'refusals' }>, names: RunNames): string {
  const list = (refusals: typeof from): string =>
    quoteAll(refusals.map(({ code, pack, field }) => [code, pack, field].filter(Boolean).join(' ')))
  const parts = [
    ...(from.length > 0 ? [`${names.from} was refused (${list(from)})`] : []),
    ...(to.length > 0 ? [`${names.to} was refused (${list(to)})`] : []),
  ]
  return `${capitalised(parts.join('; '))}.`
}

function wordOutcomes({ from, to, outputs }: Extract<Subject, { kind: 'nondeterminism' }>): string {
  const [before, after] = [wordEnding(from), wordEnding(to)]
  const made = outputs.length > 0 ? `made other bytes: ${wordOutputs(outputs)}` : ''
  if (before !== after) return `ended in two ways: ${before} -> ${after}${made === '' ? '' : `, and ${made}`}`
  return made === '' ? `failed in two ways: ${before}` : made
}

const OUTPUTS_SHOWN = 5

function wordOutputs(outputs: readonly OutputChange[]): string {
  const shown = outputs
    .slice(0, OUTPUTS_SHOWN)
    .map(({ path, from, to }) => `${quote(path)} ${shortDigest(from)} -> ${shortDigest(to)}`)
  const rest = outputs.length - shown.length
  return `${shown.join(', ')}${rest > 0 ? ` and ${count(rest, 'other')}` : ''}`
}

export function wordEnding({ status, exitCode, reason }: Ending): string {
  const words = status === null ? 'not run' : STATUS_WORDS[status]
  if (reason?.kind === 'exit' && exitCode !== null) return `${words} (exit code ${exitCode})`
  if (reason?.kind === 'limit' && status === 'limit') return `${words} (${reason.limit})`
  return reason && reason.kind !== 'limit' ? `${words} (${reason.kind})` : words
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
