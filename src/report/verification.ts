import type { Verdict } from '../model/outcome.ts'
import type { EvidenceProblem, Rerun, Verification } from '../model/verification.ts'
import { byteSize } from './bytes.ts'
import { fixLines } from './diagnostics.ts'
import { printJson } from './json.ts'
import { count } from './phrase.ts'
import { escapeText, styleOf, type Style, type StyleOptions } from './style.ts'
import { rerunJson } from './rerun.ts'
import { fixEvidence, wordEvidence } from './wording-evidence.ts'

export interface VerificationOptions extends StyleOptions {
  /** Leaves out what was checked. */
  readonly quiet: boolean
}

/** Problems that are shown to people; a document has all that were kept. */
const SHOWN = 20

/** What was found of a run for people: what it says, what was checked, and what is wrong with it. */
export function renderVerification(found: Verification, options: VerificationOptions): string {
  const style = styleOf(options)
  const told = options.quiet ? [] : [...tellRun(found), ...tellChecked(found), ...tellSignatures(found)]
  const lines = [...told, ...tellProblems(found, style), closingLine(found, style)]
  return lines.map((line) => `${line}\n`).join('')
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  started: 'has not ended',
  passed: 'passed',
  failed: 'failed',
  interrupted: 'was interrupted',
  refused: 'was refused before anything ran',
}

/** Of a run that is not genuine nothing is known but what it says. */
function tellRun({ run, verdict, manifest, repaired, problems }: Verification): readonly string[] {
  const says = problems.length > 0 ? 'says that it ' : ''
  const words = verdict === null ? 'does not tell how it ended' : `${says}${VERDICT_WORDS[verdict]}`
  const killed = repaired ? '; it was cut off, and its manifest made from its journal' : ''
  return [`Run ${escapeText(run)} ${words}${killed}.`, ...(manifest === null ? [] : [`manifest sha256:${manifest}`])]
}

function tellChecked({ checked }: Verification): readonly string[] {
  const { files, bytes, packs, actions, inputLists, artifacts, logs } = checked
  if (files === 0) return []
  const parts = [
    count(packs, 'pack'),
    count(actions, 'action'),
    `${inputLists} ${inputLists === 1 ? 'list' : 'lists'} of inputs`,
    count(artifacts, 'artifact'),
    count(logs, 'log'),
  ]
  return [`Checked ${count(files, 'file')} (${byteSize(bytes)}): ${parts.join(', ')}.`]
}

function tellSignatures({ signatures, verdict }: Verification): readonly string[] {
  if (verdict === 'started' || verdict === null) return []
  if (signatures.length === 0) return ['Not signed: nothing tells who made it.']
  return signatures.flatMap(({ path, signedBy, unchecked }) => [
    ...signedBy.map((key) => `${path} is signed by ${key}.`),
    ...(signedBy.length > 0 ? unchecked.map((key) => `${path} names ${key} as well, which was not checked.`) : []),
  ])
}

function tellProblems({ problems, more, run }: Verification, { colors, glyphs }: Style): readonly string[] {
  const shown = problems.slice(0, SHOWN)
  const rest = problems.length - shown.length + more
  const lines = shown.map(
    (problem) => `${colors.red(glyphs.fail)} ${nameOf(problem, run)} ${escapeText(wordEvidence(problem))}`,
  )
  return rest > 0 ? [...lines, `${glyphs.ellipsis} and ${count(rest, 'more problem')}`] : lines
}

function nameOf({ path }: EvidenceProblem, run: string): string {
  return escapeText(path === '' ? run : path)
}

function closingLine({ problems, more, run }: Verification, style: Style): string {
  const { colors } = style
  if (problems.length === 0) return colors.green(colors.bold('GENUINE'))
  const fixes = new Set(problems.map((problem) => fixEvidence(problem, run)))
  const below = [...fixes].flatMap((fix) => (fix === null ? [] : [fixLines(fix, style)]))
  const what = `${colors.red(colors.bold('NOT GENUINE'))}: ${count(problems.length + more, 'problem')}`
  return `${below.join('')}${what}`
}

/** The one document of `verify --json`. */
export function renderVerificationJson(
  found: Verification,
  { exitCode, rerun }: { readonly exitCode: number; readonly rerun: Rerun | null },
): string {
  const { run, verdict, manifest, repaired, checked, signatures, problems, more } = found
  return printJson({
    run,
    genuine: problems.length === 0,
    exitCode,
    verdict,
    manifestSha256: manifest,
    repaired,
    checked,
    signatures,
    problems: problems.map((problem) => ({
      path: problem.path,
      problem: problem.kind,
      message: wordEvidence(problem),
      ...problem.facts,
    })),
    moreProblems: more,
    ...(rerun ? { rerun: rerunJson(rerun) } : {}),
  })
}
