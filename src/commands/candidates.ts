// What may come next on a command line.
import type { Argument, Command, Option } from 'commander'
import { templateNames } from '../packs/templates.ts'
import type { Context } from './context.ts'
import { folderOf, type CommonOptions } from './options.ts'
import { openProject } from './project.ts'

interface Asking {
  readonly context: Context
  readonly program: Command
  readonly options: CommonOptions
}

/** All that the last word may be, whatever of it is there already. */
export async function candidatesFor(
  context: Context,
  program: Command,
  words: readonly string[],
): Promise<readonly string[]> {
  const { rest, options } = withoutDirectory(words)
  return inCommand(program, rest, { context, program, options })
}

/** `-C` may stand anywhere, before the command as well. It is left alone where it is still being written. */
function withoutDirectory(words: readonly string[]): { rest: readonly string[]; options: CommonOptions } {
  const at = words.findIndex((word) => word === '-C' || word === '--directory')
  const directory = at === -1 ? undefined : words[at + 1]
  if (directory === undefined || at + 2 >= words.length) return { rest: words, options: {} }
  return { rest: words.toSpliced(at, 2), options: { directory } }
}

async function inCommand(command: Command, words: readonly string[], asking: Asking): Promise<readonly string[]> {
  const [name = '', ...rest] = words
  if (command.commands.length > 0) {
    if (rest.length === 0) return [...visibleNames(command), ...longOptions(command)]
    const below = command
      .createHelp()
      .visibleCommands(command)
      .find((candidate) => candidate.name() === name)
    return below ? inCommand(below, rest, asking) : []
  }
  return forLast(command, words, asking)
}

async function forLast(command: Command, words: readonly string[], asking: Asking): Promise<readonly string[]> {
  const last = words.at(-1) ?? ''
  const open = optionNamed(command, words.at(-2))
  // A value that may be left out stands behind a `=`, in the same word.
  if (open?.required) return valuesOf(open, asking)
  const [flag = '', ...value] = last.split('=')
  const written = value.length > 0 ? optionNamed(command, flag) : undefined
  if (written) return (await valuesOf(written, asking)).map((one) => `${flag}=${one}`)
  if (last.startsWith('-')) return longOptions(command)
  const argument = argumentAt(command, words)
  return argument ? namesFor(argument.name(), argument.argChoices, asking) : longOptions(command)
}

function optionNamed(command: Command, word: string | undefined): Option | undefined {
  return word === undefined ? undefined : command.options.find(({ long, short }) => word === long || word === short)
}

/** The argument that the last word is, by what stands before it and is no option. */
function argumentAt(command: Command, words: readonly string[]): Argument | undefined {
  const before = words.slice(0, -1)
  const position = before.filter((word, index) => {
    return !word.startsWith('-') && !optionNamed(command, before[index - 1])?.required
  }).length
  const { registeredArguments: known } = command
  const last = known.at(-1)
  return known[position] ?? (last?.variadic ? last : undefined)
}

async function valuesOf(option: Option, asking: Asking): Promise<readonly string[]> {
  const placeholder = /<(\w+)/.exec(option.flags)?.[1] ?? ''
  const named = new Set(['--tag', '--template']).has(option.long ?? '') ? option.name() : placeholder
  return namesFor(named, option.argChoices, asking)
}

/** What something can be, by what it is called in the help. Files and folders the shell completes itself. */
async function namesFor(
  kind: string,
  choices: readonly string[] | undefined,
  { context, program, options }: Asking,
): Promise<readonly string[]> {
  if (choices) return choices
  switch (kind) {
    case 'pack':
    case 'packs':
      return (await openProject(context, [], options)).project.packs.map(({ definition }) => definition.id)
    case 'tag': {
      const { packs } = (await openProject(context, [], options)).project
      return [...new Set(packs.flatMap(({ definition }) => definition.tags))]
    }
    case 'action':
      return (await openProject(context, [], options)).project.graph?.actions.map(({ id }) => id) ?? []
    case 'run':
    case 'runs':
    case 'other': {
      const names = (await context.runs(folderOf(context, options), null)).names()
      return names.length === 0 ? [] : ['latest', ...names]
    }
    case 'topic':
      return [...visibleNames(program), ...(await import('../report/help/render.ts')).CODES]
    case 'template':
      return templateNames((await context.newPacks()).templates())
    default:
      return []
  }
}

function visibleNames(command: Command): readonly string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((below) => below.name())
}

function longOptions(command: Command): readonly string[] {
  return command.options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : []))
}
