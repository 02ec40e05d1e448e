// From a recorded run to the working tree, on a real disk.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { planApplying, type ApplyInput, type ApplyPlan } from '../../src/applying.ts'
import { writePatch } from '../../src/change/write.ts'
import { openWorkingTree } from '../../src/host/apply/working-tree.ts'
import { applyExitCode } from '../../src/model/applying.ts'
import { patchPath, type Change, type FileBytes, type FileState } from '../../src/model/change.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { ManifestPack } from '../../src/model/manifest.ts'
import { compareBytes } from '../../src/model/order.ts'
import { err, ok } from '../../src/model/result.ts'
import { treeOf, type TreeEntry } from '../../src/model/tree.ts'
import { changeSet, patchFiles, type ChangeSet, type Files } from './change-sets.ts'
import { file, shown } from './patches.ts'

const base = mkdtempSync(join(tmpdir(), 'codex-applying-'))
afterAll(() => rmSync(base, { recursive: true }))
let made = 0

function workspace(files: Files): string {
  const root = join(base, String(made++))
  mkdirSync(root)
  for (const [path, each] of files) write(root, path, each)
  return root
}

function write(root: string, path: string, { bytes, executable }: FileBytes): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), bytes)
  chmodSync(join(root, path), executable ? 0o755 : 0o644)
}

function tree(root: string, dir = ''): readonly string[] {
  return readdirSync(join(root, dir), { withFileTypes: true })
    .flatMap((entry) => {
      const path = dir === '' ? entry.name : `${dir}/${entry.name}`
      if (path === '.codex') return []
      if (entry.isDirectory()) return tree(root, path)
      const executable = (statSync(join(root, path)).mode & 0o100) !== 0
      return [`${path} ${shown({ bytes: readFileSync(join(root, path)), executable })}`]
    })
    .toSorted(compareBytes)
}

function told(files: Files): readonly string[] {
  return [...files].map(([path, each]) => `${path} ${shown(each)}`).toSorted(compareBytes)
}

function stateOf(each: FileBytes | null): FileState | null {
  return each && { digest: sha256(each.bytes), executable: each.executable, size: each.bytes.length }
}

function entriesOf(files: Files): readonly TreeEntry[] {
  return [...files].map(([path, each]) => ({
    path,
    digest: sha256(each.bytes),
    executable: each.executable,
    size: each.bytes.length,
  }))
}

type Recorded = Map<string, Uint8Array>

/** A pack as the manifest tells of it, and what is kept of it in the run's folder. */
function packOf(id: string, set: ChangeSet, recorded: Recorded, artifacts: Files = new Map()): ManifestPack {
  const files = patchFiles(set)
  const patch = writePatch(files)
  if (files.length > 0) recorded.set(patchPath(id), patch)
  for (const [path, { bytes }] of artifacts) recorded.set(`artifacts/${id}/@workspace/${path}`, bytes)
  const change: Change = {
    base: treeOf(entriesOf(set.before)).digest,
    tree: treeOf(entriesOf(set.after)).digest,
    files: files.map(({ path, before, after }) => ({ path, before: stateOf(before), after: stateOf(after) })),
    lines: { added: 0, removed: 0 },
    patch: files.length > 0 ? sha256(patch) : null,
  }
  const common = { definition: sha256(''), needs: [], grants: [], verdict: 'passed' as const }
  return { id, ...common, artifacts: treeOf(entriesOf(artifacts)).entries, change }
}

function runOf(recorded: Recorded): ApplyInput['run'] {
  return {
    list: () => ok([...recorded].map(([path, { length }]) => ({ path, kind: 'file', size: length }))),
    read: (path) => {
      const bytes = recorded.get(path)
      return bytes ? ok(bytes) : err({ code: 'ENOENT', path, message: 'not there' })
    },
    chunks: (path) => [recorded.get(path) ?? new Uint8Array()],
  }
}

const replaceable = async (): Promise<ReadonlySet<string>> => new Set()

