// Suggestions for what was mistyped, where commander makes none.
import type { Command } from 'commander'
import { closest } from '../model/suggest.ts'
import { UsageError } from './options.ts'

/** An error as commander words it; a value that is not among those allowed gets the nearest of them. */
export function withNearestChoice(text: string): string {
  const [, word, choices] =
    /'([^']*)' is invalid(?: for argument '[^']*')?\. Allowed choices are (.*)\.$/m.exec(text) ?? []
  const near = word && choices ? closest(word, choices.split(', ')) : null
  return near === null ? text : `${text.trimEnd()}\n(Did you mean ${near}?)\n`
}

/** A command that has commands and runs one of them where none is named would take a mistyped name for its argument. */
export function checkNames(program: Command, argv: readonly string[]): void {
  const [name, below] = wordsOf(argv)
  const command = program.commands.find((candidate) => candidate.name() === name)
  if (!command || below === undefined || below.startsWith('-')) return
  const known = command.commands.map((candidate) => candidate.name())
  if (known.length === 0 || known.includes(below) || below === 'help') return
  const near = closest(below, known)
  throw new UsageError(`unknown command '${below}'`, { lines: near === null ? [] : [`(Did you mean ${near}?)`] })
}

/** The first word; `undefined`: there is none. */
export function commandNamed(argv: readonly string[]): string | undefined {
  return wordsOf(argv)[0]
}

function wordsOf(argv: readonly string[]): readonly string[] {
  return argv.filter((_, index) => !isDirectory(argv, index))
}

/** `-C dir`, which may stand before the command. */
function isDirectory(argv: readonly string[], index: number): boolean {
  const flags = ['-C', '--directory']
  return flags.includes(argv[index] ?? '') || flags.includes(argv[index - 1] ?? '')
}
