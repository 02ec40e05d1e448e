import { describe, expect, it } from 'vitest'
import { applyPatch } from '../../src/change/apply.ts'
import { writePatch } from '../../src/change/write.ts'
import type { Change, FileBytes, FileState } from '../../src/model/change.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { Manifest, ManifestPack } from '../../src/model/manifest.ts'
import { contentOf, packWithNeeds, type ContentSource } from '../../src/publish/content.ts'

const bytesOf = (text: string | undefined): FileBytes | null =>
  text === undefined ? null : { bytes: Buffer.from(text), executable: false }
const stateOf = (file: FileBytes | null): FileState | null =>
  file && { digest: sha256(file.bytes), executable: file.executable, size: file.bytes.length }

type Texts = Readonly<Record<string, string>>

const patches = new Map<string, Uint8Array>()

/** A pack that has made one set of files of another. */
function packOf(id: string, needs: readonly string[], [before, after]: readonly [Texts, Texts]): ManifestPack {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
  const files = paths.map((path) => ({ path, before: bytesOf(before[path]), after: bytesOf(after[path]) }))
  const patch = writePatch(files)
  patches.set(id, patch)
  const change: Change = {
    ...{ base: '0'.repeat(64), tree: '0'.repeat(64), lines: { added: 0, removed: 0 } },
    files: files.map((file) => ({ path: file.path, before: stateOf(file.before), after: stateOf(file.after) })),
    patch: paths.length === 0 ? null : sha256(patch),
  }
  return { id, needs, definition: '', grants: [], verdict: 'passed', artifacts: [], change }
}

const BASE: Texts = { 'repo/version': '1\n', 'repo/old': 'old\n' }
const first = packOf('first', [], [{ version: '1\n', old: 'old\n' }, { version: '2\n' }])
const between = packOf('between', ['first'], [{}, {}])
const last = packOf('last', ['between'], [{ version: '2\n' }, { version: '2\n+\n', new: 'x' }])
const other = packOf('other', [], [{}, { elsewhere: 'x' }])

function source(changes: Partial<ContentSource> = {}): ContentSource {
  return {
    manifest: { packs: [first, other, between, last] } as unknown as Manifest,
    base: {
      ...{ id: '1'.repeat(40), tree: '2'.repeat(40), prefix: 'repo/' },
      list: () => [],
      file: (path) => bytesOf(BASE[path]),
    },
    patch: (id) => patches.get(id) ?? null,
    applyPatch,
    ...changes,
  }
}

const texts = (content: ReturnType<typeof contentOf>): unknown =>
  content.ok && content.value.files.map(({ path, content: file }) => [path, file && Buffer.from(file.bytes).toString()])

describe('what is proposed', () => {
  it('is the change of the pack on those of all that it needs, and of no other', () => {
    expect(packWithNeeds(source().manifest, 'last').map(({ id }) => id)).toEqual(['first', 'between', 'last'])
    const content = contentOf('last', source())
    expect(content).toMatchObject({ ok: true, value: { packs: ['first', 'last'] } })
    expect(texts(content)).toEqual([
      ['repo/new', 'x'],
      ['repo/old', null],
      ['repo/version', '2\n+\n'],
    ])
    expect(texts(contentOf('first', source()))).toEqual([
      ['repo/old', null],
      ['repo/version', '2\n'],
    ])
  })

  it.each([
    [
      'a file that the commit holds otherwise',
      { base: { ...source().base, file: (path: string) => bytesOf(path.endsWith('old') ? 'x' : BASE[path]) } },
      { kind: 'other-base', path: 'old' },
    ],
    [
      'a file that has become a program',
      {
        base: {
          ...source().base,
          file: (path: string) => bytesOf(BASE[path]) && { bytes: Buffer.from(BASE[path] ?? ''), executable: true },
        },
      },
      { kind: 'other-base', path: 'old' },
    ],
    ['no patch', { patch: () => null }, { kind: 'other-change', pack: 'first', path: null }],
    [
      'another patch',
      { patch: () => patches.get('other') ?? null },
      { kind: 'other-change', pack: 'first', path: null },
    ],
    [
      'a patch that makes something else',
      { applyPatch: () => ({ ok: true, value: new Map([['version', bytesOf('3')]]) }) as const },
      { kind: 'other-change', pack: 'first', path: 'old' },
    ],
  ])('is not made from %s', (_, changes, error) => {
    expect(contentOf('first', source(changes))).toEqual({ ok: false, error })
  })

  it('is nothing that a patch does beyond what was recorded', () => {
    const applied: ContentSource['applyPatch'] = (patch, read) => {
      const made = applyPatch(patch, read)
      return made.ok ? { ok: true, value: new Map([...made.value, ['more', bytesOf('x')]]) } : made
    }
    expect(contentOf('first', source({ applyPatch: applied }))).toEqual({
      ok: false,
      error: { kind: 'other-change', pack: 'first', path: 'more' },
    })
  })
})
