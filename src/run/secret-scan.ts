import { compareBytes } from '../model/order.ts'
import { NOT_SCANNED } from '../model/secrets.ts'
import { createFindings, type Findings } from './secret-findings.ts'
import type { FindSecrets } from './secret-rules.ts'
import { lineFinder, windowsOf, type WindowSizes } from './secret-windows.ts'

/** A file to look through. */
export interface ScannedFile {
  /** As findings name it. */
  readonly path: string
  readonly chunks: () => Iterable<Uint8Array>
}

export interface ScanOptions {
  readonly find: FindSecrets
  readonly signal: AbortSignal
  /** How many findings are told. */
  readonly limit: number
  readonly sizes?: WindowSizes
}

/**
 * Looks through all bytes of all files, window by window; between two windows the rest of the run gets its turn. Files
 * with the same path are told as one. What can't be read or looked at is a finding itself. Ends early when the signal aborts.
 */
export async function scanFiles(files: readonly ScannedFile[], options: ScanOptions): Promise<Findings> {
  const findings = createFindings(options.limit)
  // One after the other, so that memory holds one window; by path, so that a flood of findings is over soon.
  for (const file of files.toSorted((a, b) => compareBytes(a.path, b.path))) {
    if (options.signal.aborted) break
    if (!findings.isSettled(file.path, 1)) await scanFile(file, findings, options)
  }
  return findings
}

async function scanFile(
  { path, chunks }: ScannedFile,
  findings: Findings,
  { find, signal, sizes }: ScanOptions,
): Promise<void> {
  let reached = 1
  try {
    for (const window of windowsOf(chunks(), sizes)) {
      const { text, whole, from, to } = window
      const lineOf = lineFinder(window)
      reached = lineOf(from)
      if (findings.isSettled(path, reached)) return
      await find({ path, text, whole }, (rule, start) => {
        if (start >= from && start < to) findings.add({ path, line: lineOf(start), rule })
      })
      if (signal.aborted) return
      if (!whole) await nextTurn()
    }
  } catch {
    // Whatever kept a part of the file from being looked at, the rest must not pass for clean.
    findings.add({ path, line: reached, rule: NOT_SCANNED })
  }
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve))
}
