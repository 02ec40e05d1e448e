import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import type { SandboxFinding } from '../../model/diagnostic.ts'
import type { Executor } from '../../model/ports.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { DiskContentStore } from '../content-store.ts'
import { closeInherited } from '../descriptors.ts'
import type { Scratch } from '../scratch.ts'
import { createSandbox } from './executor.ts'
import { bubblewrapIsolation, noIsolation, privateRootIsolation } from './isolations.ts'
import type { Isolation } from './job.ts'
import { missingGuarantees, NO_GUARANTEES, probe } from './probe.ts'

/** `auto`: the first of bubblewrap and unshare that holds. */
export const SANDBOXES = ['auto', 'bubblewrap', 'unshare', 'none'] as const
export type SandboxChoice = (typeof SANDBOXES)[number]

export interface Surroundings {
  readonly store: DiskContentStore
  readonly scratch: Scratch
  /** Absolute path of the workspace. */
  readonly workspace: string
}

/** Programs that each isolation is made of. */
const PROGRAMS: Readonly<Record<SandboxFinding['executor'], readonly string[]>> = {
  bubblewrap: ['bwrap', 'unshare'],
  unshare: ['setsid', 'unshare', 'mount', 'umount', 'pivot_root', 'setpriv', 'hostname'],
}

/**
 * Finds an executor whose isolation was seen to hold here; nothing weaker is ever taken in its place.
 * The error tells what is wrong with each candidate.
 */
export async function chooseExecutor(
  choice: SandboxChoice,
  surroundings: Surroundings,
): Promise<Result<Executor, readonly SandboxFinding[]>> {
  closeInherited()
  if (choice === 'none') return ok(build(noIsolation(), { ...surroundings, guarantees: NO_GUARANTEES }))
  const findings: SandboxFinding[] = []
  for (const name of choice === 'auto' ? (['bubblewrap', 'unshare'] as const) : [choice]) {
    const tried = await tryIsolation(name, surroundings)
    if (tried.ok) return tried
    findings.push(tried.error)
  }
  return err(findings)
}

/** Probes one isolation. The executor that it returns states just what the probe saw. */
export async function tryIsolation(
  name: SandboxFinding['executor'],
  surroundings: Surroundings,
): Promise<Result<Executor, SandboxFinding>> {
  const absent = PROGRAMS[name].filter((program) => !isInstalled(program))
  if (absent.length > 0) return err({ executor: name, problem: 'not-installed', detail: absent.join(', ') })
  const isolation = isolationOf(name, surroundings.scratch.folder(name))
  const candidate = build(isolation, { ...surroundings, guarantees: NO_GUARANTEES })
  let holds = false
  try {
    const { guarantees, problem } = await probe(candidate, surroundings.scratch.folder(`${name}-probe`))
    if (problem !== '') return err({ executor: name, problem: 'blocked', detail: problem })
    const missing = missingGuarantees(guarantees)
    holds = missing.length === 0
    return holds
      ? ok({ ...candidate, guarantees })
      : err({ executor: name, problem: 'leaks', detail: missing.join(', ') })
  } finally {
    if (!holds) await candidate.close()
  }
}

function isolationOf(name: SandboxFinding['executor'], folder: string): Isolation {
  return name === 'bubblewrap' ? bubblewrapIsolation(folder) : privateRootIsolation(folder)
}

function build(isolation: Isolation, options: Surroundings & Pick<Executor, 'guarantees'>): Executor {
  const { scratch, store, workspace, guarantees } = options
  return createSandbox({ isolation, guarantees, store, workspace, folder: scratch.folder(`${isolation.name}-run`) })
}

/** Where a slot looks for programs. */
const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

function isInstalled(program: string): boolean {
  return FOLDERS.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
