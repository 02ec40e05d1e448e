import type { Action, CommandAction, Graph } from '../model/graph.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { PackId } from '../model/pack.ts'
import { countSkippedByRoot } from './causes.ts'
import { placeText } from './diagnostics.ts'
import { placeProperties, type RepositoryPath } from './diagnostics-github.ts'
import { groupBy } from './grouping.ts'
import { finishedLine, statusWords } from './lines.ts'
import { count } from './phrase.ts'
import type { RunState } from './run-state.ts'
import { escapeText, guardWorkflowCommands, styleOf, type Style } from './style.ts'
import { explainFailure, failuresOf } from './summary.ts'
import { readTail, renderTail, type ReadLog, type TailSize } from './tail.ts'
import { workflowCommand } from './workflow-commands.ts'

/** What a workflow of GitHub shows beside the lines that everybody gets. */
export interface WorkflowView {
  /** After the outcome of an action was told: what has passed of its pack, once that is through, each action folded. */
  readonly groupsAfter: (outcome: ActionOutcome) => string
  /** At the end: the first failures as annotations of the lines that declare them. */
  readonly annotations: () => string
}

interface ViewOptions {
  readonly graph: Graph
  readonly state: RunState
  readonly style: Style
  readonly readLog: ReadLog
  readonly repositoryPath: RepositoryPath
}

/** Of one action, of which a person has asked for more by unfolding it. */
const FOLDED: TailSize = { bytes: 64 * 1024, lines: 200 }
/** Of all together, in characters: a workflow's log is loaded by a browser. */
const MOST_FOLDED = 8 * 1024 * 1024
/** GitHub shows ten annotations of a step. */
const MOST_ANNOTATED = 10
/** Wide enough that few lines are cut, bounded because a line may be a megabyte. */
const COLUMNS = 500

export function workflowView(options: ViewOptions): WorkflowView {
  const { graph, state } = options
  const gates = new Map(graph.actions.flatMap((action) => (isLastGate(action) ? [[action.id, action.pack]] : [])))
  const byPack = groupBy(graph.actions.filter(isCommand), ({ pack }) => pack)
  let room = MOST_FOLDED
  const groupsOf = (pack: PackId, show: (outcome: ActionOutcome) => readonly string[]): string => {
    return (byPack.get(pack) ?? [])
      .flatMap((action) => {
        const outcome = state.outcomes.get(action.id)
        if (outcome?.status !== 'passed') return []
        const group = groupText(action, outcome, { ...options, log: room > 0 ? show(outcome) : [NO_ROOM] })
        room -= group.length
        return [group]
      })
      .join('')
  }
  return {
    groupsAfter: (outcome) => {
      const pack = gates.get(outcome.id)
      if (pack === undefined) return ''
      return groupsOf(pack, (passed) => (outcome.status === 'passed' ? logLines(passed, options) : withheld(passed)))
    },
    annotations: () => annotationsOf(options),
  }
}

/** The gate that has seen the logs of its pack, and with that all of its commands' ends. */
function isLastGate(action: Action): boolean {
  return action.kind === 'gate' && action.gate === 'secrets'
}

function isCommand(action: Action): action is CommandAction {
  return action.kind === 'command'
}

const NO_ROOM = '  (more logs were folded here than a page can hold: they are in the run folder)'

/** What nobody has looked through for credentials is not put where everybody may read it. */
function withheld({ attempts }: ActionOutcome): readonly string[] {
  const log = attempts.at(-1)?.log
  if (!log?.path) return []
  return [
    `  (not shown, because the gate for credentials did not pass its pack: ${escapeText(log.path)} in the run folder)`,
  ]
}

function logLines({ attempts }: ActionOutcome, { readLog, style }: ViewOptions): readonly string[] {
  const log = attempts.at(-1)?.log
  return log ? renderTail(readTail(log, readLog, FOLDED), log, { style, columns: COLUMNS }) : []
}

function groupText(
  action: CommandAction,
  outcome: ActionOutcome,
  { style, state, log }: ViewOptions & { readonly log: readonly string[] },
): string {
  // A title is text: it has no colours.
  const plain = { ...style, colors: styleOf({ color: false, unicode: true }).colors }
  const title = finishedLine(outcome, state.durations.get(action.id) ?? null, plain)
  const files = outcome.outputs.entries.length
  const made = files > 0 ? `, ${count(files, 'output')}` : ''
  const key = outcome.key === null ? [] : [`  key sha256:${outcome.key}${made}`]
  const lines = [`  ${placeText(action.place)}`, `  $ ${escapeText(action.text)}`, ...log, ...key]
  let inside = ''
  guardWorkflowCommands((text) => (inside = text))(lines.map((line) => `${line}\n`).join(''))
  return `${workflowCommand('group', {}, [title])}${inside}${workflowCommand('endgroup', {}, [''])}`
}

function annotationsOf({ graph, state, readLog, repositoryPath }: ViewOptions): string {
  const skipped = countSkippedByRoot(state.outcomes)
  return failuresOf(state, graph)
    .slice(0, MOST_ANNOTATED)
    .map(({ action, outcome }) => {
      const last = outcome.attempts.at(-1)
      const lines = last ? readTail(last.log, readLog).lines : []
      const { message, fix } = explainFailure(action, outcome, { graph, state, logLines: lines })
      const others = skipped.get(action.id) ?? 0
      const after =
        others > 0 ? [`${count(others, 'action')} ${others === 1 ? 'was' : 'were'} skipped because of it.`] : []
      const properties = {
        ...placeProperties(action.place, repositoryPath),
        title: `${action.id} ${statusWords(outcome)}`,
      }
      return workflowCommand('error', properties, [message, ...(fix === null ? [] : fix.split('\n')), ...after])
    })
    .join('')
}
