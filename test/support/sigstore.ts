// The services of sigstore on loopback: a certificate authority, a log, and whoever gives tokens to GitHub Actions.
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { bundleFromJSON } from '@sigstore/bundle'
import { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, rekorHandler } from '@sigstore/mock'
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier, type Signer } from '@sigstore/verify'
import { sha256 } from '../../src/model/digest.ts'

export interface Services {
  /** Variables that lead to them, as whoever runs them would set them. */
  readonly urls: Readonly<Record<string, string>>
  /** Variables that GitHub Actions sets in a job that may ask for tokens. */
  readonly action: Readonly<Record<string, string>>
  /** What was asked for, in order. */
  readonly requests: readonly string[]
  /** Their keys, as sigstore writes them: the text of a trusted_root.json. */
  readonly trustedRoot: string
  /** Checks a bundle (as JSON) against them, as sigstore does. @throws where it does not hold */
  verify(bundle: unknown): Signer
  close(): Promise<void>
}

export interface ServiceOptions {
  /** Answers the log gives instead of taking an entry. */
  readonly logAnswers?: { readonly statusCode: number; readonly response: string }
}

const REQUEST_TOKEN = 'may-ask-for-tokens'

/** A token of identity, as far as anybody looks at it. */
export function identityToken(subject: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    sub: subject,
    aud: 'sigstore',
    exp: 4_000_000_000,
  }
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.c2ln`
}

export async function sigstoreServices({ logAnswers }: ServiceOptions = {}): Promise<Services> {
  const requests: string[] = []
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const server = createServer()
  const url = await listen(server)
  const ctlog = await initializeCTLog(pair)
  const ca = await initializeCA(pair, ctlog)
  const log = await initializeTLog(url, pair)
  const handlers = [fulcioHandler(ca), rekorHandler(log)]
  server.on('request', (request, response) => {
    void (async () => {
      const { method, headers } = request
      const path = request.url ?? ''
      requests.push(`${method} ${path}`)
      const handler = handlers.find((each) => each.path === path)
      const body = await bodyOf(request)
      if (handler) {
        const isLog = handler === handlers[1]
        const answer = isLog && logAnswers ? logAnswers : await handler.fn(isLog ? entryOf(body) : body)
        response.writeHead(answer.statusCode, { 'Content-Type': 'application/json' }).end(answer.response)
      } else if (path.startsWith('/token?') && headers.authorization === `Bearer ${REQUEST_TOKEN}`) {
        const audience = new URL(path, url).searchParams.get('audience')
        const value = identityToken(`repo:octocat/hello-world, for ${audience}`)
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ value }))
      } else response.writeHead(404).end()
    })()
  })
  const trustedRoot = JSON.stringify(TrustedRoot.toJSON(rootOf(url, { ca, ctlog, log })), null, 2)
  const trust = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(trustedRoot)))
  return {
    urls: { SIGSTORE_FULCIO_URL: url, SIGSTORE_REKOR_URL: url },
    action: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    },
    requests,
    trustedRoot,
    verify: (bundle) => new Verifier(trust).verify(toSignedEntity(bundleFromJSON(bundle))),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Authorities {
  readonly ca: Awaited<ReturnType<typeof initializeCA>>
  readonly ctlog: Awaited<ReturnType<typeof initializeCTLog>>
  readonly log: Awaited<ReturnType<typeof initializeTLog>>
}

function rootOf(url: string, { ca, ctlog, log }: Authorities): TrustedRoot {
  const validFor = { start: new Date(0) }
  const logOf = (rawBytes: Buffer, keyId: Buffer): TrustedRoot['tlogs'][number] => ({
    baseUrl: url,
    hashAlgorithm: HashAlgorithm.SHA2_256,
    publicKey: { rawBytes, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, validFor },
    logId: { keyId },
    checkpointKeyId: undefined,
    operator: 'test',
  })
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(log.publicKey, Buffer.from(sha256(log.publicKey), 'hex'))],
    ctlogs: [logOf(ctlog.publicKey, bytesOf(ctlog.logID))],
    certificateAuthorities: [
      {
        subject: { organization: 'test', commonName: 'test' },
        uri: url,
        certChain: { certificates: [{ rawBytes: bytesOf(ca.rootCertificate) }] },
        validFor,
        operator: 'test',
      },
    ],
    timestampAuthorities: [],
  }
}

/** What Rekor keeps of an envelope that it is given: digests and signatures. The log of the mock keeps whatever it gets. */
function entryOf(proposed: string): string {
  const { apiVersion, kind, spec } = JSON.parse(proposed) as {
    readonly apiVersion: string
    readonly kind: string
    readonly spec: { readonly proposedContent: { readonly envelope: string; readonly verifiers: readonly string[] } }
  }
  const { envelope, verifiers } = spec.proposedContent
  const { payload, signatures } = JSON.parse(envelope) as {
    readonly payload: string
    readonly signatures: readonly { readonly sig: string }[]
  }
  const digest = (bytes: Buffer | string): object => ({ algorithm: 'sha256', value: sha256(bytes) })
  const kept = {
    envelopeHash: digest(envelope),
    payloadHash: digest(Buffer.from(payload, 'base64')),
    signatures: signatures.map(({ sig }, index) => ({ signature: sig, verifier: verifiers[index] })),
  }
  return JSON.stringify({ apiVersion, kind, spec: kept })
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function bytesOf(view: ArrayBufferView<ArrayBuffer>): Buffer<ArrayBuffer> {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}
