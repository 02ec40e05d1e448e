// Loaded only where it is asked for: what it imports is large.
import { createPublicKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BUNDLE_V03_MEDIA_TYPE, bundleFromJSON, bundleToJSON, type Bundle } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier, type TrustMaterial } from '@sigstore/verify'
import { canonicalJson } from '../model/canonical.ts'
import type { BundleVerifier } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'

/**
 * Checks bundles against the authorities and logs of a trusted root (`trusted_root.json` of sigstore, absolute), offline:
 * certificate, its entry in the log of certificates, signature, and the entry in the log of signatures.
 *
 * @returns an error for a file that is no trusted root
 */
export function bundleVerifier(file: string): Result<BundleVerifier, string> {
  const trust = attempt(() => toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(readFileSync(file, 'utf8')))))
  if (!trust.ok) return trust
  const verifier = new Verifier(trust.value)
  return ok({
    verify: (text) =>
      attempt(() => {
        const bundle = bundleFromJSON(JSON.parse(text))
        checkForm(text, bundle, trust.value)
        const { identity } = verifier.verify(toSignedEntity(bundle))
        return { identity: identity?.subjectAlternativeName ?? '', issuer: identity?.extensions?.issuer ?? '' }
      }),
  })
}

/** What sigstore does not look at, so that no byte of a bundle can be another and nobody notices. */
function checkForm(text: string, bundle: Bundle, { certificateAuthorities }: TrustMaterial): void {
  const isWritten = canonicalJson(bundleToJSON(bundle)) === text
  if (!isWritten || bundle.mediaType !== BUNDLE_V03_MEDIA_TYPE)
    throw new Error('it is not in the form of a bundle v0.3')
  const { content, tlogEntries } = bundle.verificationMaterial
  for (const { inclusionProof } of tlogEntries) {
    if (inclusionProof) checkCheckpoint(inclusionProof.checkpoint?.envelope ?? '', inclusionProof.rootHash)
  }
  if (content.$case !== 'certificate') throw new Error('it was signed with a key, which nobody vouches for')
  const certificate = new X509Certificate(content.certificate.rawBytes)
  const authorities = certificateAuthorities.flatMap(({ certChain }) => certChain)
  const issued = authorities.some(({ publicKey }) =>
    certificate.verify(createPublicKey({ key: publicKey, format: 'der', type: 'spki' })),
  )
  if (!issued || !certificate.raw.equals(content.certificate.rawBytes))
    throw new Error('nobody has issued its certificate')
}

/** A note of a log: its name, its size and its root, a line each, and behind an empty line the signatures, in base64. */
function checkCheckpoint(note: string, rootHash: Buffer): void {
  const [text = '', signatures = ''] = note.split('\n\n')
  if (text.split('\n')[2] !== rootHash.toString('base64')) throw new Error('its proof is for another log')
  const spelled = signatures.split('\n').map((line) => line.split(' ').at(-1) ?? '')
  if (!spelled.every((base64) => Buffer.from(base64, 'base64').toString('base64') === base64)) {
    throw new Error('its log is not signed in canonical base64')
  }
}

function attempt<T>(operation: () => T): Result<T, string> {
  try {
    return ok(operation())
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
}
