import type { Command } from 'commander'
import { closest } from '../model/suggest.ts'
import type { Context } from './context.ts'
import { styleFor, UsageError, widthFor } from './options.ts'
import type { Finish } from './syntax.ts'

/** The word that stands for all codes. */
const ALL = 'codes'

/** Explains a command, by its words, or the code of a complaint; nothing: the program. */
async function help(context: Context, program: Command, words: readonly string[]): Promise<number> {
  const command = commandAt(program, words)
  if (command) {
    command.outputHelp()
    return 0
  }
  // Loaded when somebody asks, because it is long.
  const { CODES, isCode, renderCodes, renderPage } = await import('../report/help/render.ts')
  const topic = words.join(' ')
  const options = { ...styleFor('out', context, {}), width: widthFor(context) }
  if (isCode(topic)) context.out(renderPage(topic, options))
  else if (topic === ALL) context.out(renderCodes(options))
  else throw unknown(topic, [...namesOf(program), ...CODES, ALL])
  return 0
}

function commandAt(program: Command, words: readonly string[]): Command | null {
  let at: Command | undefined = program
  for (const word of words) at = at?.commands.find((command) => command.name() === word)
  return at ?? null
}

function unknown(topic: string, known: readonly string[]): UsageError {
  const likely = closest(topic, known)
  const fix = likely === null ? '`codex help codes` lists the codes' : `Did you mean ${likely}?`
  return new UsageError(`There is no command and no code '${topic}'. ${fix}`)
}

function namesOf(program: Command): readonly string[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name())
}

export function addHelp(program: Command, context: Context, finish: Finish): void {
  program.helpCommand(false)
  program
    .command('help')
    .description('explain a command, or the code of a complaint')
    .argument('[topic...]', 'a command or a code; codes lists them all (default: the program)')
    .action(async (words: string[]) => finish(await help(context, program, words)))
}
