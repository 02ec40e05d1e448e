import type { CheckRecord } from '../model/check.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Digest } from '../model/digest.ts'
import type { Manifest } from '../model/manifest.ts'
import type { ActionOutcome, Verdict } from '../model/outcome.ts'
import type { ManifestDifference } from '../model/verification.ts'
import { diagnosticsJson } from './diagnostics.ts'
import { UNSAFE } from './style.ts'

export interface RunDocument {
  readonly verdict: Verdict
  readonly exitCode: number
  /** The run's folder as a person would name it; `null` where none was made. */
  readonly run: string | null
  /** SHA-256 of manifest.json. */
  readonly manifestDigest: Digest | null
  /** Who signed: the id of a key, or `sigstore`; `null`: nobody. */
  readonly signed: string | null
  readonly manifest: Manifest | null
  readonly outcomes: readonly ActionOutcome[]
  /** `null`: not everything was run twice. */
  readonly check?: CheckRecord | null
  readonly diagnostics: readonly Diagnostic[]
  /** What it was taken from; absent or `null`: everything was run. */
  readonly replay?: { readonly from: string; readonly differences: readonly ManifestDifference[] } | null
  /** Absent: it was not to be put into the working tree. */
  readonly applying?: object
}

/** The one document of `run --json`. */
export function renderRunJson(document: RunDocument): string {
  const { verdict, exitCode, run, manifestDigest, signed, manifest, outcomes, check, diagnostics, applying, replay } =
    document
  return printJson({
    verdict,
    exitCode,
    run,
    manifestSha256: manifestDigest,
    signed,
    manifest,
    actions: outcomes.map((outcome) => ({
      id: outcome.id,
      status: outcome.status,
      durationMs: durationOf(outcome),
      reused: outcome.reused !== undefined,
      attempts: outcome.attempts.length,
    })),
    ...(check ? { check } : {}),
    ...(replay ? { replay: replayJson(replay) } : {}),
    ...(applying ? { applying } : {}),
    diagnostics: diagnosticsJson(diagnostics),
  })
}

function replayJson({ from, differences }: NonNullable<RunDocument['replay']>): object {
  return { run: from, same: differences.length === 0, differences }
}

/** Time spent in attempts, without the waits between them. */
export function durationOf({ attempts }: ActionOutcome): number {
  return attempts.reduce((total, attempt) => total + attempt.durationMs, 0)
}

/** A document for a program that a terminal can show as well: what it would obey or hide is written as `\uXXXX`. */
export function printJson(value: object): string {
  return `${escapeJson(JSON.stringify(value, null, 2))}\n`
}

/** The same value in one line. */
export function printJsonLine(value: object): string {
  return `${escapeJson(JSON.stringify(value))}\n`
}

/** Line feeds between members stay; those within strings are escapes already. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, (character) => {
    if (character === '\n') return character
    return Array.from({ length: character.length }, (_, index) => unitEscape(character.charCodeAt(index))).join('')
  })
}

function unitEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}
