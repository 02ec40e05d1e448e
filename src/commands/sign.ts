import type { Command } from 'commander'
import { readAttestedRun, withOtherSignatures } from '../evidence/sign/recorded.ts'
import { attestRun } from '../evidence/sign/sign.ts'
import { verifyRun } from '../evidence/verify/verify.ts'
import type { Attestor, RecordedRun } from '../model/ports.ts'
import type { Verification } from '../model/verification.ts'
import { printJson } from '../report/json.ts'
import { renderVerification, renderVerificationJson } from '../report/verification.ts'
import { signedWords, wordNotSigned } from '../report/wording-keys.ts'
import type { Context } from './context.ts'
import { forPeople, styleFor, UsageError, type CommonOptions } from './options.ts'
import { openRun } from './recorded.ts'
import { attestorFor, KEYLESS } from './signing.ts'
import { withCommon, type Finish } from './syntax.ts'

interface SignOptions extends CommonOptions {
  readonly key?: string
  readonly sigstore?: boolean
}

const MEANING = `
The run is verified first, and only one that is genuine is signed, whatever its verdict. A second key adds its signature
to that of the first.

Exit codes: 0 signed; 2 usage, no such run, or nobody could sign it; 5 it is not genuine.`

export function addSign(program: Command, context: Context, finish: Finish): void {
  withCommon(program.command('sign'))
    .description('sign a run that has been')
    .argument('<run>', 'a folder, the name of a run or a unique beginning of one, or latest')
    .option('--key <file>', 'with the private key in this file (default: the one in CODEX_SIGNING_KEY)')
    .option('--sigstore', 'without a key, through sigstore')
    .addHelpText('after', MEANING)
    .action(async (name: string, options: SignOptions) => finish(await sign(context, name, options)))
}

/** Signs what follows from a recorded run. */
async function sign(context: Context, name: string, options: SignOptions): Promise<number> {
  if (options.key !== undefined && options.sigstore) throw new UsageError('A run is signed by --key or by --sigstore')
  const { attestor } = await attestorFor(context, options.sigstore ? KEYLESS : (options.key ?? ''))
  if (!attestor) return 2
  const run = openRun(context, name, options)
  const found = verifyRun(run, { keys: [] })
  // Nobody has said whose signatures are to be there already.
  const problems = found.problems.filter(({ kind }) => kind !== 'unknown-keys' && kind !== 'unchecked-bundle')
  if (problems.length + found.more > 0) return refuse(context, { ...found, problems }, options)
  const files = await envelopesOf(run, found, attestor)
  for (const [path, bytes] of files) {
    const written = context.writeToRun(run, path, bytes)
    if (!written.ok) throw new UsageError(`The run can't be signed: ${written.error.message}`)
  }
  const { signedBy } = attestor
  if (options.json)
    context.out(printJson({ run: context.showPath(run.path), signed: signedBy, files: [...files.keys()] }))
  else context.out(`${[...files.keys()].join(' and ')} ${signedWords(signedBy)}\n`)
  return 0
}

function refuse(context: Context, found: Verification, options: SignOptions): number {
  if (options.json) context.out(renderVerificationJson(found, { exitCode: 5, rerun: null }))
  else {
    const style = styleFor('err', context, options)
    forPeople('err', context)(renderVerification(found, { ...style, quiet: options.quiet ?? false }))
    context.err('error: It is not genuine, so it is not signed.\n')
  }
  return 5
}

/** The signed statements by the names of their files, beside whatever signatures are there. */
async function envelopesOf(
  run: RecordedRun,
  { manifest }: Verification,
  attestor: Attestor,
): Promise<ReadonlyMap<string, string>> {
  const attested = manifest === null ? null : readAttestedRun(run, manifest)
  if (!attested) throw new UsageError('The run is being changed by somebody else')
  const signed = await attestRun(attested, attestor)
  if (!signed.ok) throw new UsageError(wordNotSigned(signed.error))
  if (attestor.form !== 'dsse') return signed.value
  return new Map([...signed.value].map(([path, envelope]) => [path, beside(run, path, envelope)]))
}

function beside(run: RecordedRun, path: string, envelope: string): string {
  const old = run.read(path)
  const both = withOtherSignatures(old.ok ? old.value : null, envelope)
  if (!both.ok) throw new UsageError('The run is being changed by somebody else')
  return both.value
}
