import type { Control, Replacement } from '../model/graph.ts'
import type { ControlProblem, Reason } from '../model/outcome.ts'
import type { ContentStore, FileError } from '../model/ports.ts'
import { ok, type Result } from '../model/result.ts'
import { treeOf, type Tree, type TreeEntry } from '../model/tree.ts'
import { outputsOf, type Outcomes } from './inputs.ts'

/** What a control sees, and why it would prove nothing; `null`: nothing speaks against it. */
export interface Replaced {
  readonly inputs: Tree
  readonly vain: Extract<Reason, { kind: 'control' }> | null
}

/**
 * Puts a control's files in place among the inputs of its command. The paths stay the same, a source is not seen at its own
 * unless the command sees it there: so the bytes of the targets are all that tells the control from its command.
 */
export function replaceInputs(
  inputs: Tree,
  { replace }: Control,
  { store, outcomes }: { readonly store: ContentStore; readonly outcomes: Outcomes },
): Result<Replaced, FileError> {
  const before = new Map(inputs.entries.map((entry) => [entry.path, entry]))
  const replaced = new Map(before)
  const problems = new Map<ControlProblem, string[]>()
  const report = (problem: ControlProblem, path: string): void =>
    void problems.set(problem, [...(problems.get(problem) ?? []), path])
  for (const replacement of replace) {
    const { target, source } = replacement
    const found = findSource(replacement, before, { store, outcomes })
    if (!found.ok) return found
    const old = before.get(target)
    if (!old) report('unseen', target)
    else if (!found.value) report('no-source', source)
    else if (found.value.digest === old.digest) report('unchanged', target)
    else replaced.set(target, { ...found.value, path: target })
  }
  return ok({ inputs: treeOf(replaced.values()), vain: vainBecauseOf(problems) })
}

/** An entry whose bytes the source has; `null` where the actions that declare it did not make it. */
function findSource(
  { source, producers }: Replacement,
  inputs: ReadonlyMap<string, TreeEntry>,
  { store, outcomes }: { readonly store: ContentStore; readonly outcomes: Outcomes },
): Result<TreeEntry | null, FileError> {
  const seen = inputs.get(source)
  if (seen) return ok(seen)
  if (producers.length === 0) return store.stage(source)
  const made = producers.flatMap((id) => outputsOf(id, outcomes).entries.filter(({ path }) => path === source))
  return ok(made[0] ?? null)
}

const BY_WEIGHT = ['unseen', 'no-source', 'unchanged'] as const

/** Where several things are wrong, one kind of them is told. */
function vainBecauseOf(problems: ReadonlyMap<ControlProblem, readonly string[]>): Replaced['vain'] {
  for (const problem of BY_WEIGHT) {
    const paths = problems.get(problem)
    if (paths) return { kind: 'control', problem, paths }
  }
  return null
}
