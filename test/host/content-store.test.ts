import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createContentStore, type DiskContentStore } from '../../src/host/content-store.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { TreeEntry } from '../../src/model/tree.ts'
import { layOut, temporaryFolder } from './rig.ts'

const ONE_READ = 256 * 1024

let root: string
let folder: string
let store: DiskContentStore

beforeEach(() => {
  root = temporaryFolder()
  folder = temporaryFolder()
  store = createContentStore(root, folder)
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
})

function stage(path: string): TreeEntry {
  const staged = store.stage(path)
  if (!staged.ok) throw new Error(`${staged.error.code} ${staged.error.message}`)
  return staged.value
}

/** Where an action would see it. */
function shown(entry: TreeEntry): string {
  const target = join(root, `shown-${entry.path}-${entry.digest}`)
  store.show(entry, target)
  return target
}

function refused(path: string): string {
  const staged = store.stage(path)
  return staged.ok ? 'staged' : staged.error.code
}

describe('what is staged', () => {
  it.each([0, 1, 4096, ONE_READ - 1, ONE_READ, ONE_READ + 1, 3 * ONE_READ + 17])('is kept whole: %i bytes', (size) => {
    const bytes = Buffer.alloc(size, 'abcdefg')
    writeFileSync(join(root, 'file'), bytes)
    const entry = stage('file')
    expect(entry).toEqual({ path: 'file', digest: sha256(bytes), executable: false, size })
    expect(Buffer.from(store.read(entry)).equals(bytes)).toBe(true)
    expect(Buffer.concat([...store.chunks(entry)]).equals(bytes)).toBe(true)
    expect(readFileSync(shown(entry)).equals(bytes)).toBe(true)
  })

  it('has the digest of what is kept, for all bytes', () => {
    let count = 0
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 2 }), (part, times) => {
        const path = `${count++}`
        const bytes = Buffer.concat(Array.from({ length: times * 500 + 1 }, () => part))
        writeFileSync(join(root, path), bytes)
        const entry = stage(path)
        expect(entry.digest).toBe(sha256(bytes))
        expect(sha256(store.read(entry))).toBe(entry.digest)
      }),
      { numRuns: 60 },
    )
  })

  it.each(['small', 'large'])('stays what it was when a %s file is edited, replaced or removed afterwards', (kind) => {
    const text = kind === 'small' ? 'before' : 'before'.repeat(100_000)
    layOut(root, { file: text })
    const entry = stage('file')
    appendFileSync(join(root, 'file'), 'more')
    expect(stage('file')).toEqual(entry)
    writeFileSync(join(root, 'file'), 'other')
    unlinkSync(join(root, 'file'))
    expect(stage('file')).toEqual(entry)
    expect(Buffer.from(store.read(entry)).toString()).toBe(text)
  })

  it('has the digest of what is kept while somebody keeps writing to it', async () => {
    writeFileSync(join(root, 'file'), Buffer.alloc(64 * 1024))
    const { spawn } = await import('node:child_process')
    const program = `
      const { openSync, writeSync } = require('node:fs')
      const file = openSync(process.argv[1], 'r+')
      process.stdout.write('up')
      for (let byte = 0; ; byte = (byte + 1) % 256) writeSync(file, Buffer.alloc(64 * 1024, byte), 0, 64 * 1024, 0)`
    const writer = spawn(process.execPath, ['-e', program, join(root, 'file')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => void writer.stdout.once('data', resolve))
    try {
      for (let round = 0; round < 200; round++) {
        const entry = store.keep(join(root, 'file'), `round-${round}`)
        expect(sha256(store.read(entry))).toBe(entry.digest)
      }
    } finally {
      writer.kill('SIGKILL')
    }
  })

  it('says whether it is executable, and keeps both where it is both', () => {
    layOut(root, { plain: 'same', tool: 'same' })
    chmodSync(join(root, 'tool'), 0o711)
    chmodSync(join(root, 'plain'), 0o666)
    const [plain, tool] = [stage('plain'), stage('tool')]
    expect([plain.executable, tool.executable]).toEqual([false, true])
    expect(plain.digest).toBe(tool.digest)
    expect([plain, tool].map((entry) => (statSync(shown(entry)).mode & 0o7777).toString(8))).toEqual(['644', '755'])
  })

  it.each([0o000, 0o022, 0o077, 0o777])('has the mode and the time of an input under any umask: %i', (umask) => {
    layOut(root, { small: 'x', large: 'x'.repeat(ONE_READ * 2) })
    const before = process.umask(umask)
    try {
      for (const entry of [stage('small'), stage('large')]) {
        const stat = statSync(shown(entry))
        expect([stat.mode & 0o7777, stat.mtimeMs]).toEqual([0o644, 315_532_800_000])
      }
    } finally {
      process.umask(before)
    }
  })
})

