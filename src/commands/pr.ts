import { Option, type Command } from 'commander'
import type { Forge } from '../model/forge.ts'
import type { Verification } from '../model/verification.ts'
import { printJson } from '../report/json.ts'
import { fixLines } from '../report/diagnostics.ts'
import { publishedLines, publishExitCode, wordPublishProblem } from '../report/publishing.ts'
import { escapeText, styleOf } from '../report/style.ts'
import { renderVerification } from '../report/verification.ts'
import type { Context, SentRequest } from './context.ts'
import { forPeople, styleFor, type CommonOptions } from './options.ts'
import { chosenPacks, proposalsOf, type Proposed, type PullRun } from './proposals.ts'
import { openRun } from './recorded.ts'
import { Refused } from './refused.ts'
import { withCommon, type Finish } from './syntax.ts'
import { placeOf, type Place, type PlaceOptions } from './pr-place.ts'
import { verification, withTrust, type TrustOptions } from './verify.ts'

export interface PrOptions extends CommonOptions, TrustOptions, PlaceOptions {
  readonly all?: boolean
  readonly reopen?: boolean
  readonly dryRun?: boolean
}

const MEANING = `
Only a run that verifies and passed is proposed, and only what it has recorded: the commit that it stood on with the
change of the pack, and of the packs that it needs. The branch is codex/<pack>, or codex/<pack>/<target>, and only ever
moves forward; each call finds what others have done or left half done. Nobody else's commit is ever overwritten, and what
a person has closed stays closed. The token is taken from GITHUB_TOKEN or GH_TOKEN, and nothing but GitHub gets it.

git keeps no branch beside another that is a folder of it: propose a pack with targets or without, not both.

Variables: BRANCH_PREFIX in place of codex/; ORCH_BRANCH_NAME, the whole name of the branch; BASE_BRANCH as
--base-branch; GITHUB_API_URL as --api-url.

Exit codes: 0 the pull request says what the run does, or there is nothing to propose; 1 the run did not pass, or somebody
else's commit or decision is in the way; 2 usage; 3 refused: no rights, or the run did not stand on a commit; 4 GitHub was
not reached, or asks to wait for long: call again; 5 the evidence is not genuine.`

export function addPr(program: Command, context: Context, finish: Finish): void {
  withTrust(withCommon(program.command('pr')))
    .description('propose what a run has changed as a pull request on GitHub, with its evidence')
    .argument('<run>', 'its folder, its name, a beginning of that, or latest')
    .argument('[pack]', 'whose change; it has to be named where several packs have changed something')
    .addOption(new Option('--all', 'a pull request for each pack that has changed something'))
    .option('-n, --dry-run', 'show what would be sent, and send nothing that changes anything')
    .option('--push', 'make the commit with git and push it, instead of through the API, where GitHub signs it')
    .option('--reopen', 'propose again what somebody has closed')
    .option('--repo <owner/name>', 'where to propose it (default: the remote origin)')
    .option('--fork <owner/name>', 'the fork that holds the branch (default: the repository itself)')
    .option('--base-branch <name>', 'what to propose it for (default: the default branch)')
    .option('--target <name>', 'a name at the end of the branch, to propose one change in several ways')
    .option('--api-url <url>', "of GitHub Enterprise's REST API, e.g. https://github.example.com/api/v3")
    .addHelpText('after', MEANING)
    .action(async (name: string, pack: string | undefined, options: PrOptions) => {
      finish(await pr(context, { name, pack: pack ?? null }, options))
    })
}

interface Named {
  readonly name: string
  readonly pack: string | null
}

async function pr(context: Context, { name, pack }: Named, options: PrOptions): Promise<number> {
  const recorded = openRun(context, name, options)
  const found = await verification(context, recorded, options)
  if (found.problems.length > 0) return notGenuine(context, found, options)
  if (found.verdict !== 'passed') {
    return refuse(context, options, {
      message: `The run did not pass (it ${found.verdict === 'failed' ? '' : 'was '}${found.verdict}), so there is nothing to propose`,
      exitCode: 1,
    })
  }
  try {
    const run: PullRun = { recorded, digest: found.manifest ?? '' }
    const chosen = chosenPacks(run, pack, options)
    if (chosen.packs.length === 0) return nothing(context, options, pack)
    const place = await placeOf(context, chosen.packs, options)
    const proposals = await proposalsOf(chosen, place)
    if (proposals.length === 0) return nothing(context, options, pack)
    return await proposeAll(context, proposals, { place, options })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return refuse(context, options, error)
  }
}

