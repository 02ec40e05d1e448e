import type { Command } from 'commander'
import type { BundlePolicy } from '../evidence/verify/bundles.ts'
import { verifyRun } from '../evidence/verify/verify.ts'
import type { RecordedRun } from '../model/ports.ts'
import type { Rerun, Verification } from '../model/verification.ts'
import { wordBundleProblem } from '../report/rerun.ts'
import { printJson } from '../report/json.ts'
import { renderRerun } from '../report/rerun.ts'
import { escapeText } from '../report/style.ts'
import { renderVerification, renderVerificationJson } from '../report/verification.ts'
import type { Context } from './context.ts'
import { forPeople, styleFor, UsageError } from './options.ts'
import { withExecution } from './execution.ts'
import { openProject, showDiagnostics } from './project.ts'
import { demandRerunnable, manifestOf, pluginsAgain, rerun, type RerunOptions, type Rerunning } from './rerun.ts'
import { openBundle, type OpenedBundle } from './opened-bundle.ts'
import { publicKeys } from './trusted-keys.ts'
import { openRun } from './recorded.ts'
import { oneMore, withCommon, withJobs, withPlugins, type Finish } from './syntax.ts'

interface VerifyCommandOptions extends RerunOptions, TrustOptions {
  readonly passed?: boolean
  readonly rerun?: boolean
}

/** Who has to have signed a run. */
export interface TrustOptions {
  readonly key?: readonly string[]
  readonly trustedRoot?: string
  readonly identity?: string
  readonly issuer?: string
}

const MEANING = `
What is checked: that every byte of the run is the one that was recorded, that nothing is missing and nothing was added,
that the manifest follows from the journal, and that the run is signed with one of the keys that are given. A signed run
needs the key: a signature that nobody checks proves nothing. Only the run's folder is read, no configuration and no network.

With --rerun the workspace has to hold the files that the run has seen; each that differs is named, and then nothing is run.
What packs ask for has to be granted again. The new run's manifest has to be the same, byte for byte.

Exit codes: 0 the evidence is genuine, whatever the verdict; 1 it is, but with --passed the run did not pass; 2 usage, or
no such run; 3 the rerun was refused; 5 it is not genuine, or not the same a second time.`

export function addVerify(program: Command, context: Context, finish: Finish): void {
  withTrust(withExecution(withJobs(withPlugins(withCommon(program.command('verify'))))))
    .description('check that the evidence of a run is genuine, offline')
    .argument('<run>', 'a folder, the name of a run or a unique beginning of one, latest, or a bundle')
    .option('--passed', 'demand that the run passed')
    .option('--rerun', 'run it again from the same files, in a new run, and compare; the flags below are for that')
    .addHelpText('after', MEANING)
    .action(async (name: string, options: VerifyCommandOptions) => finish(await verify(context, name, options)))
}

/** Whom to believe that the evidence is theirs. */
export function withTrust(command: Command): Command {
  return command
    .option(
      '--key <file>',
      'demand a signature by this public key, or another that is given; repeatable',
      oneMore(null),
    )
    .option('--trusted-root <file>', 'demand a signature through sigstore; its trusted_root.json, with the next two')
    .option('--identity <who>', 'who has to have signed through sigstore, e.g. the URI of a workflow')
    .option('--issuer <url>', 'who has to vouch for that, e.g. https://token.actions.githubusercontent.com')
}

/** What is found of the evidence of a run, as far as the options say whom to believe. */
export async function verification(
  context: Context,
  recorded: RecordedRun,
  options: TrustOptions,
): Promise<Verification> {
  const keys = await publicKeys(context, options.key)
  return verifyRun(recorded, { keys, bundles: await policyOf(context, options) })
}

/** Tells whether the evidence of a run is genuine, and on demand whether it can be shown again. */
async function verify(context: Context, name: string, options: VerifyCommandOptions): Promise<number> {
  const bundle = await openBundle(context, context.absolute(name))
  if (!bundle) return check(context, { recorded: openRun(context, name, options), bundle: null }, options)
  try {
    const { problem, run } = bundle
    if (problem === null) return await check(context, { recorded: run, bundle }, options)
    const words = wordBundleProblem(problem)
    if (options.json) context.out(printJson({ genuine: false, exitCode: 5, bundle: { problem: words } }))
    else forPeople('out', context)(`${escapeText(name)} ${words}\nNOT GENUINE\n`)
    return 5
  } finally {
    bundle.release()
  }
}

interface Checked {
  readonly recorded: RecordedRun
  readonly bundle: OpenedBundle | null
}

async function check(context: Context, checked: Checked, options: VerifyCommandOptions): Promise<number> {
  const { recorded } = checked
  const found = await verification(context, recorded, options)
  const tell = forPeople('out', context)
  const style = { ...styleFor('out', context, options), quiet: options.quiet ?? false }
  if (!options.json) tell(renderVerification(found, style))
  const exitCode = exitCodeOf(found, options)
  const again = options.rerun && found.problems.length === 0 ? await runAgain(context, checked, options) : null
  if (typeof again === 'number') return again
  const code = again && !isSame(again) ? 5 : exitCode
  if (options.json) context.out(renderVerificationJson(found, { exitCode: code, rerun: again }))
  else if (again) tell(renderRerun(again, { ...style, recorded: kept(checked, options) ? recorded.path : null }))
  return code
}

/** What comes out of a bundle is laid in a folder that goes with it. */
function kept({ bundle }: Checked, { out }: VerifyCommandOptions): boolean {
  return !bundle || out !== undefined
}

async function runAgain(
  context: Context,
  { recorded, bundle }: Checked,
  options: VerifyCommandOptions,
): Promise<Rerunning> {
  const manifest = manifestOf(recorded)
  demandRerunnable(manifest)
  const names = manifest.packs.map(({ id }) => id)
  const plugins = pluginsAgain(context, manifest, options)
  const { workspace, project } =
    bundle?.open(names, plugins) ?? (await openProject(context, names, { ...options, plugins }))
  if (!workspace) {
    showDiagnostics(context, project.diagnostics, { ...options, sources: project.sources })
    return 2
  }
  return rerun(context, { recorded, manifest, workspace, project }, options)
}

function isSame({ changed, differences }: Rerun): boolean {
  return changed.length === 0 && differences.length === 0
}

function exitCodeOf({ problems, verdict }: Verification, { passed }: VerifyCommandOptions): number {
  if (problems.length > 0) return 5
  return passed && verdict !== 'passed' ? 1 : 0
}

/** A name alone is worth nothing: others may vouch for it who vouch for anybody. */
async function policyOf(context: Context, options: TrustOptions): Promise<BundlePolicy | null> {
  const { trustedRoot, identity, issuer } = options
  if (trustedRoot === undefined && identity === undefined && issuer === undefined) return null
  if (trustedRoot === undefined || identity === undefined || issuer === undefined) {
    throw new UsageError(
      'A signature through sigstore is checked with all three of --trusted-root, --identity and --issuer',
    )
  }
  const verifier = await context.bundleVerifier(context.absolute(trustedRoot))
  if (!verifier.ok) throw new UsageError(`'${trustedRoot}' can't be taken for a trusted root: ${verifier.error}`)
  return { verifier: verifier.value, expected: { identity, issuer } }
}