describe('what is added', () => {
  it.each([0, 1, ONE_READ - 1, ONE_READ, ONE_READ + 1])(
    'is kept as it is, as no file of the workspace: %i bytes',
    (size) => {
      const bytes = Buffer.alloc(size, 'abc')
      const entry = store.add('.codex/plugin/runner.mjs', bytes)
      expect(entry).toEqual({ path: '.codex/plugin/runner.mjs', digest: sha256(bytes), executable: false, size })
      expect(Buffer.concat([...store.chunks(entry)]).equals(bytes)).toBe(true)
      store.show(entry, join(folder, 'shown'))
      expect(readFileSync(join(folder, 'shown')).equals(bytes)).toBe(true)
    },
  )
})

describe('links', () => {
  it('within the workspace are followed', () => {
    layOut(root, { 'real/file': 'text' })
    symlinkSync('real/file', join(root, 'link'))
    symlinkSync('link', join(root, 'link-to-link'))
    symlinkSync(join(root, 'real'), join(root, 'folder'))
    for (const path of ['link', 'link-to-link', 'folder/file']) {
      expect(stage(path)).toEqual({ path, digest: sha256('text'), executable: false, size: 4 })
    }
  })

  it('that leave the workspace are refused', () => {
    const outside = temporaryFolder()
    layOut(outside, { secret: 'secret' })
    symlinkSync(join(outside, 'secret'), join(root, 'file'))
    symlinkSync(outside, join(root, 'folder'))
    symlinkSync(`../${outside.split('/').at(-1)}/secret`, join(root, 'relative'))
    symlinkSync('/proc/self/environ', join(root, 'proc'))
    symlinkSync(`${root}-other`, join(root, 'prefix'))
    mkdirSync(`${root}-other`)
    layOut(`${root}-other`, { secret: 'secret' })
    for (const path of ['file', 'folder/secret', 'relative', 'proc', 'prefix/secret'])
      expect(refused(path)).toBe('EXDEV')
    rmSync(outside, { recursive: true })
    rmSync(`${root}-other`, { recursive: true })
  })

  it('that lead nowhere or in a circle are refused', () => {
    symlinkSync('nonesuch', join(root, 'dangling'))
    symlinkSync('circle', join(root, 'circle'))
    expect([refused('dangling'), refused('circle')]).toEqual(['ENOENT', 'ELOOP'])
  })
})

describe('what is no file', () => {
  it('is refused without waiting for it', async () => {
    execFileSync('mkfifo', [join(root, 'fifo')])
    mkdirSync(join(root, 'folder'))
    symlinkSync('fifo', join(root, 'link'))
    const server = createServer()
    await new Promise<void>((resolve) => void server.listen(join(root, 'socket'), resolve))
    expect(['fifo', 'folder', 'link'].map(refused)).toEqual(['EINVAL', 'EINVAL', 'EINVAL'])
    expect(refused('socket')).toBe('ENXIO')
    expect([refused('nonesuch'), refused('nonesuch/x')]).toEqual(['ENOENT', 'ENOENT'])
    server.close()
  })

  it('stays refused in a run, so that all its actions see the same', () => {
    expect(refused('late')).toBe('ENOENT')
    layOut(root, { late: 'x' })
    expect(refused('late')).toBe('ENOENT')
  })
})

