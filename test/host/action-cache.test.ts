import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openActionCache, type DiskActionCache } from '../../src/host/action-cache.ts'
import { blobPath, entryPath } from '../../src/host/action-cache-layout.ts'
import { systemClock } from '../../src/host/clock.ts'
import { createContentStore, type DiskContentStore } from '../../src/host/content-store.ts'
import type { CacheEntry } from '../../src/model/cache-entry.ts'
import { cacheEntryText, parseCacheEntry } from '../../src/model/cache-entry.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { CacheAnswer } from '../../src/model/action-cache.ts'
import type { TreeEntry } from '../../src/model/tree.ts'
import { temporaryFolder } from './rig.ts'

const TOOL = 'codex 1.2.3'
const KEY = sha256('an action')
const LOG = 'made\n'

let root: string
let path: string

beforeEach(() => {
  root = temporaryFolder()
  path = join(root, 'a cache')
  mkdirSync(path)
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A run of its own: with a content store that holds nothing yet. */
function open(tool = TOOL): { readonly cache: DiskActionCache; readonly store: DiskContentStore } {
  const folder = join(root, `store-${readdirSync(root).length}`)
  mkdirSync(folder)
  const store = createContentStore(root, folder)
  return { cache: openActionCache({ path, store, tool }), store }
}

function made(store: DiskContentStore, name: string, bytes: string | Uint8Array): TreeEntry {
  writeFileSync(join(root, 'made'), bytes)
  chmodSync(join(root, 'made'), name === 'p/small' ? 0o755 : 0o644)
  return store.keep(join(root, 'made'), name)
}

/** An outcome with a small output, a large one and a log, as a run leaves it. */
function keep(key = KEY): CacheEntry {
  const { cache, store } = open()
  const large = made(store, 'p/large', Buffer.alloc(700_000, 'large'))
  const small = made(store, 'p/small', 'small')
  const entry: CacheEntry = {
    key,
    tool: TOOL,
    exitCode: 0,
    outputs: [large, small],
    log: { digest: sha256(LOG), size: 5 },
  }
  expect(cache.put(entry, () => [Buffer.from(LOG)])).toBeNull()
  return entry
}

async function get(key = KEY): Promise<CacheAnswer> {
  return open().cache.get(key, () => null)
}

function kindOf(answer: CacheAnswer): string {
  return answer.kind === 'dropped' ? answer.problem.kind : answer.kind
}

const SMALL = sha256('small')
const LARGE = sha256(Buffer.alloc(700_000, 'large'))

describe('an outcome that was kept', () => {
  it('comes back whole in another run, with its modes and its log', async () => {
    const kept = keep()
    const { cache, store } = open()
    const answer = await cache.get(KEY, () => null)
    if (answer.kind !== 'hit') throw new Error(JSON.stringify(answer))
    expect(answer.entry).toEqual(kept)
    expect(answer.from).toBe(entryPath(path, KEY))
    expect(Buffer.concat([...answer.log]).toString()).toBe(LOG)
    const [large, small] = answer.entry.outputs as [TreeEntry, TreeEntry]
    expect(sha256(store.read(large))).toBe(LARGE)
    expect(Buffer.from(store.read(small)).toString()).toBe('small')
    store.show(small, join(root, 'shown'))
    expect(statSync(join(root, 'shown')).mode & 0o777).toBe(0o755)
  })

  it('comes back with a log that is large', async () => {
    const { cache } = open()
    const log = Buffer.alloc(1_000_000, 'line\n')
    const entry = { key: KEY, tool: TOOL, exitCode: 0, outputs: [], log: { digest: sha256(log), size: log.length } }
    expect(cache.put(entry, () => [log.subarray(0, 600_000), log.subarray(600_000)])).toBeNull()
    const answer = await get()
    expect(answer.kind === 'hit' && Buffer.concat([...answer.log]).equals(log)).toBe(true)
  })

  it('is kept under its digests, in canonical JSON', () => {
    const kept = keep()
    expect(readFileSync(entryPath(path, KEY), 'utf8')).toBe(cacheEntryText(kept))
    expect(entryPath(path, KEY)).toBe(join(path, 'actions', KEY.slice(0, 2), `${KEY}.json`))
    expect(readFileSync(join(path, 'blobs', SMALL.slice(0, 2), SMALL), 'utf8')).toBe('small')
    expect(readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.new-'))).toEqual(
      [],
    )
  })

  it('may be kept again, by itself and beside others with the same bytes', async () => {
    keep()
    keep()
    keep(sha256('another'))
    await expect(get()).resolves.toMatchObject({ kind: 'hit' })
    await expect(get(sha256('another'))).resolves.toMatchObject({ kind: 'hit' })
  })

  it('is not there for another key, nor for another codex', async () => {
    keep()
    expect(kindOf(await get(sha256('something else')))).toBe('miss')
    expect(kindOf(await open('codex 1.2.4').cache.get(KEY, () => null))).toBe('miss')
    expect(kindOf(await get())).toBe('hit')
  })

  it('is dropped where its action finds it wrong', async () => {
    keep()
    const { cache } = open()
    const answer = await cache.get(KEY, () => ({ kind: 'not-of-action', path: 'p/small' }))
    expect(answer).toEqual({ kind: 'dropped', problem: { kind: 'not-of-action', path: 'p/small' } })
    expect(kindOf(await get())).toBe('miss')
  })

  it('gets young when it is used, at most once an hour', async () => {
    keep()
    const entry = entryPath(path, KEY)
    const hours = (ago: number): number => Math.floor(systemClock.now() / 1000) - ago * 3600
    utimesSync(entry, hours(30), hours(30))
    await get()
    expect(statSync(entry).mtimeMs / 1000).toBeGreaterThan(hours(1))
    utimesSync(entry, hours(0) - 1800, hours(0) - 1800)
    const { mtimeMs } = statSync(entry)
    await get()
    expect(statSync(entry).mtimeMs).toBe(mtimeMs)
  })
})

describe('what is wrong is dropped, said, and can be kept anew', () => {
  /** Puts something else in the place of a file. */
  const instead = (file: string, make: (file: string) => void): void => {
    rmSync(file)
    make(file)
  }
  const entry = (): string => entryPath(path, KEY)
  const small = (): string => blobPath(path, SMALL)
  const swap = (): void => {
    renameSync(small(), `${small()}.aside`)
    renameSync(blobPath(path, LARGE), small())
    renameSync(`${small()}.aside`, blobPath(path, LARGE))
  }

  it.each<[string, string, () => void]>([
    ['a blob with other bytes', 'changed', () => writeFileSync(small(), 'SMALL')],
    ['a blob that was cut off', 'changed', () => truncateSync(blobPath(path, LARGE), 699_999)],
    ['an empty blob', 'changed', () => truncateSync(small(), 0)],
    ['a blob that has grown', 'changed', () => writeFileSync(small(), 'small and more')],
    ['a large blob with other bytes', 'changed', () => writeFileSync(blobPath(path, LARGE), Buffer.alloc(700_000))],
    ['a log with other bytes', 'changed', () => writeFileSync(blobPath(path, sha256(LOG)), 'MADE\n')],
    ['a log that was cut off', 'changed', () => truncateSync(blobPath(path, sha256(LOG)), 2)],
    ['two blobs that changed places', 'changed', swap],
    ['a FIFO in place of a blob', 'unreadable', () => instead(small(), (file) => execFileSync('mkfifo', [file]))],
    ['a link in place of a blob', 'unreadable', () => instead(small(), (file) => symlinkSync('/etc/passwd', file))],
    [
      'a link to the right bytes',
      'unreadable',
      () => {
        renameSync(small(), join(root, 'small'))
        symlinkSync(join(root, 'small'), small())
      },
    ],
    [
      'a folder in place of a blob',
      'unreadable',
      () => instead(small(), (file) => mkdirSync(join(file, 'x'), { recursive: true })),
    ],
    [
      'a file in place of a folder of blobs',
      'unreadable',
      () => {
        rmSync(dirname(small()), { recursive: true })
        writeFileSync(dirname(small()), '')
      },
    ],
    ['an entry that was cut off', 'malformed', () => truncateSync(entry(), 100)],
    ['an empty entry', 'malformed', () => truncateSync(entry(), 0)],
    [
      'the entry of another key',
      'other-key',
      () => {
        keep(sha256('another'))
        renameSync(entryPath(path, sha256('another')), entry())
      },
    ],
    ['a FIFO in place of an entry', 'unreadable', () => instead(entry(), (file) => execFileSync('mkfifo', [file]))],
    ['a link in place of an entry', 'unreadable', () => instead(entry(), (file) => symlinkSync('/etc/passwd', file))],
    [
      'a folder in place of an entry',
      'unreadable',
      () => instead(entry(), (file) => mkdirSync(join(file, 'x'), { recursive: true })),
    ],
    ['an entry without end', 'malformed', () => truncateSync(entry(), 2 ** 40)],
  ])('%s', async (_, problem, change) => {
    const kept = keep()
    change()
    expect(kindOf(await get())).toBe(problem)
    expect(existsSync(entry()) && lstatSync(entry()).isFile() && readFileSync(entry(), 'utf8') === '').toBe(false)
    if (lstatSync(dirname(small()), { throwIfNoEntry: false })?.isFile()) rmSync(dirname(small()))
    const { cache, store } = open()
    made(store, 'p/large', Buffer.alloc(700_000, 'large'))
    made(store, 'p/small', 'small')
    // The link to /etc/passwd was neither followed nor written through.
    expect(cache.put(kept, () => [Buffer.from(LOG)])).toBeNull()
    expect(kindOf(await get())).toBe('hit')
  })

  it('whatever byte of an entry is another', async () => {
    const kept = keep()
    const bytes = readFileSync(entry())
    const at = fc.nat({ max: bytes.length - 1 })
    await fc.assert(
      fc.asyncProperty(at, fc.integer({ min: 1, max: 255 }), async (offset, flip) => {
        const changed = Buffer.from(bytes)
        changed[offset] = (changed[offset] ?? 0) ^ flip
        writeFileSync(entry(), changed)
        const seen: CacheEntry[] = []
        const answer = await open().cache.get(KEY, (found) => {
          seen.push(found)
          return null
        })
        // An entry that is well-formed all the same claims something else, which its action judges; its bytes are what it says.
        if (answer.kind !== 'hit') return
        expect(seen).toHaveLength(1)
        expect(answer.entry).not.toEqual(kept)
        expect(answer.entry.outputs.map(({ digest }) => digest)).toEqual([LARGE, SMALL])
      }),
      { numRuns: 150 },
    )
  })

  it('a blob that is gone with the others is a miss, as where somebody prunes', async () => {
    for (const digest of [SMALL, sha256(LOG)]) {
      keep()
      rmSync(blobPath(path, digest))
      expect(kindOf(await get())).toBe('miss')
    }
  })
})

describe('an entry', () => {
  const good: CacheEntry = {
    key: KEY,
    tool: TOOL,
    exitCode: 0,
    outputs: [{ path: 'a/b', digest: SMALL, executable: false, size: 5 }],
    log: null,
  }
  const file = (name: string): TreeEntry => ({ path: name, digest: SMALL, executable: false, size: 5 })
  const text = (fields: object): string => {
    const entries = Object.entries({ exitCode: 0, key: KEY, log: null, outputs: [], tool: TOOL, version: 1, ...fields })
    return `${JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))))}\n`
  }

  it('is read as it was written', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-zé-]{1,3}$/), { maxLength: 5 })
    fc.assert(
      fc.property(names, fc.boolean(), fc.nat(), (parts, executable, size) => {
        const outputs = parts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        const log = size === 0 ? null : { digest: SMALL, size }
        const entry = { ...good, log, outputs: outputs.map((name) => ({ ...file(`x/${name}`), executable, size })) }
        expect(parseCacheEntry(cacheEntryText(entry))).toEqual(entry)
      }),
    )
    expect(parseCacheEntry(text({}))).toEqual({ ...good, outputs: [] })
  })

  it.each([
    ['an exit code that is none', { exitCode: -1 }],
    ['an exit code beyond 255', { exitCode: 256 }],
    ['an exit code that is no number', { exitCode: '0' }],
    ['another status', { status: 'failed' }],
    ['another version', { version: 2 }],
    ['a key that is none', { key: 'abc' }],
    ['a member more', { extra: 1 }],
    ['a member less', { log: undefined }],
    ['an absolute path', { outputs: [file('/etc/passwd')] }],
    ['a path that leads out', { outputs: [file('a/../../b')] }],
    ['a path with a dot', { outputs: [file('./a')] }],
    ['a path with an empty part', { outputs: [file('a//b')] }],
    ['an empty path', { outputs: [file('')] }],
    ['a path with a line break', { outputs: [file('a\nb')] }],
    ['a path with a NUL', { outputs: [file('a\0')] }],
    ['a path that is too long', { outputs: [file('a/'.repeat(600) + 'b')] }],
    ['a path twice', { outputs: [file('a'), file('a')] }],
    ['paths out of order', { outputs: [file('b'), file('a')] }],
    ['a file that is a folder as well', { outputs: [file('a'), file('a-b'), file('a/b')] }],
    ['a link', { outputs: [{ ...file('a'), link: 'b' }] }],
    ['a size below zero', { outputs: [{ ...file('a'), size: -1 }] }],
    ['a size that is no number', { outputs: [{ ...file('a'), size: '5' }] }],
    ['a digest that is none', { outputs: [{ ...file('a'), digest: '../../../etc/passwd' }] }],
    ['a digest in capitals', { outputs: [{ ...file('a'), digest: SMALL.toUpperCase() }] }],
    ['outputs that are no list', { outputs: {} }],
    ['an empty log', { log: { digest: SMALL, size: 0 } }],
  ])('with %s is none', (_, fields) => {
    expect(parseCacheEntry(text(fields))).toBeNull()
  })

  it.each([
    ['nothing', ''],
    ['no JSON', 'key'],
    ['a list', '[]\n'],
    ['null', 'null\n'],
    ['spaces', text({}).replace(':', ': ')],
    ['no line break', text({}).trimEnd()],
    ['a member twice', text({}).replace('{', '{"exitCode":0,')],
    ['another prototype', text({}).replace('{', '{"__proto__":{},')],
    ['deep nesting', '['.repeat(100_000)],
  ])('made of %s is none', (_, bytes) => {
    expect(parseCacheEntry(bytes)).toBeNull()
  })
})

