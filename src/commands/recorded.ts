import { readRun, type Damage, type ReadRun } from '../evidence/compare/read-run.ts'
import type { RecordedRun, RunNotFound } from '../model/ports.ts'
import { parsePack } from '../packs/parse.ts'
import { escapeText } from '../report/style.ts'
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

/** A run that was read as far as it can be, with its files. */
export interface ReadRecorded extends ReadRun {
  readonly name: string
  readonly files: RecordedRun
}

/** Reads the run that was named on the command line; `null`: it has no manifest that can be read, and that was told. */
export function readRecorded(context: Context, name: string, options: CommonOptions): ReadRecorded | null {
  const files = openRun(context, name, options)
  const read = readRun(files, (input) => parsePack(input).pack)
  if (read.ok) return { ...read.value, name: files.name, files }
  tell(context, files, [read.error])
  return null
}

/** Says what of a run can't be believed, or that it has no end. */
export function tellDamage(context: Context, { files, unfinished, damage }: ReadRecorded): void {
  if (unfinished) {
    const name = escapeText(files.name)
    context.err(`note: ${name} has no end: it was killed or still runs, so its journal was asked instead\n`)
  }
  tell(context, files, damage())
}

const PROBLEMS: Readonly<Record<Damage['problem'], string>> = {
  unreadable: "can't be read",
  invalid: 'is no manifest',
  'other-bytes': 'is not what the manifest says',
  missing: 'is missing',
}

function tell(context: Context, { path: folder }: RecordedRun, damage: readonly Damage[]): void {
  if (damage.length === 0) return
  const shown = escapeText(context.showPath(folder))
  for (const { path, problem } of damage) context.err(`error: ${shown}/${escapeText(path)} ${PROBLEMS[problem]}\n`)
  context.err(`fix: 'codex verify ${shown}' says all that is wrong with this run\n`)
}
