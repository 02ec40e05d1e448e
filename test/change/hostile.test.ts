// Patches of runs that somebody else may have altered.
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPatch } from '../../src/change/apply.ts'
import { encodeLines } from '../../src/change/base85.ts'
import { blobId } from '../../src/change/blob.ts'
import { writePatch } from '../../src/change/write.ts'
import type { FileBytes, PatchFile, PatchProblem } from '../../src/model/change.ts'
import { changeSet, patchFiles } from './change-sets.ts'
import { file, shown } from './patches.ts'

function problemOf(patch: string | Uint8Array, there: FileBytes | null = null): PatchProblem | null {
  const applied = applyPatch(Buffer.from(patch), (path) => (path === 'there' ? there : null))
  return applied.ok ? null : applied.error
}

/** A patch that makes an empty file. */
function making(path: string): string {
  return `diff --git ${JSON.stringify(`a/${path}`)} ${JSON.stringify(`b/${path}`)}\nnew file mode 100644\nindex ${'0'.repeat(40)}..${blobId(file(''))}\n`
}

/** A patch that puts other bytes in the place of what is there. */
function binary(size: string, body: string | Uint8Array, after: FileBytes): Buffer {
  const there = file('\0')
  const head = `diff --git a/there b/there\nindex ${blobId(there)}..${blobId(after)} 100644\nGIT binary patch\n`
  const back = encodeLines(deflateSync(there.bytes))
  return Buffer.concat([
    Buffer.from(`${head}literal ${size}\n`),
    Buffer.from(body),
    Buffer.from('\nliteral 1\n'),
    back,
    Buffer.from('\n'),
  ])
}