describe('a cache that can not be written to', () => {
  it('is not written to where a link leads', async () => {
    const { cache, store } = open()
    const elsewhere = join(root, 'elsewhere')
    mkdirSync(elsewhere)
    symlinkSync(elsewhere, join(path, 'blobs'))
    const outputs = [made(store, 'p/small', 'small')]
    expect(cache.put({ key: KEY, tool: TOOL, exitCode: 0, outputs, log: null }, () => [])).toMatchObject({
      code: 'ENOTDIR',
    })
    expect(readdirSync(elsewhere, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())).toEqual([])
  })

  it('keeps no entry whose bytes it could not keep', () => {
    const { cache, store } = open()
    const outputs = [made(store, 'p/small', 'small')]
    const failing = function* (): Generator<Uint8Array> {
      yield Buffer.from('made')
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC', syscall: 'write' })
    }
    const error = cache.put(
      { key: KEY, tool: TOOL, exitCode: 0, outputs, log: { digest: sha256(LOG), size: 5 } },
      failing,
    )
    expect(error).toMatchObject({ code: 'ENOSPC' })
    expect(existsSync(entryPath(path, KEY))).toBe(false)
    expect(readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.new-'))).toEqual(
      [],
    )
  })

  it('says what is broken in codex itself', () => {
    const { cache } = open()
    const broken = (): Iterable<Uint8Array> => {
      throw new TypeError('a bug')
    }
    const entry = { key: KEY, tool: TOOL, exitCode: 0, outputs: [], log: { digest: sha256(LOG), size: 5 } }
    expect(() => cache.put(entry, broken)).toThrow(TypeError)
  })
})

it('lets the rest of the program have its turn', async () => {
  keep()
  const { cache } = open()
  let turns = 0
  const timer = setInterval(() => (turns += 1), 1)
  const end = performance.now() + 300
  while (performance.now() < end) await cache.get(KEY, () => null)
  clearInterval(timer)
  expect(turns).toBeGreaterThan(0)
})

it('takes the place that others may read', () => {
  keep()
  expect(statSync(blobPath(path, SMALL)).mode & 0o777).toBe(0o666 & ~process.umask())
  chmodSync(path, 0o755)
})
