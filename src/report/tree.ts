import { PHASES, type Action, type ActionId, type Control, type GateAction, type Graph } from '../model/graph.ts'
import type { Pack, PackId } from '../model/pack.ts'
import { fit, padEnd, widthOf } from './columns.ts'
import { elapsed } from './duration.ts'
import type { RunOverlay } from './graph-view.ts'
import { groupBy } from './grouping.ts'
import { count } from './phrase.ts'
import { escapeText, styleOf, type Style, type StyleOptions } from './style.ts'

/** What an action waits for within its pack, beyond the order of the phases: by declaration and by reading outputs. */
interface Waits {
  readonly needs: readonly ActionId[]
  readonly reads: readonly ActionId[]
}

const COMMAND_COLUMNS = 60

export interface TreeOptions extends StyleOptions {
  /** What is laid over it; absent or `null`: nothing. */
  readonly run?: RunOverlay | null
}

/** The graph for people: packs in plan order, in each its phases with their commands. */
export function renderTree(graph: Graph, options: TreeOptions): string {
  const { run = null } = options
  const style = styleOf(options)
  const waits = waitsOf(graph)
  const byPack = groupBy(graph.actions, (action) => action.pack)
  const blocks = graph.packs.map((pack) => packLines(pack, byPack.get(pack.definition.id) ?? [], { style, waits, run }))
  return blocks.map((lines) => lines.map((line) => `${line.trimEnd()}\n`).join('')).join('\n')
}

function waitsOf(graph: Graph): ReadonlyMap<ActionId, Waits> {
  const waits = new Map<ActionId, { needs: ActionId[]; reads: ActionId[] }>()
  for (const { from, to, kind } of graph.edges) {
    if (kind !== 'needs' && kind !== 'output') continue
    const entry = waits.get(to) ?? { needs: [], reads: [] }
    waits.set(to, entry)
    entry[kind === 'needs' ? 'needs' : 'reads'].push(from)
  }
  return waits
}

interface Context {
  readonly style: Style
  readonly waits: ReadonlyMap<ActionId, Waits>
  readonly run: RunOverlay | null
}

function packLines(pack: Pack, actions: readonly Action[], context: Context): readonly string[] {
  const { colors, glyphs } = context.style
  const { id, title, needs } = pack.definition
  const needed = needs.length > 0 ? `  ${colors.cyan(`needs ${needs.map(escapeText).join(', ')}`)}` : ''
  const lines = [`${colors.bold(escapeText(id))}  ${escapeText(title)}${needed}`]
  const phases = PHASES.map((phase) => ({ phase, members: actions.filter((action) => action.phase === phase) }))
  const filled = phases.filter(({ members }) => members.length > 0)
  for (const [index, { phase, members }] of filled.entries()) {
    const last = index === filled.length - 1
    lines.push(`${last ? glyphs.corner : glyphs.tee}${phase}`)
    lines.push(...actionLines(members, last ? glyphs.blank : glyphs.pipe, context))
  }
  return lines
}

function actionLines(actions: readonly Action[], indent: string, { style, waits, run }: Context): readonly string[] {
  const { colors, glyphs } = style
  const names = actions.map((action) => escapeText(shortName(action)))
  const width = Math.max(...names.map(widthOf))
  return actions.map((action, index) => {
    const branch = index === actions.length - 1 ? glyphs.corner : glyphs.tee
    const note = waitsNote(action, waits.get(action.id))
    const needed = note === '' ? '' : `  ${colors.cyan(note)}`
    const ended = run ? `${endedText(action, run, style)}  ` : ''
    return `${indent}${branch}${padEnd(names[index] ?? '', width)}  ${ended}${describe(action, style)}${needed}`
  })
}

/** `✓ 1.2 s *`: the star is for the critical path. */
function endedText({ id }: Action, run: RunOverlay, { colors, glyphs }: Style): string {
  const ended = run.actions.get(id)
  if (!ended) return colors.dim('not in this run')
  const time = ended.durationMs === null ? '' : ` ${elapsed(ended.durationMs)}`
  const star = run.critical.includes(id) ? ` ${colors.yellow('*')}` : ''
  if (ended.tone === 'good') return `${colors.green(glyphs.pass)}${time}${star}`
  const text = `${ended.tone === 'bad' ? glyphs.fail : glyphs.skip} ${ended.words}${time}`
  return `${ended.tone === 'bad' ? colors.red(text) : colors.dim(text)}${star}`
}

/** `build` of `web:steps/build`. */
function shortName({ id }: Action): string {
  return id.slice(id.indexOf('/') + 1)
}

const GATE_WORDS: Readonly<Record<GateAction['gate'], (action: GateAction) => string>> = {
  artifacts: ({ required }) => count(required.length, 'required file'),
  secrets: ({ steps }) => `no credential in artifacts${steps ? ', changes' : ''} or logs`,
  scope: ({ scope }) => `changes within ${count(scope?.patterns.length ?? 0, 'pattern')}`,
  controls: ({ controls = [] }) => `${count(controls.length, 'control')} that must fail`,
}

function describe(action: Action, { colors, glyphs }: Style): string {
  if (action.kind === 'gate') return colors.dim(GATE_WORDS[action.gate](action))
  if (action.control) return colors.dim(controlText(action.control, action.cwd))
  return colors.dim(`$ ${fit(escapeText(action.text), COMMAND_COLUMNS, glyphs.ellipsis)}`)
}

/** Which command it is stands in the control's name, and the command itself in the tree. */
function controlText({ replace }: Control, dir: string): string {
  const within = (path = ''): string => escapeText(path.startsWith(`${dir}/`) ? path.slice(dir.length + 1) : path)
  const more = replace.length > 1 ? ` and ${count(replace.length - 1, 'other')}` : ''
  return `must fail with ${within(replace[0]?.source)} as ${within(replace[0]?.target)}${more}`
}

function waitsNote(action: Action, waits: Waits | undefined): string {
  const within = (ids: readonly ActionId[]): string => ids.map((id) => escapeText(localId(id, action.pack))).join(', ')
  const declared = waits?.needs ?? []
  const read = (waits?.reads ?? []).filter((id) => !declared.includes(id))
  const notes = [
    ...(declared.length > 0 ? [`needs ${within(declared)}`] : []),
    ...(read.length > 0 ? [`reads from ${within(read)}`] : []),
  ]
  return notes.join('; ')
}

/** `steps/build` within the pack itself, the whole id elsewhere. */
function localId(id: ActionId, pack: PackId): string {
  return id.startsWith(`${pack}:`) ? id.slice(pack.length + 1) : id
}
