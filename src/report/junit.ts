import { joined, markup, type Markup } from './markup.ts'
import { plainSentence } from './html-words.ts'
import type { LogExcerpt, Report, ReportAction, ReportPack, ReportProblem } from './report-model.ts'

/**
 * The report as JUnit's XML, as Jenkins, GitLab and others read it: a suite for each pack, a test case for each action. What was
 * skipped, interrupted or stopped is skipped there; a run without packs is a suite of its problems.
 */
export function renderJunit(report: Report): string {
  const suites = report.packs.length > 0 ? report.packs.map((pack) => suite(pack, report)) : [problemSuite(report)]
  const all = report.packs.flatMap(({ actions }) => actions)
  const problems = report.packs.length > 0 ? 0 : report.problems.length
  const tests = all.length + Math.max(problems, report.packs.length > 0 ? 0 : 1)
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${report.run ?? report.tool.name}" tests="${tests}" failures="${all.filter(isBad).length}" errors="${tests - all.length}" time="${seconds(report.durationMs)}">
${joined(suites, '')}</testsuites>
`.text
}

function isBad({ tone }: ReportAction): boolean {
  return tone === 'bad'
}

function suite({ id, actions, durationMs }: ReportPack, { startedAt }: Report): Markup {
  const skipped = actions.filter(({ tone }) => tone === 'idle').length
  const counts = markup`tests="${actions.length}" failures="${actions.filter(isBad).length}" errors="0" skipped="${skipped}"`
  const timestamp = startedAt === null ? null : markup` timestamp="${startedAt.slice(0, 19)}"`
  return markup`<testsuite name="${id}" ${counts} time="${seconds(durationMs)}"${timestamp}>
${actions.map(testCase)}</testsuite>
`
}

function testCase(action: ReportAction): Markup {
  const { pack, name, durationMs, log } = action
  return markup`<testcase classname="${pack}" name="${name}" time="${seconds(durationMs)}">${result(action)}${output(log)}</testcase>
`
}

function result(action: ReportAction): Markup | null {
  const { tone, words, reason, place, connections } = action
  if (tone === 'good') return null
  const message = reason?.message ?? words
  if (tone === 'idle') return markup`<skipped>${message}</skipped>`
  const at = place === null ? [] : [`${place.file}:${place.line}:${place.column}`]
  const lines = [...at, message, ...connections, ...(reason?.fix ? [`fix: ${reason.fix}`] : [])]
  return markup`<failure type="${action.status}" message="${message}">${lines.join('\n')}</failure>`
}

function output(log: LogExcerpt | null): Markup | null {
  if (log === null) return null
  const gap = log.cut ? ['…'] : []
  const lines = log.withheld === null ? [...log.head, ...gap, ...log.tail] : [`Not shown: ${log.withheld}`]
  return markup`<system-out>${lines.join('\n')}</system-out>`
}

/** A run that did not get as far as a pack is no empty success. */
function problemSuite({ problems, sentence, durationMs }: Report): Markup {
  const cases =
    problems.length > 0
      ? problems.map(problemCase)
      : [
          markup`<testcase classname="codex" name="run" time="0"><error type="no-verdict" message="${plainSentence(sentence)}"/></testcase>\n`,
        ]
  return markup`<testsuite name="codex" tests="${cases.length}" failures="0" errors="${cases.length}" skipped="0" time="${seconds(durationMs)}">
${joined(cases, '')}</testsuite>
`
}

function problemCase({ code, place, message, fix }: ReportProblem): Markup {
  const name = place === null ? code : `${place.file}:${place.line}:${place.column} ${code}`
  return markup`<testcase classname="codex" name="${name}" time="0"><error type="${code}" message="${message}">${fix ?? ''}</error></testcase>
`
}

function seconds(milliseconds: number | null): string {
  return ((milliseconds ?? 0) / 1000).toFixed(3)
}
