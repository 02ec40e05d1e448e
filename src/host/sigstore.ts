// Loaded only where it is asked for: what it imports is large.
import { attest } from 'sigstore'
import { canonicalJson, type Json } from '../model/canonical.ts'
import type { Attestor } from '../model/ports.ts'
import { err, ok } from '../model/result.ts'

/** For each answer of a service. Nothing else waits for them, and they are at times slow. */
const TIMEOUT_MS = 20_000

/**
 * Signs without a key of one's own: a certificate authority (Fulcio) certifies for some minutes a key that is made for the
 * purpose and dropped, for whoever a token of identity names, and a public log (Rekor) keeps the signature. GitHub Actions has
 * such tokens for jobs with the permission `id-token: write`; elsewhere one is taken from SIGSTORE_ID_TOKEN.
 *
 * @param env `SIGSTORE_FULCIO_URL` and `SIGSTORE_REKOR_URL` name services other than the public ones
 * @returns `null` where there is no token
 */
export function keylessAttestor(env: Readonly<Record<string, string | undefined>>): Attestor | null {
  const token = env['SIGSTORE_ID_TOKEN']
  const isAction = Boolean(env['ACTIONS_ID_TOKEN_REQUEST_URL'] && env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'])
  if (!token && !isAction) return null
  const fulcioURL = env['SIGSTORE_FULCIO_URL']
  const rekorURL = env['SIGSTORE_REKOR_URL']
  const options = {
    timeout: TIMEOUT_MS,
    ...(token ? { identityToken: token } : {}),
    ...(fulcioURL ? { fulcioURL } : {}),
    ...(rekorURL ? { rekorURL } : {}),
  }
  return {
    signedBy: 'sigstore',
    form: 'sigstore',
    attest: async (payload, payloadType) => {
      try {
        return ok(canonicalJson((await attest(Buffer.from(payload), payloadType, options)) as unknown as Json))
      } catch (error) {
        return err(reasonOf(error))
      }
    },
  }
}

/** What a service or the network said, behind what could not be done because of it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`
}
