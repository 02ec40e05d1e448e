import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { workspacePath } from '../model/pack.ts'
import type { Workspace } from '../model/ports.ts'
import type { Loaded } from './cross.ts'
import { fileDiagnostic } from './discover.ts'
import { find } from './files.ts'
import { checkTask, readTask } from './parse.ts'

export interface LoadedTask extends Loaded {
  /** What is wrong with the file by itself. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads the task.yml of a folder; what it gives checks what was read, and needs no file any more. */
export function readTaskOf(workspace: Workspace, dir: string): () => LoadedTask {
  const file = workspacePath(dir, 'task.yml')
  const unread = (problem: Diagnostic) => (): LoadedTask => ({ dir, file, parsed: null, diagnostics: [problem] })
  const found = find(workspace, file)
  if (found.at === 'outside') {
    return unread(diagnostic('path-leaves-workspace', null, { path: file, through: found.through }))
  }
  if (found.at !== 'file' && found.at !== 'unreadable') {
    const kind = found.at === 'other' ? 'fifo-socket-or-device' : 'broken-symlink'
    return unread(diagnostic('unsupported-file', null, { path: file, kind }))
  }
  const bytes = workspace.readFile(file)
  if (!bytes.ok) return unread(fileDiagnostic(bytes.error))
  const task = readTask({ bytes: bytes.value, file, dir })
  return () => {
    const parsed = checkTask(task)
    return { dir, file, parsed, diagnostics: parsed.diagnostics }
  }
}
