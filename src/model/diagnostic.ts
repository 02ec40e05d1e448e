import type { CacheProblem } from './cache-entry.ts'
import type { Digest } from './digest.ts'
import type { Capability } from './grant.ts'
import type { ActionId } from './graph.ts'
import type { Reason } from './outcome.ts'
import type { PackId } from './pack.ts'
import { compareBytes } from './order.ts'
import type { Aspect } from './plan.ts'
import type { ReplaySubject } from './replay.ts'
import type { Location } from './source.ts'

/** The closed set of complaints, each with the facts that its wording needs. The words are in `report/`. */
export interface DiagnosticFacts {
  // Files
  unreadable: { readonly path: string; readonly reason: string }
  'file-too-large': { readonly path: string; readonly bytes: number; readonly limit: number }
  'invalid-utf8': { readonly path: string; readonly offset: number }
  'unsupported-name': { readonly path: string; readonly reason: 'control-character' | 'invalid-utf8' | 'too-long' }
  'unsupported-file': {
    readonly path: string
    readonly kind: 'fifo-socket-or-device' | 'broken-symlink' | 'linked-folder' | 'linked-state'
  }
  // YAML
  'yaml-syntax': { readonly detail: string }
  'yaml-alias': { readonly name: string }
  'yaml-tag': { readonly tag: string }
  'yaml-merge-key': Record<never, never>
  'yaml-directive': { readonly directive: string }
  'yaml-documents': Record<never, never>
  'yaml-depth': { readonly limit: number }
  'yaml-length': { readonly limit: number }
  'duplicate-key': { readonly key: string }
  'control-character': { readonly codePoint: number }
  // Shape
  'unsupported-version': { readonly found: string }
  'unknown-key': {
    readonly key: string
    readonly parent: string
    readonly suggestion: string | null
    readonly known: readonly string[]
  }
  'missing-key': { readonly key: string; readonly parent: string; readonly example: string }
  'wrong-type': { readonly key: string; readonly expected: string; readonly found: string }
  'not-a-string': { readonly key: string; readonly found: string; readonly quoted: string }
  'invalid-value': {
    readonly key: string
    readonly found: string
    readonly expected: string
    readonly suggestion: string | null
  }
  // Meaning
  'vacuous-command': { readonly command: string }
  'no-acceptance': Record<never, never>
  'duplicate-pack-id': { readonly id: PackId; readonly other: string; readonly caseOnly: boolean }
  'duplicate-action-id': { readonly id: string }
  'missing-need': { readonly need: string; readonly suggestion: string | null; readonly scope: 'pack' | 'step' }
  'cyclic-need': {
    /** The shortest one; each needs the next, the last the first. */
    readonly cycle: readonly string[]
    /** Needs without which no circle is left; absent: there is this circle alone, and any of its needs will do. */
    readonly cut?: readonly { readonly from: string; readonly to: string }[]
    /** Whether no fewer would do. */
    readonly least?: boolean
  }
  'artifact-without-need': { readonly from: PackId }
  'artifact-not-produced': { readonly from: PackId; readonly path: string; readonly produced: readonly string[] }
  'path-leaves-workspace': { readonly path: string; readonly through: string | null }
  'missing-file': { readonly key: string; readonly path: string; readonly suggestion: string | null }
  'glob-matches-nothing': { readonly glob: string; readonly suggestion: string | null }
  'output-collision': { readonly path: string; readonly first: ActionId; readonly second: ActionId }
  'output-is-input': { readonly output: string; readonly input: string }
  'unordered-input': {
    readonly input: string
    readonly action: ActionId
    readonly producer: ActionId
    readonly need: string
  }
  'required-not-produced': { readonly path: string }
  /** What the command does not see can't be replaced: a control that tries to would prove nothing. */
  'control-target': { readonly target: string; readonly action: ActionId; readonly narrowed: boolean }
  /** A source that is made by an action which does not come before the command. */
  'control-source': { readonly source: string; readonly action: ActionId; readonly producer: ActionId }
  /** A step is for an agent, and the configuration names none. */
  'agent-unset': { readonly action: ActionId }
  /** A control that puts nothing in place, a file in its own, or two files in one. */
  'control-empty': { readonly problem: 'nothing' | 'itself' | 'twice'; readonly path: string }
  // Configuration and use
  'config-load': { readonly detail: string }
  'config-ambiguous': { readonly files: readonly string[] }
  'no-packs': { readonly patterns: readonly string[] }
  'unknown-selector': {
    readonly selector: string
    readonly kind: 'name' | 'pillar' | 'tag'
    readonly suggestion: string | null
  }
  'nothing-selected': { readonly selection: string }
  // Refusals (exit 3)
  'not-granted': {
    readonly field: string
    readonly pack: PackId
    readonly capability: Capability
    /** `another-definition`: it was granted to this pack when its task.yml was another. */
    readonly granted: 'nobody' | 'another-definition'
    /** SHA-256 of the task.yml that there is. */
    readonly definition: Digest
  }
  'secret-unset': { readonly field: string; readonly pack: PackId; readonly secret: string }
  /** In this and the next ones `by`: who asks for it; absent: the pack itself. */
  'tool-missing': {
    readonly tool: string
    readonly pack: PackId
    readonly by?: 'agent'
    /** A program that is on PATH and whose name is near; absent: there is none. */
    readonly suggestion?: string
  }
  'tool-no-answer': {
    readonly tool: string
    readonly pack: PackId
    readonly by?: 'agent'
    readonly path: string
  }
  'tool-version': {
    readonly tool: string
    readonly pack: PackId
    readonly by?: 'agent'
    readonly range: string
    readonly found: string
  }
  'tool-unknown-version': {
    readonly tool: string
    readonly pack: PackId
    readonly by?: 'agent'
    readonly path: string
  }
  /** The sandbox holds, but an action in it can't be given a network that leads nowhere but to its proxy. */
  'no-network-sandbox': { readonly field: string; readonly pack: PackId; readonly problem: string }
  'no-sandbox': { readonly findings: readonly SandboxFinding[] }
  // Plugins
  /** A plugin without the file beside its module that says what it is. */
  'plugin-undescribed': { readonly module: string; readonly path: string }
  /** A plugin says that it uses more than its pack may. */
  'plugin-capability': { readonly field: string; readonly pack: PackId; readonly capability: Capability }
  /** A warning of a run: nobody has enabled plugins. */
  'plugin-disabled': { readonly field: string; readonly pack: PackId }
  /** A warning of a run: something went wrong with a plugin by itself, and its pack may pass all the same. */
  'plugin-error': { readonly pack: PackId; readonly action: ActionId; readonly reason: Reason }
  /** A recorded run can't be taken for one of what there is here (exit 5). */
  'replay-differs': {
    /** Name of its folder. */
    readonly run: string
    readonly pack: PackId | null
    readonly field: 'replay'
    readonly subject: ReplaySubject
    /** The action that it is about, or who made the run; empty: neither. */
    readonly of: string
    readonly names: readonly string[]
  }
  // Warnings of a run with a cache
  'cache-entry-dropped': { readonly action: ActionId; readonly key: Digest; readonly problem: CacheProblem }
  /** Told once: nothing more is stored in this run. */
  'cache-not-stored': { readonly action: ActionId; readonly reason: string }
  /** Nothing is reused or stored, because actions are not isolated in these respects. */
  'cache-unused': { readonly missing: readonly Aspect[] }
}

