import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { ACCEPTANCE_PHASES } from '../model/pack.ts'
import type { Locate } from './meaning.ts'
import { normalisePath } from './paths.ts'
import type { Item, View } from './view.ts'

/** Controls that replace nothing, a file by itself, or one file by two others: none of them would prove anything. */
export function controlDiagnostics(view: View, dir: string, locate: Locate): Diagnostic[] {
  return ACCEPTANCE_PHASES.flatMap((phase) =>
    view.indices('acceptance', phase).flatMap((index) => {
      const path = ['acceptance', phase, index, 'control', 'replace'] as const
      const replace = view.at(...path)
      if (typeof replace !== 'object' || replace === null || Array.isArray(replace)) return []
      if (Object.keys(replace).length === 0) {
        const place = locate(`/acceptance/${phase}/${index}/control/replace`)
        return [diagnostic('control-empty', place, { problem: 'nothing', path: '' })]
      }
      const sources = new Map(view.members(...path).map((item) => [`${item.pointer}#key`, item.text]))
      return [...inOwnPlace(view.keys(...path), { sources, dir, locate }), ...twice(view.keys(...path), dir, locate)]
    }),
  )
}

interface Context {
  /** By the pointer of the target. */
  readonly sources: ReadonlyMap<string, string>
  readonly dir: string
  readonly locate: Locate
}

function inOwnPlace(targets: readonly Item[], { sources, dir, locate }: Context): Diagnostic[] {
  return targets.flatMap(({ text, pointer }) => {
    const source = normalPath(sources.get(pointer) ?? '', dir)
    if (source === null || source !== normalPath(text, dir)) return []
    return [diagnostic('control-empty', locate(pointer), { problem: 'itself', path: text })]
  })
}

/** Two keys can stand for one path. */
function twice(targets: readonly Item[], dir: string, locate: Locate): Diagnostic[] {
  const seen = new Set<string>()
  return targets.flatMap(({ text, pointer }) => {
    const path = normalPath(text, dir)
    if (path === null || !seen.has(path)) {
      if (path !== null) seen.add(path)
      return []
    }
    return [diagnostic('control-empty', locate(pointer), { problem: 'twice', path: text })]
  })
}

/** `null` where the path has a complaint of its own. */
function normalPath(text: string, dir: string): string | null {
  const result = text === '' ? null : normalisePath(text, { dir })
  return result?.ok ? result.path : null
}
