import { NO_BREAKERS } from '../model/breakers.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Workspace } from '../model/ports.ts'
import { loadProject, type Project } from '../project.ts'
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
export interface OpenedProject {
  /** `null` where there is no such folder. */
  readonly workspace: Workspace | null
  readonly project: Project
}

const NOTHING: Omit<Project, 'diagnostics'> = {
  packs: [],
  graph: null,
  grants: [],
  sources: new Map(),
  ignores: () => false,
  breakers: NO_BREAKERS,
}

/** Opens the workspace around the folder that was asked for, or what was checked out of it (`from`), and loads the packs that were named. */
export async function openProject(
  context: Context,
  names: readonly string[],
  options: CommonOptions & SelectionOptions & PluginOptions & { readonly from?: CheckedOut | null },
): Promise<OpenedProject> {
  const plugins = options.plugins ?? pluginModeOf(context.env, options)
  const folder = folderOf(context, options)
  const opened = await context.open(folder)
  if (!opened.ok) return { workspace: null, project: { ...NOTHING, diagnostics: [opened.error] } }
  const { start } = opened.value
  const { workspace, config } = options.from ?? opened.value
  if (!config.ok) return { workspace, project: { ...NOTHING, diagnostics: [config.error] } }
  const selection = selectionOf(names, options, { root: opened.value.workspace.root, start })
  if (options.since === undefined) {
    return { workspace, project: loadProject(workspace, config.value, { ...selection, plugins }) }
  }
  const changes = await changesFor(context, opened.value.workspace.root, options.since)
  const project = loadProject(workspace, config.value, { ...selection, changes, plugins })
  if (isUnaffected(project) && !options.quiet) {
    forPeople('err', context)(`No pack is affected by what has changed since ${escapeText(options.since)}.\n`)
  }
  return { workspace, project }
}

/** Whether changes were asked for and concern no pack: then there is nothing to do, and nothing is wrong. */
export function isUnaffected({ graph, packs }: Project): boolean {
  return graph !== null && packs.length === 0
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
