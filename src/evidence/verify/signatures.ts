import type { Json } from '../../model/canonical.ts'
import type { Digest } from '../../model/digest.ts'
import type { PublicKey } from '../../model/key.ts'
import type { Result } from '../../model/result.ts'
import type { CheckedSignature } from '../../model/verification.ts'
import { parseEnvelope, verifyEnvelope, type Envelope, type EnvelopeProblem } from '../sign/dsse.ts'
import { parseBundle } from '../sign/sigstore-bundle.ts'
import { MANIFEST } from '../conclude.ts'
import { SEAL } from '../seal.ts'
import { artifactsAmong, statementsOf, type AttestedRun } from '../sign/sign.ts'
import { checkBundle, type BundlePolicy } from './bundles.ts'
import { firstDifference } from './difference.ts'
import type { Report } from './findings.ts'
import type { Folder } from './folder.ts'
import type { Story } from './story.ts'

const NAMES: ReadonlySet<string> = new Set(['statement', 'provenance'])
const SIGNATURE = /^([^/]*)\.(dsse|sigstore)\.json$/

/** Whether a file of a run's folder signs it: nothing that is signed can name it. */
export function isSignature(path: string): boolean {
  return SIGNATURE.test(path)
}

export interface Signed {
  readonly story: Story
  readonly seal: ReadonlyMap<string, Digest> | null
  readonly keys: readonly PublicKey[]
  /** `null`: nobody who signs through sigstore is believed. */
  readonly bundles: BundlePolicy | null
}

interface Statements {
  /** Canonical JSON by name, of what follows from the run; `null`: that can't be told. */
  readonly expected: ReadonlyMap<string, string> | null
  readonly signed: Signed
  readonly report: Report
}

/** Checks that what is signed is what follows from the run, and who has signed it. One way of signing has to be checked. */
export function checkSignatures(folder: Folder, signed: Signed, report: Report): readonly CheckedSignature[] {
  const run = attestedRun(folder, signed)
  const expected = run && statementsOf(run)
  const statements = { expected, signed, report }
  const there = [...folder.files.keys()].filter(isSignature)
  for (const path of there) {
    const name = nameOf(path)
    if (!NAMES.has(name) || expected?.has(name) === false) report('unexpected', path, { by: MANIFEST })
  }
  const known = there.filter((path) => NAMES.has(nameOf(path)))
  const [envelopes, bundles] = (['dsse', 'sigstore'] as const).map((form) =>
    complete(form, { ...statements, folder, there: known.filter((path) => path.endsWith(`.${form}.json`)) }),
  )
  const byBundle = (bundles ?? []).flatMap((path) => checkOneBundle(folder, path, statements))
  const isChecked = byBundle.some(({ signedBy }) => signedBy.length > 0)
  const byKey = (envelopes ?? []).flatMap((path) => checkEnvelope(folder, path, { ...statements, isChecked }))
  if (!isChecked && !byKey.some(({ signedBy }) => signedBy.length > 0)) {
    for (const { path } of signed.bundles ? [] : byBundle) report('unchecked-bundle', path, {})
  }
  return [...byKey, ...byBundle]
}

function nameOf(path: string): string {
  return SIGNATURE.exec(path)?.[1] ?? ''
}

/** The files of one form: none, or one for each statement. None is not enough where that form was asked for. */
function complete(
  form: 'dsse' | 'sigstore',
  {
    expected,
    signed,
    report,
    folder,
    there,
  }: Statements & { readonly folder: Folder; readonly there: readonly string[] },
): readonly string[] {
  const given = form === 'dsse' ? signed.keys.map(({ keyId }) => keyId) : signed.bundles ? ['sigstore'] : []
  if (there.length === 0) {
    if (given.length > 0) report('unsigned', `statement.${form}.json`, { given })
    return []
  }
  for (const name of expected?.keys() ?? ['statement']) {
    const path = `${name}.${form}.json`
    if (!folder.files.has(path)) report('missing', path, { by: there })
  }
  return there
}

function checkOneBundle(folder: Folder, path: string, statements: Statements): readonly CheckedSignature[] {
  const { expected, signed, report } = statements
  const bundle = readSigned(path, parseBundle, { folder, report })
  if (!bundle) return []
  compareStatement(path, { payload: bundle.payload, expected: expected?.get(nameOf(path)), report })
  return [checkBundle(path, { bundle, policy: signed.bundles, report })]
}

function checkEnvelope(
  folder: Folder,
  path: string,
  { expected, signed, report, isChecked }: Statements & { readonly isChecked: boolean },
): readonly CheckedSignature[] {
  const envelope = readSigned(path, parseEnvelope, { folder, report })
  if (!envelope) return []
  compareStatement(path, { payload: envelope.payload, expected: expected?.get(nameOf(path)), report })
  return checkKeys(path, { envelope, keys: signed.keys, isChecked, report })
}

/** What the statements follow from; `null`: that can't be read, which is reported already. */
function attestedRun(folder: Folder, { story, seal }: Signed): AttestedRun | null {
  const files = folder.hold(SEAL)
  const { manifest, manifestDigest, record } = story
  if (!manifest || manifestDigest === null || !files || !seal) return null
  const digests = { manifest: manifestDigest, files: files.digest }
  return { manifest, digests, artifacts: artifactsAmong(seal), facts: record }
}

interface Reading {
  readonly folder: Folder
  readonly report: Report
}

type Parse<T> = (bytes: Uint8Array) => Result<T, EnvelopeProblem>

/** Reads what holds a signature, and reports what does not. */
function readSigned<T>(path: string, parse: Parse<T>, { folder, report }: Reading): T | null {
  const file = folder.hold(path)
  if (!file?.bytes) return null
  const parsed = parse(file.bytes)
  if (parsed.ok) return parsed.value
  const { error } = parsed
  report('envelope', path, { problem: error.kind, at: 'path' in error ? error.path : '' })
  return null
}

interface Compared {
  readonly payload: Uint8Array
  /** Canonical JSON of the statement that follows from the run; `undefined`: none does, or it can't be told. */
  readonly expected: string | undefined
  readonly report: Report
}

function compareStatement(path: string, { payload, expected, report }: Compared): void {
  if (expected === undefined || Buffer.from(expected).equals(payload)) return
  report('statement', path, { at: differenceOf(expected, Buffer.from(payload).toString()) })
}

function differenceOf(expected: string, payload: string): string {
  try {
    return firstDifference(JSON.parse(expected) as Json, JSON.parse(payload) as Json) ?? ''
  } catch {
    return ''
  }
}

interface Keyed {
  readonly envelope: Envelope
  readonly keys: readonly PublicKey[]
  /** Whether somebody else who signed was believed already. */
  readonly isChecked: boolean
  readonly report: Report
}

function checkKeys(path: string, { envelope, keys, isChecked, report }: Keyed): readonly CheckedSignature[] {
  const verified = verifyEnvelope(envelope, keys)
  if (verified.ok) return [{ path, ...verified.value }]
  const { error } = verified
  if (error.kind === 'bad-signature') report('bad-signature', path, { keyId: error.keyId })
  else if (keys.length > 0 || !isChecked)
    report('unknown-keys', path, { keyIds: error.keyIds, given: keys.map(({ keyId }) => keyId) })
  return [{ path, signedBy: [], unchecked: error.kind === 'bad-signature' ? [] : error.keyIds }]
}
