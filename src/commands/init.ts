import { InvalidArgumentError, Option, type Command } from 'commander'
import { exitCodeOfSignal, type StopSignal } from '../evidence/exit-code.ts'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import type { ResolvedPack } from '../model/pack.ts'
import type { Workspace } from '../model/ports.ts'
import type { SourceText } from '../model/source.ts'
import type { Template } from '../model/template.ts'
import { choiceProblems, idProblem } from '../packs/choice.ts'
import { parseConfig } from '../packs/config.ts'
import { instantiate } from '../packs/instantiate.ts'
import { loadPacks, type LoadedPacks } from '../packs/load.ts'
import { newPlace } from '../packs/new-place.ts'
import { closest } from '../model/suggest.ts'
import { findTemplates } from '../packs/templates.ts'
import {
  renderMade,
  renderMadeJson,
  renderTemplates,
  renderTemplatesJson,
  templateRows,
  wordInvalidPlace,
  wordNotMade,
  wordOutside,
  wordPlaceProblem,
  wordUnknownTemplate,
  wordUnknownVariable,
} from '../report/new-pack.ts'
import type { Context } from './context.ts'
import { askFor, type Wanted } from './init-questions.ts'
import { folderOf, styleFor, UsageError, type CommonOptions } from './options.ts'
import { openProject, showDiagnostics } from './project.ts'
import { oneMore, withCommon, type Finish } from './syntax.ts'

export interface InitOptions extends CommonOptions {
  readonly template?: string
  readonly title?: string
  readonly owner?: string
  readonly set?: readonly string[]
  readonly dir?: string
  readonly list?: boolean
}

export function addInit(program: Command, context: Context, finish: Finish): void {
  withCommon(program.command('init'))
    .argument('[id]', 'what the pack is called: small letters and digits, in words joined by hyphens')
    .description('make a pack of your own from a template; on a terminal it asks for what is not said')
    .option('-t, --template <name>', 'what to make it of')
    .option('-l, --list', 'list the templates')
    .option('--title <text>', "what the work is (default: the template's)")
    .option('--owner <name>', 'who looks after it (default: nobody)')
    .addOption(new Option('--set <variable=value>', 'choose what the template lets you; repeatable').argParser(setting))
    .option('--dir <folder>', 'make it in this folder (default: where packs are looked for first, mostly task-packs)')
    .action(async (id: string | undefined, options: InitOptions) => finish(await init(context, id, options)))
}

function setting(text: string, settings: readonly string[] | undefined): string[] {
  if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError('the name of a variable, = and its value are needed.')
  return oneMore(null)(text, settings)
}

async function init(context: Context, id: string | undefined, options: InitOptions): Promise<number> {
  const folder = (await context.newPacks()).templates()
  const { templates, diagnostics, sources } = findTemplates(folder)
  showDiagnostics(context, diagnostics, { ...options, sources })
  if (options.list) {
    context.out(
      options.json ? renderTemplatesJson(templates) : renderTemplates(templates, styleFor('out', context, options)),
    )
    return diagnostics.length === 0 ? 0 : 2
  }
  const stop = context.watchStop()
  const place = await openPlace(context, options)
  if (place === null) return 2
  if (id !== undefined && isRefused(context, idProblems(id, place.found.packs), options)) return 2
  const wanted = await wantedOf(context, id, { options, templates, packs: place.found.packs, stop })
  if (wanted === null) {
    context.err('Nothing was written.\n')
    return exitCodeOfSignal(stop.aborted ? (stop.reason as StopSignal) : 'SIGINT')
  }
  checkNames(wanted)
  if (isRefused(context, choiceProblems(wanted.template, wanted.choice), options)) return 2
  return make(context, options, { ...place, ...wanted, folder })
}

/** What is known of the workspace that the pack goes into. */
export interface Place {
  readonly workspace: Workspace
  /** Where codex was called, relative to the workspace root. */
  readonly start: string
  readonly patterns: readonly string[]
  readonly found: LoadedPacks
}

/** `null`: it can't be opened, and it was said why. */
export async function openPlace(context: Context, options: CommonOptions): Promise<Place | null> {
  const opened = await context.open(folderOf(context, options))
  if (!opened.ok) return refuse(context, [opened.error], options)
  const { workspace, start, config: loaded } = opened.value
  if (!loaded.ok) return refuse(context, [loaded.error], options)
  const { config, diagnostics } = parseConfig(loaded.value.value, loaded.value.file)
  if (diagnostics.length > 0) return refuse(context, diagnostics, options)
  return { workspace, start, patterns: config.packs, found: loadPacks(workspace, config) }
}

function refuse(context: Context, diagnostics: readonly Diagnostic[], options: CommonOptions): null {
  const sources = new Map<string, SourceText>()
  showDiagnostics(context, diagnostics, { ...options, sources })
  return null
}

