import type { DiagnosticCode } from '../../model/diagnostic.ts'
import { compareBytes } from '../../model/order.ts'
import { escapeText, styleOf, type Style, type StyleOptions } from '../style.ts'
import type { Example, ExampleFile, ExampleMachine } from './page.ts'
import { CODES, PAGES } from './pages.ts'

export interface HelpOptions extends StyleOptions {
  /** Columns that a line may take. */
  readonly width: number
}

const WIDEST = 100
const INDENT = '  '
const USUAL = 'task-packs/demo/task.yml'

const MACHINES: Readonly<Record<ExampleMachine, string>> = {
  'without a sandbox': 'Where neither bubblewrap nor `unshare` works:',
  'without a network': 'Where neither bubblewrap nor `ip` is installed:',
  'a full disk': 'Where the disk is full:',
  'a cache that was altered': 'After somebody has changed a file of the cache:',
  'a recorded run': 'Where nothing has changed since the newest run:',
  'a recorded run of other files': 'Where `spec.md` has changed since the newest run:',
}

const LEFT_OUT = 'The examples leave out the keys that every task.yml has.'

/** The page of a code: what it is about, why it matters, and an example before and after. */
export function renderPage(code: DiagnosticCode, options: HelpOptions): string {
  const { what, why, wrong, right } = PAGES[code]
  const style = styleOf(options)
  const width = Math.max(40, Math.min(options.width, WIDEST))
  const examples = [
    `${style.colors.red('Wrong:')}\n${exampleText(wrong, { style, width })}`,
    `${style.colors.green('Right:')}\n${exampleText(right, { style, width })}`,
  ]
  const about = [style.colors.bold(code), wrap(what, width), wrap(why, width)]
  const isPack = [wrong, right].some(({ files = {} }) => Object.keys(files).some((path) => path.endsWith('task.yml')))
  const note = isPack ? [style.colors.dim(wrap(LEFT_OUT, width))] : []
  return `${[...about, ...examples, ...note].join('\n\n')}\n`
}

/** Every code with the first sentence of its page, in the order in which things are checked. */
export function renderCodes(options: HelpOptions): string {
  const { colors } = styleOf(options)
  const column = Math.max(...CODES.map((code) => code.length)) + INDENT.length
  const room = Math.max(30, Math.min(options.width, WIDEST + column) - column)
  const lines = CODES.map((code) => {
    const [first = '', ...rest] = wrap(summaryOf(code), room).split('\n')
    return [
      `${colors.bold(code)}${' '.repeat(column - code.length)}${first}`,
      ...rest.map((line) => `${' '.repeat(column)}${line}`),
    ]
  })
  return `${lines.flat().join('\n')}\n`
}

/** What a code is about, in one sentence. */
export function summaryOf(code: DiagnosticCode): string {
  return /^.*?\.(?= |$)/.exec(PAGES[code].what)?.[0] ?? PAGES[code].what
}

interface Layout {
  readonly style: Style
  readonly width: number
}

function exampleText({ files = {}, command, machine }: Example, layout: Layout): string {
  const paths = Object.keys(files).toSorted(compareBytes)
  const named = paths.length > 1 || (paths.length === 1 && paths[0] !== USUAL)
  const blocks = paths.map((path) => fileText(path, files[path] ?? '', { ...layout, named }))
  const calls = command === undefined ? [] : [`${INDENT}$ ${command}`]
  const given = machine === undefined ? [] : [`${INDENT}${MACHINES[machine]}`]
  return [...blocks, ...given, ...calls].join('\n')
}

function fileText(
  path: string,
  file: ExampleFile,
  { style, width, named }: Layout & { readonly named: boolean },
): string {
  const { colors, glyphs } = style
  const name = escapeText(path)
  if (typeof file === 'object' && 'link' in file) return `${INDENT}${colors.dim(`${name} -> ${escapeText(file.link)}`)}`
  if (typeof file === 'object' && 'is' in file) return `${INDENT}${colors.dim(`${name} is ${file.is}`)}`
  const isText = typeof file === 'string'
  const head = isText ? name : `${name} (saved as Latin-1)`
  const room = width - INDENT.length * 2
  const lines = (isText ? file : file.latin1)
    .trimEnd()
    .split('\n')
    .map((line) => {
      const shown = escapeText(line)
      return `${INDENT}${named ? INDENT : ''}${shown.length > room ? `${shown.slice(0, room - 1)}${glyphs.ellipsis}` : shown}`
    })
  return [...(named || !isText ? [`${INDENT}${colors.dim(head)}`] : []), ...lines].join('\n')
}

/** Breaks a paragraph at spaces. */
function wrap(text: string, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}

export { CODES } from './pages.ts'

export function isCode(text: string): text is DiagnosticCode {
  return Object.hasOwn(PAGES, text)
}
