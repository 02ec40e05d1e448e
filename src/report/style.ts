import picocolors from 'picocolors'

/** Receives text for one stream; the reporters know no other way out. */
export type Write = (text: string) => void

/** What a rendering may use: colours are off where the stream is no terminal, line drawing where it is not Unicode. */
export interface StyleOptions {
  readonly color: boolean
  readonly unicode: boolean
}

type Paint = (text: string) => string

export type Colors = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', Paint>>

export interface Style {
  readonly colors: Colors
  readonly glyphs: Glyphs
}

export interface Glyphs {
  readonly pass: string
  readonly fail: string
  readonly skip: string
  readonly retry: string
  readonly bullet: string
  readonly bar: string
  readonly ellipsis: string
  /** The branches of a tree: an entry, the last entry, what continues beside its children, and nothing. */
  readonly tee: string
  readonly corner: string
  readonly pipe: string
  readonly blank: string
}

const UNICODE: Glyphs = {
  pass: '✓',
  fail: '✗',
  skip: '-',
  retry: '↻',
  bullet: '•',
  bar: '│',
  ellipsis: '…',
  tee: '├─ ',
  corner: '└─ ',
  pipe: '│  ',
  blank: '   ',
}

const ASCII: Glyphs = {
  pass: '+',
  fail: 'x',
  skip: '-',
  retry: '~',
  bullet: '*',
  bar: '|',
  ellipsis: '...',
  tee: '|- ',
  corner: '`- ',
  pipe: '|  ',
  blank: '   ',
}

export function styleOf(options: StyleOptions): Style {
  return { colors: picocolors.createColors(options.color), glyphs: options.unicode ? UNICODE : ASCII }
}

/**
 * What a terminal obeys or hides instead of showing: C0 and C1 controls, bidi controls, zero-width and other default-ignorable
 * characters, line and paragraph separators, lone surrogates. The two variation selectors that choose between text and
 * emoji shapes are harmless and common.
 */
export const UNSAFE: RegExp = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?![\uFE0E\uFE0F])\p{Default_Ignorable_Code_Point}/gu

const COLOUR = /\u001B\[[\d;:]*m/g

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001B': '\\e' }

/** Text of unknown origin as it may appear within one line of the screen: whatever can't be seen is written as an escape. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, escapeCharacter)
}

/**
 * The lines of what a command printed, each escaped; a tab becomes spaces up to the next multiple of eight. A carriage return
 * ends a line as well, and colours are dropped.
 */
export function escapeLines(text: string): readonly string[] {
  return text
    .replace(COLOUR, '')
    .split(/\r\n|\n|\r/)
    .map((line) => escapeText(expandTabs(line)))
}

function escapeCharacter(character: string): string {
  const named = NAMED[character]
  if (named !== undefined) return named
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  return code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`
}

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line
  let column = 0
  return line.replace(/\t|[^\t]+/g, (part) => {
    const shown = part === '\t' ? ' '.repeat(8 - (column % 8)) : part
    column += shown.length
    return shown
  })
}

/**
 * Wraps the writer of a stream that GitHub Actions reads, so that no line can be taken for a workflow command: the runner obeys
 * `::` at the start of a line (after white space) and `##[` anywhere in it.
 * Each call must end its last line.
 */
export function guardWorkflowCommands(write: Write): Write {
  return (text) => write(text.replace(/^(\s*)::/gm, '$1| ::').replaceAll('##[', '## ['))
}
