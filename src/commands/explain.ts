import type { Command } from 'commander'
import { compareNext } from '../evidence/compare/next.ts'
import { explainAction, type Explained } from '../explanation.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Comparison } from '../model/explanation.ts'
import type { Action, Graph } from '../model/graph.ts'
import type { Grant } from '../model/grant.ts'
import type { Remembered } from '../plan/towards.ts'
import type { Project } from '../project.ts'
import { diagnosticsJson } from '../report/diagnostics.ts'
import { renderComparison, renderExplanation } from '../report/explanation.ts'
import { renderExplanationJson } from '../report/explanation-json.ts'
import { printJson } from '../report/json.ts'
import { findAction } from './actions.ts'
import type { Context } from './context.ts'
import { forPeople, styleFor, type CommonOptions, type PluginOptions } from './options.ts'
import { openProject, showDiagnostics } from './project.ts'
import { readRecorded, tellDamage, type ReadRecorded } from './recorded.ts'
import { lendMachine, type Isolation } from './run-place.ts'
import { withCommon, withIsolation, withPlugins, type Finish } from './syntax.ts'
import { versionsFor } from './versions.ts'

interface ExplainCommandOptions extends CommonOptions, PluginOptions, Isolation {
  readonly allow?: readonly Grant[]
  readonly against?: string
}

/** All that enters a key. With `--against`: 0 where it would be the same as in that run, and 1 where it would not. */
async function explain(context: Context, name: string, options: ExplainCommandOptions): Promise<number> {
  const against = options.against === undefined ? null : readRecorded(context, options.against, options)
  if (options.against !== undefined && !against) return 5
  const opened = await openAction(context, name, options)
  if (!opened) return 2
  const { project, action, root } = opened
  const machine = await lendMachine(context, root, options)
  try {
    const given = { machine, tool: context.tool, grants: options.allow ?? [], remembered: rememberedOf(against) }
    const explained = await explainAction(project, action, given)
    if (!explained.ok) return refuse(context, explained.error, { options, project })
    return await show(context, explained.value, { against, options })
  } finally {
    machine.release()
  }
}

interface OpenedAction {
  readonly project: Project & { readonly graph: Graph }
  readonly action: Action
  /** Absolute path of the workspace. */
  readonly root: string
}

/** Finds the action, and opens no other pack than those that it takes; `null`: something is wrong with one, and that was told. */
async function openAction(
  context: Context,
  name: string,
  options: CommonOptions & PluginOptions,
): Promise<OpenedAction | null> {
  const pack = name.includes(':') ? [name.slice(0, name.indexOf(':'))] : []
  const first = await openProject(context, pack, options)
  if (!first.workspace || !first.project.graph) return complain(context, first.project, options)
  const found = findAction(first.project.graph, name)
  const { workspace, project } = pack.length > 0 ? first : await openProject(context, [found.pack], options)
  const action = project.graph?.actions.find(({ id }) => id === found.id)
  if (!workspace || !project.graph || !action) return complain(context, project, options)
  return { project: { ...project, graph: project.graph }, action, root: workspace.root }
}

function complain(context: Context, { diagnostics, sources }: Project, options: CommonOptions): null {
  showDiagnostics(context, diagnostics, { ...options, sources })
  return null
}

function refuse(
  context: Context,
  diagnostics: readonly Diagnostic[],
  { options, project }: { readonly options: ExplainCommandOptions; readonly project: Project },
): number {
  if (options.json) context.out(printJson({ diagnostics: diagnosticsJson(diagnostics) }))
  else showDiagnostics(context, diagnostics, { ...options, sources: project.sources })
  return diagnostics.some(({ code }) => code === 'unreadable') ? 2 : 3
}

/** What actions made in a run is what they will make, as long as they passed there with the same key. */
function rememberedOf(run: ReadRecorded | null): Remembered {
  const passed = new Map(
    (run?.view.actions ?? []).flatMap((each) => (each.status === 'passed' ? [[each.id, each]] : [])),
  )
  return (id, key) => {
    const recorded = passed.get(id)
    return recorded && recorded.key === key ? recorded.outputs : null
  }
}

interface Showing {
  readonly against: ReadRecorded | null
  readonly options: ExplainCommandOptions
}

async function show(
  context: Context,
  { explanation, next }: Explained,
  { against, options }: Showing,
): Promise<number> {
  const compared = against && compareNext(against.view, next, explanation.action.id)
  const named = against && compared ? { ...compared, run: against.name } : null
  if (options.json) context.out(renderExplanationJson(explanation, named))
  else {
    const style = { ...styleFor('out', context, options), verbose: options.verbose ?? false }
    const write = forPeople('out', context)
    if (!options.quiet) write(renderExplanation(explanation, style))
    if (against && compared && !options.quiet) write('\n')
    if (against && compared) write(await comparisonText(context, compared, { against, options, next }))
  }
  if (!against || !compared) return 0
  tellDamage(context, against)
  if (against.damage().length > 0) return 5
  return compared.same ? 0 : 1
}

async function comparisonText(
  context: Context,
  compared: Comparison,
  { against, options, next }: Showing & { readonly against: ReadRecorded; readonly next: Explained['next'] },
): Promise<string> {
  const runs = { from: against, to: { view: next, files: null } }
  const versions = await versionsFor(context, compared.causes, { runs, options })
  const names = { from: against.name, to: 'the workspace' }
  return renderComparison(compared, {
    ...styleFor('out', context, options),
    verbose: options.verbose ?? false,
    names,
    versions,
  })
}

export function addExplain(program: Command, context: Context, finish: Finish): void {
  withIsolation(withPlugins(withCommon(program.command('explain'))))
    .description('show all that enters the key of an action')
    .argument('<action>', 'its id, or the end or the beginning of it if no other has the same')
    .option('--against <run>', 'say what would make it run again, after that run')
    .action(async (name: string, options: ExplainCommandOptions) => finish(await explain(context, name, options)))
}
