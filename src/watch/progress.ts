import type { Diagnostic } from '../model/diagnostic.ts'

export interface Progress {
  /** What is wrong and was not. */
  readonly appeared: readonly Diagnostic[]
  /** What was wrong and is not any more. */
  readonly fixed: readonly Diagnostic[]
}

/**
 * What has become of complaints. They are the same where they say the same of the same file: its lines move with every edit, and
 * what is suggested or what a parser says depends on what stands around.
 */
export function progressBetween(before: readonly Diagnostic[], after: readonly Diagnostic[]): Progress {
  return { appeared: without(after, before), fixed: without(before, after) }
}

function without(all: readonly Diagnostic[], known: readonly Diagnostic[]): readonly Diagnostic[] {
  const counts = new Map<string, number>()
  for (const one of known) counts.set(identify(one), (counts.get(identify(one)) ?? 0) + 1)
  return all.filter((one) => {
    const left = counts.get(identify(one)) ?? 0
    counts.set(identify(one), left - 1)
    return left <= 0
  })
}

const CHANGING: ReadonlySet<string> = new Set(['suggestion', 'detail', 'known', 'produced'])

function identify({ code, location, facts }: Diagnostic): string {
  const lasting = Object.entries(facts).filter(([name]) => !CHANGING.has(name))
  return JSON.stringify([code, location?.file, lasting])
}
