import { Composer, Lexer, Parser, type CST, type Document } from 'yaml'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { locationOf, sourceText, type SourceText, type Span } from '../model/source.ts'
import { hiddenCharacters } from './characters.ts'
import { refusedSyntax } from './yaml-syntax.ts'
import { convert } from './yaml-value.ts'

export const MAX_BYTES: number = 256 * 1024

/**
 * Spaces and ends of lines count, too. The library's time grows with the square of some of them, and one value may be as
 * short as a comma.
 */
const MAX_TOKENS = 20_000

/** A YAML file as plain values, with the place of each. */
export interface YamlFile {
  readonly source: SourceText
  /** Mappings have no prototype. `undefined` where the text is not YAML at all. */
  readonly value: unknown
  /** JSON pointer to the range of its value; `<pointer>#key` to that of its key. */
  readonly places: ReadonlyMap<string, Span>
  /** Pointers of values that are not known, because they were refused (aliases). */
  readonly unknown: ReadonlySet<string>
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads one YAML 1.2 document (core schema) and reports all that is wrong with it. Refused: what runs away in time or
 * memory (size, depth, aliases, merge keys) and what says more than data (tags, directives, several documents).
 */
export function readYaml(bytes: Uint8Array, file: string): YamlFile {
  const nothing = { value: undefined, places: new Map<string, Span>(), unknown: new Set<string>() }
  if (bytes.byteLength > MAX_BYTES) {
    const facts = { path: file, bytes: bytes.byteLength, limit: MAX_BYTES }
    const source = sourceText(file, '')
    return { ...nothing, source, diagnostics: [diagnostic('file-too-large', locationOf(source, TOP), facts)] }
  }
  const text = DECODER.decode(bytes)
  const source = sourceText(file, text)
  const bad = invalidOffset(bytes, text)
  if (bad !== null) {
    const at = DECODER.decode(bytes.subarray(0, bad)).length
    const location = locationOf(source, { start: at, end: at + 1 })
    return { ...nothing, source, diagnostics: [diagnostic('invalid-utf8', location, { path: file, offset: bad })] }
  }
  return { source, ...readText(source) }
}

const TOP: Span = { start: 0, end: 0 }
const DECODER = new TextDecoder()

function readText(source: SourceText): Omit<YamlFile, 'source'> {
  const long = tooLong(source)
  if (long) {
    return { value: undefined, places: new Map(), unknown: new Set(), diagnostics: [long] }
  }
  const tokens = [...new Parser().parse(source.text)]
  const refused = refusedSyntax(source, tokens)
  const diagnostics = [...hidden(source), ...refused.diagnostics]
  const nothing = { value: undefined, places: new Map<string, Span>(), unknown: new Set<string>() }
  if (refused.tooDeep) return { ...nothing, diagnostics }
  const document = compose(source, tokens)
  const syntax = syntaxErrors(source, document, diagnostics)
  diagnostics.push(...syntax)
  if (syntax.length > 0) return { ...nothing, diagnostics }
  const converted = convert(source, document)
  return { ...converted, diagnostics: [...diagnostics, ...converted.diagnostics] }
}

/** CST.DOCUMENT, CST.FLOW_END and CST.SCALAR of the library. */
const ADDED: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f'])

/** Counts before anything else is done, and no further than it has to. */
function tooLong(source: SourceText): Diagnostic | null {
  // None is shorter than one character.
  if (source.text.length <= MAX_TOKENS) return null
  let count = 0
  let end = 0
  for (const token of new Lexer().lex(source.text)) {
    // What the lexer adds itself, where a document or a value begins, is no part of the text.
    if (ADDED.has(token)) continue
    if (++count > MAX_TOKENS) {
      const span = { start: end, end: end + token.length }
      return diagnostic('yaml-length', locationOf(source, span), { limit: MAX_TOKENS })
    }
    end += token.length
  }
  return null
}

/** Unique keys are checked by {@link convert}: the library compares each with each, which takes minutes for a long mapping. */
function compose(source: SourceText, tokens: readonly CST.Token[]): Document.Parsed {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    resolveKnownTags: false,
    logLevel: 'error',
  })
  const [document] = composer.compose(tokens, true, source.text.length)
  if (!document) throw new TypeError('a composer that is forced to gives a document')
  return document
}

/** One a line at most, as the others follow from the first; what has a complaint of its own is left out. */
function syntaxErrors(source: SourceText, document: Document.Parsed, known: readonly Diagnostic[]): Diagnostic[] {
  const found = new Map<number, Diagnostic>()
  const lines = new Set(known.filter(({ code }) => code.startsWith('yaml-')).map((one) => one.location?.start.line))
  for (const error of document.errors) {
    const location = locationOf(source, { start: error.pos[0], end: Math.max(error.pos[0], error.pos[1]) })
    const { line } = location.start
    if (error.code === 'TAG_RESOLVE_FAILED' || error.code === 'BAD_ALIAS' || lines.has(line) || found.has(line))
      continue
    found.set(line, diagnostic('yaml-syntax', location, { detail: error.message }))
  }
  return [...found.values()]
}

function hidden(source: SourceText): Diagnostic[] {
  return hiddenCharacters(source.text).map(({ offset, codePoint }) => {
    const span = { start: offset, end: offset + String.fromCodePoint(codePoint).length }
    return diagnostic('control-character', locationOf(source, span), { codePoint })
  })
}

/** Offset of the first byte that is not UTF-8. A byte order mark at the start is left out of the text, as editors do. */
function invalidOffset(bytes: Uint8Array, text: string): number | null {
  if (!text.includes('\ufffd')) return null
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const again = new TextEncoder().encode(text)
  for (let at = mark; at < bytes.length; at++) {
    if (bytes[at] !== again[at - mark]) return at
  }
  return null
}
