import type { BundleVerifier, Identity } from '../../model/ports.ts'
import type { CheckedSignature } from '../../model/verification.ts'
import type { Bundle } from '../sign/sigstore-bundle.ts'
import type { Report } from './findings.ts'

/** Whom to believe of those who sign through sigstore. */
export interface BundlePolicy {
  readonly verifier: BundleVerifier
  readonly expected: Identity
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
