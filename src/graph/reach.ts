import type { PackId } from '../model/pack.ts'

interface Dependent {
  readonly id: PackId
  readonly needs: readonly PackId[]
}

/**
 * Answers whether the first pack needs the second, directly or through others.
 *
 * @param packs in plan order: what comes before the second pack can't need it, so that it is never looked at
 */
export function needsBetween(packs: readonly Dependent[]): (pack: PackId, other: PackId) => boolean {
  const byId = new Map(packs.map((pack, place) => [pack.id, { needs: pack.needs, place }]))
  return (pack, other) => {
    const place = byId.get(other)?.place ?? 0
    const seen = new Set([pack])
    for (const id of seen) {
      for (const need of byId.get(id)?.needs ?? []) {
        if (need === other) return true
        if ((byId.get(need)?.place ?? -1) > place) seen.add(need)
      }
    }
    return false
  }
}
