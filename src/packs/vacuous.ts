interface Part {
  readonly text: string
  /** What stands before and after it: `;`, `&&`, `||`, `|`, `&` or nothing. */
  readonly before: string
  readonly after: string
}

const SHELLS = /^(?:\S*\/)?(?:ba|da|z|a|k)?sh$/
const WRAPPERS = /^(?:command|builtin|exec|env)$/

/**
 * Whether a command ends with success whatever the files hold: nothing, `true`, `:`, `exit 0`, or only such commands
 * joined. Comments do not count. A command that is merely weak is not found.
 */
export function isVacuous(run: string | readonly string[]): boolean {
  if (typeof run === 'string') return isVacuousScript(run)
  const [program, ...rest] = run
  if (program === undefined || program.trim() === '') return true
  if (WRAPPERS.test(program.replace(/^.*\//, ''))) return isVacuous(rest)
  if (SHELLS.test(program) && /^-\w*c$/.test(rest[0] ?? '')) return isVacuousScript(rest[1] ?? '')
  return isNoOp(program)
}

/** Words that a script which does nothing may start with; any other word does something. */
const IDLE = /^(?:set|exit|command|builtin|exec|env|true|\S*\/true|\S*sh)$/

function isVacuousScript(script: string): boolean {
  const word = /^[\w./-]+(?=[\s;&|]|$)/.exec(script)?.[0]
  if (word !== undefined && !IDLE.test(word)) return false
  for (const part of partsOf(stripComments(script.replaceAll('\\\n', '')))) {
    if (endsThere(part)) return true
    if (!isVacuousPart(part.text)) return false
  }
  return true
}

/** After an `exit 0` that is always reached nothing runs any more. */
function endsThere({ text, before, after }: Part): boolean {
  return /^exit(?:\s+0+)?$/.test(text) && /^(?:|;|&&)$/.test(before) && /^(?:|;|&&|\|\|)$/.test(after)
}

function isVacuousPart(text: string): boolean {
  if (text === '') return true
  const words = text.split(/\s+/)
  while (WRAPPERS.test(words[0] ?? '') && words.length > 1) words.shift()
  const [program = '', ...rest] = words
  if (SHELLS.test(program) && /^-\w*c$/.test(rest[0] ?? '')) return isVacuousScript(rest.slice(1).join(' '))
  if (program === 'exit') return rest.every((word) => /^0+$/.test(word))
  if (program === 'set') return rest.every((word) => /^[-+]?\w+$/.test(word))
  // A word with a dollar, a backquote or a redirection may do something.
  return isNoOp(program) && rest.every((word) => /^[\w./:=,-]*$/.test(word))
}

function isNoOp(program: string): boolean {
  return /^(?::|true|(?:\/usr)?\/bin\/true)$/.test(program)
}

/** Splits at `;`, `&&`, `||`, `|`, `&` and line ends. Quoted text is cut as well, which only makes parts that do something. */
function partsOf(script: string): Part[] {
  const pieces = script.split(/(\n|;|&&|\|\||\||&)/)
  const parts: Part[] = []
  for (let at = 0; at < pieces.length; at += 2) {
    const bare = (pieces[at] ?? '').trim().replaceAll(/(['"])([\w./: -]*)\1/g, '$2')
    const text = bare
      .replace(/^[({]\s*/, '')
      .replace(/\s*[)}]$/, '')
      .trim()
    parts.push({ text, before: joint(pieces[at - 1]), after: joint(pieces[at + 1]) })
  }
  return parts
}

function joint(piece: string | undefined): string {
  return piece === '\n' ? ';' : (piece ?? '')
}

/** Leaves out what follows a `#` at the start of a word, but not within quotes. */
function stripComments(script: string): string {
  return script.replaceAll(
    /'[^']*'|"(?:[^"\\]|\\.)*"|\\.|(^|[\s;&|()])#[^\n]*/gs,
    (match, before: string | undefined) => (before === undefined ? match : before),
  )
}
