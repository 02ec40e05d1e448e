import { VIEW } from '../model/view.ts'
import type { Json } from '../model/canonical.ts'
import type { FileChange } from '../model/change.ts'
import type { CommandAction, GateAction, ScopeCheck } from '../model/graph.ts'
import { namesOf } from '../model/grant.ts'
import { compareBytes } from '../model/order.ts'
import type { Guarantees, IdentifiedMount, Tool } from '../model/plan.ts'
import { SECRET_RULES } from '../model/secrets.ts'
import type { Tree } from '../model/tree.ts'

/** Goes up whenever a field is added, removed or changes its meaning, so that old keys can't be taken for new ones. */
const FINGERPRINT_VERSION = 1

/** What the action is told about its machine, as a Remote Execution `Platform` has it. */
const PLATFORM: Json = [{ name: 'OSFamily', value: 'linux' }]

export interface CommandParts {
  readonly action: CommandAction
  readonly env: Readonly<Record<string, string>>
  readonly inputs: Tree
  readonly tools: readonly Tool[]
  readonly mounts: readonly IdentifiedMount[]
  readonly guarantees: Guarantees
}

/**
 * All that decides what a command does, in the shape of an `Action` and its `Command` of the Remote Execution API v2.
 * Lists that are sets are sorted by bytes. How often it is tried, what it is called and where it is declared are not
 * in it, apart from CODEX_PACK and CODEX_ACTION, which the command can read.
 */
export function commandFingerprint({ action, env, inputs, tools, mounts, guarantees }: CommandParts): Json {
  return {
    version: FINGERPRINT_VERSION,
    arguments: action.argv,
    workingDirectory: action.cwd === '' ? VIEW.workspace : `${VIEW.workspace}/${action.cwd}`,
    environmentVariables: sortedBy(Object.entries(env), ([name]) => name).map(([name, value]) => ({ name, value })),
    inputs: treeIdentity(inputs),
    outputPaths: sorted(action.outputs),
    tools: sortedBy(tools, ({ name }) => name).map(({ name, version, digest }) => ({ name, version, digest })),
    mounts: sortedBy(mounts, ({ path }) => path).map(({ path, digest }) => ({ path, digest })),
    limits: limitsOf(action),
    grants: namesOf(action.capabilities),
    guarantees: { ...guarantees },
    platform: PLATFORM,
    ...(action.scope ? { scope: sorted(action.scope) } : {}),
    // It ends well where its command ends badly: what is known of the one must never be taken for the other.
    ...(action.control ? { control: true } : {}),
  }
}

export interface GateParts {
  readonly action: GateAction
  readonly inputs: Tree
  readonly changes?: readonly FileChange[]
}

/** What decides how a gate ends, apart from the logs that it reads: they are no inputs, because they may hold times. */
export function gateFingerprint({ action, inputs, changes }: GateParts): Json {
  return {
    version: FINGERPRINT_VERSION,
    gate: action.gate,
    required: sorted(action.required),
    optional: sorted(action.optional),
    ...(action.added ? { added: sorted(action.added) } : {}),
    inputs: treeIdentity(inputs),
    ...(action.gate === 'secrets' ? { rules: SECRET_RULES } : {}),
    ...(action.controls ? { controls: sorted(action.controls) } : {}),
    ...(changes
      ? { changes: changes.map(({ path, before, after }) => ({ path, before, after })) as unknown as Json }
      : {}),
    ...(action.scope ? { scope: scopeIdentity(action.scope) } : {}),
  }
}

function scopeIdentity({ patterns, limits, definition, obstacles, rivals }: ScopeCheck): Json {
  const { files, lines } = limits
  return {
    patterns: sorted(patterns),
    limits: { files, lines },
    definition,
    obstacles: sorted(obstacles),
    rivals: sorted(rivals.map(({ pack }) => pack)),
  }
}

/** A tree's digest covers paths and bytes; the executables are listed beside it. */
function treeIdentity({ digest, entries }: Tree): Json {
  return { digest, executables: entries.filter(({ executable }) => executable).map(({ path }) => path) }
}

function limitsOf({ limits }: CommandAction): Json {
  const { timeoutMs, memoryBytes, processes, logBytes, outputBytes } = limits
  return { timeoutMs, memoryBytes, processes, logBytes, outputBytes }
}

function sorted(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted(compareBytes)
}

function sortedBy<T>(values: readonly T[], key: (value: T) => string): readonly T[] {
  return values.toSorted((a, b) => compareBytes(key(a), key(b)))
}
