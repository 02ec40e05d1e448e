import { PHASES, type Action, type CommandAction, type Graph } from '../model/graph.ts'
import type { PackId } from '../model/pack.ts'
import { matcher } from '../model/pattern.ts'
import { VIEW } from '../model/view.ts'
import { quote } from './phrase.ts'
import { escapeText } from './style.ts'

/** A path as messages name it; what quotes, brackets and punctuation around it are is left out. */
const PATH = /[\w.@+~/-]+/g
/** So many words of a log are looked at, the last ones first. */
const MOST_WORDS = 2_000

/**
 * Where a command failed and the end of its log names what another action makes for those that declare that they need it:
 * the line that would. `null`: nothing of the kind.
 */
export function wordUndeclared(action: Action, graph: Graph, logLines: readonly string[]): string | null {
  if (action.kind !== 'command') return null
  const makers = graph.actions.filter((other) => isUnseen(other, action))
  if (makers.length === 0) return null
  for (const word of wordsOf(logLines)) {
    for (const path of pathsOf(word, action.cwd)) {
      if (action.sources.includes(path) || action.outputs.some((output) => matcher(output)(path))) continue
      const maker = makers.find(({ outputs }) => outputs.some((output) => matcher(output)(path)))
      if (maker) return advice(path, { action, maker, graph })
    }
  }
  return null
}

function isUnseen(other: Action, action: CommandAction): other is CommandAction {
  return other.kind === 'command' && !other.control && other.id !== action.id && !action.providers.includes(other.id)
}

function wordsOf(lines: readonly string[]): readonly string[] {
  const words = lines.toReversed().flatMap((line) => line.match(PATH) ?? [])
  const plain = words.map((word) => word.replace(/\.+$/, '')).filter((word) => /[./]/.test(word))
  return [...new Set(plain)].slice(0, MOST_WORDS)
}

/** What a word could stand for, relative to the workspace: without a sandbox an absolute path has folders of the host before it. */
function pathsOf(word: string, cwd: string): readonly string[] {
  const inside = word.startsWith(`${VIEW.workspace}/`) ? word.slice(VIEW.workspace.length) : word
  const parts = inside.split('/').filter((part) => part !== '' && part !== '.')
  if (word.startsWith('/')) return parts.map((_, start) => parts.slice(start).join('/'))
  const whole = cwd === '' ? [] : cwd.split('/')
  for (const part of parts) {
    if (part === '..') whole.pop()
    else whole.push(part)
  }
  return parts.length > 0 ? [whole.join('/')] : []
}

interface Found {
  readonly action: CommandAction
  readonly maker: CommandAction
  readonly graph: Graph
}

function advice(path: string, found: Found): string {
  const { action, maker } = found
  const what = `The log names ${quote(path)}, which ${quote(maker.id)} makes and this command does not see.`
  if (maker.pack !== action.pack) return `${what} ${acrossPacks(path, found)}`
  if (PHASES.indexOf(maker.phase) > PHASES.indexOf(action.phase)) return `${what} That is later: let a step make it.`
  const id = escapeText(maker.id.slice(maker.id.indexOf('/') + 1))
  const isStep = action.phase === 'steps'
  const line = isStep ? `needs: [${id}]` : `inputs: { files: [..., ${packPath(path, action.cwd)}] }`
  return `${what} Add to it at ${escapeText(action.place.file)}:${action.place.start.line}:\n${line}`
}

function acrossPacks(path: string, { action, maker, graph }: Found): string {
  const packs = new Map(graph.packs.map(({ definition }) => [definition.id, definition]))
  if (isNeededBy(maker.pack, action.pack, packs))
    return 'That pack needs this one: let a pack that comes before make it.'
  const own = packs.get(action.pack)
  const needs = own?.needs.includes(maker.pack) ? [] : [`needs: [${escapeText(maker.pack)}]`]
  const mount = `from: ${escapeText(maker.pack)}, path: ${packPath(path, maker.cwd)}, as: ${packPath(path, action.cwd)}`
  const lines = [...needs, 'inputs:', `  artifacts: [{ ${mount} }]`]
  return [`Add to ${escapeText(action.place.file)}:`, ...lines].join('\n')
}

/** Whether the first pack needs the second, directly or through others: it then can't come before it. */
function isNeededBy(
  pack: PackId,
  other: PackId,
  packs: ReadonlyMap<PackId, { readonly needs: readonly PackId[] }>,
): boolean {
  const seen = new Set([pack])
  for (const id of seen) for (const need of packs.get(id)?.needs ?? []) seen.add(need)
  return seen.has(other)
}

/** A path of the workspace as a pack in `dir` writes it. */
function packPath(path: string, dir: string): string {
  if (dir === '') return escapeText(path)
  return escapeText(path.startsWith(`${dir}/`) ? path.slice(dir.length + 1) : `/${path}`)
}
