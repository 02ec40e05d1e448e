import { compareBytes } from '../model/order.ts'
import { NOT_SCANNED, type SecretFinding } from '../model/secrets.ts'
import type { FindSecrets } from './secret-rules.ts'
import { lineAt, windowsOf, type WindowSizes } from './secret-windows.ts'

/** A file to look through. */
export interface ScannedFile {
  /** As findings name it. */
  readonly path: string
  readonly chunks: () => Iterable<Uint8Array>
}

export interface ScanOptions {
  readonly find: FindSecrets
  readonly signal: AbortSignal
  readonly sizes?: WindowSizes
}

/**
 * Looks through all bytes of all files, window by window; between two windows the rest of the run gets its turn. Files
 * with the same path are told as one. What can't be read or looked at is a finding itself. Ends early when the signal aborts.
 *
 * @returns findings by path, line and rule, each once
 */
export async function scanFiles(files: Iterable<ScannedFile>, options: ScanOptions): Promise<readonly SecretFinding[]> {
  const findings = new Map<string, SecretFinding>()
  const add = (path: string, line: number, rule: string): void => {
    findings.set(`${path}\0${line}\0${rule}`, { path, line, rule })
  }
  for (const file of files) {
    if (options.signal.aborted) break
    // One after the other, so that memory holds one window.
    await scanFile(file, options, (line, rule) => add(file.path, line, rule))
  }
  return [...findings.values()].toSorted(compareFindings)
}

async function scanFile(
  { path, chunks }: ScannedFile,
  { find, signal, sizes }: ScanOptions,
  add: (line: number, rule: string) => void,
): Promise<void> {
  let reached = 1
  try {
    for (const window of windowsOf(chunks(), sizes)) {
      const { text, whole, from, to } = window
      reached = lineAt(window, from)
      await find({ path, text, whole }, (rule, start) => {
        if (start >= from && start < to) add(lineAt(window, start), rule)
      })
      if (signal.aborted) return
      if (!whole) await nextTurn()
    }
  } catch {
    // Whatever kept a part of the file from being looked at, the rest must not pass for clean.
    add(reached, NOT_SCANNED)
  }
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve))
}

function compareFindings(a: SecretFinding, b: SecretFinding): number {
  return compareBytes(a.path, b.path) || a.line - b.line || compareBytes(a.rule, b.rule)
}
