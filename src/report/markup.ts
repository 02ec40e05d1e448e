import { escapeText } from './style.ts'

/** HTML, SVG or XML that this program wrote; made by {@link markup}, {@link joined} and {@link embedded} alone. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Child = Markup | string | number | null | readonly Child[]

/**
 * A template whose own text is ours and whose values are not: each is shown as text or as the value of an attribute in
 * double quotes, whatever is in it. Markup stays what it is, a list is its parts, `null` is nothing.
 */
export function markup(own: TemplateStringsArray, ...values: readonly Child[]): Markup {
  let text = own[0] ?? ''
  for (const [index, value] of values.entries()) text += written(value) + (own[index + 1] ?? '')
  return new Markup(text)
}

/** Parts one after the other, with a text of ours between them. */
export function joined(parts: readonly Markup[], between: '' | '\n' | ' ' | ', '): Markup {
  return new Markup(parts.map(({ text }) => text).join(between))
}

/**
 * A style sheet, script or JSON of ours as it stands in its element, in which nothing is escaped.
 *
 * @throws RangeError where it could end its element before its end
 */
export function embedded(text: string): Markup {
  if (/<[!/?]/.test(text)) throw new RangeError('it holds what may be taken for markup')
  return new Markup(text)
}

function written(value: Child): string {
  if (value === null) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'string') return escapeMarkup(value)
  if (typeof value === 'number') return String(value)
  return value.map(written).join('')
}

/** Most texts hold nothing that is looked for below. */
const PLAIN = /^[\n !$%(-9;=?-~]*$/
const HARMLESS = /^[\x20-\x7E\n]*$/
const SPECIAL = /[&<>"'\uFFFE\uFFFF]/g
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // XML has no way at all to hold these two.
  '\uFFFE': '\\u{fffe}',
  '\uFFFF': '\\u{ffff}',
}

/**
 * Text as HTML and XML show it: what can't be seen is written as an escape, line feeds apart. Nothing in it can be taken for
 * a command of a workflow either, should the document be printed.
 */
export function escapeMarkup(text: string): string {
  if (PLAIN.test(text)) return text
  const shown = HARMLESS.test(text) ? text : text.split('\n').map(escapeText).join('\n')
  const escaped = shown.replace(SPECIAL, (character) => ENTITIES[character] ?? '')
  if (!escaped.includes('::') && !escaped.includes('##[')) return escaped
  return escaped.replace(/^(\s*):(?=:)/gm, '$1&#58;').replaceAll('##[', '##&#91;')
}
