import type { Digest } from '../../model/digest.ts'
import { parseChecksums } from '../checksums.ts'
import { SEAL } from '../seal.ts'
import { isSignature } from './signatures.ts'
import type { Report } from './findings.ts'
import type { Folder } from './folder.ts'
import type { Named, NamedFiles } from './named.ts'
import { textOf, type ReadFile } from './read.ts'

/** What files.sha256 says; `null`: it can't be believed, which is reported. */
export function readSeal(folder: Folder, report: Report): ReadonlyMap<string, Digest> | null {
  const text = textOf(SEAL, folder.hold(SEAL), report)
  if (text === null) return null
  const seal = parseChecksums(text)
  if (seal.ok) return seal.value
  report('list-form', SEAL, { line: seal.error })
  return null
}

export interface Naming {
  /** `null`: it can't be told what it says. */
  readonly seal: ReadonlyMap<string, Digest> | null
  /** Folders of which every file is named by one document, `null` where that can't be read. */
  readonly folders: Readonly<Record<string, { readonly by: string; readonly files: NamedFiles | null }>>
  /** Whether they hold nothing else: what had not ended when a run was ended from outside has left files of which nothing tells. */
  readonly closed: boolean
  /** What else is said of single files. */
  readonly others: readonly (readonly [path: string, named: Named])[]
  /** What every run has. */
  readonly required: readonly string[]
}

/** Compares what there is with what is named: nothing missing, nothing else, and every byte as it was. */
export function checkFiles(folder: Folder, naming: Naming, report: Report): void {
  checkMissing(folder, naming, report)
  const lists = new Set<Digest>()
  for (const { path, size } of folder.files.values()) {
    if (path === SEAL || isSignature(path)) continue
    const stray = strayBy(path, naming)
    if (stray !== null) {
      report('unexpected', path, { by: stray })
      continue
    }
    const named = namesOf(path, naming)
    const [other] = named.flatMap((each) =>
      each.size === null || each.size === size ? [] : [{ ...each, size: each.size }],
    )
    if (other) {
      report('resized', path, { expected: other.size, found: size, by: other.by })
      continue
    }
    const isNew = path.startsWith('inputs/') && !named.every(({ digest }) => lists.has(digest))
    const file = folder.pass(path, isNew)
    if (file) compare(path, { file, named, report })
    if (!file || !isNew) continue
    lists.add(file.digest)
    checkList(path, file, report)
  }
}

function checkMissing({ files, others }: Folder, { seal, folders, others: single, required }: Naming, report: Report) {
  const missing = new Map<string, string[]>()
  const note = (path: string, by: string | null): void => {
    if (files.has(path) || others.has(path)) return
    missing.set(path, [...(missing.get(path) ?? []), ...(by === null ? [] : [by])])
  }
  for (const path of required) note(path, null)
  for (const path of seal?.keys() ?? []) note(path, SEAL)
  for (const named of Object.values(folders)) for (const [path, { by }] of named.files ?? []) note(path, by)
  for (const [path, { by }] of single) note(path, by)
  for (const [path, by] of missing) report('missing', path, { by })
}

/** The file that should name this one and does not; `null`: it is named. */
function strayBy(path: string, { seal, folders, closed }: Naming): string | null {
  if (seal && !seal.has(path)) return SEAL
  const around = folders[path.slice(0, path.indexOf('/') + 1)]
  return closed && around?.files && !around.files.has(path) ? around.by : null
}

function namesOf(path: string, { seal, folders, others }: Naming): readonly Named[] {
  const own = folders[path.slice(0, path.indexOf('/') + 1)]?.files?.get(path)
  const sealed = seal?.get(path)
  return [
    ...(own ? [own] : []),
    ...others.flatMap(([name, named]) => (name === path ? [named] : [])),
    ...(sealed === undefined ? [] : [{ digest: sealed, size: null, by: SEAL }]),
  ]
}

interface Compared {
  readonly file: ReadFile
  readonly named: readonly Named[]
  readonly report: Report
}

function compare(path: string, { file, named, report }: Compared): void {
  const wrong = named.filter(({ digest }) => digest !== file.digest)
  const [first] = wrong
  if (!first) return
  report('changed', path, { expected: first.digest, found: file.digest, by: wrong.map(({ by }) => by) })
}

/** A digest alone does not tell that what was hashed is a list. */
function checkList(path: string, file: ReadFile, report: Report): void {
  const text = textOf(path, file, report)
  const list = text === null ? null : parseChecksums(text)
  if (list && !list.ok) report('list-form', path, { line: list.error })
}
