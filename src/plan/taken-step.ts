import { canonicalJson, type Json } from '../model/canonical.ts'
import type { Digest } from '../model/digest.ts'
import { compareBytes } from '../model/order.ts'
import type { PreparedAction } from '../model/plan.ts'
import type { TreeEntry } from '../model/tree.ts'

/** What a recorded run tells of a step that is not to run again. */
export interface TakenStep {
  /** What its key is the SHA-256 of. */
  readonly fingerprint: string
  /** The files that it has seen, by path. */
  readonly inputs: ReadonlyMap<string, Digest>
}

export interface StepDifference {
  readonly subject: 'fingerprint' | 'files'
  /** Members of the fingerprint, or paths; sorted. */
  readonly names: readonly string[]
}

/**
 * What only whoever runs the step has: the program that did it, and what it was told by the caller. Its inputs are compared file by
 * file.
 */
const TAKEN: ReadonlySet<string> = new Set(['tools', 'environmentVariables', 'inputs'])

/**
 * In what a step would be another one here than in the recorded run; `null`: in nothing that can be known.
 *
 * @param isKnown whether what the step would see at a path can be told without running those before it
 */
export function stepDifference(
  prepared: PreparedAction,
  taken: TakenStep,
  isKnown: (path: string) => boolean,
): StepDifference | null {
  const [then, now] = [membersOf(taken.fingerprint), membersOf(prepared.fingerprint)]
  const members = [...new Set([...Object.keys(then), ...Object.keys(now)])].filter((name) => !TAKEN.has(name))
  const differing = members.filter((name) => text(then[name]) !== text(now[name])).toSorted(compareBytes)
  if (differing.length > 0) return { subject: 'fingerprint', names: differing }
  const files = filesThatDiffer(prepared.inputs.entries, { ...taken, executables: executablesOf(then) }).filter(isKnown)
  return files.length > 0 ? { subject: 'files', names: files } : null
}

type Members = Readonly<Record<string, Json>>

function membersOf(fingerprint: string): Members {
  return JSON.parse(fingerprint) as Members
}

function text(value: Json | undefined): string {
  return value === undefined ? '' : canonicalJson(value)
}

function executablesOf({ inputs }: Members): ReadonlySet<string> {
  const { executables } = inputs as { readonly executables: readonly string[] }
  return new Set(executables)
}

function filesThatDiffer(
  entries: readonly TreeEntry[],
  { inputs, executables }: Pick<TakenStep, 'inputs'> & { readonly executables: ReadonlySet<string> },
): readonly string[] {
  const now = new Map(entries.map((entry) => [entry.path, entry]))
  const paths = [...new Set([...inputs.keys(), ...now.keys()])].toSorted(compareBytes)
  return paths.filter((path) => {
    const entry = now.get(path)
    return !entry || entry.digest !== inputs.get(path) || entry.executable !== executables.has(path)
  })
}
