import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openWorkspace } from '../../src/host/folders.ts'
import { diskWorkspace, findRoot } from '../../src/host/workspace.ts'
import type { Result } from '../../src/model/result.ts'
import { layOut, temporaryFolder } from './rig.ts'

let root: string

beforeEach(() => {
  root = temporaryFolder()
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function codeOf(result: Result<unknown, { readonly code: string }>): string {
  return result.ok ? 'ok' : result.error.code
}

describe('the root of a workspace', () => {
  it.each(['codex.config.ts', 'codex.config.mts', 'codex.config.js', 'codex.config.mjs', '.git/HEAD'])(
    'is where %s is',
    (mark) => {
      layOut(root, { [`top/${mark}`]: '', 'top/a/b/file': '' })
      expect(findRoot(join(root, 'top/a/b'))).toBe(join(root, 'top'))
      expect(findRoot(join(root, 'top'))).toBe(join(root, 'top'))
    },
  )

  it('is the nearest one', () => {
    layOut(root, { '.git/HEAD': '', 'inner/codex.config.ts': '', 'inner/a/file': '' })
    expect(findRoot(join(root, 'inner/a'))).toBe(join(root, 'inner'))
  })

  it('is where it was looked for when there is none above', () => {
    mkdirSync(join(root, 'a'))
    expect([join(root, 'a'), '/']).toContain(findRoot(join(root, 'a')))
  })

  it('is told to be missing, or no folder', async () => {
    layOut(root, { file: '' })
    const [missing, file] = await Promise.all([
      openWorkspace(join(root, 'nonesuch')),
      openWorkspace(join(root, 'file')),
    ])
    expect(missing).toMatchObject({ ok: false, error: { code: 'unreadable' } })
    expect(file).toMatchObject({ ok: false, error: { code: 'unreadable', facts: { reason: 'not a folder' } } })
  })
})

describe('a workspace', () => {
  it('lists folders by the bytes of names, and what each is', () => {
    layOut(root, { b: '', 'Z/x': '', a: '', '\uff5e': '', '\u{1f600}': '', '.hidden': '' })
    symlinkSync('a', join(root, 'link'))
    execFileSync('mkfifo', [join(root, 'pipe')])
    const listed = diskWorkspace(root).list('')
    expect(listed.ok && listed.value.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      '.hidden file',
      'Z dir',
      'a file',
      'b file',
      'link symlink',
      'pipe other',
      '\uff5e file',
      '\u{1f600} file',
    ])
  })

  it('names what is not UTF-8 by its bytes', () => {
    mkdirSync(join(root, 'sub'))
    writeFileSync(Buffer.concat([Buffer.from(`${root}/sub/a `), Buffer.from([0xff])]), '')
    expect(diskWorkspace(root).list('sub')).toMatchObject({
      ok: false,
      error: { code: 'EILSEQ', path: 'sub/a\\x20\\xff' },
    })
  })

  it('takes a name that begins with a byte order mark as it is', () => {
    layOut(root, { '\ufeffname': '' })
    expect(diskWorkspace(root).list('')).toMatchObject({ ok: true, value: [{ name: '\ufeffname' }] })
  })

  it('reads regular files, and waits for nothing else', () => {
    layOut(root, { file: 'text', 'folder/x': '' })
    execFileSync('mkfifo', [join(root, 'pipe')])
    symlinkSync('/dev/zero', join(root, 'zero'))
    const { readFile } = diskWorkspace(root)
    const read = readFile('file')
    expect(read.ok && Buffer.from(read.value).toString()).toBe('text')
    expect(['pipe', 'zero', 'folder', 'nonesuch', 'file/x'].map((path) => codeOf(readFile(path)))).toEqual([
      'EINVAL',
      'EINVAL',
      'EISDIR',
      'ENOENT',
      'ENOTDIR',
    ])
  })

  it('tells what stands at a path, without following it', () => {
    layOut(root, { file: '', 'folder/x': '' })
    symlinkSync('nonesuch', join(root, 'link'))
    const { kind } = diskWorkspace(root)
    expect(['', 'file', 'folder', 'link', 'nonesuch', 'file/x', 'x'.repeat(300)].map(kind)).toEqual([
      'dir',
      'file',
      'dir',
      'symlink',
      null,
      null,
      null,
    ])
  })

  it('resolves links within itself only', () => {
    layOut(root, { 'in/real/file': '' })
    symlinkSync('real', join(root, 'in/link'))
    symlinkSync('..', join(root, 'in/up'))
    symlinkSync('../..', join(root, 'in/out'))
    symlinkSync('loop', join(root, 'in/loop'))
    symlinkSync(`${root}/in/real`, join(root, 'in/absolute'))
    const { resolve } = diskWorkspace(join(root, 'in'))
    expect(resolve('link/file')).toEqual({ ok: true, value: 'real/file' })
    expect(resolve('absolute/file')).toEqual({ ok: true, value: 'real/file' })
    expect(resolve('')).toEqual({ ok: true, value: '' })
    expect(['up', 'out', 'loop', 'nonesuch'].map((path) => codeOf(resolve(path)))).toEqual([
      'EXDEV',
      'EXDEV',
      'ELOOP',
      'ENOENT',
    ])
  })

  it('is where its links lead', () => {
    layOut(root, { 'real/file': 'text' })
    symlinkSync('real', join(root, 'link'))
    const workspace = diskWorkspace(join(root, 'link'))
    expect(workspace.root).toBe(join(root, 'real'))
    expect(workspace.resolve('file')).toEqual({ ok: true, value: 'file' })
  })
})
