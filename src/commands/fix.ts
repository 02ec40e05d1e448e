import type { Workspace } from '../model/ports.ts'
import { ok } from '../model/result.ts'
import { fixTask } from '../packs/fix.ts'
import type { CheckedProject } from '../project.ts'
import { wordNotFixed, type FixedFile } from '../report/fixes.ts'
import type { Context } from './context.ts'
import { UsageError } from './options.ts'

/** Corrections of every task.yml that a complaint of the project is about. Nothing is written. */
export function fixesOf(project: CheckedProject, workspace: Workspace): readonly FixedFile[] {
  const files = new Set(project.diagnostics.flatMap(({ location }) => (location ? [location.file] : [])))
  const seen = new Set<string>()
  return [...files].flatMap((file): FixedFile[] => {
    const real = workspace.resolve(file)
    // Two links may lead to one file.
    if (!project.sources.has(file) || !real.ok || seen.has(real.value)) return []
    seen.add(real.value)
    const read = workspace.readFile(file)
    if (!read.ok) return []
    const dir = file.slice(0, Math.max(0, file.lastIndexOf('/')))
    const result = fixTask({ bytes: read.value, file, dir })
    return result ? [{ file, from: read.value, to: result.bytes, fixed: result.fixed }] : []
  })
}

/**
 * Writes corrected files.
 *
 * @throws UsageError where one can't be written, or has changed since it was read; those before it are written
 */
export async function writeFixes(context: Context, workspace: Workspace, fixes: readonly FixedFile[]): Promise<void> {
  if (fixes.length === 0) return
  const { replaceSource } = await context.sourceFiles()
  for (const { file, from, to } of fixes) {
    const real = workspace.resolve(file)
    const written = real.ok ? replaceSource(`${workspace.root}/${real.value}`, from, to) : real
    if (!written.ok) throw new UsageError(wordNotFixed(file, written.error.message))
  }
}

/** The same world, in which the corrections are written already. */
export function withFixes(context: Context, fixes: readonly FixedFile[]): Context {
  const texts = new Map(fixes.map(({ file, to }) => [file, to]))
  const overlaid = (workspace: Workspace): Workspace => ({
    root: workspace.root,
    list: (path) => workspace.list(path),
    kind: (path) => workspace.kind(path),
    resolve: (path) => workspace.resolve(path),
    readFile: (path) => {
      const text = texts.get(path)
      return text ? ok(text) : workspace.readFile(path)
    },
  })
  return {
    ...context,
    open: async (folder) => {
      const opened = await context.open(folder)
      return opened.ok ? ok({ ...opened.value, workspace: overlaid(opened.value.workspace) }) : opened
    },
  }
}
