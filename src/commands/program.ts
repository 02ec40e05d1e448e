import { Argument, Command, CommanderError, Option } from 'commander'
import { fixLines } from '../report/diagnostics.ts'
import { escapeText, styleOf } from '../report/style.ts'
import { COMPLAINT_FORMATS, SCHEMAS, SHELLS, type SchemaName, type Shell } from './choices.ts'
import { addCache } from './cache.ts'
import type { Context } from './context.ts'
import { addApply } from './apply.ts'
import { addBundle } from './bundle.ts'
import { complete, completion, type CompleteOptions } from './completion.ts'
import { addConfig } from './config.ts'
import { addDiff } from './diff.ts'
import { doctor } from './doctor.ts'
import { withExecution } from './execution.ts'
import { examplesText } from './examples.ts'
import { addExplain } from './explain.ts'
import { graph } from './graph.ts'
import { addHelp } from './help.ts'
import { addImport } from './import.ts'
import { addInit } from './init.ts'
import { withView, type GraphOptions } from './graph-options.ts'
import { addKeys } from './keys.ts'
import { list, type ListOptions } from './list.ts'
import { checkNames, withNearestChoice } from './mistyped.ts'
import { forPeople, styleFor, UsageError, type CommonOptions } from './options.ts'
import { addPr } from './pr.ts'
import { addReport, reportOption } from './report.ts'
import { formatHelp } from './root-help.ts'
import { run, type RunCommandOptions } from './run.ts'
import { addRuns } from './runs.ts'
import { schema } from './schema.ts'
import { addSign } from './sign.ts'
import {
  replayOption,
  withCache,
  withCommon,
  withLoneFlags,
  withPlugins,
  withSchedule,
  withSelection,
  withWatch,
  type Finish,
} from './syntax.ts'
import { addVerify } from './verify.ts'
import { validate, type ValidateOptions } from './validate.ts'

const REPLAY = `
With --replay the packs are those of the run that is named. The steps of those with a scope are not run: their changes and outputs
are taken from it, and nothing of theirs has a network or a secret. The run has to verify, and to be one that could have been made
here; otherwise what differs is named, and the exit code is 5. The same base gives the same manifest.
`

const EXIT_CODES = `
Exit codes: 0 all accepted; 1 acceptance failed, or two runs differ; 2 usage, or an invalid pack or config; 3 refused
by policy, or no sandbox; 4 time-out, limit or breaker; 5 evidence that is not genuine, or outcomes that are not the
same twice; 70 a bug in codex; 130, 143 ended by a signal.`

/** Runs the command that `context.argv` names and returns the exit code. */
export async function runProgram(context: Context): Promise<number> {
  let exitCode = 0
  const program = programFor(context, (code) => (exitCode = code))
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

function programFor(context: Context, finish: Finish): Command {
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
  for (const add of COMMANDS) add(program, context, finish)
  for (const command of program.commands) withExamples(command, '', program)
  return program
}

const COMMANDS = [
  addRun,
  addReaders,
  addInit,
  addImport,
  addExplain,
  addDiff,
  addApply,
  addVerify,
  addReport,
  addBundle,
  addPr,
  addTools,
  addKeys,
  addRuns,
  addSign,
  addCache,
  addHelp,
  addConfig,
]

/** Commands of commands are commands as well. */
function withExamples(command: Command, above: string, program: Command): void {
  const words = `${above}${command.name()}`
  command.copyInheritedSettings(program).addHelpText('after', examplesText(words))
  for (const below of command.commands) withExamples(below, `${words} `, program)
}

function addRun(program: Command, context: Context, finish: Finish): void {
  withExecution(withSchedule(withCache(withPlugins(withSelection(program.command('run'))))))
    .description('run packs and all that they need, and keep the evidence')
    .option('-n, --dry-run', 'show what would run, and every key that is known already')
    .option('--base <ref>', 'take all files as this commit has them, not as they lie there')
    .addOption(new Option('--jsonl', 'print each event as a line of JSON').conflicts(['json', 'dryRun']))
    .addOption(
      new Option(
        '--sign [=key]',
        'sign what was shown: with the key in this file, with CODEX_SIGNING_KEY, or without a key by =sigstore',
      ),
    )
    .addOption(reportOption())
    .addOption(
      new Option(
        '--apply',
        'once all has passed, put what it has changed and its artifacts into the working tree',
      ).conflicts('dryRun'),
    )
    .addOption(replayOption())
    .addHelpText('after', `${REPLAY}${EXIT_CODES}`)
    .action(async (names: string[], options: RunCommandOptions) => finish(await run(context, names, options)))
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

function addTools(program: Command, context: Context, finish: Finish): void {
  program
    .command('schema')
    .description('print a JSON Schema')
    .addArgument(new Argument('<name>', 'what it describes').choices(SCHEMAS))
    .action(async (name: SchemaName) => finish(await schema(context, name)))
  withCommon(program.command('doctor'))
    .description('check whether runs work on this machine, and say what to install')
    .action(async (options: CommonOptions) => finish(await doctor(context, options)))
  program
    .command('completion')
    .description('print a completion script')
    .addArgument(new Argument('<shell>', 'for which shell').choices(SHELLS))
    .action(async (shell: Shell) => finish(completion(context, shell)))
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .option('--count <n>')
    .action(async (words: string[], options: CompleteOptions) => {
      finish(await complete(context, program, { words, ...options }))
    })
}
