import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseBundle } from '../../src/evidence/sign/sigstore-bundle.ts'
import { PAYLOAD_TYPE } from '../../src/evidence/sign/dsse.ts'
import { bundleVerifier } from '../../src/host/sigstore-verify.ts'
import { keylessAttestor } from '../../src/host/sigstore.ts'
import type { BundleVerifier } from '../../src/model/ports.ts'
import { identityToken, sigstoreServices, type Services } from '../support/sigstore.ts'

const PAYLOAD = '{"_type":"https://in-toto.io/Statement/v1"}'

let folder: string
let services: Services
let bundle: string
let verifier: BundleVerifier

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'codex-sigstore-test-'))
  services = await sigstoreServices()
  const attestor = keylessAttestor({ ...services.urls, SIGSTORE_ID_TOKEN: identityToken('somebody') })
  const signed = await attestor?.attest(PAYLOAD, PAYLOAD_TYPE)
  if (!signed?.ok) throw new Error(signed?.error)
  bundle = signed.value
  verifier = verifierOf(services)
})

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await services.close()
})

function verifierOf({ trustedRoot }: Pick<Services, 'trustedRoot'>): BundleVerifier {
  const opened = bundleVerifier(fileOf(trustedRoot))
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}

function fileOf(text: string): string {
  const file = join(folder, 'trusted_root.json')
  writeFileSync(file, text)
  return file
}

/** Whether somebody who trusts the services takes these bytes for a bundle that holds. */
function accepts(bytes: Buffer): boolean {
  const parsed = parseBundle(bytes)
  return parsed.ok && verifier.verify(parsed.value.text).ok
}

describe('a bundle', () => {
  it('says who signed it to whoever trusts the services', () => {
    const issuer = 'https://token.actions.githubusercontent.com'
    expect(verifier.verify(bundle)).toEqual({ ok: true, value: { identity: 'somebody', issuer } })
    expect(services.verify(JSON.parse(bundle)).identity?.subjectAlternativeName).toBe('somebody')
    const parsed = parseBundle(Buffer.from(bundle))
    expect(parsed.ok && Buffer.from(parsed.value.payload).toString()).toBe(PAYLOAD)
  })

  it('says nothing to whoever trusts others', async () => {
    const others = await sigstoreServices()
    expect(verifierOf(others).verify(bundle).ok).toBe(false)
    await others.close()
  })

  it('does not hold with a changed byte', () => {
    const bytes = Buffer.from(bundle)
    // What sigstore itself does not look at, and one in so many of all others, for each is a verification.
    const places = ['bundle.v0.', '"rawBytes":"', '"rootHash":"', '"integratedTime":"'].map(
      (text) => bytes.indexOf(text) + text.length,
    )
    // The padding of the signature at the end of the log's note.
    places.push(bytes.indexOf('\\n"},"hashes"') - 1, bytes.indexOf('\\n"},"rootHash"') - 1)
    for (let at = 0; at < bytes.length; at += 41) places.push(at)
    const accepted: string[] = []
    for (const at of places.filter((place) => place >= 0)) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(bytes.readUInt8(at) ^ 1, at)
      if (accepts(changed))
        accepted.push(`${bytes.toString('utf8', at - 40, at)}[${bytes.toString('utf8', at, at + 1)}]`)
    }
    expect(accepted).toEqual([])
  })

  it.each([
    ['nothing', '', 'not-json'],
    ['a list', '[]', 'shape'],
    ['an envelope', '{"payload":"","payloadType":"","signatures":[]}', 'shape'],
  ])('is not %s', (_, text, kind) => {
    expect(parseBundle(Buffer.from(text))).toMatchObject({ ok: false, error: { kind } })
    expect(verifier.verify(text).ok).toBe(false)
  })
})

describe('a trusted root', () => {
  it.each(['', '{', '[]x', '{"tlogs":[{}]}'])('is not %j', (text) => {
    expect(bundleVerifier(fileOf(text)).ok).toBe(false)
  })

  it('has to be there', () => expect(bundleVerifier(join(folder, 'none')).ok).toBe(false))
})
