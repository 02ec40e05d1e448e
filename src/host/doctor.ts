import { accessSync, constants } from 'node:fs'
import { release } from 'node:os'
import type { MachineFindings } from '../model/doctor.ts'
import { createContentStore } from './content-store.ts'
import { openCgroups } from './sandbox/cgroups.ts'
import { chooseExecutor } from './sandbox/choose.ts'
import { createScratch } from './scratch.ts'

/** Looks for what a run needs, and tries it. `workspace` is absolute. */
export async function examineMachine(workspace: string): Promise<MachineFindings> {
  const { sandboxes, cgroups } = await trySandboxes(workspace)
  return {
    node: { version: process.versions.node, supported: isSupported(process.versions.node) },
    platform: `${process.platform} ${process.arch}, ${release()}`,
    workspace: { path: workspace, writable: isWritable(workspace) },
    sandboxes,
    cgroups,
  }
}

/** As `engines` in package.json says. */
function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 20 || (major === 20 && minor >= 19)
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

async function trySandboxes(workspace: string): Promise<Pick<MachineFindings, 'sandboxes' | 'cgroups'>> {
  const scratch = createScratch()
  const opened = await openCgroups()
  const cgroups = opened.ok ? opened.value : null
  try {
    const store = createContentStore(workspace, scratch.folder('content'))
    const found: MachineFindings['sandboxes'][number][] = []
    for (const executor of ['bubblewrap', 'unshare'] as const) {
      const tried = await chooseExecutor(executor, { store, scratch, workspace, cgroups })
      const network = tried.ok ? await tried.value.tryNetwork() : null
      if (tried.ok) await tried.value.close()
      found.push({ executor, finding: tried.ok ? null : (tried.error[0] ?? null), network })
    }
    return { sandboxes: found, cgroups: opened.ok ? null : opened.error }
  } finally {
    cgroups?.close()
    scratch.remove()
  }
}
