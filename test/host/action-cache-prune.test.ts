import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeCacheFolder, planCachePruning } from '../../src/host/action-cache-folder.ts'
import { blobPath, bytesOnDisk, entryPath } from '../../src/host/action-cache-layout.ts'
import { planPruning } from '../../src/host/action-cache-prune.ts'
import { boundCache } from '../../src/host/action-cache-size.ts'
import { createCacheWriter } from '../../src/host/action-cache-writer.ts'
import { systemClock } from '../../src/host/clock.ts'
import { sha256 } from '../../src/model/digest.ts'
import { entry } from '../support/actions.ts'
import { temporaryFolder } from './rig.ts'

const HOUR = 3_600_000
const NOW = systemClock.now()
const BLOCK = bytesOnDisk(1)

let path: string

beforeEach(() => {
  path = temporaryFolder()
})

afterEach(() => rmSync(path, { recursive: true, force: true }))

/** An outcome with these texts as its outputs, last used so many hours ago. */
function keep(name: string, hoursAgo: number, ...texts: readonly string[]): string {
  const key = sha256(name)
  const outputs = texts.map((text, place) => entry(`out/${place}`, text))
  const bytes = new Map(outputs.map(({ path: file }, place) => [file, Buffer.from(texts[place] ?? '')]))
  const output = ({ path: file }: { readonly path: string }): Buffer[] => [bytes.get(file) ?? Buffer.alloc(0)]
  expect(
    createCacheWriter(path).put(
      { key, tool: 'codex', exitCode: 0, outputs, log: null },
      { output, log: () => [], anew: false },
    ),
  ).toBeNull()
  for (const file of [entryPath(path, key), ...outputs.map(({ digest }) => blobPath(path, digest))]) age(file, hoursAgo)
  return key
}

function age(file: string, hoursAgo: number): void {
  utimesSync(file, (NOW - hoursAgo * HOUR) / 1000, (NOW - hoursAgo * HOUR) / 1000)
}

function bounds(maxBytes: number, unusedForMs = Infinity) {
  return { maxBytes, unusedForMs, now: NOW }
}

function has(key: string): boolean {
  return existsSync(entryPath(path, key))
}

function hasBlob(text: string): boolean {
  return existsSync(blobPath(path, sha256(text)))
}

/** All that takes room. */
function sizeOf(): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && /^[0-9a-f]{64}/.test(file.name))
    .reduce((sum, file) => sum + bytesOnDisk(statSync(join(file.parentPath, file.name)).size), 0)
}

