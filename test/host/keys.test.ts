import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateKey, readKeyInfo, signerFromFile, signerFromText } from '../../src/host/keys.ts'
import type { KeyFileProblem, KeyProblem } from '../../src/model/key.ts'
import type { Signer } from '../../src/model/ports.ts'
import type { Result } from '../../src/model/result.ts'
import { keyPair, otherKeys } from '../support/keys.ts'

const key = keyPair('k')
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codex-keys-test-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function keyFile(text: string, mode = 0o600): string {
  const path = join(folder, 'key.pem')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

function problem<T>(result: Result<T, KeyFileProblem | KeyProblem>): KeyFileProblem | KeyProblem | null {
  return result.ok ? null : result.error
}

async function signs(result: Result<Signer, KeyFileProblem | KeyProblem>): Promise<boolean> {
  if (!result.ok) throw new Error(result.error.kind)
  const { keyId, sign } = result.value
  return keyId === key.keyId && key.publicKey.verify(Buffer.from('this'), await sign(Buffer.from('this')))
}

describe('a new key', () => {
  it('is readable by its owner alone, whatever the umask, and its public half by everybody', () => {
    const before = process.umask(0o077)
    const path = join(folder, 'new.pem')
    const made = generateKey(path)
    process.umask(before)
    expect(made.ok).toBe(true)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(`${path}.pub`).mode & 0o777).toBe(0o644)
  })

  it('is a key that openssl knows, and both halves belong together', () => {
    const path = join(folder, 'new.pem')
    const made = generateKey(path)
    expect(made.ok && made.value.publicPem).toBe(readFileSync(`${path}.pub`, 'utf8'))
    expect(execFileSync('openssl', ['pkey', '-in', path, '-pubout'], { encoding: 'utf8' })).toBe(
      readFileSync(`${path}.pub`, 'utf8'),
    )
    expect(execFileSync('openssl', ['pkey', '-in', path, '-noout', '-text'], { encoding: 'utf8' })).toMatch(
      /^ED25519 Private-Key/,
    )
    expect(readKeyInfo(path)).toEqual(readKeyInfo(`${path}.pub`))
    expect(made.ok && problem(signerFromFile(path))).toBeNull()
  })

  it('is another one each time', () => {
    const [a, b] = ['a', 'b'].map((name) => generateKey(join(folder, name)))
    expect(a?.ok && b?.ok && a.value.keyId !== b.value.keyId).toBe(true)
  })

  it('never replaces one that is there, and then leaves nothing behind', () => {
    const path = keyFile('mine')
    expect(generateKey(path)).toMatchObject({ ok: false, error: { code: 'EEXIST', path } })
    expect(readFileSync(path, 'utf8')).toBe('mine')
    expect(statSync(`${path}.pub`, { throwIfNoEntry: false })).toBeUndefined()

    const other = join(folder, 'other.pem')
    writeFileSync(`${other}.pub`, 'mine')
    expect(generateKey(other)).toMatchObject({ ok: false, error: { code: 'EEXIST', path: `${other}.pub` } })
    expect(readFileSync(`${other}.pub`, 'utf8')).toBe('mine')
    expect(statSync(other, { throwIfNoEntry: false })).toBeUndefined()
  })

  it('is not written through a link', () => {
    const path = join(folder, 'link.pem')
    symlinkSync(join(folder, 'elsewhere'), path)
    expect(generateKey(path)).toMatchObject({ ok: false, error: { code: 'EEXIST' } })
    expect(statSync(join(folder, 'elsewhere'), { throwIfNoEntry: false })).toBeUndefined()
  })

  it('needs its folder', () => {
    expect(generateKey(join(folder, 'none', 'key.pem'))).toMatchObject({ ok: false, error: { code: 'ENOENT' } })
  })
})

