import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyPatch } from '../../src/change/apply.ts'
import { blobId } from '../../src/change/blob.ts'
import { countLines, writePatch } from '../../src/change/write.ts'
import { compareBytes } from '../../src/model/order.ts'
import { git } from '../support/git.ts'
import { changeSet, patchFiles, type Files } from './change-sets.ts'
import { shown } from './patches.ts'

/** How many change sets; CODEX_PATCHES=1000 takes less than a minute. */
const COUNT = Number(process.env['CODEX_PATCHES'] ?? 30)

let root = ''
let patchFile = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'codex-patches-'))
  patchFile = `${root}.patch`
  git(root, 'init', '--quiet')
})
afterAll(() => {
  rmSync(root, { recursive: true })
  rmSync(patchFile, { force: true })
})

/** Makes the working tree and the index what the files are. */
function layOut(files: Files): void {
  for (const name of readdirSync(root)) if (name !== '.git') rmSync(join(root, name), { recursive: true })
  for (const [path, { bytes, executable }] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), bytes)
    chmodSync(join(root, path), executable ? 0o755 : 0o644)
  }
  git(root, 'add', '--all')
}

/** All that lies in the working tree; a folder with nothing in it as well. */
function tree(dir = ''): readonly string[] {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = dir === '' ? entry.name : `${dir}/${entry.name}`
    if (path === '.git') return []
    if (entry.isDirectory()) return readdirSync(join(root, path)).length === 0 ? [`${path}/`] : tree(path)
    const executable = (statSync(join(root, path)).mode & 0o100) !== 0
    return [`${path}\0${shown({ bytes: readFileSync(join(root, path)), executable })}`]
  })
}

function expectTree(files: Files): void {
  const index = git(root, 'ls-files', '--stage', '-z')
    .split('\0')
    .filter((each) => each !== '')
  const sorted = [...files].toSorted(([a], [b]) => compareBytes(a, b))
  expect(index).toEqual(
    sorted.map(([path, each]) => `100${each.executable ? '755' : '644'} ${blobId(each)} 0\t${path}`),
  )
  expect(tree().toSorted(compareBytes)).toEqual(
    sorted.map(([path, each]) => `${path}\0${shown(each)}`).toSorted(compareBytes),
  )
}

describe('a patch', () => {
  it('gives the recorded tree with git and with us, and with git the base again', () => {
    fc.assert(
      fc.property(changeSet, ({ before, after }) => {
        const files = patchFiles({ before, after })
        const patch = writePatch(files)
        const applied = applyPatch(patch, (path) => before.get(path) ?? null)
        expect(applied.ok && [...applied.value].map(([path, each]) => [path, shown(each)])).toEqual(
          files.map((each) => [each.path, shown(each.after)]),
        )
        fc.pre(files.length > 0)
        layOut(before)
        writeFileSync(patchFile, patch)
        const lines = files.map((each) => countLines(each.before, each.after))
        const stat = git(root, 'apply', '--numstat', '-z', patchFile)
          .split('\0')
          .filter((each) => each !== '')
        expect(
          stat.map((each) => each.split('\t').slice(0, 2).join(' ').replaceAll('-', '0')).toSorted(compareBytes),
        ).toEqual(lines.map(({ added, removed }) => `${added} ${removed}`).toSorted(compareBytes))
        git(root, 'apply', '--index', '--check', patchFile)
        git(root, 'apply', '--index', patchFile)
        expectTree(after)
        git(root, 'apply', '--index', '-R', patchFile)
        expectTree(before)
      }),
      { numRuns: COUNT, seed: 6 },
    )
  }, 1_200_000)
})
