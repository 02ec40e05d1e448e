import { joined, markup, type Markup } from './markup.ts'
import type { Place, Sentence, StatusCount, Tone } from './report-model.ts'

/** Beside the words, so that nothing is told by colour alone. */
const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', bad: '✗', idle: '–' }

export function sign(tone: Tone): Markup {
  return markup`<span class="sign ${tone}" aria-hidden="true">${SIGNS[tone]}</span>`
}

export function badge(tone: Tone, words: string): Markup {
  return markup`<span class="badge ${tone}">${SIGNS[tone]} ${words}</span>`
}

export function sentence(parts: Sentence): Markup {
  return joined(
    parts.map((part) => (typeof part === 'string' ? markup`${part}` : code(part.name))),
    '',
  )
}

export function plainSentence(parts: Sentence): string {
  return parts.map((part) => (typeof part === 'string' ? part : part.name)).join('')
}

export function code(text: string): Markup {
  return markup`<code>${text}</code>`
}

/** What a message puts in backticks is set as code. */
export function worded(message: string): Markup {
  const parts = message.split('`')
  const balanced = parts.length % 2 === 1
  return joined(
    parts.map((part, at) => (balanced && at % 2 === 1 ? code(part) : markup`${part}`)),
    '',
  )
}

export function place({ file, line, column }: Place): Markup {
  return code(`${file}:${line}:${column}`)
}

export function counts(all: readonly StatusCount[]): string {
  return all.map(({ number, words }) => `${number} ${words}`).join(', ')
}

/** A row of a list of terms; nothing where there is nothing to tell. */
export function term(name: string, value: Markup | string | null): Markup | null {
  return value === null || value === '' ? null : markup`<dt>${name}</dt><dd>${value}</dd>\n`
}

/** A digest, which on a narrow screen takes lines of its own. */
export function digestTerm(name: string, digest: string | null): Markup | null {
  return digest === null ? null : markup`<dt>${name}</dt><dd class="digest"><code>sha256:${digest}</code></dd>\n`
}

/** How many are not told, and where they are. */
export function more(number: number, what: string): Markup | null {
  return number > 0 ? markup`<p class="gap">and ${number} more ${what}</p>\n` : null
}
