import type { Command } from 'commander'
import { exitCodeOfSignal, type StopSignal } from '../evidence/exit-code.ts'
import { diagnostic, sortDiagnostics, type Diagnostic } from '../model/diagnostic.ts'
import type { EarlierAnswers, EarlierQuestion } from '../model/earlier.ts'
import { PILLARS, RISKS } from '../model/pack.ts'
import type { Workspace } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { SourceText } from '../model/source.ts'
import { convertEarlier, type Converted, type EarlierPack } from '../packs/earlier/convert.ts'
import { duplicateIds } from '../packs/earlier/names.ts'
import { readEarlierPacks, type ReadEarlier } from '../packs/earlier/read.ts'
import { earlierFiles } from '../packs/earlier/write.ts'
import { newPlace } from '../packs/new-place.ts'
import { parsePack } from '../packs/parse.ts'
import { diagnosticsJson } from '../report/diagnostics.ts'
import {
  renderImported,
  renderImportedJson,
  wordNoImportPlace,
  wordQuestion,
  type ImportedPack,
} from '../report/earlier.ts'
import { wordInvalidPlace, wordNotMade, wordOutside } from '../report/new-pack.ts'
import type { Context, Opened } from './context.ts'
import type { Prompts } from './context-terminal.ts'
import { idProblems, inWorkspace, openPlace, type Place } from './init.ts'
import { forPeople, styleFor, UsageError, type CommonOptions } from './options.ts'
import { openProject, showDiagnostics } from './project.ts'
import { isWithin } from './run-place.ts'
import { withCommon, type Finish } from './syntax.ts'

interface ImportOptions extends CommonOptions {
  readonly out?: string
  readonly dryRun?: boolean
}

const WHAT = `
A pack of the earlier layout is a task.yml with an acceptance.yml beside it. Its commands become acceptance, its sentences
documentation that proves nothing. What can't be told is asked on a terminal, and listed with file and line otherwise. The old
files stay as they are, and nothing is overwritten.`

export function addImport(program: Command, context: Context, finish: Finish): void {
  withCommon(program.command('import'))
    .description('turn Task Packs of the earlier layout into packs of this one')
    .argument('<dir>', 'a pack of the earlier layout, or a folder with several below it')
    .option(
      '-o, --out <folder>',
      'make the packs in this folder (default: where packs are looked for first, mostly task-packs)',
    )
    .option('-n, --dry-run', 'show what would be made')
    .addHelpText('after', WHAT)
    .action(async (dir: string, options: ImportOptions) => finish(await importPacks(context, dir, options)))
}

async function importPacks(context: Context, dir: string, options: ImportOptions): Promise<number> {
  const stop = context.watchStop()
  const place = await openPlace(context, options)
  if (place === null) return 2
  const opened = await openEarlier(context, dir, place)
  if (!opened.ok) return refuse(context, [opened.error], { options, sources: new Map() })
  const { workspace: old, start } = opened.value
  const read = readEarlierPacks(old, start, (path) => context.showPath(`${old.root}/${path}`))
  if (read.packs.length + read.diagnostics.length === 0) {
    throw new UsageError(`There is no task.yml in '${dir}', nor in a folder below it.`)
  }
  const convert = await converterFor(context, old, read)
  const prompts = context.prompts && !options.json ? await context.prompts(stop) : null
  const converted = await askedOut(convert, prompts)
  if (converted === null) {
    context.err('Nothing was written.\n')
    return exitCodeOfSignal(stop.aborted ? (stop.reason as StopSignal) : 'SIGINT')
  }
  const problems = [...read.diagnostics, ...problemsOf(converted, place)]
  if (problems.length > 0) return refuse(context, problems, { options, sources: read.sources })
  const drafts = converted.map((one) => draftOf(context, one, { place, options, old }))
  return options.dryRun ? showOnly(context, drafts, options) : makeAll(context, drafts, { options, place })
}

