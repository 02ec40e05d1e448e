import { describe, expect, it } from 'vitest'
import { applyPatch } from '../../src/change/apply.ts'
import { countLines, writePatch } from '../../src/change/write.ts'
import type { PatchFile } from '../../src/model/change.ts'
import { file, readerOf, shown } from './patches.ts'

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('')

function text(...files: readonly PatchFile[]): string {
  return Buffer.from(writePatch(files)).toString()
}

const EMPTY = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
const NONE = '0'.repeat(40)

describe('writePatch', () => {
  it('shows three lines around what has changed, and joins what is near', () => {
    const before = lines(1, 30)
    const after = before.replace('line 5\n', 'five\n').replace('line 12\n', '').replace('line 25\n', 'line 25\nmore\n')
    expect(
      text({ path: 'a.txt', before: file(before), after: file(after) })
        .split('\n')
        .slice(2),
    ).toEqual(
      `--- a/a.txt
+++ b/a.txt
@@ -2,14 +2,13 @@
 line 2
 line 3
 line 4
-line 5
+five
 line 6
 line 7
 line 8
 line 9
 line 10
 line 11
-line 12
 line 13
 line 14
 line 15
@@ -23,6 +22,7 @@
 line 23
 line 24
 line 25
+more
 line 26
 line 27
 line 28
`.split('\n'),
    )
  })

  it('says that a file is made, deleted or empty, and what it may do', () => {
    expect(
      text(
        { path: 'made', before: null, after: file('one\n', true) },
        { path: 'gone', before: file('one'), after: null },
        { path: 'empty', before: null, after: file('') },
        { path: 'mode', before: file('x'), after: file('x', true) },
        { path: 'same', before: file('x'), after: file('x') },
      ),
    ).toBe(`diff --git a/empty b/empty
new file mode 100644
index ${NONE}..${EMPTY}
diff --git a/gone b/gone
deleted file mode 100644
index 43dd47ea691c90a5fa7827892c70241913351963..${NONE}
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-one
\\ No newline at end of file
diff --git a/made b/made
new file mode 100755
index ${NONE}..5626abf0f72e58d7a153368ba57db4c673c0e171
--- /dev/null
+++ b/made
@@ -0,0 +1 @@
+one
diff --git a/mode b/mode
old mode 100644
new mode 100755
`)
  })

  it('carries what is no text as a whole, both sides, as bytes that no version of zlib has a say in', () => {
    expect(text({ path: 'b', before: file(Buffer.from([0, 1])), after: file(Buffer.from([0xff])) })).toBe(
      `diff --git a/b b/b
index bdc955b7b2e610ad5a72302b139a2e6cb325519a..ce542efaa5124a0437f0c4db329d7ec4b7ba70a7 100644
GIT binary patch
literal 1
LcmV+c0RI2~0RRC2

literal 2
McmV+d0R8^}0RRI40ssI2

`,
    )
  })

  it('is empty where nothing has changed', () => {
    expect(writePatch([{ path: 'a', before: file('a'), after: file('a') }])).toHaveLength(0)
    expect(writePatch([])).toHaveLength(0)
  })

  it('quotes names as git does', () => {
    const after = file('')
    const names = text(
      { path: 'a b', before: null, after },
      { path: 'a /b', before: null, after },
      { path: 'quo"te\\', before: null, after },
      { path: 'ä', before: null, after },
    )
    expect(names.split('\n').filter((line) => line.startsWith('diff'))).toEqual([
      'diff --git "a/a /b" "b/a /b"',
      'diff --git a/a b b/a b',
      'diff --git "a/quo\\"te\\\\" "b/quo\\"te\\\\"',
      'diff --git "a/\\303\\244" "b/\\303\\244"',
    ])
  })
})

describe('countLines', () => {
  it('counts what the patch adds and removes', () => {
    expect(countLines(null, file('a\nb'))).toEqual({ added: 2, removed: 0 })
    expect(countLines(file('a\nb'), file('a\nb\n'))).toEqual({ added: 1, removed: 1 })
    expect(countLines(file('a\nb\nc\n'), file('a\nc\n'))).toEqual({ added: 0, removed: 1 })
    expect(countLines(file('a\n'), file('a\n', true))).toEqual({ added: 0, removed: 0 })
    expect(countLines(file('a\n'), file('a\0'))).toEqual({ added: 0, removed: 0 })
    expect(countLines(null, null)).toEqual({ added: 0, removed: 0 })
  })

  it('keeps to what has changed where the least difference takes too long to find', () => {
    const row = (index: number): string => `row ${index}\n`
    const rows = Array.from({ length: 20_000 }, (_, index) => row(index))
    const changed = rows.map((each, index) => (index % 4 === 0 ? `changed ${each}` : each))
    expect(countLines(file(rows.join('')), file(changed.join('')))).toEqual({ added: 5000, removed: 5000 })
    const others = rows.map((each) => `other ${each}`)
    expect(countLines(file(rows.join('')), file(others.join('')))).toEqual({ added: 20_000, removed: 20_000 })
  })
})

describe('applyPatch', () => {
  it('gives what the patch was made from', () => {
    const files: readonly PatchFile[] = [
      { path: 'bin', before: file(Buffer.from([0, 1, 2])), after: file(Buffer.alloc(70_000, 7).fill(0, 5, 9), true) },
      { path: 'crlf', before: file('a\r\nb\r\n'), after: file('a\r\nc\r\n') },
      { path: 'dir', before: file('x'), after: null },
      { path: 'dir/a b/c b/"d"\\ä', before: null, after: file('no end') },
      { path: 'empty', before: file('', true), after: null },
      { path: 'end', before: file('a\nb'), after: file('a\nb\n') },
      { path: 'latin', before: file(Buffer.from([0xe4, 0x0a])), after: file('ä\n') },
      { path: 'long', before: file(lines(1, 500)), after: file(lines(3, 200) + lines(250, 500) + 'x') },
    ]
    const applied = applyPatch(writePatch(files), readerOf(files))
    expect(applied.ok && [...applied.value].map(([path, after]) => [path, shown(after)])).toEqual(
      files.map(({ path, after }) => [path, shown(after)]),
    )
  })

  it('refuses what was made from something else', () => {
    const patch = writePatch([{ path: 'a', before: file('a\n'), after: file('b\n') }])
    const problem = { kind: 'conflict', line: 2, path: 'a' }
    for (const there of [null, file('c\n'), file('a\n', true)]) {
      expect(applyPatch(patch, () => there)).toEqual({ ok: false, error: problem })
    }
  })
})
