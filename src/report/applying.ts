// What came of putting a run into the working tree, in words.
import type { Applied, AppliedFile, ApplyProblem } from '../model/applying.ts'
import type { FileState, PatchProblem } from '../model/change.ts'
import type { Verdict } from '../model/outcome.ts'
import type { PutProblem, Standing, TreeProblem } from '../model/working-tree.ts'
import { fixLines } from './diagnostics.ts'
import { count, plain, quote } from './phrase.ts'
import { escapeText, styleOf, type StyleOptions } from './style.ts'

/** Problems that are shown to people; a document has all of them. */
const SHOWN = 20

/** The files, for people; empty where none was put anywhere. */
export function renderApplied(applied: Applied, options: StyleOptions): string {
  const { files, problems, settled, dryRun } = applied
  const { colors } = styleOf(options)
  const told = settled === null ? [] : [SETTLED[settled]]
  if (problems.length > 0) return lines(told)
  const done = files.filter(({ action }) => action !== 'none')
  if (done.length === 0) return lines([...told, 'Nothing to do: the working tree is as the run made it.'])
  const listed = done.map((file) => `  ${file.action.padEnd(6)}  ${escapeText(file.path)}${ofPack(file)}`)
  const unchanged = files.length - done.length
  const rest = unchanged === 0 ? '' : `; ${count(unchanged, 'file')} ${unchanged === 1 ? 'is' : 'are'} so already`
  const verb = dryRun ? 'would be put' : 'put'
  return lines([
    ...told,
    ...listed,
    `${colors.green(colors.bold(dryRun ? 'WOULD APPLY' : 'APPLIED'))}: ${counts(done)} ${verb} into the working tree${rest}`,
  ])
}

const SETTLED = {
  finished: 'An earlier `codex apply` was killed when it had done everything.',
  'taken-back': 'An earlier `codex apply` was killed: what it had done by then was taken back first.',
} as const

function ofPack({ pack, what }: AppliedFile): string {
  return what === 'artifact' ? `  (artifact of ${escapeText(pack)})` : `  (${escapeText(pack)})`
}

function counts(files: readonly AppliedFile[]): string {
  const changes = files.filter(({ what }) => what === 'change').length
  const artifacts = files.length - changes
  const parts = [changes > 0 ? count(changes, 'change') : '', artifacts > 0 ? count(artifacts, 'artifact') : '']
  return parts.filter((part) => part !== '').join(' and ')
}

/** What stood in the way, for people; empty: nothing. */
export function renderApplyProblems({ problems }: Pick<Applied, 'problems'>, options: StyleOptions): string {
  if (problems.length === 0) return ''
  const style = styleOf(options)
  const shown = problems.slice(0, SHOWN).map((problem) => `error: ${wordApplyProblem(problem)}`)
  const rest = problems.length - shown.length
  const fixes = [...new Set(problems.map(fixFor))].filter((fix) => fix !== null)
  const half = problems.some((each) => each.kind === 'put' && each.problem.kind === 'half-done')
  return [
    lines([...shown, ...(rest > 0 ? [`${style.glyphs.ellipsis} and ${rest} more`] : [])]),
    ...fixes.map((fix) => fixLines(fix, style)),
    half ? '' : lines([`${style.colors.red(style.colors.bold('NOT APPLIED'))}: the working tree is as it was`]),
  ].join('')
}

const NOT_PASSED: Readonly<Record<Verdict, string>> = {
  started: 'has not ended',
  passed: 'was not the same twice',
  failed: 'did not pass',
  interrupted: 'was interrupted',
  refused: 'was refused before anything ran',
}

export function wordNotPassed(run: string, verdict: Verdict): string {
  return lines([`error: ${escapeText(run)} ${NOT_PASSED[verdict]}, so nothing of it is put into the working tree.`])
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}

/** As members of a document; `null`: nothing was tried. */
export function appliedJson(applied: Applied | null): object {
  if (applied === null) return { applied: false, files: [], problems: [] }
  const { files, problems, settled, dryRun } = applied
  return {
    applied: problems.length === 0 && !dryRun,
    dryRun,
    settled,
    files,
    problems: problems.map((problem) => ({ ...problem, message: wordApplyProblem(problem) })),
  }
}

