import type { Location } from './source.ts'

/** What becomes of a Task Pack of the earlier layout that does not follow from its files alone, each with the facts that its wording needs. */
export interface EarlierFacts {
  // For somebody to decide
  /** A key that has no counterpart. */
  'unknown-key': { readonly key: string }
  /** It may use the network, and no host is named. */
  network: Record<never, never>
  /** It could be a command or a sentence, and was kept as a sentence. */
  unclear: { readonly text: string; readonly why: 'no-program' | 'words' }
  /** No command could be told to make this file. `isThere`: it is a file of the pack already. */
  'no-producer': { readonly path: string; readonly isThere: boolean }
  /** A pattern among what is required: only single files can be. */
  'required-pattern': { readonly path: string }
  /** A document that is none of spec, risk and runbook. */
  document: { readonly path: string }
  /** A dependency that is not the name of a program. */
  dependency: { readonly text: string }
  /** A path of a command that is found from the root of the old workspace, and not in the folder of the pack. */
  'outside-pack': { readonly path: string; readonly command: string }
  // To know
  /** A sentence, which is kept as documentation and proves nothing. */
  prose: { readonly text: string }
  /** The file is an output of this command, which names it as what it writes. */
  producer: { readonly path: string; readonly command: string }
  'missing-program': { readonly name: string }
  /** A name that held what names do not hold any more. */
  respelled: { readonly key: string; readonly written: string; readonly value: string }
  /** It was not written, and taken from elsewhere. */
  'taken-from': { readonly key: string; readonly value: string; readonly from: string }
}

export type EarlierFindingKind = keyof EarlierFacts

export type EarlierFinding = {
  readonly [Kind in EarlierFindingKind]: {
    readonly kind: Kind
    /** Whether somebody has to decide about it. */
    readonly isOpen: boolean
    readonly location: Location
    readonly facts: EarlierFacts[Kind]
  }
}[EarlierFindingKind]

const KNOWN: ReadonlySet<EarlierFindingKind> = new Set([
  'prose',
  'producer',
  'missing-program',
  'respelled',
  'taken-from',
])

export function earlierFinding<Kind extends EarlierFindingKind>(
  kind: Kind,
  location: Location,
  facts: EarlierFacts[Kind],
): EarlierFinding {
  return { kind, isOpen: !KNOWN.has(kind), location, facts } as EarlierFinding
}

/** What somebody at a terminal can tell. */
export type EarlierQuestion =
  | { readonly about: 'meaning'; readonly id: string; readonly location: Location; readonly text: string }
  | {
      readonly about: 'producer'
      readonly id: string
      readonly location: Location
      readonly path: string
      readonly commands: readonly string[]
    }
  | { readonly about: 'pillar' | 'risk'; readonly id: string; readonly location: Location; readonly pack: string }

/** By the ids of questions: `command` or `prose`; the place of a command, or empty for none; a pillar; a risk. */
export type EarlierAnswers = ReadonlyMap<string, string>