/** Plans, and does it where nothing speaks against it. */
async function apply(root: string, packs: readonly ManifestPack[], recorded: Recorded): Promise<ApplyPlan> {
  const opened = openWorkingTree(root, { look: false })
  if (!opened.ok) throw new Error(opened.error.kind)
  try {
    const plan = await planApplying({ manifest: { packs }, run: runOf(recorded), tree: opened.value, replaceable })
    const put = plan.problems.length > 0 ? ok(null) : opened.value.put(plan.steps)
    return put.ok ? plan : { ...plan, problems: [{ kind: 'put', problem: put.error }] }
  } finally {
    opened.value.release()
  }
}

/** A second change on what a first one has made. */
const twoChanges = fc
  .tuple(changeSet, changeSet)
  .map(([first, second]): readonly [ChangeSet, ChangeSet] => [
    first,
    { before: first.after, after: mixed(first.after, second.after) },
  ])

/** Every other file of one, and the other over it. */
function mixed(files: Files, others: Files): Files {
  const result = new Map([...files].filter((_, index) => index % 2 === 0))
  for (const [path, each] of others) {
    const isFree = [...result.keys()].every((known) => !known.startsWith(`${path}/`) && !path.startsWith(`${known}/`))
    if (isFree) result.set(path, each)
  }
  return result
}

