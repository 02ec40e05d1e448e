import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { removeTree } from '../scratch.ts'
import { openWorkFolder } from './overlaid-root.ts'

/**
 * Private folders, each for one attempt at a time. Folders in it go with the attempt; files, which no action sees, stay to be
 * written again for the next.
 */
export interface Lanes {
  take(): string
  /** `counted`: whether what lies in it is known to be little. */
  giveBack(lane: string, counted: boolean): Promise<void>
}

export function createLanes(folder: string): Lanes {
  const idle: string[] = []
  let count = 0
  return {
    take: () => idle.pop() ?? makeFolder(folder, `${count++}`),
    giveBack: async (lane, counted) => {
      openWorkFolder(join(lane, 'work'))
      const entries = readdirSync(lane, { withFileTypes: true }).filter((entry) => entry.isDirectory())
      const folders = entries.map(({ name }) => join(lane, name))
      if (!counted) await removeApart(folders)
      for (const path of folders) if (counted || existsSync(path)) removeTree(path)
      idle.push(lane)
    },
  }
}

export function makeFolder(parent: string, name: string): string {
  const path = join(parent, name)
  mkdirSync(path, { mode: 0o700 })
  return path
}

const REMOVE = 'rm -rf -- "$@" 2>/dev/null || { chmod -R u+rwx -- "$@" 2>/dev/null; rm -rf -- "$@"; }'

/**
 * Removes whatever there is in a process of its own, which takes no more memory for ten million files than for ten, while
 * codex goes on with other actions. In a session of its own, as slots are: Ctrl-C of the terminal is for codex to handle.
 */
async function removeApart(folders: readonly string[]): Promise<void> {
  const options = {
    stdio: 'ignore',
    reject: false,
    detached: true,
    extendEnv: false,
    env: { PATH: '/usr/bin:/bin' },
  } as const
  await execa('sh', ['-c', REMOVE, 'sh', ...folders], options)
}
