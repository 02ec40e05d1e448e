import { diagnostic, type Diagnostic } from '../../model/diagnostic.ts'
import { compareBytes } from '../../model/order.ts'
import { workspacePath } from '../../model/pack.ts'
import type { Workspace } from '../../model/ports.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { SourceText } from '../../model/source.ts'
import { fileDiagnostic } from '../discover.ts'
import { walk, type Met } from '../files.ts'
import { ignoreRules, type Ignores } from '../ignore.ts'
import { readYaml, type YamlFile } from '../yaml.ts'
import type { EarlierPack } from './convert.ts'
import { Fields } from './fields.ts'

export interface ReadEarlier {
  /** In the order of their folders by bytes. */
  readonly packs: readonly EarlierPack[]
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: ReadonlyMap<string, SourceText>
}

/**
 * Reads the earlier pack in a folder, or all that lie below it; what git ignores is left out. Links are not followed.
 *
 * @param show a path of the workspace as complaints shall name it
 */
export function readEarlierPacks(workspace: Workspace, folder: string, show: (path: string) => string): ReadEarlier {
  const ignores = ignoreRules(workspace)
  const sources = new Map<string, SourceText>()
  const read = foldersOf(workspace, folder, ignores).map((dir) => readOne(workspace, dir, { ignores, sources, show }))
  return {
    packs: read.flatMap((one) => (one.ok ? [one.value] : [])),
    diagnostics: read.flatMap((one) => (one.ok ? [] : one.error)),
    sources,
  }
}

function foldersOf(workspace: Workspace, folder: string, ignores: Ignores): readonly string[] {
  if (workspace.kind(workspacePath(folder, 'task.yml')) !== null) return [folder]
  const { met } = walk(workspace, folder, { ignores, skipPacks: false })
  return met
    .filter(({ path }) => path.endsWith('/task.yml'))
    .map(({ path }) => path.slice(0, -'/task.yml'.length))
    .toSorted(compareBytes)
}

interface Reading {
  readonly show: (path: string) => string
  readonly ignores: Ignores
  readonly sources: Map<string, SourceText>
}

function readOne(
  workspace: Workspace,
  dir: string,
  { ignores, sources, show }: Reading,
): Result<EarlierPack, readonly Diagnostic[]> {
  const { met } = walk(workspace, dir, { ignores, skipPacks: true })
  const problems = met.flatMap(unfit)
  // Nothing is read through a link.
  if (problems.length > 0) return err(problems)
  const [task, acceptance] = ['task.yml', 'acceptance.yml'].map((name) =>
    readFields(workspace, dir, { name, sources, show }),
  )
  if (task?.ok && task.value.fields.keys('/acceptance') !== null)
    return err([alreadyNew(show(workspacePath(dir, 'task.yml')))])
  const unread: readonly Diagnostic[] = [
    ...(task?.ok === false ? [task.error] : []),
    ...(acceptance?.ok === false ? [acceptance.error] : []),
  ]
  if (!task?.ok || !acceptance?.ok) return err(unread)
  const mappings = [task.value, acceptance.value].flatMap(({ yaml, fields }) => {
    if (yaml.value !== undefined && fields.keys('') === null) fields.refuse('', 'a mapping')
    return fields.diagnostics
  })
  if (mappings.length > 0) return err(mappings)
  const files = met.map(({ path }) => (dir === '' ? path : path.slice(dir.length + 1)))
  const others = files.filter((path) => path !== 'task.yml' && path !== 'acceptance.yml').toSorted(compareBytes)
  const heading = headingOf(workspace, workspacePath(dir, 'spec.md'))
  return ok({ dir, task: task.value.fields, acceptance: acceptance.value.fields, files: others, heading })
}

function alreadyNew(path: string): Diagnostic {
  const reason = 'it has its acceptance in it, so it is of the present layout already'
  return diagnostic('unreadable', null, { path, reason })
}

function unfit(met: Met): readonly Diagnostic[] {
  if (met.kind === 'file') return []
  if (met.kind === 'error') return [fileDiagnostic(met.error)]
  if (met.kind === 'other') {
    return [diagnostic('unsupported-file', null, { path: met.path, kind: 'fifo-socket-or-device' })]
  }
  return [
    diagnostic('unreadable', null, {
      path: met.path,
      reason: 'it is a link, and what it leads to is not known to belong here',
    }),
  ]
}

function readFields(
  workspace: Workspace,
  dir: string,
  { name, sources, show }: Omit<Reading, 'ignores'> & { readonly name: string },
): Result<{ readonly yaml: YamlFile; readonly fields: Fields }, Diagnostic> {
  const file = workspacePath(dir, name)
  const kind = workspace.kind(file)
  if (kind === null) {
    const reason = 'it is not there, so that nothing says what is accepted'
    return err(diagnostic('unreadable', null, { path: show(file), reason }))
  }
  // Links are complained about with the other files.
  const bytes = workspace.readFile(file)
  if (!bytes.ok) return err(fileDiagnostic(bytes.error))
  const yaml = readYaml(bytes.value, show(file))
  sources.set(show(file), yaml.source)
  return ok({ yaml, fields: new Fields(yaml) })
}

function headingOf(workspace: Workspace, path: string): string | null {
  const bytes = workspace.kind(path) === 'file' ? workspace.readFile(path) : null
  if (!bytes?.ok) return null
  const heading = /^#[ \t]+(.+?)[ \t#]*$/m.exec(new TextDecoder().decode(bytes.value))?.[1]
  return heading === undefined || heading.length > 200 ? null : heading
}