/** Why one way of isolating does not work here. */
export interface SandboxFinding {
  readonly executor: 'bubblewrap' | 'unshare'
  readonly problem: 'not-installed' | 'blocked' | 'leaks'
  readonly detail: string
  /** What the strongest variant of it that was seen to work here does not enforce; absent where none works. */
  readonly weaker?: readonly Aspect[]
}

export type DiagnosticCode = keyof DiagnosticFacts

export type Severity = 'error' | 'warning'

/** One complaint: what is wrong, where, and what else belongs to it. */
export type Diagnostic = {
  readonly [Code in DiagnosticCode]: {
    readonly code: Code
    readonly severity: Severity
    /** `null` where the complaint is about no file. */
    readonly location: Location | null
    readonly facts: DiagnosticFacts[Code]
    /** The other places that it is about, e.g. each edge of a cycle. */
    readonly related: readonly { readonly location: Location; readonly note: string }[]
  }
}[DiagnosticCode]

export interface DiagnosticOptions {
  readonly severity?: Severity
  readonly related?: readonly { readonly location: Location; readonly note: string }[]
}

export function diagnostic<Code extends DiagnosticCode>(
  code: Code,
  location: Location | null,
  facts: DiagnosticFacts[Code],
  options: DiagnosticOptions = {},
): Diagnostic {
  const { severity = 'error', related = [] } = options
  return { code, severity, location, facts, related } as Diagnostic
}

/** By file, line, column, then code: the order in which they are shown. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted(
    (a, b) =>
      compareBytes(a.location?.file ?? '', b.location?.file ?? '') ||
      (a.location?.start.line ?? 0) - (b.location?.start.line ?? 0) ||
      (a.location?.start.column ?? 0) - (b.location?.start.column ?? 0) ||
      compareBytes(a.code, b.code),
  )
}
