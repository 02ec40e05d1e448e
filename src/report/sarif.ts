import type { Place, Report, ReportAction, ReportProblem } from './report-model.ts'
import { plainSentence } from './html-words.ts'
import { sarifLog, uriOf } from './sarif-log.ts'

interface Result {
  readonly ruleId: string
  readonly level: 'error' | 'warning'
  readonly text: string
  readonly place: Place | null
  /** What makes two runs' results the same result. */
  readonly identity: string
}

/**
 * The report as SARIF 2.1.0 (OASIS), as code scanning services read it: failed actions at the line that declares them, each place
 * of a credential, and every complaint about packs. Paths are relative to the workspace.
 */
export function renderSarif(report: Report): string {
  const results = [...report.problems.map(problemResult), ...failedActions(report).flatMap(actionResults)]
  const rules = [...new Set(results.map(({ ruleId }) => ruleId))]
  const { tool, verdict, sentence, startedAt, run } = report
  return sarifLog({
    tool,
    rules: rules.map((id) => ({ id })),
    about: {
      ...(run === null ? {} : { automationDetails: { id: `codex/${run}` } }),
      invocations: [
        {
          executionSuccessful: verdict === 'passed' || verdict === 'failed',
          exitCodeDescription: plainSentence(sentence),
          ...(startedAt === null ? {} : { startTimeUtc: startedAt }),
        },
      ],
    },
    results: results.map((result) => resultJson(result, rules.indexOf(result.ruleId))),
  })
}

function failedActions({ packs }: Report): readonly ReportAction[] {
  return packs.flatMap(({ actions }) => actions.filter(({ tone }) => tone === 'bad'))
}

function problemResult({ code, severity, place, message, fix }: ReportProblem): Result {
  const text = fix === null ? message : `${message}\n${fix}`
  return { ruleId: code, level: severity, text, place, identity: `${code} ${message}` }
}

function actionResults({ id, status, words, reason, place, findings }: ReportAction): readonly Result[] {
  const text = [`${id} ${words}.`, ...(reason ? [reason.message, ...(reason.fix ? [reason.fix] : [])] : [])].join('\n')
  const failed: Result = { ruleId: `action/${status}`, level: 'error', text, place, identity: `${id} ${status}` }
  const found = findings.map(({ path, line, rule }): Result => {
    const isLog = path.startsWith('logs/')
    return {
      ruleId: `secret/${rule}`,
      level: 'error',
      text: `${isLog ? `A log of the run, ${path}, holds` : `The artifact ${path} holds`} a credential in line ${line}.`,
      // A log is no file of the workspace: what printed it is declared in one.
      place: isLog ? place : { file: path, line, column: 1 },
      identity: `${rule} ${path} ${line}`,
    }
  })
  return [failed, ...found]
}

function resultJson({ ruleId, level, text, place, identity }: Result, ruleIndex: number): object {
  return {
    ruleId,
    ruleIndex,
    level,
    message: { text },
    ...(place === null ? {} : { locations: [{ physicalLocation: physical(place) }] }),
    partialFingerprints: { 'codexResult/v1': identity },
  }
}

function physical({ file, line, column }: Place): object {
  const region = { startLine: Math.max(1, line), startColumn: Math.max(1, column) }
  return { artifactLocation: { uri: uriOf(file), uriBaseId: 'WORKSPACE' }, region }
}
