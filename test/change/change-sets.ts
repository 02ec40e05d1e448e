// Change sets at random: trees of files, before and after.
import fc from 'fast-check'
import { compareBytes } from '../../src/model/order.ts'
import type { FileBytes, PatchFile } from '../../src/model/change.ts'

export type Files = ReadonlyMap<string, FileBytes>

export interface ChangeSet {
  readonly before: Files
  readonly after: Files
}

const NAMES = [
  'a',
  'b',
  'c.txt',
  'a b',
  ' b',
  'x b',
  'b ',
  '"q"',
  'back\\slash',
  'ä',
  '日本',
  '😀',
  '-n',
  "it's",
  '.h',
  '$(id)',
]

const path = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))

/** Lines that could be taken for a patch's own, among others. */
const LINES = [
  '',
  'one',
  'two',
  'a\tb',
  ' ',
  '--- a/x',
  '+++ b/x',
  '@@ -1 +1 @@',
  'diff --git a/x b/x',
  '\\ No newline',
  'ä',
  'x\r',
  'GIT binary patch',
]

const line = fc.oneof(fc.constantFrom(...LINES), fc.nat(30).map(String))
const end = fc.constantFrom('\n', '\n', '\r\n')

const text = fc
  .tuple(fc.array(line, { maxLength: 40 }), end, fc.boolean())
  .map(([lines, mark, ends]) => Buffer.from(lines.join(mark) + (ends && lines.length > 0 ? mark : '')))

const binary = fc
  .tuple(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(0, 1, 700))
  .map(([bytes, times]) => Buffer.concat([bytes, Buffer.alloc(bytes.length * times, bytes), Buffer.from([0])]))

const large = fc
  .tuple(fc.integer({ min: 100, max: 4000 }), fc.nat(9))
  .map(([count, every]) =>
    Buffer.from(Array.from({ length: count }, (_, n) => `${n % (every + 1) === 0 ? '}' : n}\n`).join('')),
  )

const bytes = fc.oneof(
  { arbitrary: text, weight: 6 },
  { arbitrary: binary, weight: 2 },
  { arbitrary: large, weight: 1 },
  { arbitrary: fc.constantFrom(Buffer.alloc(0), Buffer.from([0xe4, 10]), Buffer.from('\ufeffx\n')), weight: 1 },
)

const file: fc.Arbitrary<FileBytes> = fc.record({ bytes, executable: fc.boolean() })

type Operation =
  | { readonly kind: 'write'; readonly path: string; readonly file: FileBytes }
  | { readonly kind: 'edit'; readonly at: number; readonly edits: readonly (readonly [number, number, string])[] }
  | { readonly kind: 'delete' | 'chmod' | 'to-folder'; readonly at: number }
  | { readonly kind: 'rename'; readonly at: number; readonly path: string }
  | { readonly kind: 'to-file'; readonly at: number; readonly file: FileBytes }

const at = fc.nat(1000)
const edits = fc.array(fc.tuple(fc.nat(5000), fc.nat(4), line), { minLength: 1, maxLength: 5 })

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), path, file }),
  fc.record({ kind: fc.constant('edit' as const), at, edits }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'chmod' as const, 'to-folder' as const), at }),
  fc.record({ kind: fc.constant('rename' as const), at, path }),
  fc.record({ kind: fc.constant('to-file' as const), at, file }),
)

export const changeSet: fc.Arbitrary<ChangeSet> = fc
  .tuple(
    fc.array(fc.tuple(path, file), { minLength: 1, maxLength: 8 }),
    fc.array(operation, { minLength: 1, maxLength: 8 }),
  )
  .map(([base, operations]) => {
    const before = new Map<string, FileBytes>()
    for (const [where, what] of base) put(before, where, what)
    const after = new Map(before)
    for (const each of operations) perform(after, each)
    return { before, after }
  })

/** Puts a file in place, of other files where they stand in its way. */
function put(files: Map<string, FileBytes>, where: string, what: FileBytes): void {
  for (const other of files.keys()) {
    if (other.startsWith(`${where}/`) || where.startsWith(`${other}/`)) files.delete(other)
  }
  files.set(where, what)
}

function perform(files: Map<string, FileBytes>, step: Operation): void {
  if (step.kind === 'write') return put(files, step.path, step.file)
  const [where, what] = [...files][step.at % Math.max(1, files.size)] ?? []
  if (where === undefined || what === undefined) return
  if (step.kind === 'edit') files.set(where, { ...what, bytes: edited(what.bytes, step.edits) })
  else if (step.kind === 'chmod') files.set(where, { ...what, executable: !what.executable })
  else if (step.kind === 'to-file') put(files, where.split('/')[0] ?? where, step.file)
  else {
    files.delete(where)
    if (step.kind === 'rename') put(files, step.path, what)
    if (step.kind === 'to-folder') put(files, `${where}/inside`, what)
  }
}

function edited(before: Uint8Array, changes: readonly (readonly [number, number, string])[]): Uint8Array {
  const lines = Buffer.from(before).toString('latin1').split('\n')
  for (const [place, count, added] of changes)
    lines.splice(place % (lines.length + 1), count, Buffer.from(added).toString('latin1'))
  return Buffer.from(lines.join('\n'), 'latin1')
}

/** What a patch of it is written from: what differs, sorted. */
export function patchFiles({ before, after }: ChangeSet): readonly PatchFile[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted(compareBytes)
    .map((each) => ({ path: each, before: before.get(each) ?? null, after: after.get(each) ?? null }))
    .filter((each) => !isSame(each))
}

function isSame({ before, after }: PatchFile): boolean {
  if (before === null || after === null) return before === after
  return before.executable === after.executable && Buffer.compare(before.bytes, after.bytes) === 0
}
