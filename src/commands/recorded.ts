import type { RecordedRun, RunNotFound } from '../model/ports.ts'
import type { Context } from './context.ts'
import { folderOf, UsageError, type CommonOptions } from './options.ts'

/** Opens the run that was named on the command line. */
export function openRun(context: Context, name: string, options: CommonOptions): RecordedRun {
  const found = context.recordedRun(name, folderOf(context, options))
  if (!found.ok) throw new UsageError(wordsFor(name, found.error))
  return found.value
}

const SHOWN = 5

function wordsFor(name: string, { kind, known }: RunNotFound): string {
  const newest = known.slice(-SHOWN).join(', ')
  switch (kind) {
    case 'ambiguous':
      return `'${name}' begins the names of ${known.length} runs: ${newest}; write more of it`
    case 'no-run':
      return `'${name}' is not the folder of a run: it holds no manifest.json`
    case 'missing':
      return known.length === 0
        ? `There is no run '${name}', nor any other: run 'codex run' first`
        : `There is no run '${name}'. The newest are ${newest}`
  }
}
