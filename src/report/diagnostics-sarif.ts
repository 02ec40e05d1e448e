import { sortDiagnostics, type Diagnostic, type DiagnosticCode } from '../model/diagnostic.ts'
import type { Location } from '../model/source.ts'
import { PAGES } from './help/pages.ts'
import { renderPage, summaryOf } from './help/render.ts'
import { sarifLog, uriOf } from './sarif-log.ts'
import { escapeText } from './style.ts'
import { wordingOf } from './wording.ts'

/**
 * All complaints as SARIF 2.1.0 (OASIS), each code a rule with its page. Paths are relative to the workspace, columns are counted
 * in UTF-16 units.
 */
export function renderDiagnosticsSarif(
  diagnostics: readonly Diagnostic[],
  tool: { readonly name: string; readonly version: string },
): string {
  const sorted = sortDiagnostics(diagnostics)
  const codes = [...new Set(sorted.map(({ code }) => code))]
  return sarifLog({
    tool,
    rules: codes.map(rule),
    // What was found wrong is a result, and finding it a success.
    about: { invocations: [{ executionSuccessful: true }] },
    results: sorted.map((diagnostic) => result(diagnostic, codes.indexOf(diagnostic.code))),
  })
}

function rule(code: DiagnosticCode): object {
  return {
    id: code,
    shortDescription: { text: summaryOf(code) },
    fullDescription: { text: `${PAGES[code].what} ${PAGES[code].why}` },
    help: { text: renderPage(code, { color: false, unicode: true, width: 100 }) },
  }
}

function result(diagnostic: Diagnostic, ruleIndex: number): object {
  const { code, severity, location, related } = diagnostic
  const { message, fix } = wordingOf(diagnostic)
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: fix === null ? message : `${message}\n${fix}` },
    ...(location === null ? {} : { locations: [{ physicalLocation: physical(location) }] }),
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((other, id) => ({
            id,
            physicalLocation: physical(other.location),
            message: { text: escapeText(other.note) },
          })),
        }),
    partialFingerprints: { 'codexResult/v1': `${code} ${location?.file ?? ''} ${message}` },
  }
}

function physical({ file, start, end }: Location): object {
  const region = {
    startLine: start.line,
    startColumn: start.column,
    endLine: end.line,
    endColumn: end.column,
  }
  return { artifactLocation: { uri: uriOf(file), uriBaseId: 'WORKSPACE' }, region }
}
