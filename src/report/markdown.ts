import { byteSize } from './bytes.ts'
import { elapsed } from './duration.ts'
import { cell, codeSpan, fenced, inline } from './markdown-text.ts'
import { count } from './phrase.ts'
import type { LogExcerpt, Report, ReportAction, ReportPack, ReportProblem, Sentence, Tone } from './report-model.ts'
import { guardWorkflowCommands } from './style.ts'

/** What GitHub takes as the text of a pull request, less a little: in UTF-16 units. */
const MOST = 64_000
const SIGNS: Readonly<Record<Tone, string>> = { good: '✅', bad: '❌', idle: '➖' }

/** What belongs together and is shown as a whole or not at all. */
type Block = string

/**
 * The report for a pull request or a terminal, in GitHub's Markdown without any HTML. Whatever is in names and logs, it is words
 * or code: no link, no image, no mention, no reference.
 */
export function renderMarkdown(report: Report): string {
  const blocks = [
    ...verdictBlocks(report),
    ...problemBlocks(report),
    ...failureBlocks(report),
    ...packBlocks(report),
    ...guaranteeBlocks(report),
    ...verifyBlocks(report),
    ...artifactBlocks(report),
  ]
  let text = ''
  guardWorkflowCommands((guarded) => (text = guarded))(`${fitting(blocks).join('\n\n')}\n`)
  return text
}

/** As many blocks as there is room for. */
function fitting(blocks: readonly Block[]): readonly Block[] {
  const shown: Block[] = []
  let room = MOST
  for (const block of blocks) {
    room -= block.length + 2
    if (room < 0) return [...shown, '*There is more than fits here: `report.html` shows it.*']
    shown.push(block)
  }
  return shown
}

function verdictBlocks(report: Report): readonly Block[] {
  const { tone, sentence, facts, manifest, counts } = report
  const counted = counts.map(({ number, words: status }) => `${number} ${status}`).join(', ')
  const rows = facts.map(({ name, value }) => `| ${name} | ${cell(inline(value))} |`)
  const digest = manifest === null ? [] : [`| Manifest | ${codeSpan(`sha256:${manifest}`)} |`]
  return [
    `## ${SIGNS[tone]} ${words(sentence)}`,
    ...(counted === '' ? [] : [`${counted[0]?.toUpperCase()}${counted.slice(1)}.`]),
    ['| | |', '| --- | --- |', ...rows, ...digest].join('\n'),
  ]
}

function words(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : codeSpan(part.name))).join('')
}

function problemBlocks({ problems, moreProblems, verdict }: Report): readonly Block[] {
  if (problems.length === 0) return []
  const title = verdict === 'refused' ? '### Why nothing was run' : '### Warnings'
  const more = moreProblems > 0 ? [`*And ${moreProblems} more; \`run.json\` lists them.*`] : []
  return [title, ...problems.map(problemBlock), ...more]
}

function problemBlock({ severity, code, place, message, fix }: ReportProblem): Block {
  const at = place === null ? [] : [`${place.file}:${place.line}:${place.column}`]
  return fenced([[...at, severity, code].join(' '), message, ...fixLines(fix)])
}

function fixLines(fix: string | null): readonly string[] {
  return fix === null ? [] : fix.split('\n').map((line, at) => (at === 0 ? `fix: ${line}` : `     ${line}`))
}

function failureBlocks({ failures, moreFailures }: Report): readonly Block[] {
  if (failures.length === 0) return []
  const more = moreFailures > 0 ? [`*And ${moreFailures} more; \`manifest.json\` lists them.*`] : []
  return ['### What went wrong', ...failures.map(failureBlock), ...more]
}

