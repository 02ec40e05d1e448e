import { isAlias, isMap, isScalar, isSeq, type Document, type Pair, type Scalar, type YAMLMap } from 'yaml'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { locationOf, type SourceText, type Span } from '../model/source.ts'
import { hiddenCharacter } from './characters.ts'

interface Converted {
  readonly value: unknown
  readonly places: ReadonlyMap<string, Span>
  readonly unknown: ReadonlySet<string>
  readonly diagnostics: readonly Diagnostic[]
}

/** Turns a document into plain values and notes where each stands. */
export function convert(source: SourceText, document: Document.Parsed): Converted {
  const converter = new Converter(source)
  const value = converter.read(document.contents, '', TOP)
  return { value, places: converter.places, unknown: converter.unknown, diagnostics: converter.diagnostics }
}

/** One part of a JSON pointer (RFC 6901). */
export function pointerPart(key: string | number): string {
  const text = String(key)
  return text.includes('/') || text.includes('~') ? text.replaceAll('~', '~0').replaceAll('/', '~1') : text
}

const TOP: Span = { start: 0, end: 0 }
const SPACE = 0x20

class Converter {
  readonly source: SourceText
  readonly places = new Map<string, Span>()
  readonly unknown = new Set<string>()
  readonly diagnostics: Diagnostic[] = []

  constructor(source: SourceText) {
    this.source = source
  }

  /** @param otherwise where to point if nothing is written: at the key */
  read(node: unknown, pointer: string, otherwise: Span): unknown {
    const span = this.#span(node) ?? otherwise
    this.places.set(pointer, span)
    if (isScalar(node)) return this.#scalar(node, span)
    if (isMap(node)) return this.#mapping(node, pointer)
    if (isSeq(node)) {
      return node.items.map((item, index) =>
        this.read(item, `${pointer}/${index}`, { start: span.start, end: span.start }),
      )
    }
    if (isAlias(node)) this.unknown.add(pointer)
    return null
  }

  #scalar(node: Scalar, span: Span): unknown {
    const { value } = node
    if (typeof value === 'string' && node.type === 'QUOTE_DOUBLE') this.#refuseHidden(value, span)
    return value ?? null
  }

  #mapping(node: YAMLMap, pointer: string): Record<string, unknown> {
    const mapping = Object.create(null) as Record<string, unknown>
    for (const pair of node.items) this.#pair(pair, pointer, mapping)
    return mapping
  }

  #pair(pair: Pair, pointer: string, mapping: Record<string, unknown>): void {
    if (!isScalar(pair.key) || typeof pair.key.value !== 'string') return
    const key = pair.key.value
    const span = this.#span(pair.key) ?? TOP
    const location = locationOf(this.source, span)
    const at = `${pointer}/${pointerPart(key)}`
    if (key === '<<' && pair.key.type === 'PLAIN') {
      this.diagnostics.push(diagnostic('yaml-merge-key', location, {}))
      return
    }
    if (Object.hasOwn(mapping, key)) {
      const first = this.places.get(`${at}#key`)
      const related = first ? [{ location: locationOf(this.source, first), note: 'the first' }] : []
      this.diagnostics.push(diagnostic('duplicate-key', location, { key }, { related }))
      return
    }
    if (key === '__proto__') {
      const facts = { key: at, found: key, expected: 'another name', suggestion: null }
      this.diagnostics.push(diagnostic('invalid-value', location, facts))
      return
    }
    if (pair.key.type === 'QUOTE_DOUBLE') this.#refuseHidden(key, span)
    this.places.set(`${at}#key`, span)
    mapping[key] = this.read(pair.value, at, span)
  }

  /** Escapes put into a value what the scan of the text can't see. */
  #refuseHidden(value: string, span: Span): void {
    const codePoint = hiddenCharacter(value)
    if (codePoint === null || this.source.text.slice(span.start, span.end).includes(String.fromCodePoint(codePoint)))
      return
    this.diagnostics.push(diagnostic('control-character', locationOf(this.source, span), { codePoint }))
  }

  #span(node: unknown): Span | null {
    if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return null
    const [start, stop] = node.range ?? [0, 0]
    let end = stop
    // Nothing but white space is below it that could be left at the end of a value.
    while (end > start && this.source.text.charCodeAt(end - 1) <= SPACE) end--
    return end > start ? { start, end } : null
  }
}
