import { Command, CommanderError, Option } from 'commander'
import { fixLines } from '../report/diagnostics.ts'
import { escapeText, styleOf } from '../report/style.ts'
import { COMPLAINT_FORMATS } from './choices.ts'
import type { Context } from './context.ts'
import { examplesText } from './examples.ts'
import { graph } from './graph.ts'
import { withView, type GraphOptions } from './graph-options.ts'
import { list, type ListOptions } from './list.ts'
import { checkNames, commandNamed, withNearestChoice } from './mistyped.ts'
import { forPeople, styleFor, UsageError, type CommonOptions } from './options.ts'
import { formatHelp } from './root-help.ts'
import { withLoneFlags, withPlugins, withSelection, withWatch, type AddCommand, type Finish } from './syntax.ts'
import { validate, type ValidateOptions } from './validate.ts'

/** Only what is named is loaded, as far as it is what somebody types all day: each piece of the rest costs its start more. */
async function commandsFor(name: string | undefined): Promise<readonly AddCommand[]> {
  if (name !== undefined && READERS.has(name)) return [addReaders]
  const { addRun } = await import('./run-syntax.ts')
  if (name === 'run') return [addRun]
  const { OTHER_COMMANDS } = await import('./other-commands.ts')
  return [addRun, addReaders, ...OTHER_COMMANDS]
}

const READERS: ReadonlySet<string> = new Set(['graph', 'validate', 'list'])

/** Runs the command that `context.argv` names and returns the exit code. */
export async function runProgram(context: Context): Promise<number> {
  let exitCode = 0
  const commands = await commandsFor(commandNamed(context.argv))
  const program = programFor(context, commands, (code) => (exitCode = code))
  try {
    checkNames(program, context.argv)
    await program.parseAsync(withLoneFlags(context.argv), { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof UsageError)) throw error
    const lines = [`error: ${error.message}`, ...error.lines].map((line) => `${escapeText(line)}\n`)
    forPeople('err', context)(`${lines.join('')}${fixLines(error.fix, styleOf(styleFor('err', context, {})))}`)
    return 2
  }
}

function programFor(context: Context, commands: readonly AddCommand[], finish: Finish): Command {
  const program = new Command('codex')
    .description('Runs declared work in a sandbox, deterministically, and keeps proof of what was done.')
    .version(context.tool.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .configureHelp({ formatHelp })
    .configureOutput({
      writeOut: context.out,
      writeErr: context.err,
      outputError: (text, write) => write(withNearestChoice(text)),
    })
    .exitOverride()
    .showSuggestionAfterError()
    // Before the command as well as after it, as with make and git.
    .addOption(new Option('-C, --directory <dir>', 'start in this folder').hideHelp())
    .hook('preAction', (whole, command) => {
      const { directory } = whole.opts<CommonOptions>()
      if (directory !== undefined && command.opts<CommonOptions>().directory === undefined) {
        command.setOptionValue('directory', directory)
      }
    })
  for (const add of commands) add(program, context, finish)
  for (const command of program.commands) withExamples(command, '', program)
  return program
}

/** Commands of commands are commands as well. */
function withExamples(command: Command, above: string, program: Command): void {
  const words = `${above}${command.name()}`
  command.copyInheritedSettings(program).addHelpText('after', examplesText(words))
  for (const below of command.commands) withExamples(below, `${words} `, program)
}

function addReaders(program: Command, context: Context, finish: Finish): void {
  withWatch(withView(withPlugins(withSelection(program.command('graph')))))
    .description('show what depends on what')
    .action(async (names: string[], options: GraphOptions) => finish(await graph(context, names, options)))
  withWatch(withPlugins(withSelection(program.command('validate'))))
    .description('check packs and report everything that is wrong, with its place and a fix')
    .addOption(new Option('-f, --format <format>', 'how to tell it (default: text)').choices(COMPLAINT_FORMATS))
    .addOption(new Option('--fix', 'correct what has one right answer, and show what was changed').conflicts('watch'))
    .option('-n, --dry-run', 'with --fix: show what it would change')
    .addOption(new Option('--jsonl', 'with --watch: print each verdict as a line of JSON').conflicts('json'))
    .action(async (names: string[], options: ValidateOptions) => finish(await validate(context, names, options)))
  withSelection(program.command('list'))
    .description('list packs by pillar and domain, with what they need and prove')
    .action(async (names: string[], options: ListOptions) => finish(await list(context, names, options)))
}
