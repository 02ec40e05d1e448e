import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseChecksums } from '../../src/evidence/checksums.ts'
import { sealBytes } from '../../src/evidence/seal.ts'
import { sha256 } from '../../src/model/digest.ts'

const [A, B] = [sha256('a'), sha256('b')]

const name = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .filter((text) => !/[\n/]/.test(text) && text !== '.' && text !== '..')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))

describe('a list of digests', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.dictionary(path, fc.string().map(sha256)), (digests) => {
        const files = new Map(Object.entries(digests))
        const read = parseChecksums(sealBytes(files))
        expect(read.ok && new Map(read.value)).toEqual(files)
      }),
    )
  })

  it('has one spelling: no other text means the same', () => {
    const text = sealBytes(new Map([A, B].map((digest, index) => [`f\\${index}/é`, digest])))
    const read = parseChecksums(text)
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(3), fc.string({ maxLength: 3 }), (at, length, inserted) => {
        const edited = text.slice(0, at) + inserted + text.slice(at + length)
        fc.pre(edited !== text)
        expect(parseChecksums(edited)).not.toEqual(read)
      }),
    )
  })

  it.each([
    ['no line feed at its end', `${A}  a`, 1],
    ['an empty line', `${A}  a\n\n`, 2],
    ['a path twice', `${A}  a\n${A}  a\n`, 2],
    ['another order', `${A}  b\n${A}  a\n`, 2],
    ['capitals', `${A.toUpperCase()}  a\n`, 1],
    ['the mark of a binary file', `${A} *a\n`, 1],
    ['a short digest', `${A.slice(1)}  a\n`, 1],
    ['an escape that is not needed', `\\${A}  a\n`, 1],
    ['a backslash that is not escaped', `${A}  a\\b\n`, 1],
    ['an escape that there is not', `\\${A}  a\\nb\n`, 1],
    ['a path that leaves the folder', `${A}  ../a\n`, 1],
    ['a path of the machine', `${A}  /a\n`, 1],
    ['a part that is empty', `${A}  a//b\n`, 1],
    ['a line that ends as Windows ends them', `${A}  a\r\n${A}  b\n`, -1],
  ])('is none with %s', (_, text, line) => {
    const read = parseChecksums(text)
    // A carriage return is a character of a name like any other.
    expect(read).toEqual(
      line === -1
        ? {
            ok: true,
            value: new Map([
              ['a\r', A],
              ['b', A],
            ]),
          }
        : { ok: false, error: line },
    )
  })

  it('may be long and hold nothing', () => {
    expect(parseChecksums('\n'.repeat(10_000_000))).toEqual({ ok: false, error: 1 })
    expect(parseChecksums('')).toEqual({ ok: true, value: new Map() })
  })

  it('is what coreutils take for one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'codex-checksums-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const files = new Map(['a', 'b c', 'd\\e', 'ü', '-f'].map((file) => [file, sha256(file)]))
    for (const file of files.keys()) writeFileSync(join(folder, file), file)
    writeFileSync(join(folder, 'list'), sealBytes(files))
    const said = execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'list'], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(said).toBe('')
  })
})