function isRefused(context: Context, diagnostics: readonly Diagnostic[], options: InitOptions): boolean {
  if (diagnostics.length > 0) refuse(context, diagnostics, options)
  return diagnostics.length > 0
}

/** What is wrong with the id of a new pack. */
export function idProblems(id: string, packs: readonly ResolvedPack[]): readonly Diagnostic[] {
  const problem = idProblem(id)
  if (problem) return [problem]
  const taken = packs.find(({ definition }) => definition.id === id)
  return taken ? [diagnostic('duplicate-pack-id', null, { id, other: taken.source.file, caseOnly: false })] : []
}

interface Asking {
  readonly options: InitOptions
  readonly templates: readonly Template[]
  readonly packs: readonly ResolvedPack[]
  readonly stop: AbortSignal
}

/** From the flags, and from whoever sits at a terminal where the flags do not say enough. `null`: they have left. */
async function wantedOf(
  context: Context,
  id: string | undefined,
  { options, templates, packs, stop }: Asking,
): Promise<Wanted | null> {
  const template = templates.find(({ name }) => name === options.template)
  if (options.template !== undefined && !template) {
    const near = closest(
      options.template,
      templates.map(({ name }) => name),
    )
    throw new UsageError(wordUnknownTemplate(options.template, near), { lines: templateRows(templates) })
  }
  const values = valuesOf(options)
  const known = { id, template, title: options.title ?? null, owner: options.owner ?? null, values }
  if (id !== undefined && template) return { template, choice: { ...known, id } }
  if (context.prompts && !options.json) {
    const prompts = await context.prompts(stop)
    const wanted = await askFor(prompts, known, { templates, problemsOf: (text) => idProblems(text, packs) })
    context.err('\n')
    return wanted
  }
  if (id === undefined) throw new UsageError('What is the pack to be called? codex init <id> --template <name>')
  throw new UsageError('Which template? Name one with --template:', { lines: templateRows(templates) })
}

function valuesOf({ set = [] }: InitOptions): Readonly<Record<string, string>> {
  return Object.fromEntries(set.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]))
}

/** Whoever names a variable that the template does not have would otherwise wait for it to have an effect. */
function checkNames({ template, choice }: Wanted): void {
  const known = new Set(template.variables.map(({ name }) => name))
  const unknown = Object.keys(choice.values).find((name) => !known.has(name))
  if (unknown !== undefined) throw new UsageError(wordUnknownVariable(unknown, template))
}

interface Making extends Place, Wanted {
  /** Of all templates. */
  readonly folder: Workspace
}

async function make(context: Context, options: InitOptions, making: Making): Promise<number> {
  const { workspace, patterns, found, template, choice, folder } = making
  const { id } = choice
  const parent = options.dir === undefined ? null : inWorkspace(context, options.dir, making)
  const place = newPlace(workspace, { id, parent, patterns, ignores: found.ignores })
  if (!place.ok && place.problem === 'leaves') throw new UsageError(wordOutside(place.path, place.through))
  const shown = (dir: string): string => context.showPath(`${workspace.root}/${dir}`)
  if (!place.ok && place.problem === 'invalid') throw new UsageError(wordInvalidPlace(place.path, place.expected))
  if (!place.ok) {
    const dir = place.problem === 'nowhere' ? '' : shown(place.path)
    throw new UsageError(wordPlaceProblem(place.problem, dir, patterns))
  }
  const files = instantiate(folder, template, choice)
  const { makeFolder } = await context.newPacks()
  const made = makeFolder(`${workspace.root}/${place.dir}`, files)
  if (!made.ok) throw new UsageError(wordNotMade({ ...made.error, path: shown(place.dir) }))
  const flags = options.directory === undefined ? [] : ['-C', options.directory]
  const told = { id, template: template.name, dir: shown(place.dir), files: files.map(({ path }) => path), flags }
  if (options.json) context.out(renderMadeJson(told))
  else if (!options.quiet) context.out(renderMade(told, styleFor('out', context, options)))
  return check(context, id, options)
}

/** Relative to the workspace root; a path that leads out of it stays as it is. */
export function inWorkspace(
  context: Context,
  dir: string,
  { workspace, start }: Pick<Place, 'workspace' | 'start'>,
): string {
  if (dir === workspace.root || dir.startsWith(`${workspace.root}/`)) return dir.slice(workspace.root.length + 1)
  return start === '' || dir.startsWith('/') ? dir : `${start}/${dir}`
}

/** Whether the new pack is valid where it is now: a .gitignore may name files of it, for example. */
async function check(context: Context, id: string, options: InitOptions): Promise<number> {
  const { project } = await openProject(context, [id], options)
  showDiagnostics(context, project.diagnostics, { ...options, sources: project.sources })
  return project.graph ? 0 : 2
}
