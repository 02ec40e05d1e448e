import type { EvidenceProblem, EvidenceProblemFacts, EvidenceProblemKind } from '../model/verification.ts'
import { byteSize } from './bytes.ts'
import { count, plain, quote } from './phrase.ts'

type Worder<Kind extends EvidenceProblemKind> = (facts: EvidenceProblemFacts[Kind]) => string

/** What is wrong with a file of a run, in one sentence whose subject is the file. */
export function wordEvidence({ kind, facts }: EvidenceProblem): string {
  const word: Worder<never> = WORDS[kind]
  return word(facts as never)
}

const WORDS: { readonly [Kind in EvidenceProblemKind]: Worder<Kind> } = {
  unreadable: ({ reason }) => `can't be read: ${plain(reason)}`,
  'not-a-file': ({ found }) =>
    found === 'symlink' ? 'is a link, which no run leaves' : 'is not a regular file, and no run leaves any other',
  'too-large': ({ bytes, limit }) => `is larger (${byteSize(bytes)}) than what can be read of it (${byteSize(limit)})`,
  growing: () => 'grew while it was read',
  missing: ({ by }) =>
    by.length === 0 ? 'is missing' : `is missing; ${list(by)} ${by.length === 1 ? 'names' : 'name'} it`,
  unexpected: ({ by }) => `is not part of the run: ${by} does not name it`,
  changed: ({ expected, found, by }) =>
    `is not what ${list(by)} ${by.length === 1 ? 'says' : 'say'}: its SHA-256 is ${found}, and should be ${expected}`,
  resized: ({ expected, found, by }) => `has ${count(found, 'byte')}, and by ${by} should have ${expected}`,
  'not-utf8': () => 'is not UTF-8',
  'not-json': () => 'is not JSON',
  'not-canonical': () => 'is not in its canonical form',
  shape: ({ at, detail }) => `does not have its shape${place(at)}: ${plain(detail)}`,
  'list-form': ({ line }) => `is not a list of digests as codex writes it, from line ${line} on`,
  unfinished: () =>
    'says that the run has not ended: it still runs, or it was killed, and `codex runs repair` completes it',
  journal: ({ line, problem }) => `can't be believed: line ${line} ${JOURNAL_WORDS[problem]}`,
  'not-journaled': ({ at }) => `does not follow from events.jsonl: they differ${place(at)}`,
  'not-a-key': ({ line }) => `tells in line ${line} of no key that manifest.json has`,
  disagrees: ({ member, by }) => `says something else than ${by}${place(member)}`,
  envelope: ({ problem, at }) => `is not an envelope as codex writes it (${problem})${place(at)}`,
  statement: ({ at }) => `states something else than what follows from the run${place(at)}`,
  'bad-signature': ({ keyId }) => `holds a signature that the key ${keyId} has not made`,
  'unknown-keys': ({ keyIds, given }) =>
    given.length === 0
      ? `was signed by ${list(keyIds)}, which nobody can check without the key`
      : `was signed by ${list(keyIds)}, and by none of the keys that were given`,
  unsigned: ({ given }) =>
    given.includes('sigstore')
      ? 'is missing: the run is not signed through sigstore, and that was asked for'
      : 'is missing: the run is not signed, and a key was given',
  'unchecked-bundle': () => 'was signed through sigstore, which nobody can check without its trusted root',
  'bad-bundle': ({ reason }) => `holds a signature that sigstore does not accept: ${plain(reason)}`,
  'other-identity': ({ found, expected }) =>
    `was signed by ${quote(found.identity)} (says ${quote(found.issuer)}), not by ${quote(expected.identity)} (says ${quote(expected.issuer)})`,
}

const JOURNAL_WORDS = {
  'not-json': 'is not JSON',
  'not-canonical': 'is not in its canonical form',
  unexpected: 'tells what could not have come next',
  incomplete: 'is where it ends, before it has told of a run',
} as const

/** What to do about problems of this kind; `null`: nothing but to distrust the run. */
export function fixEvidence({ kind, facts }: EvidenceProblem, run: string): string | null {
  if (kind === 'unfinished') return `If no codex is at work on it any more: ${quote(`codex runs repair ${run}`)}`
  if (kind === 'unknown-keys' && facts.given.length === 0) {
    return 'Get the public key from whoever signs, by a way that you trust, and give it: `--key <file>`'
  }
  if (kind === 'unchecked-bundle')
    return `Say whom to believe: \`--trusted-root <file> --identity <who> --issuer <url>\``
  return null
}

function place(at: string): string {
  return at === '' ? '' : ` at ${quote(at)}`
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5)
  const rest = names.length - shown.length
  const last = rest > 0 ? `${rest} more` : shown.pop()
  return shown.length === 0 ? (last ?? '') : `${shown.join(', ')} and ${last ?? ''}`
}
