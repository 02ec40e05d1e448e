import { NO_BLOB } from './blob.ts'
import { unquoteName } from './names.ts'
import { isChangePath } from '../model/change-path.ts'
import type { Reader } from './reader.ts'

/** What a patch says of a file before it shows any of it. */
export interface Header {
  readonly path: string
  /** Whether it is executable; `null`: it is not there. */
  readonly before: boolean | null
  readonly after: boolean | null
  /** The ids of both blobs; `null`: the bytes stay what they are. */
  readonly ids: { readonly before: string; readonly after: string } | null
}

/** What git writes and codex does not: it would need another file, or is none. */
const OTHERS = ['rename ', 'copy ', 'similarity ', 'dissimilarity ']

export function readHeader(reader: Reader): Header {
  reader.path = null
  const path = pathIn(reader.need('diff --git ')) ?? reader.refuse('syntax')
  reader.path = path
  if (!isChangePath(path)) reader.refuse('path')
  const { before, after } = readModes(reader)
  if (OTHERS.some((start) => reader.after(start) !== null)) reader.refuse('unsupported')
  const index = reader.after('index ')
  if (index === null) {
    if (before === undefined || before === null || after === null || before === after) reader.refuse('syntax')
    return { path, before, after: after ?? before, ids: null }
  }
  const parts = /^([0-9a-f]{40})\.\.([0-9a-f]{40})(?: ([0-7]{6}))?$/.exec(index)
  const [, old = '', made = '', mode] = parts ?? reader.refuse('syntax')
  const ids = { before: old, after: made }
  if ((before === null) !== (old === NO_BLOB) || (after === null) !== (made === NO_BLOB)) reader.refuse('syntax')
  if ((mode === undefined) === (before === undefined)) reader.refuse('syntax')
  if (before !== undefined && after !== undefined) return { path, before, after, ids }
  const executable = isExecutable(mode ?? '', reader)
  return { path, before: executable, after: executable, ids }
}

/** Undefined where nothing is said of it. */
interface Modes {
  readonly before?: boolean | null
  readonly after?: boolean | null
}

function readModes(reader: Reader): Modes {
  const made = reader.after('new file mode ')
  if (made !== null) return { before: null, after: isExecutable(made, reader) }
  const deleted = reader.after('deleted file mode ')
  if (deleted !== null) return { before: isExecutable(deleted, reader), after: null }
  const old = reader.after('old mode ')
  if (old === null) return {}
  const before = isExecutable(old, reader)
  const after = isExecutable(reader.need('new mode '), reader)
  if (before === after) reader.refuse('syntax')
  return { before, after }
}

function isExecutable(mode: string, reader: Reader): boolean {
  if (mode === '100644' || mode === '100755') return mode === '100755'
  return reader.refuse(/^(?:120000|160000|100\d{3})$/.test(mode) ? 'unsupported' : 'syntax')
}

/** The path of `a/<path> b/<path>`, each quoted or not; `null`: that is not what it says. */
function pathIn(names: string): string | null {
  if (!names.startsWith('"')) {
    const path = names.slice(2, (names.length - 1) / 2)
    return names === `a/${path} b/${path}` ? path : null
  }
  const first = unquoteName(names)
  const second = first?.rest.startsWith(' ') ? unquoteName(first.rest.slice(1)) : null
  if (!first || second?.rest !== '') return null
  const path = first.name.slice(2)
  return first.name === `a/${path}` && second.name === `b/${path}` ? path : null
}

/** Whether what stands behind `---` or `+++` names this side of the file. */
export function isSide(text: string, side: string | null): boolean {
  if (side === null) return text === '/dev/null'
  const name = text.endsWith('\t') ? text.slice(0, -1) : text
  if (!name.startsWith('"')) return name === side
  const unquoted = unquoteName(name)
  return unquoted?.name === side && unquoted.rest === ''
}
