import type { CST } from 'yaml'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { locationOf, type Location, type SourceText } from '../model/source.ts'

/** Deeper than any task.yml needs, and far from what a recursive reader can bear. */
const MAX_DEPTH = 64

/** Whether the syntax tree is too deep to be read, and what in it says more than data. Only the first document counts. */
export function refusedSyntax(
  source: SourceText,
  tokens: readonly CST.Token[],
): { readonly diagnostics: Diagnostic[]; readonly tooDeep: boolean } {
  const walker = new Walker(source)
  let documents = 0
  for (const token of tokens) {
    if (token.type === 'document' && ++documents === 2) {
      walker.diagnostics.push(diagnostic('yaml-documents', placeOfToken(source, token.start[0] ?? token), {}))
    }
    if (documents < 2) walker.visit(token, 0)
  }
  return walker
}

/** Goes no deeper than it allows, so that it may call itself. */
class Walker {
  readonly diagnostics: Diagnostic[] = []
  tooDeep = false
  readonly #source: SourceText

  constructor(source: SourceText) {
    this.#source = source
  }

  visit(token: CST.Token, depth: number): void {
    switch (token.type) {
      case 'document':
        this.#all(token.start, depth)
        if (token.value) this.visit(token.value, depth)
        return
      case 'block-scalar':
        this.#all(token.props, depth)
        return
      case 'block-map':
      case 'block-seq':
      case 'flow-collection':
        this.#collection(token, depth + 1)
        return
      default: {
        const refused = refusal(this.#source, token)
        if (refused) this.diagnostics.push(refused)
      }
    }
  }

  #collection(token: CST.BlockMap | CST.BlockSequence | CST.FlowCollection, depth: number): void {
    if (depth > MAX_DEPTH) {
      if (!this.tooDeep) {
        this.diagnostics.push(diagnostic('yaml-depth', placeOfToken(this.#source, token), { limit: MAX_DEPTH }))
      }
      this.tooDeep = true
      return
    }
    for (const { start, key, sep, value } of token.items) {
      this.#all(start, depth)
      if (key) this.visit(key, depth)
      if (sep) this.#all(sep, depth)
      if (value) this.visit(value, depth)
    }
  }

  #all(tokens: readonly CST.Token[], depth: number): void {
    for (const token of tokens) this.visit(token, depth)
  }
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

function placeOfToken(source: SourceText, token: CST.Token): Location {
  const length = 'source' in token ? token.source.length : 0
  return locationOf(source, { start: token.offset, end: token.offset + length })
}
