// The part of a pull request's text that is ours: it stands between two comments, and nothing else is ever touched.
import { sha256, type Digest } from '../model/digest.ts'
import type { GitId } from '../model/forge.ts'

/** GitHub's limit of a text, in characters; counted in UTF-16 units here, of which there are never fewer. */
export const MOST_BODY = 65_536

/** What the part is about. */
export interface SectionFacts {
  readonly run: Digest
  readonly base: GitId
  readonly tree: GitId
}

const BEGIN = /<!-- codex:begin run=([0-9a-f]{64}) base=([0-9a-f]{40}) tree=([0-9a-f]{40}) text=([0-9a-f]{64}) -->\n/
const END = '<!-- codex:end -->'

/** The part with its marks. The text itself can hold none: whatever could begin one is written otherwise. */
export function sectionOf(text: string, { run, base, tree }: SectionFacts): string {
  const inside = `${text.replaceAll('<!--', '<! --').trimEnd()}\n`
  return `<!-- codex:begin run=${run} base=${base} tree=${tree} text=${sha256(inside)} -->\n${inside}${END}`
}

interface Found extends SectionFacts {
  /** Whether its text is the one that was written. */
  readonly intact: boolean
  readonly start: number
  readonly end: number
}

/** The part as it stands in a text; `null`: there is none. */
export function findSection(body: string): Found | null {
  const text = plainLines(body)
  const begin = BEGIN.exec(text)
  if (!begin) return null
  const [mark, run = '', base = '', tree = '', digest] = begin
  const from = begin.index + mark.length
  const to = text.indexOf(END, from)
  // Whatever stands below a beginning whose end is gone is somebody's.
  const end = to === -1 ? from : to + END.length
  return { run, base, tree, intact: to !== -1 && sha256(text.slice(from, to)) === digest, start: begin.index, end }
}

/** A text in which the part is the given one, and nothing else is another; a text that has none gets it at its end. */
export function withSection(body: string, section: string): string {
  const text = plainLines(body)
  const found = findSection(text)
  if (found) return `${text.slice(0, found.start)}${section}${text.slice(found.end)}`
  return text.trim() === '' ? section : `${text.trimEnd()}\n\n${section}`
}

/** Texts that were edited in a browser come back with other ends of lines. */
function plainLines(text: string): string {
  return text.replaceAll('\r\n', '\n')
}
