// What packs are called.
import { diagnostic, type Diagnostic } from '../../model/diagnostic.ts'
import { earlierFinding, type EarlierFinding } from '../../model/earlier.ts'
import { likelyIdentifier } from '../values.ts'
import type { Fields } from './fields.ts'

interface Named {
  readonly task: Fields
  /** Relative to the root of its workspace. */
  readonly dir: string
}

/** `null`: there is none, and the folder's name can't be one. */
export function idOf({ task, dir }: Named, findings: EarlierFinding[]): string | null {
  const written = spelled(task, 'id', findings)
  if (written !== null) return written
  const value = likelyIdentifier(dir.slice(dir.lastIndexOf('/') + 1))
  if (value === null) return null
  findings.push(earlierFinding('taken-from', task.place(''), { key: 'id', value, from: 'the name of the folder' }))
  return value
}

/** The earlier layout let names hold capitals, underscores and spaces. */
export function spelled(task: Fields, key: 'id' | 'domain', findings: EarlierFinding[]): string | null {
  const written = task.text(`/${key}`)
  if (!written) return null
  const likely = /^\w[\w .-]*$/.test(written.value) ? likelyIdentifier(written.value) : null
  const value = likely ?? written.value
  if (value !== written.value) {
    findings.push(earlierFinding('respelled', task.place(`/${key}`), { key, written: written.value, value }))
  }
  return value
}

/** Complaints about ids that packs have in common, which no folder can hold. */
export function duplicateIds(
  packs: readonly { readonly pack: Pick<Named, 'task'>; readonly id: string | null }[],
): readonly Diagnostic[] {
  const first = new Map<string, string>()
  return packs.flatMap(({ pack: { task }, id }) => {
    const location = task.place('/id')
    const other = id === null ? undefined : first.get(id)
    if (id !== null && other === undefined) first.set(id, location.file)
    return id === null || other === undefined
      ? []
      : [diagnostic('duplicate-pack-id', location, { id, other, caseOnly: false })]
  })
}
