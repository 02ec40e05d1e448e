import { dsse } from '@sigstore/core'
import { bundleFromJSON } from '@sigstore/bundle'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  countersigned,
  envelopeBytes,
  parseEnvelope,
  PAYLOAD_TYPE,
  preAuthEncoding,
  signEnvelope,
  verifyEnvelope,
  type Envelope,
} from '../../src/evidence/sign/dsse.ts'
import type { PublicKey } from '../../src/model/key.ts'
import { keyPair, type KeyPair } from '../support/keys.ts'

const anna = keyPair('a')
const bert = keyPair('b')
const PAYLOAD = '{"_type":"https://in-toto.io/Statement/v1"}'

async function sealed(payload: Uint8Array | string = PAYLOAD, signers: readonly KeyPair[] = [anna]): Promise<Buffer> {
  return Buffer.from(envelopeBytes(await signEnvelope(payload, signers)))
}

function opened(bytes: Uint8Array): Envelope {
  const parsed = parseEnvelope(bytes)
  if (!parsed.ok) throw new Error(parsed.error.kind)
  return parsed.value
}

/** What somebody who knows these keys makes of bytes: who signed them, or why nobody is known to have. */
function judge(bytes: Uint8Array, keys: readonly PublicKey[]): readonly string[] | string {
  const parsed = parseEnvelope(bytes)
  if (!parsed.ok) return parsed.error.kind
  const verified = verifyEnvelope(parsed.value, keys)
  return verified.ok ? verified.value.signedBy : verified.error.kind
}

/** An implementation that is not ours: it throws where it does not accept. */
function sigstoreAccepts(bytes: Buffer, key: PublicKey): boolean {
  const bundle = bundleFromJSON({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: key.keyId }, tlogEntries: [] },
    dsseEnvelope: JSON.parse(bytes.toString()) as unknown,
  })
  const root = { mediaType: '', tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] }
  const trust = toTrustMaterial(root, (hint) => {
    if (hint !== key.keyId) throw new Error(`unknown key ${hint}`)
    return { publicKey: createPublicKey(key.pem), validFor: () => true }
  })
  const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 })
  try {
    verifier.verify(toSignedEntity(bundle))
    return true
  } catch {
    return false
  }
}

describe('what is signed', () => {
  it('is the example of the DSSE protocol', () => {
    const encoded = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'))
    expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
  })

  it('counts bytes, not characters', () => {
    const encoded = preAuthEncoding('application/vnd.exämple+json', Buffer.from('{}'))
    expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 application/vnd.exämple+json 2 {}')
  })

  it('is for every payload what sigstore signs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (type, payload) => {
        expect(Buffer.from(preAuthEncoding(type, payload))).toEqual(dsse.preAuthEncoding(type, Buffer.from(payload)))
      }),
    )
  })

  it('is signed as the test vectors of DSSE say, with the first key of RFC 8032', async () => {
    const key = keyPair('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
    const { signatures } = await signEnvelope(PAYLOAD, [key])
    expect(signatures.map(({ signature }) => Buffer.from(signature).toString('base64'))).toEqual([
      '2WAfaHm5jluo0w+0rk8uVkluELJYWjSmU9x7EUzx+AyteDGJ4/nqyJXfmAUVFIAoQafWm7AxBZNw5M9ixNHiCA==',
    ])
  })
})

