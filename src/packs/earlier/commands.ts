// What tells a command from a sentence, and what a command says of the files that it reads and writes.

/** What is known of the machine and of the pack. */
export interface Surroundings {
  /** Whether a program of this name is on PATH. */
  readonly isProgram: (name: string) => boolean
  /** Whether the pack holds this file, relative to its folder. */
  readonly isFile: (path: string) => boolean
}

export type Meaning = 'command' | 'prose' | 'no-program' | 'words'

/** Words that hold a sentence together, and that few commands have on their own. */
const JOINING: ReadonlySet<string> = new Set(
  (
    'a an all and any are be been by can do does each every for from has have in is it its must never no not of on only or ' +
    'shall should than that the their there they this to under when which will with without'
  ).split(' '),
)
/** What a shell knows by itself. */
const SHELL: ReadonlySet<string> = new Set([
  '!',
  '.',
  '[',
  'cd',
  'command',
  'exec',
  'export',
  'for',
  'if',
  'set',
  'while',
])
/** Options, redirections, joints, variables, paths and files with an extension. */
const SYNTAX = /(?:^|\s)--?[a-z]|[|<>;=]|&&|\$[\w({]|\w\/\w|\.\/|\w\.[a-z]{1,5}(?=\s|$)/i

/**
 * What an entry of `must` is. A command is one whose program is known and which reads like nothing else; a sentence is one whose
 * first word is no program and which reads like nothing else. `no-program`: no program of this name is known, though it is no
 * sentence either; `words`: it would be both.
 */
export function meaningOf(text: string, { isProgram, isFile }: Surroundings): Meaning {
  const program = programOf(text)
  if (/^\.{0,2}\//.test(program)) {
    if (isFile(program.replace(/^\.\//, '')) || (program.startsWith('/') && isProgram(program))) return 'command'
    return 'no-program'
  }
  const isKnown =
    program !== '' && (SHELL.has(program) || isProgram(program) || (program.includes('/') && isFile(program)))
  const bare = text.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"/g, '""')
  const isSentence = readsAsSentence(bare)
  if (isKnown) return isSentence ? 'words' : 'command'
  return isSentence && !SYNTAX.test(bare) ? 'prose' : isSentence ? 'words' : 'no-program'
}

function readsAsSentence(bare: string): boolean {
  const words = bare.trim().split(/\s+/)
  const joins = words.some((word) => JOINING.has(word.toLowerCase().replace(/[,.:;!?]$/, '')))
  return words.length > 2 && (joins || /[a-z][.!]$/i.test(bare.trim()) || /^[A-Z][a-z]/.test(bare))
}

/** The first word behind assignments of variables. */
function programOf(text: string): string {
  return /^\s*(?:[A-Za-z_]\w*=\S*\s+)*(\S*)/.exec(text)?.[1] ?? ''
}

/** Words of a command that look like paths of files, without what a shell would make of them. */
export function pathsIn(command: string): readonly string[] {
  const words = command.split(/[\s'"|;&<>()=]+/)
  return [...new Set(words.map((word) => word.replace(/^\.\//, '')).filter((word) => PATH.test(word)))]
}

const PATH = /^(?!-|\/|.*:\/\/|.*[*?$`{}[\]])[\w@.-]+(?:\/[\w@.-]+)+$|^(?!-)[\w@-][\w@.-]*\.[a-z]{1,5}$/i

/** Whether the command names this path. */
export function mentions(command: string, path: string): boolean {
  return new RegExp(`(?<![\\w./-])(?:\\./)?${escaped(path)}(?![\\w/-]|\\.\\w)`).test(command)
}

/** … as a file that it writes: behind a redirection, `tee`, or an option such as `--output`. */
export function writes(command: string, path: string): boolean {
  const before =
    '(?:>>?\\s*|\\btee\\s+(?:-a\\s+)?|(?:^|\\s)(?:-o|--out|--output|--outfile|--report|--junit|--result|--write)[= ])'
  return new RegExp(`${before}["']?(?:\\./)?${escaped(path)}(?![\\w/-]|\\.\\w)`).test(command)
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)
}