describe('pruning', () => {
  it('keeps what was used last, and the bytes that it shares with others', () => {
    const [old, middle, young] = [keep('old', 30, 'x', 'o'), keep('middle', 20, 'm'), keep('young', 10, 'x', 'y')]
    const { before, going, carryOut } = planPruning(path, bounds(4 * BLOCK))
    expect([before, going]).toEqual([
      { entries: 3, bytes: 7 * BLOCK },
      { entries: 2, bytes: 4 * BLOCK },
    ])
    expect([has(old), has(middle)]).toEqual([true, true])
    expect(carryOut()).toBeNull()
    expect([has(old), has(middle), has(young)]).toEqual([false, false, true])
    expect(['x', 'o', 'm', 'y'].map(hasBlob)).toEqual([true, false, false, true])
  })

  it('removes what was not used for so long, whatever room there is', () => {
    const [old, young] = [keep('old', 30, 'o'), keep('young', 10, 'y')]
    planPruning(path, bounds(Infinity, 20 * HOUR)).carryOut()
    expect([has(old), has(young), hasBlob('o'), hasBlob('y')]).toEqual([false, true, false, true])
  })

  it('leaves nothing where nothing may stay', () => {
    keep('a', 0, 'a')
    planPruning(path, bounds(0)).carryOut()
    expect(sizeOf()).toBe(0)
  })

  it('keeps what is pinned beyond any bound', () => {
    const [pinned, other] = [keep('pinned', 30, 'p'), keep('other', 0, 'o')]
    planPruning(path, bounds(0, HOUR), new Set([pinned])).carryOut()
    expect([has(pinned), hasBlob('p'), has(other)]).toEqual([true, true, false])
  })

  it('does not touch bytes that a run has just kept and not named yet, nor what it is writing', () => {
    keep('a', 0, 'a')
    rmSync(entryPath(path, sha256('a')))
    const unfinished = join(dirname(blobPath(path, sha256('a'))), '.new-0123456789abcdef')
    writeFileSync(unfinished, 'half')
    planPruning(path, bounds(0)).carryOut()
    expect([hasBlob('a'), existsSync(unfinished)]).toEqual([true, true])
    for (const file of [blobPath(path, sha256('a')), unfinished]) age(file, 2)
    planPruning(path, bounds(Infinity)).carryOut()
    expect([hasBlob('a'), existsSync(unfinished)]).toEqual([false, false])
  })

  it('removes entries that are none, or whose bytes are gone', () => {
    const [broken, hollow, pipe] = [keep('broken', 0, 'b'), keep('hollow', 0, 'h'), keep('pipe', 0)]
    writeFileSync(entryPath(path, broken), 'x')
    rmSync(blobPath(path, sha256('h')))
    rmSync(entryPath(path, pipe))
    execFileSync('mkfifo', [entryPath(path, pipe)])
    planPruning(path, bounds(Infinity)).carryOut()
    expect([has(broken), has(hollow), has(pipe)]).toEqual([false, false, false])
  })

  it('looks at nothing but files of its own names in folders of its own, and follows no link', () => {
    keep('a', 0, 'a')
    const outside = temporaryFolder()
    const foreign = ['actions/zz/file', 'actions/aa/notes.txt', 'blobs/README', 'task.yml'].map((name) =>
      join(path, name),
    )
    for (const file of foreign) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, '')
      age(file, 1000)
    }
    const victim = join(outside, 'f'.repeat(64))
    writeFileSync(victim, '')
    age(victim, 1000)
    rmSync(join(path, 'blobs/ff'), { recursive: true, force: true })
    symlinkSync(outside, join(path, 'blobs/ff'))
    planPruning(path, bounds(0)).carryOut()
    expect([...foreign, victim].every((file) => existsSync(file))).toBe(true)
    renameSync(join(path, 'blobs'), join(outside, 'blobs'))
    symlinkSync(join(outside, 'blobs'), join(path, 'blobs'))
    expect(planPruning(path, bounds(0)).going.entries).toBe(0)
    rmSync(outside, { recursive: true })
  })

  it('leaves whole outcomes that fit, for any cache and any bound', () => {
    const outcome = fc.record({
      hours: fc.integer({ min: 2, max: 50 }),
      texts: fc.array(fc.constantFrom('a', 'b', 'c', 'd'.repeat(9000)), { maxLength: 3 }),
    })
    const caches = fc.array(outcome, { maxLength: 8 })
    fc.assert(
      fc.property(caches, fc.integer({ min: 0, max: 20 }), (outcomes, blocks) => {
        rmSync(path, { recursive: true })
        mkdirSync(path)
        const keys = outcomes.map(({ hours, texts }, place) => keep(`${place}`, hours, ...texts))
        for (const name of ['a', 'b', 'c', 'd'.repeat(9000)]) if (hasBlob(name)) age(blobPath(path, sha256(name)), 2)
        const total = sizeOf()
        const { before, going, carryOut } = planPruning(path, bounds(blocks * BLOCK))
        expect(before.bytes).toBe(total)
        expect(carryOut()).toBeNull()
        expect(sizeOf()).toBe(total - going.bytes)
        expect(sizeOf()).toBeLessThanOrEqual(blocks * BLOCK)
        const staying = keys.flatMap((key, place) => (has(key) ? [outcomes[place]] : []))
        expect(staying.flatMap((one) => one?.texts ?? []).every(hasBlob)).toBe(true)
        const gone = keys.flatMap((key, place) => (has(key) ? [] : [outcomes[place]?.hours ?? 0]))
        const oldest = Math.max(0, ...staying.map((one) => one?.hours ?? 0))
        expect(gone.every((hours) => hours >= oldest)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})

describe('at the end of a run', () => {
  const usage = (): string => readFileSync(join(path, 'usage'), 'utf8')

  it('a cache is counted once, and then what runs add', () => {
    keep('a', 3, 'a')
    boundCache({ path, added: 2 * BLOCK, used: new Set() }, 100 * BLOCK)
    expect(usage()).toBe(`counted\n${2 * BLOCK}\n`)
    boundCache({ path, added: 5 * BLOCK, used: new Set() }, 100 * BLOCK)
    expect(usage()).toBe(`counted\n${2 * BLOCK}\n${5 * BLOCK}\n`)
    boundCache({ path, added: 0, used: new Set() }, 0)
    expect(has(sha256('a'))).toBe(true)
  })

  it('a cache that has grown beyond its bound loses what was used longest ago, but nothing of this run', () => {
    const [used, old, young] = [keep('used', 90, 'u'), keep('old', 80, 'o'), keep('young', 5, 'y')]
    boundCache({ path, added: 6 * BLOCK, used: new Set([used]) }, 5 * BLOCK)
    expect([has(used), has(old), has(young)]).toEqual([true, false, true])
    expect(usage()).toBe(`counted\n${4 * BLOCK}\n`)
    boundCache({ path, added: BLOCK, used: new Set([used, young]) }, 0)
    expect([has(used), has(young)]).toEqual([true, true])
  })

  it.each(['', 'counted\n-5\n', 'counted\n1e9\n', `counted\n${'9'.repeat(30)}\n`, 'x'.repeat(100_000)])(
    'and counted anew where the count is not to be believed: %j',
    (text) => {
      keep('a', 3, 'a')
      writeFileSync(join(path, 'usage'), text)
      boundCache({ path, added: BLOCK, used: new Set() }, 100 * BLOCK)
      boundCache({ path, added: BLOCK, used: new Set() }, 100 * BLOCK)
      expect(usage().split('\n').slice(0, 2)).toEqual(['counted', `${2 * BLOCK}`])
    },
  )

  it.each<[string, (file: string) => void]>([
    ['a FIFO', (file) => void execFileSync('mkfifo', [file])],
    ['a link', (file) => symlinkSync(join(path, 'victim'), file)],
    ['a folder', (file) => mkdirSync(file)],
  ])('%s in place of the count is neither waited for nor written through', (_, make) => {
    keep('a', 1)
    keep('b', 2)
    writeFileSync(join(path, 'victim'), 'untouched')
    make(join(path, 'usage'))
    boundCache({ path, added: BLOCK, used: new Set() }, 100 * BLOCK)
    expect(readFileSync(join(path, 'victim'), 'utf8')).toBe('untouched')
    boundCache({ path, added: BLOCK, used: new Set([sha256('a')]) }, 0)
    expect(has(sha256('a'))).toBe(true)
    expect(has(sha256('b'))).toBe(false)
  })
})

describe('the cache of a workspace', () => {
  const own = (): string => join(path, '.codex/cache')

  it('is the one that codex made in this place', () => {
    expect(makeCacheFolder(path, null)).toBe(own())
    mkdirSync(join(own(), 'actions'))
    expect(makeCacheFolder(path, null)).toBe(own())
    expect(readFileSync(join(path, '.codex/.gitignore'), 'utf8')).toBe('*\n')
  })

  it('is not one that came with it, even with the mark of where it was made', () => {
    const origin = temporaryFolder()
    makeCacheFolder(origin, null)
    mkdirSync(join(origin, '.codex/cache/actions'))
    execFileSync('cp', ['-a', join(origin, '.codex'), path])
    expect(existsSync(join(own(), 'made-here'))).toBe(true)
    expect(makeCacheFolder(path, null)).toBeNull()
    expect(makeCacheFolder(path, own())).toBe(own())
    rmSync(join(own(), 'made-here'))
    expect(makeCacheFolder(path, null)).toBeNull()
    rmSync(origin, { recursive: true })
  })

  it('is not where a link leads', () => {
    const elsewhere = temporaryFolder()
    makeCacheFolder(elsewhere, null)
    mkdirSync(join(path, '.codex'))
    symlinkSync(join(elsewhere, '.codex/cache'), own())
    expect(makeCacheFolder(path, null)).toBeNull()
    expect(planCachePruning(path, null, bounds(0))).toBeNull()
    rmSync(elsewhere, { recursive: true })
  })

  it('is pruned from a folder within, and counted afterwards', () => {
    writeFileSync(join(path, 'codex.config.mjs'), '')
    mkdirSync(join(path, 'sub'))
    expect(planCachePruning(join(path, 'sub'), null, bounds(0))).toBeNull()
    makeCacheFolder(path, null)
    const planned = planCachePruning(join(path, 'sub'), null, bounds(0))
    expect(planned?.path).toBe(own())
    expect(planned?.carryOut()).toBeNull()
    expect(readFileSync(join(own(), 'usage'), 'utf8')).toBe('counted\n0\n')
  })
})
