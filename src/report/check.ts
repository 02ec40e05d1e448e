import type { Cause, Difference, FileDifference, Judged, Twice } from '../model/check.ts'
import type { Reason } from '../model/outcome.ts'
import { STATUS_WORDS } from './lines.ts'
import { count, quote, quoteAll, type Worded } from './phrase.ts'

const MOST_FILES = 10

/** What an action did not do the same twice, byte by byte where it is known, and where to look for the cause. */
export function wordDifference(
  { paths, more }: Extract<Reason, { kind: 'nondeterministic' }>,
  difference: Difference | undefined,
): Worded {
  const what = 'Run twice with the same inputs, it did not do the same'
  if (!difference)
    return { message: `${what}${paths.length > 0 ? `: ${quoteAll(paths, 10, more)}` : ''}.`, fix: advice([]) }
  const { endings, files } = difference
  const shown = files.slice(0, MOST_FILES).map(wordFile)
  const rest = files.length - shown.length
  const lines = [
    `${what}:`,
    ...(endings ? [`  first it ${wordEnding(endings[0])}, then it ${wordEnding(endings[1])}`] : []),
    ...shown.map((line) => `  ${line}`),
    ...(rest > 0 ? [`  and ${count(rest, 'more file')}`] : []),
  ]
  const causes = files.flatMap((file) => (file.kind === 'content' ? file.causes : []))
  return { message: lines.join('\n  '), fix: advice([...new Set(causes)]) }
}

function wordEnding({ status, reason, exitCode }: Judged): string {
  const code = reason?.kind === 'exit' && exitCode !== null ? ` (exit code ${exitCode})` : ''
  const paths = reason && 'paths' in reason ? `: ${quoteAll(reason.paths)}` : ''
  return `${STATUS_WORDS[status]}${code}${paths}`
}

function wordFile(file: FileDifference): string {
  const path = quote(file.path)
  switch (file.kind) {
    case 'presence':
      return `${path} was written ${file.there === 'earlier' ? 'the first time' : 'the second time'} only`
    case 'mode':
      return `${path} was executable ${file.executable[0] ? 'the first time' : 'the second time'} only`
    case 'content': {
      const line = file.line === null ? '' : `, line ${file.line}`
      return `${path} differs from byte ${file.offset} on${line}: ${wordBytes(file.bytes)}`
    }
  }
}

function wordBytes([earlier, later]: Twice<number | null>): string {
  return `${wordByte(earlier)} and then ${wordByte(later)}`
}

/** `7 (0x37)`, `0x0a`, `the end`. */
function wordByte(byte: number | null): string {
  if (byte === null) return 'the end of the file'
  const hex = `0x${byte.toString(16).padStart(2, '0')}`
  return byte > 0x20 && byte < 0x7f ? `${String.fromCharCode(byte)} (${hex})` : hex
}

const ADVICE: Readonly<Record<Cause, string>> = {
  time: 'It looks like a time: leave it out, or take SOURCE_DATE_EPOCH, which is the same in every run.',
  random:
    'It looks like chance, a process id or a generated name: take a fixed seed, or a name that follows from the inputs.',
  order: 'It looks like an order that nobody fixed, of a folder, a set or parallel work: sort it by bytes.',
  path: 'It looks like a path outside of the inputs: write it relative to the pack.',
  locale: 'It looks like a number written by a locale: write it without one.',
  archive:
    'It is an archive, which holds times and an order: `tar --sort=name --mtime=@0 --owner=0 --group=0`, `gzip -n`, `zip -X`.',
}

const GENERAL =
  'Look for times, chance, the order of a folder, absolute paths, the locale, and what other commands do at the same time.'

function advice(causes: readonly Cause[]): string {
  return causes.length === 0 ? GENERAL : causes.map((cause) => ADVICE[cause]).join('\n')
}
