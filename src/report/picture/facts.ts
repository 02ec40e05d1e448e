import type { Action, CommandAction, Edge } from '../../model/graph.ts'
import { namesOf } from '../../model/grant.ts'
import type { Pack } from '../../model/pack.ts'
import { groupBy } from '../grouping.ts'
import { edgeWording } from '../edges.ts'
import { limitName, wordLimit } from '../change-words.ts'
import type { GraphView } from '../graph-view.ts'
import { count } from '../phrase.ts'
import { escapeText } from '../style.ts'
import type { ActionFacts, FactsData, PackFacts } from './data.ts'

/** What is known of an action before it runs: its key, or why that is not known. */
export type KnownKey = { readonly key: string } | { readonly note: string }

export interface Knowledge {
  /** By action. */
  readonly keys: ReadonlyMap<string, KnownKey>
  /** By pack: of what it asks for, what it was given; `null`: that is not known. */
  readonly grants: ReadonlyMap<string, readonly string[]> | null
}

/** Lists of more than this are not read. */
const MOST = 60

/** All that a page tells of actions and packs; every text is safe to show. */
export function factsData(view: GraphView, { keys, grants }: Knowledge): FactsData {
  const { graph } = view
  const texts = new Interned()
  const indexes = new Map(graph.actions.map(({ id }, index) => [id, index]))
  const before = groupBy(graph.edges, ({ to }) => to)
  const wording = edgeWording(view.whole)
  const dirs = new Map(graph.packs.map(({ definition, dir }) => [definition.id, dir]))
  const needsOf = ({ id }: Action): ActionFacts['needs'] =>
    (before.get(id) ?? []).map((edge: Edge) => {
      const { words, place } = wording(edge)
      return [indexes.get(edge.from) ?? 0, texts.indexOf(words), place === null ? null : texts.indexOf(place)]
    })
  const actions = graph.actions.map((action): ActionFacts => {
    const about = { granted: grants?.get(action.pack) ?? null, dir: dirs.get(action.pack) ?? '' }
    const rows = rowsOf(action, about).map(([heading, lines]) => {
      return [heading, bounded(lines).map((line) => texts.indexOf(line))] as const
    })
    const ended = view.run?.actions.get(action.id)
    return {
      what: whatOf(action),
      command: action.kind === 'command' ? linesOf(action.text) : null,
      place: `${escapeText(action.place.file)}:${action.place.start.line}`,
      rows: ended?.reason ? [['Why', [texts.indexOf(ended.reason)]], ...rows] : rows,
      ...keyOf(keys.get(action.id)),
      needs: needsOf(action),
    }
  })
  return { actions, packs: graph.packs.map((pack) => packFacts(pack)), texts: texts.all }
}

class Interned {
  readonly all: string[] = []
  readonly #places = new Map<string, number>()

  indexOf(text: string): number {
    const known = this.#places.get(text)
    if (known !== undefined) return known
    this.#places.set(text, this.all.length)
    return this.all.push(text) - 1
  }
}

function linesOf(text: string): string {
  return text.trimEnd().split('\n').map(escapeText).join('\n')
}

function keyOf(known: KnownKey | undefined): Pick<ActionFacts, 'key' | 'keyNote'> {
  if (known === undefined) return { key: null, keyNote: 'It is not known.' }
  return 'key' in known ? { key: known.key, keyNote: '' } : { key: null, keyNote: known.note }
}

function whatOf(action: Action): string {
  if (action.kind === 'gate') return GATES[action.gate]
  if (action.control) return `a negative control: it passes where ${escapeText(action.control.of)} fails`
  if (action.plugin) return `the plugin ${escapeText(`${action.plugin.name} ${action.plugin.version}`)}`
  return action.phase === 'steps' ? 'a step of the work' : `acceptance: ${action.phase}`
}

const GATES = {
  artifacts: 'a gate: every required artifact is there, and not empty',
  secrets: 'a gate: no credential is in an artifact or a log',
  scope: 'a gate: the steps have changed nothing but what they may',
  controls: 'a gate: every negative control has failed as it must',
} as const

type Row = readonly [heading: string, lines: readonly string[]]

interface About {
  readonly granted: readonly string[] | null
  /** The pack's folder. */
  readonly dir: string
}

