import { join } from 'node:path'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { putFiles } from '../../../src/host/apply/put.ts'
import { settle } from '../../../src/host/apply/settle.ts'
import { compareBytes } from '../../../src/model/order.ts'
import { sha256 } from '../../../src/model/digest.ts'
import type { FileBytes, FileState } from '../../../src/model/change.ts'
import type { TreeStep } from '../../../src/model/working-tree.ts'
import { changeSet, patchFiles, type ChangeSet } from '../../change/change-sets.ts'
import { file, shown } from '../../change/patches.ts'
import { Crash, failAfter, faults } from './faults.ts'

vi.mock('node:fs', async () => (await import('./faults.ts')).faultyDisk())
const fs = await vi.importActual<typeof import('node:fs')>('node:fs')

const base = fs.mkdtempSync(join(tmpdir(), 'codex-put-'))
afterAll(() => fs.rmSync(base, { recursive: true }))
beforeEach(() => failAfter(Infinity, 'crash'))

let made = 0

/** A workspace with these files, and the folder of the journal. */
function siteWith(files: ChangeSet['before']): { readonly root: string; readonly folder: string } {
  const root = join(base, String(made++))
  fs.mkdirSync(join(root, '.codex/apply'), { recursive: true })
  for (const [path, { bytes, executable }] of files) {
    fs.mkdirSync(join(root, path, '..'), { recursive: true })
    fs.writeFileSync(join(root, path), bytes, { mode: executable ? 0o755 : 0o644 })
  }
  return { root, folder: join(root, '.codex/apply') }
}

function tree(root: string, dir = ''): readonly string[] {
  return fs
    .readdirSync(join(root, dir), { withFileTypes: true })
    .flatMap((entry) => {
      const path = dir === '' ? entry.name : `${dir}/${entry.name}`
      if (path === '.codex') return []
      if (entry.isDirectory()) return fs.readdirSync(join(root, path)).length === 0 ? [`${path}/`] : tree(root, path)
      const executable = (fs.statSync(join(root, path)).mode & 0o111) !== 0
      return [`${path} ${shown({ bytes: fs.readFileSync(join(root, path)), executable })}`]
    })
    .toSorted(compareBytes)
}

function told(files: ChangeSet['before']): readonly string[] {
  return [...files].map(([path, each]) => `${path} ${shown(each)}`).toSorted(compareBytes)
}

function stateOf(each: FileBytes | null): FileState | null {
  return each && { digest: sha256(each.bytes), executable: each.executable, size: each.bytes.length }
}

function stepsOf(set: ChangeSet): readonly TreeStep[] {
  return patchFiles(set).map(({ path, before, after }) => ({
    path,
    before: stateOf(before),
    after: stateOf(after),
    chunks: () => (after ? [after.bytes] : []),
  }))
}

/** One of each: changed, executable, new in a new folder, gone with its folder, a file for a folder and a folder for a file. */
const ALL: ChangeSet = {
  before: new Map([
    ['same', file('same')],
    ['changed', file('old\n')],
    ['run', file('old\n')],
    ['gone/deep/file', file('gone')],
    ['keeps/one', file('1')],
    ['keeps/two', file('2')],
    ['file', file('a file')],
    ['folder/in/side', file('x')],
  ]),
  after: new Map([
    ['same', file('same')],
    ['changed', file('new\n')],
    ['run', file('old\n', true)],
    ['new/folder/file', file(Buffer.from([0, 1, 2]))],
    ['keeps/two', file('2')],
    ['file/inside', file('a folder')],
    ['folder', file('a file now')],
  ]),
}

const steps = stepsOf(ALL)
const held = (): boolean => true

/** Puts the files in place up to a fault; gives whether it came to an end. */
function putUntil(
  site: { root: string; folder: string },
  after: number,
  kind: typeof faults.kind,
): ReturnType<typeof putFiles> | 'crashed' {
  failAfter(after, kind)
  let result: ReturnType<typeof putFiles> | 'crashed' = 'crashed'
  try {
    result = putFiles(site, steps, held)
  } catch (error) {
    if (!(error instanceof Crash)) throw error
  }
  Object.assign(faults, { after: Infinity })
  return result
}

