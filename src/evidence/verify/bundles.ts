import type { BundleVerifier, Identity } from '../../model/ports.ts'
import type { CheckedSignature } from '../../model/verification.ts'
import { parseBundle, type Bundle } from '../sign/sigstore-bundle.ts'
import type { Report } from './findings.ts'
import type { ReadFile } from './read.ts'

/** Whom to believe of those who sign through sigstore. */
export interface BundlePolicy {
  readonly verifier: BundleVerifier
  readonly expected: Identity
}

/** Reads a bundle, and reports one that is none. */
export function readBundle(path: string, file: ReadFile | null, report: Report): Bundle | null {
  if (!file?.bytes) return null
  const bundle = parseBundle(file.bytes)
  if (bundle.ok) return bundle.value
  const { error } = bundle
  report('envelope', path, { problem: error.kind, at: 'path' in error ? error.path : '' })
  return null
}

/** Checks who has signed a bundle. Without a policy nobody can tell, and it is only told that somebody claims to have. */
export function checkBundle(
  path: string,
  { bundle, policy, report }: { bundle: Bundle; policy: BundlePolicy | null; report: Report },
): CheckedSignature {
  const unchecked = { path, signedBy: [], unchecked: ['sigstore'] }
  if (!policy) return unchecked
  const found = policy.verifier.verify(bundle.text)
  if (!found.ok) {
    report('bad-bundle', path, { reason: found.error })
    return unchecked
  }
  const { identity, issuer } = found.value
  if (identity === policy.expected.identity && issuer === policy.expected.issuer) {
    return { path, signedBy: [identity], unchecked: [] }
  }
  report('other-identity', path, { found: found.value, expected: policy.expected })
  return unchecked
}
