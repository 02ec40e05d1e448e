import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { keyIdOf, labelOf, readPublicKey } from '../../src/model/key.ts'
import { keyPair, otherKeys } from '../support/keys.ts'

const key = keyPair('k')

function problem(pem: string): unknown {
  const read = readPublicKey(pem)
  return read.ok ? null : read.error
}

describe('a key id', () => {
  it('is what sha256sum says of the public key as openssl writes it', () => {
    const script = 'openssl pkey -pubin -outform DER | sha256sum'
    const printed = execFileSync('sh', ['-c', script], { input: key.publicKey.pem, encoding: 'utf8' })
    expect(printed).toBe(`${key.keyId}  -\n`)
  })

  it('is the same for both halves of a key', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    expect(keyIdOf(privateKey)).toBe(keyIdOf(publicKey))
  })
})

describe('a public key', () => {
  it('checks what its private half has signed, and nothing else', async () => {
    const signature = await key.sign(Buffer.from('a'))
    expect(key.publicKey.verify(Buffer.from('a'), signature)).toBe(true)
    expect(key.publicKey.verify(Buffer.from('b'), signature)).toBe(false)
    expect(key.publicKey.verify(Buffer.from('a'), signature.subarray(1))).toBe(false)
  })

  it('may have been written on another system', () => {
    const read = readPublicKey(`A comment.\r\n${key.publicKey.pem.replaceAll('\n', '\r\n')}`)
    expect(read.ok && read.value.keyId).toBe(key.keyId)
    expect(read.ok && read.value.pem).toBe(key.publicKey.pem)
  })

  it.each([
    ['nothing', '', { kind: 'not-a-key' }],
    ['a text', 'a text', { kind: 'not-a-key' }],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', { kind: 'not-a-key' }],
    ['a key without its end', '-----BEGIN PUBLIC KEY-----\nAAAA\n', { kind: 'not-a-key' }],
    ['a private key', key.privatePem, { kind: 'private-key' }],
    ['two keys', key.publicKey.pem + keyPair('l').publicKey.pem, { kind: 'several-keys' }],
    ['an RSA key', otherKeys('rsa').publicPem, { kind: 'algorithm', found: 'rsa' }],
    ['an RSA key of old', '-----BEGIN RSA PUBLIC KEY-----\n', { kind: 'algorithm', found: 'rsa' }],
    ['an X25519 key', otherKeys('x25519').publicPem, { kind: 'algorithm', found: 'x25519' }],
    ['an Ed448 key', otherKeys('ed448').publicPem, { kind: 'algorithm', found: 'ed448' }],
  ])('is not %s', (_, pem, expected) => expect(problem(pem)).toEqual(expected))
})

describe('the label of a key', () => {
  it.each([
    ['-----BEGIN ENCRYPTED PRIVATE KEY-----\n', 'encrypted'],
    ['-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n', 'encrypted'],
    ['-----BEGIN EC PRIVATE KEY-----\n', 'algorithm'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\n', 'openssh'],
  ])('tells what it is: %j', (pem, kind) => {
    const label = labelOf(pem)
    expect(label.ok ? null : label.error.kind).toBe(kind)
  })
})
