import type { Json } from '../model/canonical.ts'
import { byteSize } from './bytes.ts'
import { alignColumns } from './columns.ts'
import { elapsed } from './duration.ts'
import { printJson } from './json.ts'
import { count } from './phrase.ts'
import { escapeText, styleOf, type Colors, type StyleOptions } from './style.ts'

/** A recorded run in few words, as `evidence/` tells it. */
export interface ShownRun {
  readonly name: string
  readonly standing: string
  /** ISO 8601 in UTC. */
  readonly startedAt: string | null
  readonly durationMs: number | null
  readonly packs: readonly string[]
  readonly actions: number
  readonly bytes: number | null
}

const HEAD = ['run', 'started (UTC)', 'verdict', 'actions', 'took', 'size', 'packs']
const UNKNOWN = '-'

/** The runs as a table, the newest last, where the prompt is. */
export function renderRuns(runs: readonly ShownRun[], options: StyleOptions): string {
  const { colors } = styleOf(options)
  const rows = alignColumns([HEAD, ...runs.map(cellsOf)])
  const [head = '', ...lines] = rows
  const painted = lines.map((line, index) => paintVerdict(line, runs[index]?.standing ?? '', colors))
  const killed = runs.filter(({ standing }) => standing === 'killed').length
  return [
    ...(runs.length === 0 ? [] : [colors.bold(head), ...painted]),
    count(runs.length, 'run'),
    ...(killed === 0 ? [] : [`${killed} of them killed: codex runs repair completes their evidence.`]),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

export function renderRunsJson(runs: readonly ShownRun[]): string {
  return printJson(runs.map(runJson))
}

export function runJson({ name, standing, startedAt, durationMs, packs, actions, bytes }: ShownRun): Json {
  return { run: name, standing, startedAt, durationMs, packs, actions, bytes }
}

function cellsOf({ name, standing, startedAt, durationMs, packs, actions, bytes }: ShownRun): readonly string[] {
  return [
    escapeText(name),
    startedAt === null ? UNKNOWN : escapeText(startedAt.slice(0, 19).replace('T', ' ')),
    standing,
    String(actions),
    durationMs === null ? UNKNOWN : elapsed(durationMs),
    bytes === null ? UNKNOWN : byteSize(bytes),
    packs.length === 0 ? UNKNOWN : packs.map(escapeText).join(' '),
  ]
}

const PAINTS: Readonly<Record<string, keyof Colors>> = {
  passed: 'green',
  running: 'cyan',
  failed: 'red',
  refused: 'red',
  damaged: 'red',
  interrupted: 'yellow',
  killed: 'yellow',
}

/** The first time that the word stands alone: names of runs hold no such word between blanks. */
function paintVerdict(line: string, standing: string, colors: Colors): string {
  return line.replace(` ${standing} `, ` ${colors[PAINTS[standing] ?? 'dim'](standing)} `)
}