/** The workspace around the earlier packs: the one that they go into, or another. */
async function openEarlier(
  context: Context,
  dir: string,
  { workspace }: Place,
): Promise<Result<Pick<Opened, 'workspace' | 'start'>, Diagnostic>> {
  const folder = context.absolute(dir)
  if (!isWithin(workspace.root, folder)) return context.open(folder)
  const start = folder.slice(workspace.root.length + 1)
  if (start === '' || workspace.kind(start) === 'dir') return ok({ workspace, start })
  return err(diagnostic('unreadable', null, { path: dir, reason: 'it is no folder' }))
}

interface Refusing {
  readonly options: ImportOptions
  readonly sources: ReadonlyMap<string, SourceText>
}

function refuse(context: Context, diagnostics: readonly Diagnostic[], { options, sources }: Refusing): number {
  const sorted = sortDiagnostics(diagnostics)
  if (options.json) context.out(renderImportedJson([], { valid: false, diagnostics: diagnosticsJson(sorted) }))
  else showDiagnostics(context, sorted, { ...options, sources })
  if (!options.json) context.err('Nothing was written.\n')
  return 2
}

type WithPack = Converted & { readonly pack: EarlierPack }
type Convert = (answers: EarlierAnswers) => readonly WithPack[]

async function converterFor(context: Context, old: Workspace, { packs }: ReadEarlier): Promise<Convert> {
  const { isProgram } = await context.newPacks()
  const path = context.env['PATH'] ?? ''
  const options = {
    isProgram: (name: string) => isProgram(name, path),
    isAbove: (dir: string, file: string) => foldersAbove(dir).some((folder) => old.kind(`${folder}${file}`) === 'file'),
    root: old.root,
  }
  return (answers) => packs.map((pack) => ({ ...convertEarlier(pack, { ...options, answers }), pack }))
}

/** Each with a `/` at its end, the root's empty. */
function foldersAbove(dir: string): readonly string[] {
  const parts = dir === '' ? [] : dir.split('/').slice(0, -1)
  return ['', ...parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)]
}

/** With an answer to every question, where somebody is there to answer; `null`: they have left. */
async function askedOut(convert: Convert, prompts: Prompts | null): Promise<readonly WithPack[] | null> {
  const answers = new Map<string, string>()
  for (;;) {
    const converted = convert(answers)
    const [question] = converted.flatMap(({ questions }) => questions)
    if (!question || !prompts) return converted
    const answer = await ask(prompts, question)
    if (answer === null) return null
    answers.set(question.id, answer)
  }
}

function ask(prompts: Prompts, question: EarlierQuestion): Promise<string | null> {
  return prompts.choose(wordQuestion(question), choicesFor(question))
}

function choicesFor(question: EarlierQuestion): readonly { readonly value: string; readonly label: string }[] {
  switch (question.about) {
    case 'meaning':
      return [
        { value: 'command', label: 'a command that has to pass' },
        { value: 'prose', label: 'a sentence, for people' },
      ]
    case 'producer': {
      const commands = question.commands.map((label, index) => ({ value: String(index), label }))
      return [...commands, { value: '', label: 'none of them' }]
    }
    case 'pillar':
      return PILLARS.map((value) => ({ value, label: value }))
    case 'risk':
      return RISKS.map((value) => ({ value, label: value }))
  }
}

function problemsOf(converted: readonly WithPack[], { found }: Place): readonly Diagnostic[] {
  const ids = converted.flatMap(({ id, pack }) =>
    id === null
      ? [diagnostic('missing-key', pack.task.place(''), { key: 'id', parent: '', example: 'id: my-pack' })]
      : idProblems(id, found.packs).map((problem) => ({ ...problem, location: pack.task.place('/id') })),
  )
  return [...converted.flatMap(({ diagnostics }) => diagnostics), ...ids, ...duplicateIds(converted)]
}

interface Draft extends ImportedPack {
  /** Relative to the workspace root. */
  readonly place: string
  readonly bytes: readonly { readonly path: string; readonly bytes: Uint8Array; readonly from: string | null }[]
}

interface Drafting {
  readonly place: Place
  readonly options: ImportOptions
  /** The workspace of the earlier packs. */
  readonly old: Workspace
}

