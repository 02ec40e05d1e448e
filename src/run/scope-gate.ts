import type { Change, FileBytes, FileChange, FileState } from '../model/change.ts'
import { isChangePath } from '../model/change-path.ts'
import { sha256 } from '../model/digest.ts'
import type { ActionId, GateAction, ScopeCheck } from '../model/graph.ts'
import type { ActionOutcome, Reason, RefusedChange } from '../model/outcome.ts'
import type { PreparedAction } from '../model/plan.ts'
import type { ContentStore } from '../model/ports.ts'
import { treeOf, type Tree, type TreeEntry } from '../model/tree.ts'
import { EMPTY_TREE, listed, MOST_LISTED, type Ending } from './outcomes.ts'

/** What puts changes into the form of a patch. */
export interface PatchMaker {
  /** Sorted by the bytes of their paths. */
  writePatch(
    files: readonly { readonly path: string; readonly before: FileBytes | null; readonly after: FileBytes | null }[],
  ): Uint8Array
  countLines(before: FileBytes | null, after: FileBytes | null): { readonly added: number; readonly removed: number }
}

export interface ScopeGateInput {
  readonly store: ContentStore
  readonly ignores: (path: string) => boolean
  readonly outcomes: ReadonlyMap<ActionId, ActionOutcome>
  /** Loads what makes patches; called only if there is something to put into one. */
  readonly loadPatches: () => Promise<PatchMaker>
}

/**
 * The gate `scope`: what the steps of a pack have changed in all may be changed, no other pack has changed it with no path between
 * the two, and it is no more than the pack may change. Its change is what a patch of it gives.
 */
export async function runScopeGate(
  { action, inputs, changes = [] }: PreparedAction<GateAction>,
  input: ScopeGateInput,
): Promise<Ending> {
  const { scope } = action
  if (!scope) throw new RangeError(`${action.id} has no scope`)
  const reason = refusalOf(changes, scope, input)
  if (reason) return { ...NOTHING, status: 'failed', reason }
  if (changes.length > scope.limits.files) return tooMany('changed_files', scope.limits.files, changes.length)
  const after = treeAfter(inputs, changes)
  const base = { base: inputs.digest, tree: after.digest, files: changes }
  if (changes.length === 0) {
    return { ...PASSED, change: { ...base, lines: { added: 0, removed: 0 }, patch: null } }
  }
  const patches = await input.loadPatches()
  const files = changes.map(({ path, before, after: now }) => ({
    path,
    before: bytesOf(path, before, input.store),
    after: bytesOf(path, now, input.store),
  }))
  const counted = files.map((file) => patches.countLines(file.before, file.after))
  const lines = {
    added: counted.reduce((sum, { added }) => sum + added, 0),
    removed: counted.reduce((sum, { removed }) => sum + removed, 0),
  }
  if (lines.added + lines.removed > scope.limits.lines) {
    return tooMany('changed_lines', scope.limits.lines, lines.added + lines.removed)
  }
  const patch = patches.writePatch(files)
  const change: Change = { ...base, lines, patch: sha256(patch) }
  return { ...PASSED, change, patch }
}

const NOTHING = { exitCode: null, outputs: EMPTY_TREE, attempts: [] } as const
const PASSED = { ...NOTHING, status: 'passed', reason: null } as const

function tooMany(limit: 'changed_files' | 'changed_lines', most: number, found: number): Ending {
  return { ...NOTHING, status: 'breaker', reason: { kind: 'changes', limit, most, found } }
}

function refusalOf(
  changes: readonly FileChange[],
  scope: ScopeCheck,
  { ignores, outcomes }: Pick<ScopeGateInput, 'ignores' | 'outcomes'>,
): Reason | null {
  const refused = changes.flatMap(({ path }): RefusedChange[] => {
    const problem = problemOf(path, scope, ignores)
    return problem === null ? [] : [{ path, problem }]
  })
  if (refused.length > 0) {
    const more = refused.length - MOST_LISTED
    return { kind: 'scope', refused: refused.slice(0, MOST_LISTED), ...(more > 0 ? { more } : {}) }
  }
  for (const { pack, steps } of scope.rivals) {
    const others = new Set(steps.flatMap((id) => pathsOf(outcomes.get(id))))
    const paths = changes.flatMap(({ path }) => (others.has(path) ? [path] : []))
    if (paths.length > 0) return { kind: 'conflict', pack, ...listed(paths) }
  }
  return null
}

function pathsOf(outcome: ActionOutcome | undefined): readonly string[] {
  const { changes } = outcome ?? {}
  return changes ? [...changes.files.entries.map(({ path }) => path), ...changes.deleted] : []
}

const WORKFLOWS = '.github/workflows/'
const CONFIGURATION = /^codex\.config\.m?[jt]s$/

function problemOf(
  path: string,
  { patterns, definition, obstacles }: ScopeCheck,
  ignores: (path: string) => boolean,
): RefusedChange['problem'] | null {
  if (isOfGit(path)) return 'git'
  if (path === definition || CONFIGURATION.test(path)) return 'definition'
  const isNamed = patterns.some((pattern) => pattern.startsWith(WORKFLOWS))
  if (path.startsWith(WORKFLOWS) && !isNamed) return 'workflow'
  if (obstacles.some((obstacle) => path === obstacle || path.startsWith(`${obstacle}/`))) return 'obstacle'
  if (ignores(path)) return 'ignored'
  // What git or a file system would take for its own, no patch brings anywhere.
  return isChangePath(path) ? null : 'git'
}

/** As some file systems read it, too: letters small or large, and the short name that Windows gives it. */
export function isOfGit(path: string): boolean {
  return path.split('/').some((part) => /^(?:\.git|git~1)$/i.test(part))
}

function treeAfter(inputs: Tree, changes: readonly FileChange[]): Tree {
  const files = new Map<string, TreeEntry>(inputs.entries.map((entry) => [entry.path, entry]))
  for (const { path, after } of changes) {
    if (after) files.set(path, { path, ...after })
    else files.delete(path)
  }
  return treeOf(files.values())
}

function bytesOf(path: string, state: FileState | null, store: ContentStore): FileBytes | null {
  return state && { bytes: store.read({ path, ...state }), executable: state.executable }
}
