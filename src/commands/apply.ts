import type { Command } from 'commander'
import { planApplying } from '../applying.ts'
import { readManifest } from '../evidence/read.ts'
import { verifyRun } from '../evidence/verify/verify.ts'
import { applyExitCode, type Applied } from '../model/applying.ts'
import type { Manifest } from '../model/manifest.ts'
import type { RecordedRun } from '../model/ports.ts'
import { err, ok } from '../model/result.ts'
import type { Verification } from '../model/verification.ts'
import type { WorkingTree } from '../model/working-tree.ts'
import { ignoreRules } from '../packs/ignore.ts'
import { appliedJson, renderApplied, renderApplyProblems, wordNotPassed } from '../report/applying.ts'
import { printJson } from '../report/json.ts'
import { renderVerification, renderVerificationJson } from '../report/verification.ts'
import type { Context } from './context.ts'
import { folderOf, forPeople, styleFor, UsageError, type CommonOptions } from './options.ts'
import { openRun } from './recorded.ts'
import { oneMore, withCommon, type Finish } from './syntax.ts'
import { publicKeys } from './trusted-keys.ts'

export interface ApplyOptions extends CommonOptions {
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly key?: readonly string[]
}

const MEANING = `
The run has to have passed and to be genuine, as \`codex verify\` checks it. Each file that it has changed has to be what it was
when the run saw it, and then becomes what the run made of it; one that is that already stays. An artifact takes the place of
an earlier one: of a file that a .gitignore names, or that is committed and not changed; with --force of any file.
All of them are put there, or none, also when it is killed or the disk is full: the next time, that is settled first.

Exit codes: 0 the working tree is as the run made it; 1 the run did not pass, or something stands in the way; 2 usage, or no
such run; 3 the run was refused; 5 it is not genuine.`

export function addApply(program: Command, context: Context, finish: Finish): void {
  withCommon(program.command('apply'))
    .description('put what a run has changed, and its artifacts, into the working tree: all or nothing')
    .argument('<run>', 'a folder, the name of a run or a unique beginning of one, or latest')
    .option('-n, --dry-run', 'show what would be done')
    .option('--force', 'let artifacts take the place of any file')
    .option(
      '--key <file>',
      'demand a signature by this public key, or another that is given; repeatable',
      oneMore(null),
    )
    .addHelpText('after', MEANING)
    .action(async (name: string, options: ApplyOptions) => finish(await apply(context, name, options)))
}

/** Puts a recorded run into the working tree. */
async function apply(context: Context, name: string, options: ApplyOptions): Promise<number> {
  const run = openRun(context, name, options)
  const keys = await publicKeys(context, options.key)
  const found = verifyRun(run, { keys })
  // Nobody has said who has to have signed it.
  const isAsked = ({ kind }: { kind: string }): boolean =>
    keys.length > 0 || (kind !== 'unknown-keys' && kind !== 'unchecked-bundle')
  const problems = found.problems.filter(isAsked)
  const manifest = readManifest(run)
  if (problems.length + found.more > 0 || !manifest.ok) return notGenuine(context, { ...found, problems }, options)
  const shown = context.showPath(run.path)
  const { verdict } = manifest.value
  if (verdict !== 'passed') {
    const exitCode = verdict === 'refused' ? 3 : 1
    if (options.json) context.out(printJson({ run: shown, verdict, exitCode, ...appliedJson(null) }))
    else forPeople('err', context)(wordNotPassed(shown, verdict))
    return exitCode
  }
  const root = context.workspaceRoot(folderOf(context, options))
  if (root === null) throw new UsageError(`There is no folder '${folderOf(context, options)}'`)
  const applied = await applyRun(context, { run, manifest: manifest.value, root }, options)
  const exitCode = applyExitCode(applied)
  if (options.json) context.out(printJson({ run: shown, verdict, exitCode, ...appliedJson(applied) }))
  else tellApplied(context, applied, options)
  return exitCode
}

function notGenuine(context: Context, found: Verification, options: ApplyOptions): number {
  if (options.json) context.out(renderVerificationJson(found, { exitCode: 5, rerun: null }))
  else {
    const style = styleFor('err', context, options)
    forPeople('err', context)(renderVerification(found, { ...style, quiet: options.quiet ?? false }))
    context.err('error: It is not genuine, so nothing of it is put into the working tree.\n')
  }
  return 5
}

/** For people: what was done, and what stood in the way. */
export function tellApplied(context: Context, applied: Applied, options: CommonOptions): void {
  if (!options.quiet) forPeople('out', context)(renderApplied(applied, styleFor('out', context, options)))
  forPeople('err', context)(renderApplyProblems(applied, styleFor('err', context, options)))
}

interface ToApply {
  readonly run: RecordedRun
  /** That of a run that has passed, and is genuine as far as its files are not looked at here. */
  readonly manifest: Manifest
  /** Of the workspace, absolute. */
  readonly root: string
}

/** Puts the changes and the artifacts of a run into the working tree, all of them or none. */
export async function applyRun(
  context: Context,
  { run, manifest, root }: ToApply,
  { dryRun = false, force = false }: Pick<ApplyOptions, 'dryRun' | 'force'>,
): Promise<Applied> {
  const { openWorkingTree } = await context.workingTrees()
  const opened = openWorkingTree(root, { look: dryRun })
  if (!opened.ok) return { files: [], problems: [{ kind: 'tree', problem: opened.error }], settled: null, dryRun }
  const tree = opened.value
  const { settled } = tree
  try {
    const replaceable = async (paths: readonly string[]): Promise<ReadonlySet<string>> =>
      force ? new Set(paths) : new Set(await outputsAmong(context, { paths, root, tree }))
    const { files, steps, problems } = await planApplying({ manifest, run, tree, replaceable })
    if (dryRun || steps.length === 0 || problems.length > 0) return { files, problems, settled, dryRun }
    const put = tree.put(steps)
    return { files, problems: put.ok ? [] : [{ kind: 'put', problem: put.error }], settled, dryRun }
  } finally {
    tree.release()
  }
}

interface InPlace {
  readonly paths: readonly string[]
  readonly root: string
  readonly tree: WorkingTree
}

/** Files that can only be what an earlier run has made, or that git can give back. */
async function outputsAmong(context: Context, { paths, root, tree }: InPlace): Promise<readonly string[]> {
  const isIgnored = ignoreRules({
    kind: (path) => (tree.stand(path).kind === 'file' ? 'file' : null),
    readFile: (path) => {
      const found = tree.stand(path)
      return found.kind === 'file' ? ok(tree.read(path)) : err({ code: 'ENOENT', path, message: 'not a file' })
    },
  })
  const others = paths.filter((path) => !isIgnored(path))
  const changes = others.length > 0 ? await context.changesSince(root, 'HEAD') : null
  return paths.filter((path) => {
    if (isIgnored(path)) return true
    if (!changes?.ok || !changes.value.isKept(path)) return false
    return changes.value.paths.every(
      (each) => each.path !== path && !(each.path.endsWith('/') && path.startsWith(each.path)),
    )
  })
}
