import ignore, { type Ignore } from 'ignore'
import type { Workspace } from '../model/ports.ts'

/** Whether git would ignore a path, by the `.gitignore` files of the workspace alone. */
export type Ignores = (path: string, isDir?: boolean) => boolean

/** Never part of any input: git's own data and what earlier runs left. */
const ALWAYS = new Set(['.git', '.codex'])

/**
 * The rules of all `.gitignore` files, each read when a path below its folder is first asked for and kept. What somebody
 * has set for themselves alone (`core.excludesFile`, `.git/info/exclude`) does not count, so that the outcome is the same
 * on every machine and without a repository. As in git, nothing below an ignored folder can be taken back.
 */
export function ignoreRules(workspace: Pick<Workspace, 'kind' | 'readFile'>): Ignores {
  const rules = new Map<string, Ignore | null>()
  const folders = new Map<string, boolean>([['', false]])
  const rulesOf = (folder: string): Ignore | null => {
    let found = rules.get(folder)
    if (found === undefined) rules.set(folder, (found = readRules(workspace, folder)))
    return found
  }
  const folderIgnored = (folder: string): boolean => {
    let ignored = folders.get(folder)
    if (ignored === undefined) folders.set(folder, (ignored = decide(folder, true)))
    return ignored
  }
  const decide = (path: string, isDir: boolean): boolean => {
    const parent = parentOf(path)
    if (ALWAYS.has(path.slice(path.lastIndexOf('/') + 1)) || folderIgnored(parent)) return true
    return matchUpwards(path, isDir, rulesOf)
  }
  return (path, isDir = false) => (isDir ? folderIgnored(path) : decide(path, false))
}

/** The deepest `.gitignore` that says anything about a path decides. */
function matchUpwards(path: string, isDir: boolean, rulesOf: (folder: string) => Ignore | null): boolean {
  for (let folder = parentOf(path); ; folder = parentOf(folder)) {
    const relative = folder === '' ? path : path.slice(folder.length + 1)
    const rules = rulesOf(folder)
    const verdict = rules?.test(isDir ? `${relative}/` : relative)
    if (verdict?.ignored && !isInherited(rules, relative)) return true
    if (verdict?.unignored || folder === '') return false
  }
}

/** A folder that these rules ignore and a deeper `.gitignore` took back: what they say of it does not hold below. */
function isInherited(rules: Ignore | null, relative: string): boolean {
  const parent = parentOf(relative)
  return parent !== '' && rules?.test(`${parent}/`).ignored === true
}

function readRules(workspace: Pick<Workspace, 'kind' | 'readFile'>, folder: string): Ignore | null {
  const path = folder === '' ? '.gitignore' : `${folder}/.gitignore`
  // As in git, a link is not followed.
  if (workspace.kind(path) !== 'file') return null
  const read = workspace.readFile(path)
  if (!read.ok) return null
  return ignore({ ignorecase: false }).add(new TextDecoder().decode(read.value))
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