function wordApplyProblem(problem: ApplyProblem): string {
  switch (problem.kind) {
    case 'evidence':
      return problem.problem
        ? `${quote(problem.path)} of the run ${wordPatchProblem(problem.problem)}`
        : `${quote(problem.path)} of the run is not what its manifest says of the pack ${quote(problem.pack)}`
    case 'changed':
      return `${quote(problem.path)} is no longer what the pack ${quote(problem.pack)} was run on: ${wordState(problem.before)}, and now ${wordStanding(problem.found)}`
    case 'in-the-way':
      return `${quote(problem.path)} is an artifact of the pack ${quote(problem.pack)}, but ${wordStanding(problem.found)}${problem.found.kind === 'file' ? ', which may not be an earlier one' : ''}`
    case 'put':
      return wordPut(problem.problem)
    case 'tree':
      return wordTree(problem.problem)
  }
}

function fixFor(problem: ApplyProblem): string | null {
  switch (problem.kind) {
    case 'evidence':
      return 'Run again; what this run has left can not be believed.'
    case 'changed':
      return 'Run again, so that the run sees what is there now; or put back what was there (`git stash`) and try again.'
    case 'in-the-way':
      return problem.found.kind === 'file'
        ? 'Commit the file, let .gitignore name it, or replace it with `--force`.'
        : 'Move away what stands there, and try again.'
    case 'put':
      return problem.problem.kind === 'source'
        ? 'Run again; what this run has left can not be believed.'
        : 'See to that, and try again.'
    case 'tree':
      return problem.problem.kind === 'edited'
        ? 'Put back what each file was (or take what was kept of it), or remove .codex/apply to keep all as it is; then try again.'
        : null
  }
}

const PATCH_WORDS: Readonly<Record<PatchProblem['kind'], string>> = {
  syntax: 'is no patch as codex writes it',
  unsupported: 'holds what codex does not write into patches',
  path: 'would write where no change belongs',
  conflict: 'was not made from the files that it names',
  corrupt: 'does not give the bytes that it promises',
  'too-large': 'would give more bytes than are taken',
}

/** As the end of a sentence that a patch begins. */
function wordPatchProblem({ kind, line, path }: PatchProblem): string {
  return `${PATCH_WORDS[kind]} (line ${line}${path === null ? '' : `, ${quote(path)}`})`
}

function wordState(state: FileState | null): string {
  return state === null
    ? 'there was nothing'
    : `it had the SHA-256 ${state.digest}${state.executable ? ' and was executable' : ''}`
}

function wordStanding(standing: Standing): string {
  switch (standing.kind) {
    case 'nothing':
      return 'nothing is there'
    case 'file':
      return `a file with the SHA-256 ${standing.state.digest}${standing.state.executable ? ', executable,' : ''} is there`
    case 'folder':
      return standing.files.length === 0
        ? 'a folder is there'
        : `a folder with ${count(standing.files.length, 'file')} is there`
    case 'other':
      return 'a link or something else that is no file is there'
    case 'unreadable':
      return `what is there can't be read: ${plain(standing.message)}`
    case 'below':
      return `${quote(standing.path)} is ${standing.is === 'file' ? 'a file' : 'a link or something else that is no folder'}`
  }
}

function wordPut(problem: PutProblem): string {
  switch (problem.kind) {
    case 'source':
      return `what the run has kept of ${quote(problem.path)} is not what its manifest says`
    case 'meanwhile':
      return `${quote(problem.path)} was changed while this was going on`
    case 'host':
      return `the system refuses: ${plain(problem.error.message)}`
    case 'half-done':
      return `the system refuses: ${plain(problem.error.message)}; some files are changed already, and the next \`codex apply\` takes that back first`
  }
}

function wordTree(problem: TreeProblem): string {
  switch (problem.kind) {
    case 'busy':
      return 'another `codex apply` is at work on this working tree'
    case 'unsettled':
      return 'an earlier `codex apply` was killed; without --dry-run that is settled first'
    case 'linked-state':
      return `${quote(problem.path)} is no folder, and nothing is written through a link`
    case 'journal':
      return `${quote(`${problem.path}/journal.json`)} is not as codex writes it: see what is in there, and remove the folder`
    case 'edited':
      return `an earlier \`codex apply\` was killed, and since then these were changed: ${problem.files.map(({ path, kept }) => quote(path) + (kept === null ? '' : ` (its old bytes are in ${quote(kept)})`)).join(', ')}`
    case 'host':
      return `the system refuses: ${plain(problem.error.message)}`
  }
}
