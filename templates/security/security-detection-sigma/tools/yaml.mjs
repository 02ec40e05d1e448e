// The part of YAML that Sigma rules are written in: mappings and lists in blocks, lists in brackets, plain and quoted texts,
// whole numbers, true, false, null, comments and folded texts (> and |). All else is refused with its line, never guessed.

/** @typedef {string | number | boolean | null | Value[] | { [key: string]: Value }} Value */
/** @typedef {{ indent: number, text: string, line: number }} Line */

export class Unsupported extends Error {}

/**
 * @param {string} text
 * @returns {Value}
 */
export function readYaml(text) {
  const source = text.split(/\r?\n/)
  const lines = source.flatMap((raw, index) => {
    const line = { indent: raw.search(/\S|$/), text: withoutComment(raw).trim(), line: index + 1 }
    if (/^\s*\t/.test(raw)) throw new Unsupported(`line ${line.line}: a tab is no indentation`)
    return line.text === '' ? [] : [line]
  })
  const reader = new Reader(lines, source)
  const value = reader.block(0)
  const left = lines[reader.at]
  if (left) throw new Unsupported(`line ${left.line}: the indentation is not understood`)
  return value
}

/** @param {string} raw */
function withoutComment(raw) {
  const found = /^(?:[^'"#]|'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|(?<=\S)['"#])*/.exec(raw)
  const rest = raw.slice(found?.[0].length)
  return rest.startsWith('#') ? raw.slice(0, found?.[0].length) : raw
}

class Reader {
  at = 0

  /**
   * @param {readonly Line[]} lines
   * @param {readonly string[]} source
   */
  constructor(lines, source) {
    this.lines = lines
    this.source = source
  }

  /**
   * @param {number} least
   * @returns {Value}
   */
  block(least) {
    const first = this.lines[this.at]
    if (!first || first.indent < least) return null
    if (/^-(?: |$)/.test(first.text)) return this.#list(first.indent)
    return KEY.test(first.text) ? this.#mapping(first.indent) : this.#lone(first)
  }

  /** @param {Line} line */
  #lone(line) {
    this.at++
    return scalar(line.text, line.line)
  }

  /** @param {number} indent */
  #list(indent) {
    const found = []
    for (let line = this.lines[this.at]; line?.indent === indent; line = this.lines[this.at]) {
      if (!/^-(?: |$)/.test(line.text)) break
      const rest = line.text.slice(1).trimStart()
      if (rest === '') {
        this.at++
        found.push(this.block(indent + 1))
        continue
      }
      // What follows the hyphen is a block of its own, as far to the right as it stands.
      const inner = { indent: indent + line.text.length - rest.length, text: rest, line: line.line }
      this.lines = [...this.lines.slice(0, this.at), inner, ...this.lines.slice(this.at + 1)]
      found.push(this.block(inner.indent))
    }
    return found
  }

  /** @param {number} indent */
  #mapping(indent) {
    /** @type {{ [key: string]: Value }} */
    const mapping = Object.create(null)
    for (let line = this.lines[this.at]; line?.indent === indent; line = this.lines[this.at]) {
      const [whole, quoted, plain = ''] = KEY.exec(line.text) ?? []
      if (whole === undefined) throw new Unsupported(`line ${line.line}: a key and a colon are missing`)
      const key = quoted === undefined ? plain : /** @type {string} */ (scalar(quoted, line.line))
      if (key in mapping) throw new Unsupported(`line ${line.line}: ${key} is there twice`)
      this.at++
      const rest = line.text.slice(whole.length).trim()
      mapping[key] = this.#value(rest, line)
    }
    return mapping
  }

  /**
   * @param {string} rest what stands behind the colon
   * @param {Line} line
   */
  #value(rest, line) {
    if (/^[>|]-?$/.test(rest)) return this.#folded(line, rest)
    if (rest !== '') return scalar(rest, line.line)
    const next = this.lines[this.at]
    // A list may stand as far left as its key.
    return this.block(next && next.indent === line.indent && next.text.startsWith('-') ? line.indent : line.indent + 1)
  }

  /**
   * Text below its key: with its line breaks (|), or with blanks in their place (>).
   *
   * @param {Line} line
   * @param {string} kind
   */
  #folded(line, kind) {
    let end = line.line
    while (end < this.source.length && this.#isWithin(end, line.indent)) end++
    while ((this.lines[this.at]?.line ?? Infinity) <= end) this.at++
    const raw = this.source.slice(line.line, end)
    const indent = raw.find((text) => text.trim() !== '')?.search(/\S/) ?? 0
    const texts = raw.map((text) => text.slice(indent))
    if (
      raw.some((text) => text.slice(0, indent).trim() !== '' || (kind[0] === '>' && /^\s+\S/.test(text.slice(indent))))
    ) {
      throw new Unsupported(`line ${line.line}: the indentation of the text below is not understood`)
    }
    const whole = texts.join('\n').trimEnd()
    const text = kind[0] === '|' ? whole : whole.replaceAll(/\n+/g, (breaks) => breaks.slice(1) || ' ')
    return kind.endsWith('-') || text === '' ? text : `${text}\n`
  }

  /**
   * @param {number} index
   * @param {number} indent
   */
  #isWithin(index, indent) {
    const text = this.source[index] ?? ''
    return text.trim() === '' || text.search(/\S/) > indent
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)$/
/** Octal, hexadecimal, with a fraction or an exponent: read by some as a number and by others as text. */
const LIKE_NUMBER =
  /^[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[-+]?\d+)?$|^[-+]?0[box][\da-f_]+$|^[-+]?\d+(?::[0-5]?\d)+$/i
const KEY = /^(?:('(?:[^']|'')*'|"(?:[^"\\]|\\.)*")|([^\s'"[\]{},#&*!|>%@`-][^:#]*?))\s*:(?=\s|$)/

/**
 * @param {string} text
 * @param {number} line
 * @returns {Value}
 */
function scalar(text, line) {
  if (/^'(?:[^']|'')*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'")
  if (/^"(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"$/.test(text)) return JSON.parse(text)
  if (text.startsWith('[') && text.endsWith(']')) return items(text.slice(1, -1), line)
  if (/^[&*!|>%@`{}[\]"'?,]|^- |: |:$/.test(text)) {
    throw new Unsupported(
      `line ${line}: ${text} is a part of YAML that is not supported here; put it in quotes if it is text`,
    )
  }
  if (LIKE_NUMBER.test(text) && !NUMBER.test(text)) {
    throw new Unsupported(`line ${line}: ${text} may be a number or a text; put it in quotes if it is text`)
  }
  if (/^(?:null|~)$/i.test(text)) return null
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  return NUMBER.test(text) ? Number(text) : text
}

/**
 * @param {string} text
 * @param {number} line
 */
function items(text, line) {
  if (text.trim() === '') return []
  const found = text.match(/'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^,'"]+|,/g) ?? []
  const parts = found.map((part) => part.trim()).filter((part) => part !== '')
  if (parts.some((part, index) => (index % 2 === 1) !== (part === ','))) {
    throw new Unsupported(`line ${line}: the list in brackets is not understood`)
  }
  return parts.filter((part) => part !== ',').map((part) => scalar(part, line))
}
