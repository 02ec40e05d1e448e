import type { Digest } from '../model/digest.ts'
import type { Action, ActionId, CommandAction, Graph } from '../model/graph.ts'
import type { Manifest } from '../model/manifest.ts'
import { compareBytes } from '../model/order.ts'
import { PLUGIN_RUNTIME } from '../model/plugin.ts'
import type { ChangedSource } from '../model/verification.ts'

/** What a run has seen of the workspace, and what it would see of it now. */
export interface Sources {
  /** Of every file that an action came to. */
  readonly recorded: ReadonlyMap<string, Digest>
  /** Every file that actions which came to their inputs would read now. */
  readonly current: ReadonlySet<string>
}

/** The list of an action's inputs, digests by path; `null`: it never came to them. */
export type ListOf = (action: ActionId) => ReadonlyMap<string, Digest> | null

/**
 * Tells the files of the workspace from all else that actions saw: what other actions made, and what was put in place for
 * a control.
 */
export function sourcesOf({ actions }: Graph, manifest: Manifest, listOf: ListOf): Sources {
  const made = new Set(manifest.actions.flatMap(({ outputs }) => outputs.map(({ path }) => path)))
  const recorded = new Map<string, Digest>()
  const current = new Set<string>()
  for (const action of actions) {
    const list = listOf(action.id)
    if (!list) continue
    const isOther = otherInputs(action)
    for (const path of action.sources) if (!isOther(path)) current.add(path)
    for (const [path, digest] of list) if (!made.has(path) && !isOther(path)) recorded.set(path, digest)
    for (const { target, source } of replacementsOf(action)) {
      const digest = list.get(target)
      if (digest === undefined) continue
      recorded.set(source, digest)
      current.add(source)
    }
  }
  return { recorded, current }
}

/** Every file of the workspace that can enter a key, whether an action came to it or not. */
export function allSources({ actions }: Graph): ReadonlySet<string> {
  return new Set(
    actions.flatMap((action) => [...action.sources, ...replacementsOf(action).map(({ source }) => source)]),
  )
}

/** Compares them; `digestOf`: of a file of the workspace, `null` where it can't be read. */
export function changedSources(
  { recorded, current }: Sources,
  digestOf: (path: string) => Digest | null,
): readonly ChangedSource[] {
  const paths = [...new Set([...recorded.keys(), ...current])].toSorted(compareBytes)
  return paths.flatMap((path) => {
    const before = recorded.get(path) ?? null
    const found = digestOf(path)
    return before === found ? [] : [{ path, recorded: before, found }]
  })
}

/** What of an action's inputs is no file of the workspace at that path, whatever stands there. */
function otherInputs(action: Action): (path: string) => boolean {
  if (action.kind === 'gate') return () => false
  const mounts = action.artifacts.map(({ path, as }) => (path.endsWith('/') && !as.endsWith('/') ? `${as}/` : as))
  const targets = new Set((action.control?.replace ?? []).map(({ target }) => target))
  const runtime = `${PLUGIN_RUNTIME}/`
  const isRuntime = (path: string): boolean => action.plugin !== undefined && path.startsWith(runtime)
  return (path) =>
    isRuntime(path) || targets.has(path) || mounts.some((as) => (as.endsWith('/') ? path.startsWith(as) : path === as))
}

/** Those that take a file of the workspace. */
function replacementsOf(action: Action): NonNullable<CommandAction['control']>['replace'] {
  if (action.kind === 'gate') return []
  return (action.control?.replace ?? []).filter(({ producers }) => producers.length === 0)
}
