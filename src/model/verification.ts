import type { Digest } from './digest.ts'
import type { Verdict } from './outcome.ts'
import type { Identity } from './ports.ts'

/** The closed set of what can be wrong with a recorded run, each with the facts that its wording needs. The words are in `report/`. */
export interface EvidenceProblemFacts {
  // Files
  unreadable: { readonly reason: string }
  /** Links, FIFOs, sockets and devices hold no evidence. */
  'not-a-file': { readonly found: 'symlink' | 'other' }
  'too-large': { readonly bytes: number; readonly limit: number }
  /** It grew while it was read. */
  growing: Record<never, never>
  /** `by`: the files that name it. */
  missing: { readonly by: readonly string[] }
  /** Nothing names it; `by`: what should. */
  unexpected: { readonly by: string }
  changed: { readonly expected: Digest; readonly found: Digest; readonly by: readonly string[] }
  /** In bytes. */
  resized: { readonly expected: number; readonly found: number; readonly by: string }
  // Forms
  'not-utf8': Record<never, never>
  'not-json': Record<never, never>
  /** Another spelling of the same values, e.g. with a member twice. */
  'not-canonical': Record<never, never>
  shape: { readonly at: string; readonly detail: string }
  /** A list of digests with a line that is not as codex writes it, or not in its place. */
  'list-form': { readonly line: number }
  // Meaning
  /** The manifest still says `started`. */
  unfinished: Record<never, never>
  journal: {
    readonly line: number
    readonly problem: 'not-json' | 'not-canonical' | 'unexpected' | 'incomplete'
  }
  /** The manifest is not the one that follows from the journal; `at`: the first member in which they differ. */
  'not-journaled': { readonly at: string }
  /** A line of keys.jsonl is not what any key of the manifest is made of, or is there twice. */
  'not-a-key': { readonly line: number }
  /** run.json says something else than the manifest or the journal. */
  disagrees: { readonly member: string; readonly by: string }
  // Signatures
  envelope: { readonly problem: string; readonly at: string }
  /** What is signed is not what follows from the run. */
  statement: { readonly at: string }
  'bad-signature': { readonly keyId: Digest }
  /** Signed, but by none of the keys that were given. */
  'unknown-keys': { readonly keyIds: readonly Digest[]; readonly given: readonly Digest[] }
  /** Not signed in the way that was asked for. */
  unsigned: { readonly given: readonly string[] }
  /** Signed through sigstore, and nobody said whom to believe. */
  'unchecked-bundle': Record<never, never>
  /** In sigstore's words. */
  'bad-bundle': { readonly reason: string }
  /** Signed through sigstore by somebody else. */
  'other-identity': { readonly found: Identity; readonly expected: Identity }
}

export type EvidenceProblemKind = keyof EvidenceProblemFacts

export type EvidenceProblem = {
  readonly [Kind in EvidenceProblemKind]: {
    readonly kind: Kind
    /** Relative to the run's folder; empty: the folder itself. */
    readonly path: string
    readonly facts: EvidenceProblemFacts[Kind]
  }
}[EvidenceProblemKind]

export function evidenceProblem<Kind extends EvidenceProblemKind>(
  kind: Kind,
  path: string,
  facts: EvidenceProblemFacts[Kind],
): EvidenceProblem {
  return { kind, path, facts } as EvidenceProblem
}

export interface CheckedSignature {
  /** The envelope, relative to the run's folder. */
  readonly path: string
  /** Ids of keys that were given, and whose signatures hold; or who signed through sigstore, as was asked for. */
  readonly signedBy: readonly string[]
  /** Ids of keys that nobody has given, so that their signatures could not be checked; likewise `sigstore`. */
  readonly unchecked: readonly string[]
}

/** What was found of a recorded run. It is genuine where there are no problems, whatever its verdict. */
export interface Verification {
  readonly run: string
  /** What the manifest says; `null`: it can't be told. */
  readonly verdict: Verdict | null
  /** SHA-256 of manifest.json; `null`: it can't be read. */
  readonly manifest: Digest | null
  /** Whether the run was ended from outside, and its manifest made from its journal afterwards. */
  readonly repaired: boolean
  readonly checked: {
    readonly files: number
    readonly bytes: number
    readonly packs: number
    readonly actions: number
    readonly inputLists: number
    readonly artifacts: number
    readonly logs: number
  }
  /** Empty: the run is not signed. */
  readonly signatures: readonly CheckedSignature[]
  /** Sorted by path. */
  readonly problems: readonly EvidenceProblem[]
  /** How many there are beside those that are listed. */
  readonly more: number
}

/** A file of the workspace that is not as a run has seen it; `null`: it was not there, or is not. */
export interface ChangedSource {
  readonly path: string
  readonly recorded: Digest | null
  readonly found: Digest | null
}

/** Where two manifests differ. */
export interface ManifestDifference {
  /** An action's id; `null`: the run as a whole. */
  readonly action: string | null
  /** Names of members of the manifest, or of the action in it. */
  readonly members: readonly string[]
}

/** What came of doing a recorded run again. */
export interface Rerun {
  /** The new run's folder as a person would name it; `null`: nothing was run, because of what has changed. */
  readonly run: string | null
  /** SHA-256 of its manifest.json. */
  readonly manifest: Digest | null
  readonly changed: readonly ChangedSource[]
  /** Empty, and with a run: the manifests are the same, byte for byte. */
  readonly differences: readonly ManifestDifference[]
}
