import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readTail, runFolderFor } from '../../src/host/folders.ts'
import { createRunFolder } from '../../src/host/run-folder.ts'
import { temporaryFolder } from './rig.ts'

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

let root: string

beforeEach(() => {
  root = temporaryFolder()
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('the folder of a run', () => {
  it('is named by its time and is the latest', () => {
    const run = runFolderFor(root, { out: null, at: AT })
    expect(run.name).toMatch(/^20260102T030405Z-[0-9a-f]{8}$/)
    expect(run.path).toBe(join(root, '.codex/runs', run.name))
    expect(readlinkSync(join(root, '.codex/runs/latest'))).toBe(run.name)
    run.write('a/b.txt', 'text')
    expect(readFileSync(join(root, '.codex/runs/latest/a/b.txt'), 'utf8')).toBe('text')
  })

  it('ignores itself, without changing what somebody wrote there', () => {
    runFolderFor(root, { out: null, at: AT })
    expect(readFileSync(join(root, '.codex/.gitignore'), 'utf8')).toBe('*\n')
    writeFileSync(join(root, '.codex/.gitignore'), '*\n!keep\n')
    runFolderFor(root, { out: null, at: AT })
    expect(readFileSync(join(root, '.codex/.gitignore'), 'utf8')).toBe('*\n!keep\n')
  })

  it('can lie elsewhere, where nothing is ignored', () => {
    const run = runFolderFor(root, { out: join(root, 'out/of/the way'), at: AT })
    expect(run.path).toBe(join(root, 'out/of/the way', run.name))
    run.close()
    expect(readdirSync(join(root, 'out/of/the way')).toSorted()).toEqual([run.name, 'latest'].toSorted())
    expect(existsSync(join(root, '.codex'))).toBe(false)
  })

  it('is refused at once where no folder can be made', () => {
    expect(() => createRunFolder('/proc/nothing/deeper', AT)).toThrow(/ENOENT/)
  })

  it('is another for each of two runs in one second; the later is the latest', () => {
    const runs = Array.from({ length: 20 }, () => createRunFolder(root, AT))
    expect(new Set(runs.map((run) => run.name)).size).toBe(20)
    expect(readlinkSync(join(root, 'latest'))).toBe(runs.at(-1)?.name)
    for (const [index, run] of runs.entries()) run.writeAtomically('manifest.json', `${index}`)
    for (const [index, run] of runs.entries())
      expect(readFileSync(run.resolve('manifest.json'), 'utf8')).toBe(`${index}`)
    for (const run of runs) run.close()
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('leaves a `latest` alone that is somebody’s folder, and nothing beside it', () => {
    mkdirSync(join(root, 'latest'))
    writeFileSync(join(root, 'latest/mine'), 'mine')
    expect(() => createRunFolder(root, AT)).toThrow(/latest/)
    expect(readFileSync(join(root, 'latest/mine'), 'utf8')).toBe('mine')
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([])
  })
})

describe('writing', () => {
  it('replaces a file whole', () => {
    const run = createRunFolder(root, AT)
    run.writeAtomically('manifest.json', 'a long first version\n')
    run.writeAtomically('manifest.json', Buffer.from('second\n'))
    expect(readFileSync(run.resolve('manifest.json'), 'utf8')).toBe('second\n')
    expect(readdirSync(run.path)).toEqual(['manifest.json'])
  })

  it('shows a reader the old bytes or the new ones, never a mixture', async () => {
    const run = createRunFolder(root, AT)
    const versions = ['a', 'b'].map((letter) => letter.repeat(300_000))
    run.writeAtomically('manifest.json', versions[0] ?? '')
    const { Worker } = await import('node:worker_threads')
    const reader = new Worker(
      `const { readFileSync } = require('node:fs'); const { parentPort, workerData } = require('node:worker_threads')
       const seen = new Set(); let stop = false; parentPort.once('message', () => { stop = true })
       const read = () => {
         const text = readFileSync(workerData, 'latin1'); seen.add(text.length + new Set(text).size * 1e9)
         if (stop) parentPort.postMessage([...seen]); else setImmediate(read)
       }
       parentPort.postMessage('up'); read()`,
      { eval: true, workerData: run.resolve('manifest.json') },
    )
    await new Promise((resolve) => void reader.once('message', resolve))
    for (let round = 0; round < 60; round++) run.writeAtomically('manifest.json', versions[round % 2] ?? '')
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    reader.postMessage('stop')
    const seen = await new Promise((resolve) => void reader.once('message', resolve))
    await reader.terminate()
    expect(seen).toEqual([1_000_300_000])
  })

  it('leaves nothing when it fails', () => {
    const run = createRunFolder(root, AT)
    mkdirSync(join(run.path, 'manifest.json'))
    expect(() => run.writeAtomically('manifest.json', 'x')).toThrow(/manifest/)
    expect(readdirSync(run.path)).toEqual(['manifest.json'])
  })

  it('appends, to a closed file again as well', () => {
    const run = createRunFolder(root, AT)
    run.append('logs/a.log', 'one\n')
    run.append('logs/b.log', Buffer.from([0, 255]))
    run.append('logs/a.log', 'two\n')
    run.closeFile('logs/a.log')
    run.closeFile('logs/a.log')
    run.append('logs/a.log', 'three\n')
    run.close()
    run.close()
    expect(readFileSync(run.resolve('logs/a.log'), 'utf8')).toBe('one\ntwo\nthree\n')
    expect([...readFileSync(run.resolve('logs/b.log'))]).toEqual([0, 255])
  })

  it.each([0, 1, 128 * 1024, 300_000])('gives a file of %i bytes back in pieces, each a copy', (size) => {
    const run = createRunFolder(root, AT)
    const bytes = Buffer.alloc(size, 'abcdefg')
    run.write('logs/a.log', bytes)
    expect(Buffer.concat([...run.chunks('logs/a.log')]).equals(bytes)).toBe(true)
  })

  it('opens a file for its pieces only, follows no link, and closes it when they are not all taken', () => {
    const run = createRunFolder(root, AT)
    run.write('a.log', Buffer.alloc(300_000))
    symlinkSync('a.log', run.resolve('link.log'))
    const before = readdirSync('/proc/self/fd').length
    for (const piece of run.chunks('a.log')) {
      expect(piece.length).toBe(128 * 1024)
      expect(readdirSync('/proc/self/fd').length).toBe(before + 1)
      break
    }
    expect(readdirSync('/proc/self/fd').length).toBe(before)
    expect(() => [...run.chunks('link.log')]).toThrow(/ELOOP/)
    expect(() => [...run.chunks('none.log')]).toThrow(/ENOENT/)
  })

  it('holds no descriptor of thousands of logs', () => {
    const run = createRunFolder(root, AT)
    const before = readdirSync('/proc/self/fd').length
    for (let index = 0; index < 3000; index++) {
      run.append(`logs/${index}.log`, 'x')
      run.closeFile(`logs/${index}.log`)
    }
    expect(readdirSync('/proc/self/fd').length).toBe(before)
    run.close()
  })
})

describe('the tail of a file', () => {
  it.each([
    ['longer than asked for', 'abcdef', 'def'],
    ['just as long', 'abc', 'abc'],
    ['shorter', 'c', 'c'],
    ['empty', '', ''],
  ])('of one that is %s', (_, text, tail) => {
    writeFileSync(join(root, 'file'), text)
    expect(Buffer.from(readTail(join(root, 'file'), 3) ?? []).toString()).toBe(tail)
  })

  it('of one that is not there is nothing', () => {
    expect(readTail(join(root, 'nonesuch'), 3)).toBeNull()
  })
})
