import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { diskWorkspace } from '../../src/host/workspace.ts'
import { KeptFiles } from '../../src/packs/kept-files.ts'

let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'codex-kept-')))
  mkdirSync(join(root, 'a/b'), { recursive: true })
  writeFileSync(join(root, 'a/b/file'), 'x')
})

afterEach(() => rmSync(root, { recursive: true }))

/** Files of which everything was asked for once. */
function keptFiles(): KeptFiles {
  const files = new KeptFiles(diskWorkspace(root))
  for (const folder of ['', 'a', 'a/b']) files.list(folder)
  files.readFile('a/b/file')
  return files
}

describe('what has gone, of which only a part was told', () => {
  it('is in no folder any more: a file', () => {
    const files = keptFiles()
    rmSync(join(root, 'a/b/file'))
    const { folders } = files.look([{ folder: 'a/b', name: 'file', moved: false }])
    expect([...folders]).toEqual(['a/b'])
    expect(files.kind('a/b/file')).toBeNull()
  })

  it('is in no folder any more: folders', () => {
    const files = keptFiles()
    rmSync(join(root, 'a'), { recursive: true })
    const { folders } = files.look([{ folder: 'a/b', name: 'file', moved: true }])
    expect([...folders].toSorted()).toEqual(['', 'a', 'a/b'])
    expect(files.kind('a')).toBeNull()
  })

  it('is in no folder any more, though that was looked at before', () => {
    const disk = diskWorkspace(root)
    // It goes between two looks of the same pass.
    const list: typeof disk.list = (path) => {
      const found = disk.list(path)
      if (path === 'a' && armed) rmSync(join(root, 'a/b'), { recursive: true, force: true })
      return found
    }
    let armed = false
    const files = new KeptFiles({ ...disk, list, root })
    for (const folder of ['', 'a', 'a/b']) files.list(folder)
    armed = true
    files.look('everywhere')
    expect(files.kind('a/b')).toBeNull()
  })
})
