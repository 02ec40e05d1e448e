import type { CheckedProject } from '../project.ts'
import { isCorrectable } from '../packs/edits.ts'
import { renderUncontrolled } from '../report/controls.ts'
import { printJson } from '../report/json.ts'
import { diagnosticsJson } from '../report/diagnostics.ts'
import type { FixedFile } from '../report/fixes.ts'
import { fixHint } from '../report/fix-hint.ts'
import { count } from '../report/phrase.ts'
import type { ComplaintFormat } from './choices.ts'
import type { Context } from './context.ts'
import { folderOf, forPeople, styleFor, UsageError } from './options.ts'
import { openChecked, showDiagnostics } from './project.ts'
import { checkWatch, type WatchOptions } from './watch-options.ts'
import { repositoryPathFor } from './workflow.ts'

export interface ValidateOptions extends WatchOptions {
  readonly format?: ComplaintFormat
  readonly fix?: boolean
  readonly dryRun?: boolean
}

type Fixes = readonly FixedFile[] | null

export async function validate(context: Context, names: readonly string[], options: ValidateOptions): Promise<number> {
  checkWatch(options)
  if (options.watch) return (await import('./watch-commands.ts')).watchPacks(context, names, options)
  const { workspace, project } = await openChecked(context, names, options)
  if (options.dryRun && !options.fix) throw new UsageError('-n shows what --fix would change, so it takes --fix.')
  if (!options.fix || !workspace) {
    await tell(context, project, { options, fixes: null })
    return project.actions === null ? 2 : 0
  }
  const { fixesOf, withFixes, writeFixes } = await import('./fix.ts')
  const fixes = fixesOf(project, workspace)
  if (!options.dryRun) await writeFixes(context, workspace, fixes)
  const again =
    fixes.length === 0 ? null : await openChecked(options.dryRun ? withFixes(context, fixes) : context, names, options)
  const left = again?.project ?? project
  await tell(context, left, { options, fixes })
  return (options.dryRun ? project : left).actions === null ? 2 : 0
}

interface Told {
  readonly options: ValidateOptions
  /** `null`: nobody has asked for any. */
  readonly fixes: Fixes
}

async function tell(context: Context, project: CheckedProject, { options, fixes }: Told): Promise<void> {
  const { diagnostics } = project
  const format = options.format ?? (options.json ? 'json' : 'text')
  if (fixes && fixes.length > 0 && !options.quiet) await showFixes(context, fixes, { options, format })
  switch (format) {
    case 'text':
      return tellPeople(context, project, options)
    case 'json':
      return tellJson(context, project, fixes)
    case 'sarif': {
      const { renderDiagnosticsSarif } = await import('../report/diagnostics-sarif.ts')
      return context.out(renderDiagnosticsSarif(diagnostics, context.tool))
    }
    case 'github': {
      const { renderGithub } = await import('../report/diagnostics-github.ts')
      const root = context.workspaceRoot(folderOf(context, options)) ?? ''
      return context.out(renderGithub(diagnostics, repositoryPathFor(context, root)))
    }
  }
}

/** Where stdout is not for a program. */
async function showFixes(
  context: Context,
  fixes: readonly FixedFile[],
  { options, format }: { readonly options: ValidateOptions; readonly format: ComplaintFormat },
): Promise<void> {
  const { renderFixes } = await import('../report/fixes.ts')
  const stream = format === 'text' ? 'out' : 'err'
  const style = { ...styleFor(stream, context, options), dryRun: options.dryRun ?? false }
  forPeople(stream, context)(renderFixes(fixes, style))
}

async function tellJson(
  context: Context,
  { actions, acceptance, packs, diagnostics }: CheckedProject,
  fixes: Fixes,
): Promise<void> {
  const told = diagnosticsJson(diagnostics)
  const fixed = fixes ? { fixed: (await import('../report/fixes.ts')).fixesJson(fixes) } : {}
  context.out(
    printJson({ valid: actions !== null, packs: packs.length, acceptance: acceptance(), ...fixed, diagnostics: told }),
  )
}

function tellPeople(context: Context, project: CheckedProject, options: ValidateOptions): void {
  const { actions, packs, diagnostics, sources } = project
  showDiagnostics(context, diagnostics, { ...options, sources })
  if (!options.fix && diagnostics.some((complaint) => isCorrectable(complaint, sources))) {
    context.err(fixHint(styleFor('err', context, options)))
  }
  if (actions === null) return
  if (!options.quiet) context.out(`${count(packs.length, 'pack')} valid, ${count(actions, 'action')}\n`)
  const acceptance = project.acceptance()
  if (acceptance) forPeople('err', context)(renderUncontrolled(acceptance, options))
}
