// Commands that are loaded where one of them is named, or all are asked for.
import { Argument, type Command } from 'commander'
import { addApply } from './apply.ts'
import { addBundle } from './bundle.ts'
import { addCache } from './cache.ts'
import { addConfig } from './config.ts'
import { addDiff } from './diff.ts'
import { addExplain } from './explain.ts'
import { addHelp } from './help.ts'
import { addImport } from './import.ts'
import { addInit } from './init.ts'
import { addKeys } from './keys.ts'
import { addPr } from './pr.ts'
import { addReport } from './report.ts'
import { addRuns } from './runs.ts'
import { addSign } from './sign.ts'
import { addVerify } from './verify.ts'
import { SCHEMAS, SHELLS, type SchemaName, type Shell } from './choices.ts'
import { complete, completion, type CompleteOptions } from './completion.ts'
import type { Context } from './context.ts'
import { doctor } from './doctor.ts'
import type { CommonOptions } from './options.ts'
import { schema } from './schema.ts'
import { withCommon, type AddCommand, type Finish } from './syntax.ts'

export const OTHER_COMMANDS: readonly AddCommand[] = [
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
