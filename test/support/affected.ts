// What has changed in a real folder, and which packs that concerns.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { changesSince } from '../../src/host/git-changes.ts'
import { diskWorkspace } from '../../src/host/workspace.ts'
import type { Changes } from '../../src/model/changes.ts'
import { affectedPacks } from '../../src/packs/affected.ts'
import { loadPacks, type LoadedPacks } from '../../src/packs/load.ts'
import { putFiles, type Files } from './cli.ts'
import { commitAll, git } from './git.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'codex-git-test-')))
let count = 0

afterAll(() => rmSync(base, { recursive: true, force: true }))

/** An empty folder of its own. */
export function emptyFolder(): string {
  const folder = join(base, String(count++))
  putFiles(folder, { '.keep': '' })
  rmSync(join(folder, '.keep'))
  return folder
}

/** A repository whose only commit holds these files. @param within where the files lie in it */
export function repositoryOf(files: Files, within = ''): string {
  const root = emptyFolder()
  git(root, 'init', '--quiet')
  putFiles(join(root, within), files)
  commitAll(root)
  return root
}

const ENVIRONMENT = { PATH: process.env['PATH'], HOME: '/nonexistent' }

export async function changesIn(root: string, ref = 'HEAD'): Promise<Changes> {
  const found = await changesSince(root, ref, ENVIRONMENT)
  if (!found.ok) throw new Error(JSON.stringify(found.error))
  return found.value
}

export function loaded(root: string): LoadedPacks {
  return loadPacks(diskWorkspace(root), { packs: ['task-packs/**'] })
}

/** Ids of the affected packs, sorted. */
export async function affectedIn(root: string, ref = 'HEAD'): Promise<readonly string[]> {
  const { packs } = loaded(root)
  return [...affectedPacks(packs, await changesIn(root, ref), diskWorkspace(root))].toSorted()
}
