// The first page of help: all commands on one screen.
import { Help, type Command } from 'commander'
import { fit, padEnd } from '../report/columns.ts'

/** What a terminal shows at least. */
const COLUMNS = 80

/** Commands in the order in which somebody meets them. One that is not here is shown at the end, with its own description. */
const GROUPS: readonly (readonly [group: string, commands: Readonly<Record<string, string>>])[] = [
  [
    'Write',
    {
      init: 'make a pack of your own from a template',
      import: 'turn Task Packs of the earlier layout into new ones',
      validate: 'check packs and report everything that is wrong, with a fix',
      graph: 'show what depends on what',
      list: 'list packs with what they need and prove',
      schema: 'print a JSON Schema, for editors and programs',
    },
  ],
  [
    'Run',
    {
      run: 'run packs and all that they need, and keep the evidence',
      apply: 'put what a run has changed and made into the working tree',
      explain: 'show all that enters the key of an action',
      diff: 'say why two runs differ',
      runs: 'list recorded runs, repair killed ones, remove old ones',
      cache: 'keep what `codex run --cache` reuses small',
    },
  ],
  [
    'Prove',
    {
      verify: 'check that the evidence of a run is genuine, offline',
      report: 'print the report of a run, or write it to a file',
      sign: 'sign a run that has been',
      keys: 'make and show keys for signing',
      bundle: 'pack a run with its inputs into one file',
      pr: 'propose what a run has changed as a pull request',
    },
  ],
  [
    'Set up',
    {
      doctor: 'check whether runs work here, and say what to install',
      config: 'show every setting that holds, and where it comes from',
      completion: 'print a completion script for a shell',
    },
  ],
]

/** As commander formats help, but for the program itself. */
export function formatHelp(command: Command, helper: Help): string {
  if (command.parent !== null) return new Help().formatHelp.call(helper, command, helper)
  return pageOf(helper.visibleCommands(command))
}

function pageOf(visible: readonly Command[]): string {
  // The first line tells of `help`: a screen has no line to spare.
  const left = new Map(
    visible.filter((command) => command.name() !== 'help').map((command) => [command.name(), command.description()]),
  )
  const lines = GROUPS.flatMap(([group, commands]) =>
    Object.entries(commands)
      .filter(([name]) => left.delete(name))
      .map(([name, says], index) => line(index === 0 ? group : '', name, says)),
  )
  const others = [...left].map(([name, says], index) => line(index === 0 ? 'Other' : '', name, says))
  return [
    'Usage: codex <command> [options]    codex help <word> explains it, or a complaint',
    ...lines,
    ...others,
    'Exit codes: 0 accepted, 1 not, 2 usage, 3 refused, 4 limit, 5 not genuine',
    '',
  ].join('\n')
}

function line(group: string, name: string, says: string): string {
  return fit(`${padEnd(group, 6)}  ${padEnd(name, 10)}  ${says}`, COLUMNS - 1, '…')
}