function draftOf(context: Context, converted: WithPack, { place, options, old }: Drafting): Draft {
  const { pack, findings, id } = converted
  const dir = placeFor(context, id ?? '', { place, options })
  const texts = earlierFiles(converted)
  const made = texts.map(({ path, text }) => ({ path, bytes: new TextEncoder().encode(text), from: null }))
  const copied = converted.files.map((path) => {
    const from = pack.dir === '' ? path : `${pack.dir}/${path}`
    const read = old.readFile(from)
    if (!read.ok) throw new UsageError(`'${from}' can't be read: ${read.error.message}. Nothing was written.`)
    return { path, bytes: read.value, from: `${old.root}/${from}` }
  })
  const bytes = [...made, ...copied]
  return {
    ...{ id: id ?? '', findings, texts, bytes, place: dir },
    from: context.showPath(pack.dir === '' ? old.root : `${old.root}/${pack.dir}`),
    dir: context.showPath(`${place.workspace.root}/${dir}`),
    files: bytes.map(({ path }) => path).toSorted(),
  }
}

function placeFor(context: Context, id: string, { place, options }: Pick<Drafting, 'place' | 'options'>): string {
  const { workspace, patterns, found } = place
  const parent = options.out === undefined ? null : inWorkspace(context, options.out, place)
  const free = newPlace(workspace, { id, parent, patterns, ignores: found.ignores })
  if (free.ok) return free.dir
  if (free.problem === 'leaves') throw new UsageError(wordOutside(free.path, free.through))
  if (free.problem === 'invalid') throw new UsageError(wordInvalidPlace(free.path, free.expected))
  const dir = free.problem === 'nowhere' ? '' : context.showPath(`${workspace.root}/${free.path}`)
  throw new UsageError(wordNoImportPlace(free.problem, dir, patterns))
}

/** What can be told of a pack whose files are not there yet. */
function showOnly(context: Context, drafts: readonly Draft[], options: ImportOptions): number {
  const parsed = drafts.map(({ place, texts }) => {
    const text = texts.find(({ path }) => path === 'task.yml')?.text ?? ''
    return parsePack({ bytes: new TextEncoder().encode(text), file: `${place}/task.yml`, dir: place })
  })
  const diagnostics = sortDiagnostics(parsed.flatMap((one) => one.diagnostics))
  const sources = new Map(parsed.map(({ source }) => [source.file, source]))
  return tell(context, drafts, { options, diagnostics, sources, isValid: !diagnostics.some(isError) })
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error'
}

async function makeAll(
  context: Context,
  drafts: readonly Draft[],
  { options, place }: Pick<Drafting, 'options' | 'place'>,
): Promise<number> {
  const { makeFolder, isExecutable } = await context.newPacks()
  for (const draft of drafts) {
    const files = draft.bytes.map(({ path, bytes, from }) => {
      return { path, bytes, executable: from !== null && isExecutable(from) }
    })
    const made = makeFolder(`${place.workspace.root}/${draft.place}`, files)
    if (!made.ok) throw new UsageError(wordNotMade({ ...made.error, path: draft.dir }))
  }
  const ids = drafts.map(({ id }) => id)
  const { project } = await openProject(context, ids, options)
  const { diagnostics, sources } = project
  return tell(context, drafts, { options, diagnostics, sources, isValid: project.graph !== null })
}

interface Telling extends Refusing {
  readonly diagnostics: readonly Diagnostic[]
  readonly isValid: boolean
}

function tell(context: Context, drafts: readonly Draft[], { options, diagnostics, sources, isValid }: Telling): number {
  if (options.json) {
    context.out(renderImportedJson(drafts, { valid: isValid, diagnostics: diagnosticsJson(diagnostics) }))
  } else {
    const style = { ...styleFor('out', context, options), dryRun: options.dryRun ?? false }
    if (!options.quiet) forPeople('out', context)(renderImported(drafts, style))
    showDiagnostics(context, diagnostics, { ...options, sources })
  }
  return isValid ? 0 : 2
}
