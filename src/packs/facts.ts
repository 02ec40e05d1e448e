import type { DirEntry, FileError, Workspace } from '../model/ports.ts'
import type { Result } from '../model/result.ts'
import { parentOf, sameLink } from './kept-files.ts'

/** All that was asked of a workspace, with the answers, while something was made from it. */
export interface Facts {
  readonly folders: ReadonlyMap<string, Result<readonly DirEntry[], FileError>>
  readonly files: ReadonlyMap<string, Result<Uint8Array, FileError>>
  readonly links: ReadonlyMap<string, Result<string, FileError>>
}

/** A workspace that takes note of what it is asked. */
export class NotedFiles implements Workspace, Facts {
  readonly root: string
  readonly folders: Map<string, Result<readonly DirEntry[], FileError>> = new Map()
  readonly files: Map<string, Result<Uint8Array, FileError>> = new Map()
  readonly links: Map<string, Result<string, FileError>> = new Map()
  readonly #workspace: Workspace

  constructor(workspace: Workspace) {
    this.#workspace = workspace
    this.root = workspace.root
  }

  list(path: string): Result<readonly DirEntry[], FileError> {
    const found = this.#workspace.list(path)
    this.folders.set(path, found)
    return found
  }

  kind(path: string): DirEntry['kind'] | null {
    if (path !== '') this.list(parentOf(path))
    return this.#workspace.kind(path)
  }

  readFile(path: string): Result<Uint8Array, FileError> {
    const found = this.#workspace.readFile(path)
    this.files.set(path, found)
    return found
  }

  resolve(path: string): Result<string, FileError> {
    const found = this.#workspace.resolve(path)
    this.links.set(path, found)
    return found
  }
}

/**
 * Whether a workspace would give the same answers again. Folders and files are compared as objects: a workspace that keeps its
 * answers gives the same ones for as long as nothing has changed.
 */
export function holds({ folders, files, links }: Facts, workspace: Workspace): boolean {
  for (const [path, list] of folders) if (workspace.list(path) !== list) return false
  for (const [path, bytes] of files) if (workspace.readFile(path) !== bytes) return false
  for (const [path, real] of links) if (!sameLink(workspace.resolve(path), real)) return false
  return true
}
