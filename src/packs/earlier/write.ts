import { stringify } from 'yaml'
import { canonicalJson, type Json } from '../../model/canonical.ts'
import { compareBytes } from '../../model/order.ts'
import { readYaml } from '../yaml.ts'
import type { Converted } from './convert.ts'

/** The files of a pack that are written anew, in the order of their paths by bytes; the others come along as they are. */
export function earlierFiles(converted: Converted): readonly { readonly path: string; readonly text: string }[] {
  const { task, prose, notes, files } = converted
  const made = [{ path: 'task.yml', text: taskText(task) }]
  if (prose.length + notes.length > 0) {
    const name = ['acceptance.md', 'acceptance-in-words.md'].find((path) => !files.includes(path))
    made.push({ path: name ?? 'acceptance-imported.md', text: wordsText(prose, notes) })
  }
  return made.toSorted((a, b) => compareBytes(a.path, b.path))
}

/** @throws where it would not be read as what was written: a bug */
function taskText(task: Json): string {
  const text = stringify(task, { lineWidth: 0 })
  const read = readYaml(new TextEncoder().encode(text), 'task.yml')
  if (read.value !== undefined && canonicalJson(read.value as Json) !== canonicalJson(task)) {
    throw new Error('a task.yml would hold something else than it was made of')
  }
  return text
}

function wordsText(prose: readonly string[], notes: readonly string[]): string {
  const list = (items: readonly string[]): string =>
    items.map((item) => `- ${item.trim().replaceAll('\n', '\n  ')}\n`).join('')
  const demanded = prose.length > 0 ? `\nWhat is demanded in words. No command proves it.\n\n${list(prose)}` : ''
  const needed = notes.length > 0 ? `\nWhat has to be there beside the tools in task.yml:\n\n${list(notes)}` : ''
  return `# Acceptance in words\n${demanded}${needed}`
}