function failureBlock(action: ReportAction): Block {
  const { id, words: status, place, durationMs, attempts, reason, connections, skipped, command, log } = action
  const facts = [
    ...(place ? [codeSpan(`${place.file}:${place.line}`)] : []),
    ...(durationMs === null ? [] : [elapsed(durationMs)]),
    ...(attempts > 1 ? [count(attempts, 'attempt')] : []),
    ...(skipped > 0 ? [`${count(skipped, 'action')} skipped because of it`] : []),
  ]
  const told = [...(reason ? [reason.message, ...fixLines(reason.fix)] : []), ...connections]
  const printed = [...commandLines(command), ...logLines(log)]
  return [
    `**${SIGNS.bad} ${codeSpan(id)} ${status}**`,
    ...(facts.length > 0 ? [facts.join(' · ')] : []),
    ...(printed.length > 0 ? [fenced(printed)] : []),
    ...(told.length > 0 ? [fenced(told)] : []),
  ].join('\n\n')
}

function commandLines(command: string | null): readonly string[] {
  if (command === null) return []
  return command
    .trimEnd()
    .split('\n')
    .map((line, at) => (at === 0 ? `$ ${line}` : `  ${line}`))
}

/** The end of a log is what a pull request has room for. */
const LOG_LINES = 20

function logLines(log: LogExcerpt | null): readonly string[] {
  if (log === null) return []
  if (log.withheld !== null) return [`(the log is not shown: ${log.withheld})`]
  const lines = [...log.head, ...log.tail]
  const cut = log.cut || lines.length > LOG_LINES
  return [...(cut ? [`… the end of ${byteSize(log.totalBytes)}`] : []), ...lines.slice(-LOG_LINES)]
}

function packBlocks({ packs, morePacks }: Report): readonly Block[] {
  if (packs.length === 0) return []
  const more = morePacks > 0 ? [`*And ${morePacks} more; \`manifest.json\` lists them.*`] : []
  const head = ['| | Pack | Title | Risk | Actions | Needs | Granted |', '| --- | --- | --- | --- | --- | --- | --- |']
  return ['### What ran', ...tables(head, packs.map(packRow)), ...more]
}

function packRow({ tone, id, title, risk, counts, needs, grants }: ReportPack): string {
  const list = (names: readonly string[]): string => (names.length === 0 ? '' : names.map(codeSpan).join(', '))
  const counted = counts.map(({ number, words: status }) => `${number} ${status}`).join(', ')
  const cells = [SIGNS[tone], codeSpan(id), inline(title ?? id), risk ?? '', counted, list(needs), list(grants)]
  return `| ${cells.map(cell).join(' | ')} |`
}

const ROWS = 50

/** A table as several, so that a part of a long one is shown where all of it has no room. */
function tables(head: readonly string[], rows: readonly string[]): readonly Block[] {
  const parts = Array.from({ length: Math.ceil(rows.length / ROWS) }, (_, at) => rows.slice(at * ROWS, (at + 1) * ROWS))
  return parts.map((part) => [...head, ...part].join('\n'))
}

function guaranteeBlocks({ guarantees }: Report): readonly Block[] {
  if (guarantees === null) return []
  const lines = guarantees.map(({ aspect, enforced, words: told }) => {
    return `- ${SIGNS[enforced ? 'good' : 'bad']} **${aspect}** ${enforced ? 'enforced' : 'not enforced'}: ${told}`
  })
  return ['### What was enforced', lines.join('\n')]
}

function verifyBlocks({ verification }: Report): readonly Block[] {
  const lines = verification.flatMap(({ says, command }) => [`# ${says}`, command])
  return ['### How to check it', "In the run's folder:", fenced(lines)]
}

function artifactBlocks({ packs }: Report): readonly Block[] {
  const head = ["| Artifact, in the run's folder | Size | SHA-256 |", '| --- | ---: | --- |']
  const rows = packs.flatMap(({ artifacts }) =>
    artifacts.map(({ file, size, digest }) => `| ${cell(codeSpan(file))} | ${byteSize(size)} | ${codeSpan(digest)} |`),
  )
  const unlisted = packs.reduce((sum, { moreArtifacts }) => sum + moreArtifacts, 0)
  const more = unlisted > 0 ? [`*And ${unlisted} more; \`manifest.json\` lists them.*`] : []
  return rows.length === 0 ? [] : ['### Artifacts', ...tables(head, rows), ...more]
}
