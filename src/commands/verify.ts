import type { Command } from 'commander'
import { verifyRun } from '../evidence/verify/verify.ts'
import { readPublicKey, type PublicKey } from '../model/key.ts'
import type { Verification } from '../model/verification.ts'
import { wordKeyProblem } from '../report/wording-keys.ts'
import { renderVerification, renderVerificationJson } from '../report/verification.ts'
import type { Context } from './context.ts'
import { forPeople, styleFor, UsageError, type CommonOptions } from './options.ts'
import { openRun } from './recorded.ts'
import { oneMore, withCommon, type Finish } from './syntax.ts'

interface VerifyCommandOptions extends CommonOptions {
  readonly key?: readonly string[]
  readonly passed?: boolean
}

const MEANING = `
What is checked: that every byte of the run is the one that was recorded, that nothing is missing and nothing was added,
that the manifest follows from the journal, and that the run is signed with one of the keys that are given. A signed run
needs the key: a signature that nobody checks proves nothing. Only the run's folder is read, no configuration and no network.

Exit codes: 0 the evidence is genuine, whatever the verdict; 1 it is, but with --passed the run did not pass; 2 usage, or
no such run; 5 it is not genuine.`

export function addVerify(program: Command, context: Context, finish: Finish): void {
  withCommon(program.command('verify'))
    .description('check that the evidence of a run is genuine, offline')
    .argument('<run>', 'a folder, the name of a run or a unique beginning of one, or latest')
    .option(
      '--key <file>',
      'demand a signature by this public key, or another that is given; repeatable',
      oneMore(null),
    )
    .option('--passed', 'demand that the run passed')
    .addHelpText('after', MEANING)
    .action(async (name: string, options: VerifyCommandOptions) => finish(await verify(context, name, options)))
}

/** Tells whether the evidence of a run is genuine. */
async function verify(context: Context, name: string, options: VerifyCommandOptions): Promise<number> {
  const keys = await Promise.all((options.key ?? []).map(async (file) => keyFrom(context, file)))
  const found = verifyRun(openRun(context, name, options), { keys })
  const exitCode = exitCodeOf(found, options)
  if (options.json) context.out(renderVerificationJson(found, exitCode))
  else {
    const style = styleFor('out', context, options)
    forPeople('out', context)(renderVerification(found, { ...style, quiet: options.quiet ?? false }))
  }
  return exitCode
}

function exitCodeOf({ problems, verdict }: Verification, { passed }: VerifyCommandOptions): number {
  if (problems.length > 0) return 5
  return passed && verdict !== 'passed' ? 1 : 0
}

async function keyFrom(context: Context, file: string): Promise<PublicKey> {
  const { readKeyInfo } = await context.keys()
  const info = readKeyInfo(context.absolute(file))
  const key = info.ok ? readPublicKey(info.value.publicPem) : info
  if (!key.ok) throw new UsageError(wordKeyProblem(key.error, file))
  return key.value
}
