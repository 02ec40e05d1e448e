// A recorded run, to be laid over a graph.
import { RECORD } from '../evidence/conclude.ts'
import { parseRecord } from '../evidence/parse-documents.ts'
import { criticalPath } from '../graph/critical-path.ts'
import type { Graph } from '../model/graph.ts'
import type { RunRecord } from '../model/record.ts'
import type { ViewedAction } from '../model/run-view.ts'
import type { Ended, RunOverlay } from '../report/graph-view.ts'
import { statusWords } from '../report/lines.ts'
import { wordReason } from '../report/reasons.ts'
import { toneOf } from '../report/report-actions.ts'
import { escapeText } from '../report/style.ts'
import type { Context } from './context.ts'
import { UsageError, type CommonOptions } from './options.ts'
import { readRecorded, tellDamage, type ReadRecorded } from './recorded.ts'

/** Reads the run that was named, and says what of it the graph does not show. */
export function overlayOf(context: Context, name: string, graph: Graph, options: CommonOptions): RunOverlay {
  const read = readRecorded(context, name, options)
  if (read === null) throw new UsageError(`There is nothing to show of '${name}'`)
  const record = recordOf(read)
  const recorded = new Map((record?.actions ?? []).map((action) => [action.id, action]))
  const timed = read.view.actions.map(({ id, needs }) => {
    return { id, needs, durationMs: recorded.get(id)?.durationMs ?? 0 }
  })
  const { ids, durationMs } = criticalPath(timed)
  const byId = new Map(graph.actions.map((action) => [action.id, action]))
  const ended = read.view.actions.flatMap((action) => {
    const known = byId.get(action.id)
    return known && action.status ? [[action.id, endingOf(action, known, recorded.get(action.id))] as const] : []
  })
  const overlay = { actions: new Map(ended), critical: durationMs > 0 ? ids : [], criticalMs: durationMs }
  tellDamage(context, read)
  tellOther(context, read, graph)
  return { ...overlay, name: read.name, verdict: read.view.verdict ?? 'started' }
}

/** `null`: it was killed, or what it says can't be read. */
function recordOf({ files }: ReadRecorded): RunRecord | null {
  const bytes = files.read(RECORD)
  const parsed = bytes.ok ? parseRecord(bytes.value) : null
  return parsed?.ok ? parsed.value : null
}

function endingOf(
  action: ViewedAction,
  declared: Graph['actions'][number],
  recorded: RunRecord['actions'][number] | undefined,
): Ended {
  const status = action.status ?? 'interrupted'
  const ending = { status, reason: action.reason, exitCode: action.exitCode }
  const known = declared.kind === 'command' ? { ...declared, limits: recorded?.limits ?? null } : declared
  const dir = declared.kind === 'command' ? declared.cwd : ''
  return {
    status,
    tone: toneOf(ending),
    words: statusWords(ending),
    reason: status === 'passed' ? null : wordReason(ending, { action: known, dir, logLines: [] }).message,
    durationMs: recorded && recorded.attempts.length > 0 ? recorded.durationMs : null,
    attempts: recorded?.attempts.length ?? 0,
    reused: typeof recorded?.reused === 'string',
    key: action.key,
  }
}

/** Packs change. Those that were not asked for are no news. */
function tellOther(context: Context, { view, name }: ReadRecorded, { actions, packs }: Graph): void {
  const ids = new Set(actions.map(({ id }) => id))
  const shown = new Set(packs.map(({ definition }) => definition.id))
  const gone = view.actions.filter(({ id, pack }) => shown.has(pack) && !ids.has(id)).length
  if (gone === 0) return
  const them = gone === 1 ? 'action' : 'actions'
  context.err(`note: ${gone} ${them} of ${escapeText(name)} ${gone === 1 ? 'is' : 'are'} not in this graph\n`)
}
