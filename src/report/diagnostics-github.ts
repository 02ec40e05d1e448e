import { sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import type { Location } from '../model/source.ts'
import { wordingOf } from './wording.ts'
import { workflowCommand } from './workflow-commands.ts'

/** A path of the workspace as one of the repository that was checked out. */
export type RepositoryPath = (path: string) => string

/** All complaints as workflow commands of GitHub Actions, one a line, which it shows as annotations of the files. */
export function renderGithub(
  diagnostics: readonly Diagnostic[],
  repositoryPath: RepositoryPath = (path) => path,
): string {
  return sortDiagnostics(diagnostics)
    .map((complaint) => command(complaint, repositoryPath))
    .join('')
}

function command(diagnostic: Diagnostic, repositoryPath: RepositoryPath): string {
  const { code, severity, location, related } = diagnostic
  const { message, fix } = wordingOf(diagnostic)
  const beside = related.map((other) => `${other.location.file}:${other.location.start.line} ${other.note}`)
  const lines = [message, ...beside, ...(fix === null ? [] : fix.split('\n'))]
  const place = location ? placeProperties(location, repositoryPath) : {}
  return workflowCommand(severity, { ...place, title: code }, lines)
}

/** Where an annotation stands. */
export function placeProperties(
  { file, start, end }: Location,
  repositoryPath: RepositoryPath,
): Readonly<Record<string, string | number>> {
  // Columns are only understood within one line.
  const columns = start.line === end.line ? { col: start.column, endColumn: end.column } : {}
  return { file: repositoryPath(file), line: start.line, endLine: end.line, ...columns }
}
