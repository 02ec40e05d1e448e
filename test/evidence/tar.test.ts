import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readTar, tarChunks, type TarFile } from '../../src/evidence/tar.ts'

function file(path: string, text: string, executable = false): TarFile {
  const bytes = Buffer.from(text)
  return { path, executable, size: bytes.length, chunks: () => [bytes] }
}

function packed(files: readonly TarFile[]): Buffer {
  return Buffer.concat([...tarChunks(files)])
}

type Read = readonly (readonly [path: string, text: string, executable: boolean])[]

/** What is read of an archive that comes in pieces of so many bytes; `null`: it is none. */
function read(bytes: Uint8Array, piece = 1000): Read | null {
  const files: [string, string, boolean][] = []
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, index) =>
    bytes.subarray(index * piece, (index + 1) * piece),
  )
  const result = readTar(pieces, ({ path, executable }) => {
    const chunks: Uint8Array[] = []
    const end = (): void => void files.push([path, Buffer.concat(chunks).toString('latin1'), executable])
    return { write: (chunk) => void chunks.push(Buffer.from(chunk)), end }
  })
  return result.ok ? files : null
}

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 150 }).filter((text) => !/[\0/]/.test(text))

describe('an archive', () => {
  it('is read as it was written, in pieces of any size', () => {
    const some = fc.array(fc.tuple(name, fc.string({ maxLength: 1500 }), fc.boolean()), { maxLength: 4 })
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 3000 }), (files, piece) => {
        const bytes = packed(files.map(([path, text, executable]) => file(path, text, executable)))
        const texts = files.map(([path, text, mode]) => [path, Buffer.from(text).toString('latin1'), mode])
        expect(read(bytes, piece)).toEqual(texts)
      }),
    )
  })

  it('has one form: no byte changes but those of files', () => {
    const files = [file('a', 'some text'), file(`${'long/'.repeat(30)}name`, 'x', true), file('empty', '')]
    const whole = packed(files)
    const told = JSON.stringify(read(whole))
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
      expect(JSON.stringify(read(bytes)), `byte ${at}`).not.toBe(told)
    }
    expect(read(whole.subarray(0, -1))).toBeNull()
    expect(read(Buffer.concat([whole, Buffer.alloc(1)]))).toBeNull()
    expect(read(Buffer.alloc(0))).toBeNull()
  })

  it('is one for GNU tar', () => {
    const folder = mkdtempSync(join(tmpdir(), 'codex-tar-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const long = `ü/${'a'.repeat(99)}/${'b'.repeat(120)}`
    const files = [file('plain.txt', 'text'), file(long, 'long'.repeat(500)), file('run.sh', 'true', true)]
    writeFileSync(join(folder, 'x.tar'), packed(files))
    execFileSync('tar', ['-xf', 'x.tar'], { cwd: folder })
    expect(readFileSync(join(folder, long), 'utf8')).toBe('long'.repeat(500))
    expect(lstatSync(join(folder, 'run.sh')).mode & 0o111).not.toBe(0)
    expect(readdirSync(folder).toSorted()).toEqual(['plain.txt', 'run.sh', 'x.tar', 'ü'])
  })

  it.each([
    ['a link', ['-cf', '-', '--format=ustar', 'link']],
    ['a folder', ['-cf', '-', '--format=ustar', 'folder']],
    ['another user', ['-cf', '-', '--format=ustar', '--owner=1000', '--mtime=@0', 'file']],
  ])('is none with %s', (_, args) => {
    const folder = mkdtempSync(join(tmpdir(), 'codex-tar-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    execFileSync('sh', ['-ec', 'mkdir folder; ln -s /etc/passwd link; echo x > file'], { cwd: folder })
    expect(read(execFileSync('tar', args, { cwd: folder }))).toBeNull()
  })

  it('holds no more and no less of a file than was said', () => {
    expect(() => packed([{ ...file('a', 'text'), size: 3 }])).toThrow(RangeError)
    expect(() => packed([{ ...file('a', 'text'), size: 8 ** 11 }])).toThrow(RangeError)
  })
})
