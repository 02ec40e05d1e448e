import type { RecordedDiagnostic } from '../model/record.ts'
import type { Worded } from './phrase.ts'
import type { Place, ReportProblem } from './report-model.ts'
import { escapeText } from './style.ts'
import { isKnownCode, wordingOf } from './wording.ts'

/** A complaint of a run that was recorded, by this version of the program or by another. */
export function describeProblem({ code, severity, place, facts }: RecordedDiagnostic): ReportProblem {
  return { code, severity, place: place === null ? null : placeFrom(place), ...wordingOfRecorded(code, facts) }
}

function wordingOfRecorded(code: string, facts: object): Worded {
  const unknown = { message: `This version has no words for ${escapeText(code)}.`, fix: null }
  if (!isKnownCode(code)) return unknown
  try {
    return wordingOf({ code, facts })
  } catch (error) {
    // Another version may have recorded other facts; words of this one for them are not worth a report.
    if (error instanceof TypeError) return unknown
    throw error
  }
}

/** From `file:line:column`. */
export function placeFrom(text: string): Place | null {
  const [, file, line, column] = /^(.*):(\d{1,9}):(\d{1,9})$/s.exec(text) ?? []
  return file === undefined ? null : { file, line: Number(line), column: Number(column) }
}
