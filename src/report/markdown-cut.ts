const NOTE = '\n*There is more than fits here: `report.html` shows it.*\n'

/**
 * As many of the first blocks of a Markdown text as fit into so many bytes, with a note where that is not all of it; empty where not
 * even one does. A block ends at an empty line outside of fenced code, so that nothing is left open.
 */
export function cutMarkdown(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  const room = bytes - NOTE.length
  let fence: string | null = null
  let used = 0
  let end = 0
  let at = 0
  for (const line of text.split('\n')) {
    used += Buffer.byteLength(line) + 1
    if (used > room) break
    at += line.length + 1
    const mark = /^`{3,}/.exec(line)?.[0]
    if (fence === null && mark !== undefined) fence = mark
    else if (fence !== null && line === fence) fence = null
    if (fence === null && line === '') end = at - 1
  }
  return end === 0 ? '' : text.slice(0, end) + NOTE
}