describe('a run with changes', () => {
  it('makes the tree what its last pack left, from what the first one saw and from anything between', async () => {
    await fc.assert(
      fc.asyncProperty(twoChanges, fc.nat(3), async ([first, second], turn) => {
        const recorded: Recorded = new Map()
        const packs = [packOf('a', first, recorded), packOf('b', second, recorded)]
        const root = workspace(first.before)
        const plan = await apply(root, packs, recorded)
        expect(plan.problems).toEqual([])
        expect(tree(root)).toEqual(told(second.after))
        // Some of the files as they were again: those alone become what they were to become.
        for (const [index, { path, action }] of plan.files.entries()) {
          const old = first.before.get(path)
          if (action === 'change' && old && index % 4 === turn) write(root, path, old)
        }
        expect((await apply(root, packs, recorded)).problems).toEqual([])
        expect(tree(root)).toEqual(told(second.after))
        expect((await apply(root, packs, recorded)).steps).toEqual([])
        rmSync(root, { recursive: true })
      }),
      { numRuns: 15, seed: 6 },
    )
  })

  it('leaves the tree alone where a file is another, whichever it is', async () => {
    await fc.assert(
      fc.asyncProperty(changeSet, fc.nat(), async (set, at) => {
        const recorded: Recorded = new Map()
        const packs = [packOf('a', set, recorded)]
        const root = workspace(set.before)
        const files = patchFiles(set).filter(({ before }) => before !== null)
        const chosen = files[at % Math.max(1, files.length)]
        fc.pre(chosen !== undefined)
        if (chosen) write(root, chosen.path, file('something else', at % 2 === 0))
        const before = tree(root)
        const plan = await apply(root, packs, recorded)
        expect(plan.problems).toMatchObject([
          { kind: 'changed', path: chosen?.path, pack: 'a', found: { kind: 'file' } },
        ])
        expect(applyExitCode(plan)).toBe(1)
        expect(tree(root)).toEqual(before)
        rmSync(root, { recursive: true })
      }),
      { numRuns: 15, seed: 6 },
    )
  })

  const SET: ChangeSet = {
    before: new Map([
      ['old', file('old\n')],
      ['gone/file', file('x')],
    ]),
    after: new Map([
      ['old', file('new\n')],
      ['made/file', file('y', true)],
    ]),
  }

  it('goes around nothing that stands in the way', async () => {
    const recorded: Recorded = new Map()
    const packs = [packOf('a', SET, recorded)]
    const obstacles: readonly (readonly [string, (root: string) => void])[] = [
      ['made/file', (root) => write(root, 'made', file('a file'))],
      ['made/file', (root) => symlinkSync(base, join(root, 'made'))],
      ['made/file', (root) => write(root, 'made/file/below', file('a file'))],
      ['old', (root) => (rmSync(join(root, 'old')), symlinkSync('gone/file', join(root, 'old')))],
      ['old', (root) => rmSync(join(root, 'old'))],
      ['old', (root) => chmodSync(join(root, 'old'), 0o755)],
      ['gone/file', (root) => (rmSync(join(root, 'gone'), { recursive: true }), symlinkSync('.', join(root, 'gone')))],
    ]
    for (const [path, obstruct] of obstacles) {
      const root = workspace(SET.before)
      obstruct(root)
      expect((await apply(root, packs, recorded)).problems).toMatchObject([{ kind: 'changed', path }])
      expect(existsSync(join(base, 'file'))).toBe(false)
    }
    const root = workspace(SET.before)
    mkdirSync(join(root, 'made/file/below'), { recursive: true })
    expect((await apply(root, packs, recorded)).problems, 'folders without files are nothing').toEqual([])
  })

  it('is not believed where what it has kept says something else than its manifest', async () => {
    const other = writePatch([{ path: 'old', before: file('old\n'), after: file('evil\n') }])
    const more = writePatch([...patchFiles(SET), { path: 'more', before: null, after: file('more') }])
    const withDigest =
      (patch: Uint8Array) =>
      (pack: ManifestPack): ManifestPack =>
        pack.change ? { ...pack, change: { ...pack.change, patch: sha256(patch) } } : pack
    const forgeries: readonly ((pack: ManifestPack, recorded: Recorded) => ManifestPack)[] = [
      (pack, recorded) => (recorded.set('changes/a.patch', other), pack),
      (pack, recorded) => (recorded.delete('changes/a.patch'), pack),
      (pack, recorded) => (recorded.set('changes/a.patch', other), withDigest(other)(pack)),
      (pack, recorded) => (recorded.set('changes/a.patch', more), withDigest(more)(pack)),
      (pack) => (pack.change ? { ...pack, change: { ...pack.change, patch: null } } : pack),
      (pack) =>
        pack.change
          ? {
              ...pack,
              change: {
                ...pack.change,
                files: pack.change.files.map((each) => ({ ...each, path: `.git/${each.path}` })),
              },
            }
          : pack,
    ]
    for (const forge of forgeries) {
      const recorded: Recorded = new Map()
      const root = workspace(SET.before)
      const plan = await apply(root, [forge(packOf('a', SET, recorded), recorded)], recorded)
      expect(plan.problems).toMatchObject([{ kind: 'evidence', pack: 'a' }])
      expect(applyExitCode(plan)).toBe(5)
      expect(tree(root)).toEqual(told(SET.before))
    }
  })

  it('brings its artifacts along, or nothing at all', async () => {
    const recorded: Recorded = new Map()
    const artifacts = new Map([
      ['out/report', file('report')],
      ['out/tool', file('tool', true)],
    ])
    const packs = [packOf('a', SET, recorded, artifacts)]
    const root = workspace(SET.before)
    write(root, 'out/tool', file('tool', true))
    expect(
      (await apply(root, packs, recorded)).files.map(({ path, what, action }) => `${action} ${what} ${path}`),
    ).toEqual([
      'delete change gone/file',
      'make change made/file',
      'change change old',
      'make artifact out/report',
      'none artifact out/tool',
    ])
    expect(tree(root)).toEqual(told(new Map([...SET.after, ...artifacts])))
    const another = workspace(SET.before)
    write(another, 'out/tool', file('mine'))
    expect((await apply(another, packs, recorded)).problems).toMatchObject([{ kind: 'in-the-way', path: 'out/tool' }])
    expect(tree(another)).toEqual(told(new Map([...SET.before, ['out/tool', file('mine')]])))
    recorded.set('artifacts/a/@workspace/out/report', Buffer.from('forged'))
    const forged = workspace(SET.before)
    const plan = await apply(forged, packs, recorded)
    expect(plan.problems).toEqual([{ kind: 'put', problem: { kind: 'source', path: 'out/report' } }])
    expect(applyExitCode(plan)).toBe(5)
    expect(tree(forged)).toEqual(told(SET.before))
  })
})
