import type { Diagnostic } from '../model/diagnostic.ts'
import type { Workspace } from '../model/ports.ts'
import { checkProject, frozen, NOTHING_CHECKED, ProjectMemory, type CheckedProject, type Project } from '../project.ts'
import { renderDiagnostics } from '../report/diagnostics.ts'
import { escapeText } from '../report/style.ts'
import type { CheckedOut, Context } from './context.ts'
import { pluginModeOf } from './environment.ts'
import {
  folderOf,
  forPeople,
  selectionOf,
  styleFor,
  widthFor,
  type CommonOptions,
  type PluginOptions,
  type SelectionOptions,
} from './options.ts'
import { changesFor } from './since.ts'

/** A project as far as it could be read. */
export interface OpenedProject<P = Project> {
  /** `null` where there is no such folder. */
  readonly workspace: Workspace | null
  readonly project: P
}

type OpenOptions = CommonOptions & SelectionOptions & PluginOptions & { readonly from?: CheckedOut | null }

/** Opens the workspace around the folder that was asked for, or what was checked out of it (`from`), and loads the packs that were named. */
export async function openProject(
  context: Context,
  names: readonly string[],
  options: OpenOptions,
): Promise<OpenedProject> {
  const { workspace, project } = await openChecked(context, names, options)
  return { workspace, project: frozen(project) }
}

/** The same without the graph. */
export async function openChecked(
  context: Context,
  names: readonly string[],
  options: OpenOptions,
): Promise<OpenedProject<CheckedProject>> {
  const plugins = options.plugins ?? pluginModeOf(context.env, options)
  const folder = folderOf(context, options)
  const opened = await context.open(folder)
  if (!opened.ok) return { workspace: null, project: { ...NOTHING_CHECKED, diagnostics: [opened.error] } }
  const { start } = opened.value
  const { workspace, config } = options.from ?? opened.value
  if (!config.ok) return { workspace, project: { ...NOTHING_CHECKED, diagnostics: [config.error] } }
  const selection = selectionOf(names, options, { root: opened.value.workspace.root, start })
  const memory = new ProjectMemory(workspace, { plugins })
  if (options.since === undefined) return { workspace, project: checkProject(memory, config.value, selection) }
  const changes = await changesFor(context, opened.value.workspace.root, options.since)
  const project = checkProject(memory, config.value, { ...selection, changes })
  if (isUnaffected(project) && !options.quiet) {
    forPeople('err', context)(`No pack is affected by what has changed since ${escapeText(options.since)}.\n`)
  }
  return { workspace, project }
}

/** Whether changes were asked for and concern no pack: then there is nothing to do, and nothing is wrong. */
export function isUnaffected({ diagnostics, packs }: Pick<CheckedProject, 'diagnostics' | 'packs'>): boolean {
  return packs.length === 0 && !diagnostics.some(({ severity }) => severity === 'error')
}

/** Complaints go to stderr, where they leave a document on stdout alone. */
export function showDiagnostics(
  context: Context,
  diagnostics: readonly Diagnostic[],
  { sources, ...options }: CommonOptions & Pick<Project, 'sources'>,
): void {
  const style = { ...styleFor('err', context, options), width: widthFor(context) }
  forPeople('err', context)(renderDiagnostics(diagnostics, sources, style))
}
