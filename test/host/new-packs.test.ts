import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder } from '../../src/host/new-packs.ts'

const base = mkdtempSync(join(realpathSync(tmpdir()), 'new-packs-'))
let count = 0
let root: string

beforeEach(() => mkdirSync((root = join(base, String(count++)))))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const FILES = [
  { path: 'a/b/c.txt', bytes: new TextEncoder().encode('c') },
  { path: 'task.yml', bytes: new TextEncoder().encode('id: x\n') },
]
const all = (): readonly string[] => readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted()

describe('a new folder', () => {
  it('is there with all of its files, and its parents', () => {
    expect(makeFolder(join(root, 'p/q/mine'), FILES)).toEqual({ ok: true, value: null })
    expect(all()).toEqual([
      'p',
      'p/q',
      'p/q/mine',
      'p/q/mine/a',
      'p/q/mine/a/b',
      'p/q/mine/a/b/c.txt',
      'p/q/mine/task.yml',
    ])
    expect(readFileSync(join(root, 'p/q/mine/task.yml'), 'utf8')).toBe('id: x\n')
  })

  it('takes the place of an empty one', () => {
    mkdirSync(join(root, 'mine'))
    expect(makeFolder(join(root, 'mine'), FILES).ok).toBe(true)
  })

  it.each<[string, () => void]>([
    [
      'a folder with something in it',
      () => {
        mkdirSync(join(root, 'mine'))
        writeFileSync(join(root, 'mine/kept'), '')
      },
    ],
    ['a file', () => writeFileSync(join(root, 'mine'), '')],
    ['a link', () => symlinkSync('elsewhere', join(root, 'mine'))],
  ])('never takes the place of %s', (_, put) => {
    put()
    const before = all()
    expect(makeFolder(join(root, 'mine'), FILES)).toMatchObject({ ok: false, error: { code: 'EEXIST' } })
    expect(all()).toEqual(before)
  })

  it('is not there at all when a file of it can not be written', () => {
    // A file where a folder would have to be.
    const files = [...FILES, { path: 'task.yml/x', bytes: new Uint8Array() }]
    expect(makeFolder(join(root, 'p/q/mine'), files)).toMatchObject({ ok: false })
    expect(all()).toEqual([])
  })

  it('leaves parents alone that somebody else uses', () => {
    mkdirSync(join(root, 'p'))
    const files = [...FILES, { path: 'task.yml/x', bytes: new Uint8Array() }]
    expect(makeFolder(join(root, 'p/q/mine'), files)).toMatchObject({ ok: false })
    expect(all()).toEqual(['p'])
  })

  it('leaves nothing of the parents that were made before one of them failed', () => {
    expect(makeFolder(join(root, `p/q/${'x'.repeat(300)}/mine`), FILES)).toMatchObject({
      error: { code: 'ENAMETOOLONG' },
    })
    expect(all()).toEqual([])
  })

  it('says which folder can not be written to', () => {
    writeFileSync(join(root, 'p'), '')
    expect(makeFolder(join(root, 'p/mine'), FILES)).toMatchObject({ ok: false, error: { path: join(root, 'p/mine') } })
    expect(all()).toEqual(['p'])
  })
})