describe('an envelope', () => {
  it('is canonical JSON', async () => {
    expect((await sealed()).toString()).toMatch(
      /^\{"payload":"[\w+/=]+","payloadType":"application\/vnd\.in-toto\+json","signatures":\[\{"keyid":"[0-9a-f]{64}","sig":"[\w+/]{86}=="\}\]\}$/,
    )
  })

  it('says who signed it to whoever has the key', async () => {
    expect(judge(await sealed(), [bert.publicKey, anna.publicKey])).toEqual([anna.keyId])
  })

  it('is accepted by an implementation that is not ours, and by it refused when it was changed', async () => {
    const bytes = await sealed()
    expect(sigstoreAccepts(bytes, anna.publicKey)).toBe(true)
    expect(sigstoreAccepts(bytes, bert.publicKey)).toBe(false)
    const other = Buffer.from(PAYLOAD.replace('v1', 'v2')).toString('base64')
    const changed = bytes.toString().replace(Buffer.from(PAYLOAD).toString('base64'), other)
    expect(sigstoreAccepts(Buffer.from(changed), anna.publicKey)).toBe(false)
  })

  it('comes back as it went, whatever its payload, and verifies here and elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.subarray([anna, bert], { minLength: 1 }), async (payload, signers) => {
        const bytes = await sealed(payload, signers)
        const envelope = opened(bytes)
        expect(Buffer.from(envelope.payload)).toEqual(Buffer.from(payload))
        expect(Buffer.from(envelopeBytes(envelope))).toEqual(bytes)
        const keyIds = signers.map(({ keyId }) => keyId).toSorted()
        expect(judge(bytes, [anna.publicKey, bert.publicKey])).toEqual(keyIds)
        // A bundle of sigstore has a payload and one signature.
        const fits = signers.length === 1 && payload.length > 0
        expect(!fits || signers.every(({ publicKey }) => sigstoreAccepts(bytes, publicKey))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('does not hold with any single bit of any byte flipped', async () => {
    const bytes = await sealed()
    const accepted: string[] = []
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(bytes)
        changed.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at)
        if (typeof judge(changed, [anna.publicKey]) !== 'string') accepted.push(`bit ${bit} of byte ${at}`)
      }
    }
    expect(accepted).toEqual([])
  })

  it('does not hold with any byte replaced, removed or added', async () => {
    const bytes = await sealed()
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.constantFrom(0, 1), (at, byte, removed) => {
        fc.pre(removed === 0 || bytes.readUInt8(at) !== byte)
        const changed = Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at + removed)])
        expect(judge(changed, [anna.publicKey])).toBeTypeOf('string')
        const shorter = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
        expect(judge(shorter, [anna.publicKey])).toBeTypeOf('string')
        expect(judge(bytes.subarray(0, at), [anna.publicKey])).toBeTypeOf('string')
      }),
    )
  })

  it('never throws for bytes that are none', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => !parseEnvelope(bytes).ok))
    fc.assert(fc.property(fc.json({ maxDepth: 4 }), (text) => !parseEnvelope(Buffer.from(text)).ok))
    expect(parseEnvelope(Buffer.from('['.repeat(100_000)))).toEqual({ ok: false, error: { kind: 'not-json' } })
  })
})

describe('what is no envelope', () => {
  const payload = Buffer.from(PAYLOAD).toString('base64')
  const keyid = 'a'.repeat(64)
  const sig = Buffer.alloc(64, 1).toString('base64')
  const whole = { payload, payloadType: PAYLOAD_TYPE, signatures: [{ keyid, sig }] }
  const problem = (value: unknown): unknown => {
    const parsed = parseEnvelope(Buffer.from(JSON.stringify(value)))
    return parsed.ok ? null : parsed.error
  }

  it('is the control: this one is an envelope', () => expect(problem(whole)).toBeNull())

  it.each([
    ['a list', [whole], { kind: 'shape', path: '' }],
    ['nothing', null, { kind: 'shape', path: '' }],
    ['a member more', { ...whole, z: 1 }, { kind: 'shape', path: 'z' }],
    ['no payload', { payloadType: PAYLOAD_TYPE, signatures: [] }, { kind: 'shape', path: 'payload' }],
    ['another type', { ...whole, payloadType: 'application/json' }, { kind: 'payload-type' }],
    ['a payload that is no text', { ...whole, payload: 1 }, { kind: 'shape', path: 'payload' }],
    ['base64 without its padding', { ...whole, payload: 'e30' }, { kind: 'base64', path: 'payload' }],
    ['base64 with stray bits', { ...whole, payload: 'e31=' }, { kind: 'base64', path: 'payload' }],
    ['URL-safe base64', { ...whole, payload: '-_-_Pj8=' }, { kind: 'base64', path: 'payload' }],
    ['base64 with a space', { ...whole, payload: 'e3 0=' }, { kind: 'base64', path: 'payload' }],
    ['no signature', { ...whole, signatures: [] }, { kind: 'no-signature' }],
    ['signatures that are no list', { ...whole, signatures: {} }, { kind: 'shape', path: 'signatures' }],
    ['a signature that is a text', { ...whole, signatures: [sig] }, { kind: 'shape', path: 'signatures[0]' }],
    ['no key id', { ...whole, signatures: [{ sig }] }, { kind: 'shape', path: 'signatures[0].keyid' }],
    [
      'a key id in capitals',
      { ...whole, signatures: [{ keyid: 'A'.repeat(64), sig }] },
      { kind: 'shape', path: 'signatures[0].keyid' },
    ],
    [
      'a member more in a signature',
      { ...whole, signatures: [{ cert: '', keyid, sig }] },
      { kind: 'shape', path: 'signatures[0].cert' },
    ],
    [
      'a short signature',
      { ...whole, signatures: [{ keyid, sig: 'AAAA' }] },
      { kind: 'signature-length', path: 'signatures[0].sig' },
    ],
    [
      'one key twice',
      {
        ...whole,
        signatures: [
          { keyid, sig },
          { keyid, sig },
        ],
      },
      { kind: 'signature-order' },
    ],
    [
      'members in another order',
      { payloadType: PAYLOAD_TYPE, payload, signatures: whole.signatures },
      { kind: 'not-canonical' },
    ],
  ])('%s', (_, value, expected) => expect(problem(value)).toEqual(expected))

  it.each([
    ['a byte order mark', `\uFEFF${JSON.stringify(whole)}`, 'not-json'],
    ['a line break at its end', `${JSON.stringify(whole)}\n`, 'not-canonical'],
    ['white space', JSON.stringify(whole, null, 1), 'not-canonical'],
    ['an escape that is not needed', JSON.stringify(whole).replace('"sig"', '"\\u0073ig"'), 'not-canonical'],
    ['a member twice', JSON.stringify(whole).replace('{"payload"', '{"payload":"","payload"'), 'not-canonical'],
  ])('%s', (_, text, kind) => expect(parseEnvelope(Buffer.from(text))).toEqual({ ok: false, error: { kind } }))

  it('bytes that are not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from(JSON.stringify(whole)), Buffer.from([0xff])])
    expect(parseEnvelope(bytes)).toEqual({ ok: false, error: { kind: 'not-utf8' } })
  })
})