describe('a hostile patch', () => {
  it('writes nowhere but in the workspace, and not where git or codex keep what is theirs', () => {
    expect(problemOf(making('fine/.gitignore'))).toBeNull()
    const names = [
      '../x',
      'a/../../x',
      '/etc/x',
      '',
      'a//b',
      './a',
      'a/.',
      '.git/config',
      'a/.GIT/x',
      '.g\u200cit/x',
      'git~1/x',
    ]
    for (const name of [
      ...names,
      '.git./x',
      '.git::$INDEX/x',
      '.codex/x',
      'a/.Codex/x',
      'a\nb',
      'a\u0085b',
      'x'.repeat(5000),
    ]) {
      expect(problemOf(making(name)), name).toMatchObject({ kind: 'path', line: 1, path: name })
    }
  })

  it('names a file that is no file, or another one than it shows', () => {
    const ids = `index ${blobId(file('a\n'))}..${blobId(file('b\n'))}`
    const body = '--- a/there\n+++ b/there\n@@ -1 +1 @@\n-a\n+b\n'
    const there = file('a\n')
    const problem = (text: string): string | undefined => problemOf(text, there)?.kind
    expect(problem(`diff --git a/there b/there\n${ids} 100644\n${body}`)).toBeUndefined()
    expect(problem(`diff --git a/there b/other\n${ids} 100644\n${body}`)).toBe('syntax')
    expect(problem(`diff --git a/there b/there\n${ids} 100644\n${body.replace('b/there', 'b/other')}`)).toBe('syntax')
    expect(problem(`diff --git a/there b/there\n${ids}\n${body}`)).toBe('syntax')
    expect(problem(`diff --git a/there b/there\n${ids} 100755\n${body}`)).toBe('conflict')
    expect(problem(`diff --git a/there b/there\n${ids} 120000\n${body}`)).toBe('unsupported')
    expect(problem(`diff --git a/there b/there\nrename from there\n`)).toBe('unsupported')
    expect(problem(`diff --git a/there b/there\n${ids} 100644\nBinary files a/there and b/there differ\n`)).toBe(
      'unsupported',
    )
    expect(problem(making('x') + making('x'))).toBe('syntax')
    expect(problem(making('there/x'))).toBe('conflict')
    expect(problem(making('x') + making('x/y'))).toBe('conflict')
    expect(problem('anything')).toBe('syntax')
    expect(problem(`diff --git a/${'x'.repeat(100_000)}`)).toBe('syntax')
  })

  it('shows lines that are not there, elsewhere, or do not give what it promises', () => {
    const there = file('a\nb\nc\n')
    const patch = (body: string, after = 'a\nB\nc\n'): string =>
      `diff --git a/there b/there\nindex ${blobId(there)}..${blobId(file(after))} 100644\n--- a/there\n+++ b/there\n${body}`
    const problem = (body: string, after?: string): PatchProblem | null => problemOf(patch(body, after), there)
    expect(problem('@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n')).toBeNull()
    expect(problem('@@ -1,3 +1,3 @@\n x\n-b\n+B\n c\n')).toEqual({ kind: 'conflict', line: 6, path: 'there' })
    expect(problem('@@ -1,3 +1,3 @@\n a\n-b\n+X\n c\n')?.kind).toBe('corrupt')
    expect(problem('')?.kind).toBe('corrupt')
    for (const range of ['-2,3 +2,3', '-1,3 +2,3', '-9,3 +9,3', '-0,3 +0,3', '-999999999999999,3 +1,3']) {
      expect(problem(`@@ ${range} @@\n a\n-b\n+B\n c\n`)?.kind, range).toBe('conflict')
    }
    for (const range of ['-1,2 +1,3', '-1,4 +1,4', '-1,999999999 +1,999999999', '-1,-3 +1,3', '-1e3 +1']) {
      expect(problem(`@@ ${range} @@\n a\n-b\n+B\n c\n`)?.kind, range).toBe('syntax')
    }
    expect(problem('@@ -2 +2 @@\n-b\n+B\n@@ -1 +1 @@\n-a\n+a\n')?.kind).toBe('conflict')
    expect(problem('@@ -2 +2,2 @@\n-b\n+B\n\\ No newline at end of file\n+x\n')?.kind).toBe('corrupt')
    expect(problem('@@ -3 +3 @@\n-c\n\\ No newline at end of file\n+c\n')?.kind).toBe('conflict')
  })

  it('declares more bytes than it has, or has more than it declares', () => {
    const there = file('\0')
    const big = file(Buffer.alloc(1_000_000))
    const packed = encodeLines(deflateSync(big.bytes))
    expect(problemOf(binary('1000000', packed, big), there)).toBeNull()
    for (const size of ['999999999999', '300000000']) {
      expect(problemOf(binary(size, packed, big), there), size).toEqual({ kind: 'too-large', line: 4, path: 'there' })
    }
    // Wherever a bomb is cut off, it is cut off at what it has declared.
    const bomb = encodeLines(deflateSync(Buffer.alloc(100_000_000)))
    for (const size of ['1000000', '1000001', '0']) {
      expect(problemOf(binary(size, bomb, big), there)?.kind, size).toBe('corrupt')
    }
    for (const size of ['', '-1', '1e9', '0x10', ' 5']) {
      expect(problemOf(binary(size, packed, big), there)?.kind, size).toBe('syntax')
    }
  })

  it('is no base85, or no zlib', () => {
    const there = file('\0')
    const after = file('ok\0')
    const good = encodeLines(deflateSync(after.bytes)).toString()
    expect(problemOf(binary('3', good, after), there)).toBeNull()
    const others = [
      good.replace(/^./, 'z'),
      good.replace(/^./, '0'),
      good.replace(/.\n$/, '"\n'),
      good.replace(/.\n$/, '\n'),
    ]
    for (const body of [...others, 'A~~~~~\n', 'D~~~~~\n', 'zzzzz\n', '']) {
      expect(problemOf(binary('3', body, after), there)?.kind, body).toBe('corrupt')
    }
    expect(problemOf(binary('3', good.trimEnd(), after).subarray(0, -40), there)?.kind).toMatch(/corrupt|syntax/)
    expect(problemOf(Buffer.from(String(binary('3', good, after)).replace('literal 3', 'delta 3')), there)?.kind).toBe(
      'unsupported',
    )
  })

  it('gives what it promises or a problem, whatever bytes of it are altered', () => {
    const alteration = fc.tuple(fc.nat(1_000_000), fc.constantFrom('flip', 'cut', 'drop', 'double'), fc.nat(255))
    fc.assert(
      fc.property(changeSet, fc.array(alteration, { minLength: 1, maxLength: 3 }), ({ before, after }, alterations) => {
        const files = patchFiles({ before, after })
        let patch = Buffer.from(writePatch(files))
        for (const [place, kind, value] of alterations)
          patch = altered(patch, place % (patch.length + 1), { kind, value })
        const applied = applyPatch(patch, (path) => before.get(path) ?? null)
        const line = applied.ok ? 1 : applied.error.line
        expect(line).toBeGreaterThan(0)
        // Names and modes are no part of what ids promise; bytes are.
        const known = new Set([...files.map((each) => each.after), ...before.values()].map(blobId))
        const made = applied.ok ? [...applied.value.values()].filter((each) => each !== null) : []
        expect(made.filter((each) => !known.has(blobId(each)))).toEqual([])
      }),
      { numRuns: 300, seed: 6 },
    )
  })

  it('conflicts wherever the tree is another one', () => {
    fc.assert(
      fc.property(changeSet, fc.nat(), ({ before, after }, at) => {
        const files = patchFiles({ before, after }).filter((each) => !isModeOnly(each))
        const chosen = files[at % Math.max(1, files.length)]
        fc.pre(chosen !== undefined)
        const other = chosen.before ? file(`${shown(chosen.before)}x`, chosen.before.executable) : file('')
        const applied = applyPatch(writePatch(files), (path) =>
          path === chosen.path ? other : (before.get(path) ?? null),
        )
        expect(applied).toMatchObject({ ok: false, error: { kind: 'conflict' } })
      }),
      { numRuns: 100, seed: 6 },
    )
  })
})

/** As git writes it, such a patch says nothing of the bytes. */
function isModeOnly({ before, after }: PatchFile): boolean {
  return before !== null && after !== null && Buffer.compare(before.bytes, after.bytes) === 0
}

function altered(patch: Buffer, at: number, { kind, value }: { kind: string; value: number }): Buffer<ArrayBuffer> {
  if (kind === 'cut') return Buffer.from(patch.subarray(0, at))
  const end = at + 1 + (value % 60)
  if (kind === 'drop') return Buffer.concat([patch.subarray(0, at), patch.subarray(end)])
  if (kind === 'double') return Buffer.concat([patch.subarray(0, end), patch.subarray(at)])
  const flipped = Buffer.from(patch)
  if (at < flipped.length) flipped[at] = value
  return flipped
}
