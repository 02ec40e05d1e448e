import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import type { SandboxFinding } from '../../model/diagnostic.ts'
import type { Aspect } from '../../model/plan.ts'
import type { Executor } from '../../model/ports.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { DiskContentStore } from '../content-store.ts'
import { closeInherited } from '../descriptors.ts'
import type { Scratch } from '../scratch.ts'
import type { Cgroups } from './cgroups.ts'
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
  /** Guarantees that a run may do without, where nothing that holds them all works here. */
  readonly accepted?: readonly Aspect[]
  /** What actions get one each of; left out: a watchdog alone looks after them. */
  readonly cgroups?: Cgroups | null
}

type Name = SandboxFinding['executor']

/** Programs that each isolation is made of. */
const PROGRAMS: Readonly<Record<Name, readonly string[]>> = {
  bubblewrap: ['bwrap', 'unshare'],
  unshare: ['setsid', 'unshare', 'mount', 'umount', 'pivot_root', 'setpriv', 'hostname'],
}

/** What an isolation may be built without, the strongest first. */
const VARIANTS: readonly (readonly Aspect[])[] = [[], ['network'], ['processes'], ['network', 'processes']]

/**
 * What each one can be built without. A private root needs a /proc of its own to keep an action from further user namespaces;
 * in bubblewrap the system call filter does that.
 */
const DISPENSABLE: Readonly<Record<Name, readonly Aspect[]>> = {
  bubblewrap: ['network', 'processes'],
  unshare: ['network'],
}

/** An executor that works here, and the guarantees that were not seen to hold in it. */
interface Candidate {
  readonly executor: Executor
  readonly missing: readonly Aspect[]
}

/**
 * Finds an executor whose isolation was seen to hold here. A weaker one is taken only where none holds and every guarantee that
 * it lacks was accepted by name. The error tells what is wrong with each, and what a weaker one would lack.
 */
export async function chooseExecutor(
  choice: SandboxChoice,
  surroundings: Surroundings,
): Promise<Result<Executor, readonly SandboxFinding[]>> {
  closeInherited()
  if (choice === 'none') return ok(withoutIsolation(surroundings))
  const findings = new Map<Name, SandboxFinding>()
  for (const without of VARIANTS) {
    const candidates = await tryAll(choice === 'auto' ? ['bubblewrap', 'unshare'] : [choice], {
      ...surroundings,
      without,
      findings,
    })
    const chosen = await takeOne(candidates, surroundings.accepted ?? [])
    if (chosen) return ok(chosen)
  }
  const nothing = missingGuarantees(NO_GUARANTEES)
  if (choice === 'auto' && isAccepted(nothing, surroundings.accepted ?? [])) return ok(withoutIsolation(surroundings))
  return err([...findings.values()])
}

function withoutIsolation(surroundings: Surroundings): Executor {
  return build(noIsolation(), { ...surroundings, folder: 'none-run', guarantees: NO_GUARANTEES })
}

interface Trying extends Surroundings {
  readonly without: readonly Aspect[]
  /** Gets what is wrong with each. */
  readonly findings: Map<Name, SandboxFinding>
}

/** Those that work, until one of them holds in every respect. */
async function tryAll(names: readonly Name[], { findings, ...options }: Trying): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = []
  for (const name of names) {
    const known = findings.get(name)
    if (known?.problem === 'not-installed' || !isAccepted(options.without, DISPENSABLE[name])) continue
    const tried = await tryVariant(name, options)
    if (tried.ok) {
      const { missing } = tried.value
      candidates.push(tried.value)
      if (missing.length === 0) break
      const found = known ?? { executor: name, problem: 'leaks', detail: missing.join(', ') }
      findings.set(name, { weaker: missing, ...found })
    } else if (!known) {
      findings.set(name, tried.error)
    }
  }
  return candidates
}

/** The one that holds in every respect, or else one that lacks what may be lacking; the others are closed. */
async function takeOne(candidates: readonly Candidate[], accepted: readonly Aspect[]): Promise<Executor | null> {
  const chosen =
    candidates.find(({ missing }) => missing.length === 0) ??
    candidates.find(({ missing }) => isAccepted(missing, accepted))
  for (const candidate of candidates) if (candidate !== chosen) await candidate.executor.close()
  return chosen?.executor ?? null
}

function isAccepted(missing: readonly Aspect[], accepted: readonly Aspect[]): boolean {
  return missing.every((aspect) => accepted.includes(aspect))
}

/** Probes one isolation. The executor that it returns states just what the probe saw. */
async function tryVariant(
  name: Name,
  { without, ...surroundings }: Omit<Trying, 'findings'>,
): Promise<Result<Candidate, SandboxFinding>> {
  const absent = PROGRAMS[name].filter((program) => !isInstalled(program))
  if (absent.length > 0) return err({ executor: name, problem: 'not-installed', detail: absent.join(', ') })
  const { scratch } = surroundings
  const variant = [name, ...without].join('-')
  const isolation = isolationOf(name, scratch.folder(variant), without)
  const candidate = build(isolation, { ...surroundings, folder: `${variant}-run`, guarantees: NO_GUARANTEES })
  let works = false
  try {
    const { guarantees, problem } = await probe(candidate, scratch.folder(`${variant}-probe`))
    works = problem === ''
    return works
      ? ok({ executor: { ...candidate, guarantees }, missing: missingGuarantees(guarantees) })
      : err({ executor: name, problem: 'blocked', detail: problem })
  } finally {
    if (!works) await candidate.close()
  }
}

function isolationOf(name: Name, folder: string, without: readonly Aspect[]): Isolation {
  return name === 'bubblewrap' ? bubblewrapIsolation(folder, without) : privateRootIsolation(folder, without)
}

interface Building extends Surroundings, Pick<Executor, 'guarantees'> {
  /** Name of the executor's own folder. */
  readonly folder: string
}

function build(isolation: Isolation, { scratch, folder, cgroups = null, ...rest }: Building): Executor {
  const { store, workspace, guarantees } = rest
  return createSandbox({ isolation, guarantees, store, workspace, cgroups, folder: scratch.folder(folder) })
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