describe('what is exported', () => {
  it('is a file of its own with folders made for it', () => {
    layOut(root, { file: 'text', tool: 'tool' })
    chmodSync(join(root, 'tool'), 0o755)
    const target = join(folder, 'out')
    store.export(stage('file'), join(target, 'a/b/file'))
    store.export(stage('tool'), join(target, 'tool'))
    writeFileSync(join(target, 'a/b/file'), 'changed')
    expect(Buffer.from(store.read(stage('file'))).toString()).toBe('text')
    expect(statSync(join(target, 'tool')).mode & 0o111).not.toBe(0)
  })

  it('is as private as the caller wants his files', () => {
    layOut(root, { file: 'text' })
    const entry = stage('file')
    const before = process.umask(0o077)
    try {
      store.export(entry, join(folder, 'out/file'))
    } finally {
      process.umask(before)
    }
    expect(statSync(join(folder, 'out/file')).mode & 0o777).toBe(0o600)
  })
})

describe('small files', () => {
  const TEXTS = { a: 'first', b: 'second', c: 'third', d: 'first' }

  it.each([
    ['all in memory', Infinity, 0],
    ['in memory and on disk', 11, 1],
    ['all on disk', 0, 3],
  ])('are kept: %s', (_, held, onDisk) => {
    store = createContentStore(root, folder, held)
    layOut(root, TEXTS)
    for (const [path, text] of Object.entries(TEXTS)) {
      const entry = stage(path)
      expect(Buffer.from(store.read(entry)).toString()).toBe(text)
      expect(Buffer.concat([...store.chunks(entry)]).toString()).toBe(text)
      expect(readFileSync(shown(entry), 'utf8')).toBe(text)
      store.export(entry, join(root, 'out', path))
      expect(readFileSync(join(root, 'out', path), 'utf8')).toBe(text)
    }
    expect(readdirSync(folder)).toHaveLength(onDisk)
  })

  it('are kept once that is possible', () => {
    store = createContentStore(root, folder, 0)
    layOut(root, { file: 'text' })
    rmSync(folder, { recursive: true })
    expect(() => store.keep(join(root, 'file'), 'file')).toThrow('ENOENT')
    mkdirSync(folder)
    const entry = store.keep(join(root, 'file'), 'file')
    expect(Buffer.from(store.read(entry)).toString()).toBe('text')
  })
})

it('keeping a file with several names takes its bytes alone', () => {
  layOut(root, { file: 'text' })
  linkSync(join(root, 'file'), join(root, 'second'))
  const entry = store.keep(join(root, 'file'), 'file')
  writeFileSync(join(root, 'second'), 'changed')
  expect(Buffer.from(store.read(entry)).toString()).toBe('text')
})

describe('what comes from elsewhere', () => {
  it.each([0, 17, ONE_READ - 1, ONE_READ, 3 * ONE_READ + 17])('is kept like what is staged: %i bytes', (size) => {
    const bytes = Buffer.alloc(size, 'codex')
    writeFileSync(join(root, 'a.bin'), bytes)
    const entry = store.add('a.bin', bytes)
    expect(entry).toEqual({ path: 'a.bin', digest: sha256(bytes), executable: false, size })
    expect(Buffer.from(store.read(entry)).equals(bytes)).toBe(true)
    expect(stage('a.bin')).toEqual(entry)
    const program = store.add('b.bin', bytes, true)
    expect(statSync(shown(program)).mode & 0o777).toBe(0o755)
    expect(statSync(shown(entry)).mode & 0o777).toBe(0o644)
  })

  it('stays as it was put, whatever becomes of the bytes', () => {
    const bytes = Buffer.from('before')
    const entry = store.add('a.txt', bytes)
    bytes.write('after!')
    expect(Buffer.from(store.read(entry)).toString()).toBe('before')
  })
})
