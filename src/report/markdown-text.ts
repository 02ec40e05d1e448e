import { escapeText } from './style.ts'

/**
 * Words that no renderer takes for anything but words: no punctuation that Markdown, HTML, mentions, references or emoji could
 * begin with, nothing that looks like a link, an issue key or a commit.
 */
const PLAIN = /^[\p{L}\p{N}\p{M}](?:[\p{L}\p{N}\p{M} ,.()%']|(?<=[\p{L}\p{N}])[-/](?=\p{L}))*$/u
const LINKED = /\bwww\.|\.[a-z]{2,}\b|\b[0-9a-f]{7,40}\b|\b[a-z]{1,10}-\d|\bGH-/i

/** Text of unknown origin within a line of Markdown: as it is where that does no harm, otherwise as code. */
export function inline(text: string): string {
  const shown = escapeText(text)
  return PLAIN.test(shown) && !LINKED.test(shown) ? shown : codeSpan(shown)
}

/** Code within a line, in a table too. GitHub notifies nobody and links nothing from code. */
export function codeSpan(text: string): string {
  const shown = escapeText(text)
  if (shown.trim() === '') return '*(empty)*'
  const fence = '`'.repeat(longestRun(shown) + 1)
  const padded = /^[` ]|[` ]$/.test(shown) ? ` ${shown} ` : shown
  return `${fence}${padded}${fence}`
}

/**
 * The same in a cell of a table, where a bar would end the cell even in code. It is escaped; beside backslashes, which renderers
 * count in different ways, it is written as `\\x7c`.
 */
export function cell(text: string): string {
  return text.replaceAll('|', text.includes('\\') ? '\\x7c' : '\\|')
}

/** Lines as a block of code that nothing in them can end. They are escaped already. */
export function fenced(lines: readonly string[]): string {
  const fence = '`'.repeat(Math.max(3, ...lines.map((line) => longestRun(line) + 1)))
  return [`${fence}text`, ...lines.map(escapeText), fence].join('\n')
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))
}