describe('a key file', () => {
  it.each([0o600, 0o400, 0o700])('signs if its mode is %o', async (mode) => {
    expect(await signs(signerFromFile(keyFile(key.privatePem, mode)))).toBe(true)
  })

  it.each([0o644, 0o640, 0o604, 0o660, 0o620, 0o602, 0o610, 0o601, 0o777])('is refused if its mode is %o', (mode) => {
    const path = keyFile(key.privatePem, mode)
    expect(problem(signerFromFile(path))).toEqual({ kind: 'exposed', mode })
    expect(problem(readKeyInfo(path))).toEqual({ kind: 'exposed', mode })
  })

  it('signs behind a link, and it is the mode of the file that counts', async () => {
    const link = join(folder, 'link.pem')
    symlinkSync(keyFile(key.privatePem), link)
    expect(await signs(signerFromFile(link))).toBe(true)
    chmodSync(join(folder, 'key.pem'), 0o644)
    expect(problem(signerFromFile(link))).toEqual({ kind: 'exposed', mode: 0o644 })
  })

  it.runIf(process.getuid?.() === 0)('is refused if it belongs to another user', () => {
    const path = keyFile(key.privatePem)
    chownSync(path, 65534, 65534)
    expect(problem(signerFromFile(path))).toEqual({ kind: 'foreign', owner: 65534 })
  })

  it('is refused if it is none', async () => {
    mkdirSync(join(folder, 'folder'))
    execFileSync('mkfifo', [join(folder, 'fifo')])
    const server = createServer().listen(join(folder, 'socket'))
    await once(server, 'listening')
    for (const name of ['folder', 'fifo', 'socket']) {
      expect(problem(signerFromFile(join(folder, name))), name).toEqual({ kind: 'not-a-file' })
    }
    expect(problem(signerFromFile('/dev/null'))).toEqual({ kind: 'not-a-file' })
    server.close()
  })

  it('is refused if it is not there', () => {
    expect(problem(signerFromFile(join(folder, 'none')))).toMatchObject({ kind: 'unreadable' })
  })

  it.each([
    ['nothing', '', { kind: 'not-a-key' }],
    ['a text', 'hello', { kind: 'not-a-key' }],
    ['half a key', key.privatePem.slice(0, 60), { kind: 'not-a-key' }],
    ['a public key', key.publicKey.pem, { kind: 'public-key' }],
    ['two keys', key.privatePem + key.privatePem, { kind: 'several-keys' }],
    ['another algorithm', otherKeys('ed448').privatePem, { kind: 'algorithm', found: 'ed448' }],
    ['an RSA key', otherKeys('rsa').privatePem, { kind: 'algorithm', found: 'rsa' }],
    ['too much', 'x'.repeat(65 * 1024), { kind: 'too-large', limit: 65_536 }],
  ])('is refused if it holds %s', (_, text, expected) => {
    expect(problem(signerFromFile(keyFile(text)))).toEqual(expected)
  })

  it('is refused if it is encrypted', () => {
    const path = keyFile(key.privatePem)
    const args = ['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', 'pass:secret', '-in', path]
    const encrypted = execFileSync('openssl', args, { encoding: 'utf8' })
    expect(problem(signerFromFile(keyFile(encrypted)))).toEqual({ kind: 'encrypted' })
    expect(problem(signerFromFile(keyFile(encrypted, 0o644)))).toEqual({ kind: 'exposed', mode: 0o644 })
  })

  it('may be read by everybody if it is public', () => {
    expect(readKeyInfo(keyFile(key.publicKey.pem, 0o644))).toEqual({
      ok: true,
      value: { keyId: key.keyId, publicPem: key.publicKey.pem },
    })
  })
})

describe('a key in a variable', () => {
  const base64 = Buffer.from(key.privatePem).toString('base64')

  it.each([
    ['PEM', key.privatePem],
    ['PEM without its last line break', key.privatePem.trim()],
    ['PEM in lines of another system', key.privatePem.replaceAll('\n', '\r\n')],
    ['base64', base64],
    ['base64 in lines', `${base64.slice(0, 76)}\n${base64.slice(76)}\n`],
  ])('signs as %s', async (_, text) => expect(await signs(signerFromText(text))).toBe(true))

  it.each([
    ['a text', 'hello world', { kind: 'not-a-key' }],
    ['base64 of a text', Buffer.from('hello world').toString('base64'), { kind: 'not-a-key' }],
    ['base64 of base64', Buffer.from(base64).toString('base64'), { kind: 'not-a-key' }],
    ['a public key', key.publicKey.pem, { kind: 'public-key' }],
    ['base64 of a public key', Buffer.from(key.publicKey.pem).toString('base64'), { kind: 'public-key' }],
  ])('is refused if it is %s', (_, text, expected) => expect(problem(signerFromText(text))).toEqual(expected))
})