function rowsOf(action: Action, about: About): readonly Row[] {
  const rows: readonly Row[] = action.kind === 'gate' ? gateRows(action, about) : commandRows(action, about)
  return rows.filter(([, lines]) => lines.length > 0)
}

function gateRows(
  { gate, required, optional, logs, controls = [] }: Extract<Action, { kind: 'gate' }>,
  about: About,
): readonly Row[] {
  const shown = (paths: readonly string[]): readonly string[] =>
    gate === 'artifacts' ? paths.map((path) => escapeText(written(path, about))) : []
  return [
    ['Required', shown(required)],
    ['Optional', shown(optional)],
    ['Reads the logs of', logs.map(escapeText)],
    ['Controls', controls.map(escapeText)],
  ]
}

function commandRows(action: CommandAction, about: About): readonly Row[] {
  const { cwd, env, passEnv, tools, mounts, limits, retries, outputs, control } = action
  const replaced = (control?.replace ?? []).map(
    ({ target, source }) => `${written(source, about)} in place of ${written(target, about)}`,
  )
  const entries = (values: Readonly<Record<string, string>>, between: string): readonly string[] =>
    Object.entries(values).map(([name, value]) => `${name}${between}${value}`)
  const asked = namesOf(action.capabilities)
  const bounds = Object.entries(limits).map(([name, value]) => `${limitName(name)} ${wordLimit(name, Number(value))}`)
  const tries = retries.attempts === 1 ? [] : [`at most ${retries.attempts} attempts`]
  const rows: readonly Row[] = [
    ['In', [cwd === '' ? 'the workspace' : cwd]],
    ['Inputs', inputsOf(action, about)],
    ['Outputs', outputs.map((path) => written(path, about))],
    ['Puts in place', replaced],
    ['Variables', [...entries(env, '='), ...passEnv.map((name) => `${name}, from the caller`)]],
    ['Tools', entries(tools, ' ')],
    ['Mounts', mounts.map(({ path, identity }) => `/${path}, known by /${identity}`)],
    [
      'Constraints',
      [asked.length === 0 ? 'no network, no secret, no cloud' : asked.join(', '), bounds.join(', '), ...tries],
    ],
    ['Grants', grantsOf(asked, about.granted)],
  ]
  return rows.map(([heading, lines]) => [heading, lines.map(escapeText)])
}

function inputsOf({ sources, providers, artifacts }: CommandAction, about: About): readonly string[] {
  return [
    ...providers.map((id) => `what ${id} makes`),
    ...artifacts.map(({ from, path, as }) => `/${path} of ${from}, as ${written(as, about)}`),
    ...sources.slice(0, MOST).map((path) => written(path, about)),
    ...(sources.length > MOST ? [`and ${count(sources.length - MOST, 'other file')}`] : []),
  ]
}

/** A path as its task.yml writes it: relative to the pack's folder, and from the workspace with a `/` before it. */
function written(path: string, { dir }: About): string {
  if (dir === '') return path
  return path.startsWith(`${dir}/`) ? path.slice(dir.length + 1) : `/${path}`
}

function grantsOf(asked: readonly string[], granted: readonly string[] | null): readonly string[] {
  if (asked.length === 0) return ['none are needed']
  if (granted === null) return asked.map((name) => `${name}: not known`)
  return asked.map((name) => `${name}: ${granted.includes(name) ? 'granted' : 'not granted'}`)
}

function bounded(lines: readonly string[]): readonly string[] {
  return lines.length <= 2 * MOST ? lines : [...lines.slice(0, MOST), `and ${lines.length - MOST} more`]
}

function packFacts({ definition, source }: Pack): PackFacts {
  const { pillar, domain, risk, tags, needs, description, constraints } = definition
  const rows: readonly Row[] = [
    ['About', description === null ? [] : [description]],
    ['Pillar', [domain === null ? pillar : `${pillar}/${domain}`]],
    ['Risk', [risk]],
    ['Tags', tags],
    ['Needs', needs],
    ['May change', constraints.scope],
  ]
  const place = escapeText(source.file)
  const shown = [...rows, ['Declared in', [source.file]] as const].filter(([, lines]) => lines.length > 0)
  return { place, rows: shown.map(([heading, lines]) => [heading, lines.map(escapeText)]) }
}