/** Whether work comes to so many changes, after which it is killed. */
function crashes(after: number, work: () => void): boolean {
  failAfter(after, 'crash')
  try {
    work()
    return false
  } catch (error) {
    if (!(error instanceof Crash)) throw error
    return true
  } finally {
    Object.assign(faults, { after: Infinity })
  }
}

/** How many changes of the disk it takes. */
function changesIn(work: () => void): number {
  failAfter(Infinity, 'crash')
  work()
  return faults.count
}

describe('files that are put into a working tree', () => {
  it('are all there afterwards, with nothing left over', () => {
    const { root, folder } = siteWith(ALL.before)
    fs.chmodSync(join(root, 'changed'), 0o664)
    expect(putFiles({ root, folder }, steps, held)).toEqual({ ok: true, value: null })
    expect(tree(root)).toEqual(told(ALL.after))
    expect(fs.readdirSync(folder)).toEqual([])
    expect(fs.statSync(join(root, 'changed')).mode & 0o777).toBe(0o664)
  })

  it('are what any change asks for', () => {
    fc.assert(
      fc.property(changeSet, (set) => {
        const site = siteWith(set.before)
        expect(putFiles(site, stepsOf(set), held).ok).toBe(true)
        expect(tree(site.root)).toEqual(told(set.after))
        fs.rmSync(site.root, { recursive: true })
      }),
      { numRuns: 30, seed: 6 },
    )
  })

  const total = changesIn(() => putFiles(siteWith(ALL.before), steps, held))

  it('are all there or none, wherever a process that puts them there is killed', () => {
    const ends = new Set<unknown>()
    for (let after = 0; after <= total; after++) {
      const site = siteWith(ALL.before)
      const result = putUntil(site, after, 'crash')
      const settled = settle(site)
      ends.add(settled.ok && settled.value)
      const isDone = (result !== 'crashed' && result.ok) || (settled.ok && settled.value === 'finished')
      expect(settled.ok, `after ${after}`).toBe(true)
      // Once all is done, only what nobody needs any more is left to be removed.
      const now = tree(site.root)
      expect([told(ALL.before), told(ALL.after)], `after ${after}`).toContainEqual(now)
      expect(!isDone || now.join() === told(ALL.after).join(), `after ${after}`).toBe(true)
      expect(fs.readdirSync(site.folder), `after ${after}`).not.toContain('journal.json')
      expect(putFiles(site, now.join() === told(ALL.after).join() ? [] : steps, held).ok).toBe(true)
      expect(tree(site.root)).toEqual(told(ALL.after))
      fs.rmSync(site.root, { recursive: true })
    }
    expect(ends).toEqual(new Set(['finished', null, 'taken-back']))
  })

  it('also if whoever settles that is killed in turn', () => {
    for (let after = 0; after <= total; after += 3) {
      for (let then = after % 4; then < 30; then += 4) {
        const site = siteWith(ALL.before)
        putUntil(site, after, 'crash')
        if (!crashes(then, () => settle(site))) break
        expect(settle(site).ok, `after ${after} and ${then}`).toBe(true)
        expect([told(ALL.before), told(ALL.after)], `after ${after} and ${then}`).toContainEqual(tree(site.root))
        fs.rmSync(site.root, { recursive: true })
      }
    }
  })

  it('are all there or none where the disk is full, for a moment or for good', () => {
    for (let after = 0; after < total; after++) {
      for (const kind of ['once', 'always'] as const) {
        const site = siteWith(ALL.before)
        const result = putUntil(site, after, kind)
        const half = result !== 'crashed' && !result.ok && result.error.kind === 'half-done'
        // Names go back to where they were without room; folders may not.
        expect(half && kind === 'once', `after ${after}`).toBe(false)
        expect(!half || settle(site).ok, `after ${after}`).toBe(true)
        const isDone = result !== 'crashed' && result.ok
        expect(tree(site.root), `after ${after} ${kind}`).toEqual(told(isDone ? ALL.after : ALL.before))
        fs.rmSync(site.root, { recursive: true })
      }
    }
  })
})
