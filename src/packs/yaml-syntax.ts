import type { CST } from 'yaml'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { locationOf, type Location, type SourceText } from '../model/source.ts'

/** Deeper than any task.yml needs, and far from what a recursive reader can bear. */
export const MAX_DEPTH = 64

interface Visit {
  readonly token: CST.Token
  readonly depth: number
}

/** Whether the syntax tree is too deep to be read, and what in it says more than data. Iterative, as it comes unchecked. */
export function refusedSyntax(
  source: SourceText,
  tokens: readonly CST.Token[],
): { readonly diagnostics: Diagnostic[]; readonly tooDeep: boolean } {
  const diagnostics: Diagnostic[] = []
  let documents = 0
  let tooDeep = false
  const pending: Visit[] = tokens.map((token) => ({ token, depth: 0 })).toReversed()
  for (let visit = pending.pop(); visit; visit = pending.pop()) {
    const { token, depth } = visit
    if (token.type === 'document' && ++documents === 2) {
      diagnostics.push(diagnostic('yaml-documents', placeOfToken(source, token.start[0] ?? token), {}))
    }
    if (documents > 1) continue
    const refused = refusal(source, token)
    if (refused) diagnostics.push(refused)
    const inner = isCollection(token) ? depth + 1 : depth
    if (inner > MAX_DEPTH) {
      if (!tooDeep) diagnostics.push(diagnostic('yaml-depth', placeOfToken(source, token), { limit: MAX_DEPTH }))
      tooDeep = true
      continue
    }
    for (const child of children(token).toReversed()) pending.push({ token: child, depth: inner })
  }
  return { diagnostics, tooDeep }
}

function refusal(source: SourceText, token: CST.Token): Diagnostic | null {
  switch (token.type) {
    case 'anchor':
    case 'alias':
      return diagnostic('yaml-alias', placeOfToken(source, token), { name: token.source })
    case 'tag':
      return diagnostic('yaml-tag', placeOfToken(source, token), { tag: token.source })
    case 'directive':
      return diagnostic('yaml-directive', placeOfToken(source, token), { directive: token.source })
    default:
      return null
  }
}

function isCollection(token: CST.Token): boolean {
  return token.type === 'block-map' || token.type === 'block-seq' || token.type === 'flow-collection'
}

function children(token: CST.Token): readonly CST.Token[] {
  switch (token.type) {
    case 'document':
      return token.value ? [...token.start, token.value] : token.start
    case 'block-scalar':
      return token.props
    case 'block-map':
    case 'block-seq':
    case 'flow-collection':
      return token.items.flatMap((item) =>
        [...item.start, item.key, ...(item.sep ?? []), item.value].filter(
          (child) => child !== undefined && child !== null,
        ),
      )
    default:
      return []
  }
}

function placeOfToken(source: SourceText, token: CST.Token): Location {
  const length = 'source' in token ? token.source.length : 0
  return locationOf(source, { start: token.offset, end: token.offset + length })
}