function notGenuine(context: Context, found: Verification, options: PrOptions): number {
  const style = { ...styleFor('err', context, options), quiet: true }
  if (options.json) return refuse(context, options, { message: 'The evidence of the run is not genuine', exitCode: 5 })
  forPeople('err', context)(renderVerification(found, style))
  return refuse(context, options, { message: 'Nothing is proposed', exitCode: 5 })
}

function nothing(context: Context, options: PrOptions, pack: string | null): number {
  const who = pack === null ? 'No pack of this run' : `Pack ${pack}`
  if (options.json) context.out(printJson({ exitCode: 0, proposals: [], requests: [] }))
  else forPeople('out', context)(`${who} has changed anything: there is nothing to propose\n`)
  return 0
}

interface Refusal {
  readonly message: string
  readonly exitCode: number
  readonly fix?: string | null
}

function refuse(context: Context, options: PrOptions, { message, exitCode, fix = null }: Refusal): number {
  if (options.json) context.out(printJson({ exitCode, proposals: [], requests: [], problem: { message, fix } }))
  const style = styleOf(styleFor('err', context, options))
  forPeople('err', context)(`error: ${escapeText(message)}\n${fixLines(fix, style)}`)
  return exitCode
}

interface Proposing {
  readonly place: Place
  readonly options: PrOptions
}

/** Graver things first, as a run with several counts them. */
const GRAVITY = [0, 1, 4, 2, 3]

async function proposeAll(
  context: Context,
  proposals: readonly Proposed[],
  { place, options }: Proposing,
): Promise<number> {
  const requests: SentRequest[] = []
  const { forge, close } = place.forge(options.dryRun ? (request) => requests.push(request) : null)
  const told: Told[] = []
  try {
    for (const proposed of proposals) told.push(await propose(context, proposed, { forge, place, options }))
  } finally {
    close()
  }
  const exitCode = told.reduce((worst, { code }) => (GRAVITY.indexOf(code) > GRAVITY.indexOf(worst) ? code : worst), 0)
  if (options.json) context.out(printJson({ exitCode, proposals: told.flatMap(({ json }) => json), requests }))
  else if (options.dryRun && exitCode === 0) tellRequests(context, requests)
  return exitCode
}

interface Told {
  readonly code: number
  /** Empty where nothing became of it but requests that were not sent. */
  readonly json: readonly object[]
}

async function propose(
  context: Context,
  { proposal, branch }: Proposed,
  { forge, place, options }: Proposing & { readonly forge: Forge },
): Promise<Told> {
  const { publish } = await import('../publish/publish.ts')
  const { pack } = proposal
  const done = await publish(forge, proposal, { branch, base: place.baseBranch, reopen: options.reopen ?? false })
  if (done.ok) {
    if (options.dryRun) return { code: 0, json: [] }
    if (!options.json) tellLines(context, publishedLines(pack, done.value), options)
    return { code: 0, json: [{ pack, ...done.value }] }
  }
  const { message, fix } = wordPublishProblem(done.error)
  if (!options.json) {
    const style = styleOf(styleFor('err', context, options))
    forPeople('err', context)(`error: ${escapeText(pack)}: ${message}\n${fixLines(fix, style)}`)
  }
  return { code: publishExitCode(done.error), json: [{ pack, problem: { kind: done.error.kind, message, fix } }] }
}

function tellLines(context: Context, lines: readonly string[], { quiet }: PrOptions): void {
  if (!quiet) forPeople('out', context)(lines.map((line) => `${line}\n`).join(''))
}

function tellRequests(context: Context, requests: readonly SentRequest[]): void {
  const out = forPeople('out', context)
  if (requests.length === 0) out('Nothing would be sent.\n')
  for (const { method, path, body } of requests) out(`${method} ${escapeText(path)}\n${printJson(body as object)}`)
}
