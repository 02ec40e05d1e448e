import { mkdtempSync, rmSync, writeFileSync, mkdirSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { readCommit } from '../../src/host/base-commit.ts'
import type { ProposedFile } from '../../src/model/forge.ts'
import { treeWith } from '../../src/publish/git-tree.ts'
import { commitAll, git } from '../support/git.ts'

const folder = mkdtempSync(join(tmpdir(), 'codex-tree-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A repository with these files, the executable ones named `x`, and its only commit. */
function repository(
  name: string,
  files: ReadonlyMap<string, string>,
): { readonly root: string; readonly commit: string } {
  const root = join(folder, name)
  mkdirSync(root)
  git(root, 'init', '--quiet')
  put(root, files)
  commitAll(root)
  return { root, commit: git(root, 'rev-parse', 'HEAD').trim() }
}

function put(root: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    if (path.endsWith('x')) chmodSync(join(root, path), 0o755)
  }
}

const name = fc.constantFrom('a', 'b', 'a.b', 'a-b', 'a0', 'x', 'ä', 'a b', '\u{1f600}', 'Z')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const texts = fc.array(fc.tuple(path, fc.string({ maxLength: 5 })), { maxLength: 10 }).map(withoutClashes)

/** No file is a folder of another one. */
function withoutClashes(entries: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const [at, text] of entries) {
    const clashes = [...files.keys()].some(
      (other) => other !== at && (other.startsWith(`${at}/`) || at.startsWith(`${other}/`)),
    )
    if (!clashes) files.set(at, text)
  }
  return files
}

let count = 0

describe('the tree of a change', () => {
  it('is what git makes of the same files', async () => {
    await fc.assert(
      fc.asyncProperty(texts, texts, async (before, after) => {
        const { root, commit } = repository(String(count++), before)
        const base = readCommit(root, commit, process.env)
        if (!base.ok) throw new Error(base.error)
        const files = [...new Set([...before.keys(), ...after.keys()])].map((at): ProposedFile => {
          const text = after.get(at)
          return {
            path: at,
            content: text === undefined ? null : { bytes: Buffer.from(text), executable: at.endsWith('x') },
          }
        })
        for (const at of before.keys()) rmSync(join(root, at.split('/')[0] ?? ''), { recursive: true, force: true })
        put(root, after)
        git(root, 'add', '--all')
        expect(treeWith(base.value.list, files)).toBe(git(root, 'write-tree').trim())
      }),
      { numRuns: 10 },
    )
  })

  it('leaves everything else as it is: links, other folders, repositories', () => {
    const { root, commit } = repository(
      'others',
      new Map([
        ['a/b/c', '1'],
        ['a/d', '2'],
      ]),
    )
    git(root, 'update-index', '--add', '--cacheinfo', `160000,${commit},a/module`)
    git(root, 'update-index', '--add', '--cacheinfo', `120000,${git(root, 'rev-parse', 'HEAD:a/d').trim()},a/link`)
    git(root, 'commit', '-qm', 'others')
    const base = readCommit(root, git(root, 'rev-parse', 'HEAD').trim(), process.env)
    if (!base.ok) throw new Error(base.error)
    expect(base.value.file('a/link')).toBeNull()
    expect(base.value.file('a/b/c')).toEqual({ bytes: Buffer.from('1'), executable: false })
    const tree = treeWith(base.value.list, [
      { path: 'a/b/c', content: null },
      { path: 'a/d', content: { bytes: Buffer.from('3'), executable: false } },
    ])
    writeFileSync(join(root, 'a/d'), '3')
    git(root, 'add', 'a/d')
    git(root, 'rm', '-q', '--cached', 'a/b/c')
    expect(tree).toBe(git(root, 'write-tree').trim())
  })

  it('of a workspace below the root of its repository knows where that lies', () => {
    const { root, commit } = repository('below', new Map([['work/space/a', '1']]))
    const base = readCommit(join(root, 'work/space'), commit, process.env)
    expect(base).toMatchObject({ ok: true, value: { prefix: 'work/space/', id: commit } })
    expect(readCommit(root, '1'.repeat(40), process.env)).toEqual({ ok: false, error: 'unknown-commit' })
    expect(readCommit(folder, commit, process.env)).toEqual({ ok: false, error: 'no-repository' })
    expect(readCommit(root, commit, {})).toEqual({ ok: false, error: 'no-git' })
  })
})
