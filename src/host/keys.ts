import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import type { Digest } from '../model/digest.ts'
import {
  keyFrom,
  keyIdOf,
  labelOf,
  publicPemOf,
  type KeyFileProblem,
  type KeyLabel,
  type KeyProblem,
} from '../model/key.ts'
import type { FileError, Signer } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { attempt } from './file-error.ts'

/** A key is some hundred bytes; whatever is larger is something else. */
const LARGEST = 64 * 1024

/** Permission bits of everybody but the owner. */
const OTHERS = 0o077

/** What may be known of a key by everybody. */
export interface KeyInfo {
  readonly keyId: Digest
  /** SubjectPublicKeyInfo as PEM. */
  readonly publicPem: string
}

export interface KeyFiles extends KeyInfo {
  /** Absolute. */
  readonly privateFile: string
  readonly publicFile: string
}

/**
 * Makes an ed25519 key pair: the private half (PKCS#8, PEM) in a file (absolute) that only its owner may read, the public half
 * beside it with `.pub`. Neither replaces a file that is there (`EEXIST`).
 */
export function generateKey(privateFile: string): Result<KeyFiles, FileError> {
  const publicFile = `${privateFile}.pub`
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const publicPem = publicPemOf(publicKey)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const written = writeNew(privateFile, pem, 0o600)
  if (!written.ok) return written
  const published = writeNew(publicFile, publicPem, 0o644)
  if (!published.ok) {
    rmSync(privateFile)
    return published
  }
  return ok({ keyId: keyIdOf(publicKey), publicPem, privateFile, publicFile })
}

/** Exclusively: nobody else's file is opened, whatever is put at the path meanwhile. */
function writeNew(path: string, text: string, mode: number): Result<void, FileError> {
  return attempt(path, () => {
    const file = openSync(path, 'wx', mode & 0o600)
    try {
      writeFileSync(file, text)
      fchmodSync(file, mode)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  })
}

/** What a key file (absolute), private or public, tells everybody. */
export function readKeyInfo(path: string): Result<KeyInfo, KeyFileProblem> {
  const read = readKeyFile(path)
  if (!read.ok) return read
  const { label, text } = read.value
  const key = keyFrom(() => (label === 'PRIVATE KEY' ? createPrivateKey(text) : createPublicKey(text)))
  return key.ok ? ok({ keyId: keyIdOf(key.value), publicPem: publicPemOf(key.value) }) : key
}

/** A signer with the private key of a file (absolute) that nobody else can get at; `path`: that file behind all links. */
export function signerFromFile(path: string): Result<Signer & { readonly path: string }, KeyFileProblem> {
  const read = readKeyFile(path)
  if (!read.ok) return read
  const signer = signerFrom(read.value.text)
  return signer.ok ? ok({ ...signer.value, path: realpathSync(path) }) : signer
}

/** A signer with the private key of a text: PEM, or base64 of it, which has no line breaks to lose. */
export function signerFromText(text: string): Result<Signer, KeyProblem> {
  const packed = text.replaceAll(/\s/g, '')
  const isBase64 = /^[A-Za-z0-9+/]+=*$/.test(packed)
  return signerFrom(isBase64 ? Buffer.from(packed, 'base64').toString() : text)
}

function signerFrom(pem: string): Result<Signer, KeyProblem> {
  const label = labelOf(pem)
  if (!label.ok) return label
  if (label.value === 'PUBLIC KEY') return err({ kind: 'public-key' })
  const key = keyFrom(() => createPrivateKey(pem))
  return key.ok ? ok(signerWith(key.value)) : key
}

function signerWith(key: KeyObject): Signer {
  return { keyId: keyIdOf(key), sign: async (bytes) => sign(null, bytes, key) }
}

interface KeyFile {
  readonly text: string
  readonly label: KeyLabel
}

function readKeyFile(path: string): Result<KeyFile, KeyFileProblem> {
  const read = attempt(path, () => readRegular(path))
  if (!read.ok) {
    // A socket can't be opened at all.
    const { code, message } = read.error
    return err(code === 'ENXIO' ? { kind: 'not-a-file' } : { kind: 'unreadable', message })
  }
  if (!read.value.ok) return read.value
  const { stat, text } = read.value.value
  // Told first, because it holds of keys that can't be used as well.
  const problem = text.includes(' PRIVATE KEY-----') ? accessProblem(stat) : null
  if (problem) return err(problem)
  const label = labelOf(text)
  return label.ok ? ok({ text, label: label.value }) : label
}

/** Of one open file, so that what was looked at is what is read; not waiting for the other end of a FIFO. */
function readRegular(path: string): Result<{ stat: Stats; text: string }, KeyFileProblem> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) return err({ kind: 'not-a-file' })
    const buffer = Buffer.alloc(LARGEST + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(file, buffer, length, buffer.length - length, null)
    }
    if (length > LARGEST) return err({ kind: 'too-large', limit: LARGEST })
    return ok({ stat, text: buffer.toString('utf8', 0, length) })
  } finally {
    closeSync(file)
  }
}

function accessProblem({ mode, uid }: Stats): KeyFileProblem | null {
  if (uid !== 0 && uid !== process.getuid?.()) return { kind: 'foreign', owner: uid }
  return (mode & OTHERS) === 0 ? null : { kind: 'exposed', mode: mode & 0o777 }
}