describe('several signatures', () => {
  it('stand in the order of their key ids, whoever signed first', async () => {
    const [byAnna, byBert] = await Promise.all([anna, bert].map(async (key) => signEnvelope(PAYLOAD, [key])))
    if (!byAnna || !byBert) throw new Error('not signed')
    const first = countersigned(byAnna, byBert)
    const second = countersigned(byBert, byAnna)
    expect(envelopeBytes(first)).toBe(envelopeBytes(second))
    expect(judge(Buffer.from(envelopeBytes(first)), [anna.publicKey])).toEqual([anna.keyId])
  })

  it('of one key are one', async () => {
    const once = await signEnvelope(PAYLOAD, [anna])
    expect(envelopeBytes(countersigned(once, await signEnvelope(PAYLOAD, [anna])))).toBe(envelopeBytes(once))
  })

  it('are never those of two statements', async () => {
    const [one, other] = [await signEnvelope(PAYLOAD, [anna]), await signEnvelope('{}', [bert])]
    expect(() => countersigned(one, other)).toThrow(RangeError)
  })

  it('are told apart: those that were checked and those that nobody had a key for', async () => {
    const envelope = await signEnvelope(PAYLOAD, [anna, bert])
    expect(verifyEnvelope(envelope, [bert.publicKey])).toEqual({
      ok: true,
      value: { signedBy: [bert.keyId], unchecked: [anna.keyId] },
    })
  })

  it('must all hold that can be checked', async () => {
    const { payload, signatures } = await signEnvelope(PAYLOAD, [anna, bert])
    const forged = signatures.map((each) =>
      each.keyId === anna.keyId ? { ...each, signature: new Uint8Array(64) } : each,
    )
    const verified = verifyEnvelope({ payload, signatures: forged }, [anna.publicKey, bert.publicKey])
    expect(verified).toEqual({ ok: false, error: { kind: 'bad-signature', keyId: anna.keyId } })
  })

  it('are worth nothing without a key that is known', async () => {
    const verified = verifyEnvelope(await signEnvelope(PAYLOAD, [anna]), [bert.publicKey])
    expect(verified).toEqual({ ok: false, error: { kind: 'unknown-keys', keyIds: [anna.keyId] } })
    expect(verifyEnvelope(await signEnvelope(PAYLOAD, [anna]), []).ok).toBe(false)
  })

  it("do not hold under another's name", async () => {
    const { payload, signatures } = await signEnvelope(PAYLOAD, [anna])
    const renamed = signatures.map((each) => ({ ...each, keyId: bert.keyId }))
    const verified = verifyEnvelope({ payload, signatures: renamed }, [anna.publicKey, bert.publicKey])
    expect(verified).toEqual({ ok: false, error: { kind: 'bad-signature', keyId: bert.keyId } })
  })
})
