import { validRange } from 'semver'
import type { Json } from '../../model/canonical.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { earlierFinding, type EarlierAnswers, type EarlierFinding, type EarlierQuestion } from '../../model/earlier.ts'
import { PILLARS, RISKS } from '../../model/pack.ts'
import { isPattern } from '../../model/pattern.ts'
import { idOf, spelled } from './names.ts'
import { acceptanceOf, toolsOf, type EarlierAcceptance, type EarlierCommand } from './acceptance.ts'
import type { Surroundings } from './commands.ts'
import type { Fields, Placed } from './fields.ts'

/** A Task Pack of the earlier layout, read. Paths of files are relative to its folder. */
export interface EarlierPack {
  /** Its folder, relative to the root of its workspace. */
  readonly dir: string
  readonly task: Fields
  readonly acceptance: Fields
  /** Its files apart from task.yml and acceptance.yml, sorted by bytes. */
  readonly files: readonly string[]
  /** The first heading of its spec.md; `null`: there is none. */
  readonly heading: string | null
}

export interface ConvertOptions {
  readonly isProgram: Surroundings['isProgram']
  /** Whether there is a file at a path, seen from a folder above the pack's, which is relative to its workspace. */
  readonly isAbove: (dir: string, path: string) => boolean
  /** The root of the earlier pack's workspace, absolute. */
  readonly root: string
  readonly answers: EarlierAnswers
}

/** What a pack becomes. */
export interface Converted {
  readonly id: string | null
  /** The new task.yml. */
  readonly task: Json
  /** Sentences that the acceptance.yml demanded, and what the pack depends on in words. */
  readonly prose: readonly string[]
  readonly notes: readonly string[]
  /** Files that come along. */
  readonly files: readonly string[]
  readonly findings: readonly EarlierFinding[]
  /** That nobody has answered. */
  readonly questions: readonly EarlierQuestion[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Says what an earlier pack is in this layout; asked again with more answers, it says the rest. */
export function convertEarlier(pack: EarlierPack, options: ConvertOptions): Converted {
  const { task, acceptance } = pack
  const open: Open = { findings: [], questions: [], answers: options.answers }
  const isFile = (path: string): boolean => pack.files.includes(path)
  const artifacts = artifactsOf(task, open)
  const surroundings = {
    isProgram: options.isProgram,
    isOutside: (path: string) => options.isAbove(pack.dir, path),
    isFile,
  }
  const accepted = acceptanceOf({
    fields: acceptance,
    artifacts: artifacts.required,
    surroundings,
    answers: open.answers,
  })
  const needed = toolsOf(acceptance, options, (range) => validRange(range) !== null)
  const id = idOf(pack, open.findings)
  const text = taskOf({ ...pack, id, root: options.root }, { accepted, artifacts, tools: needed.tools }, open)
  const made = new Set(accepted.commands.flatMap(({ outputs }) => outputs))
  return {
    id,
    task: text,
    prose: accepted.prose,
    notes: needed.notes,
    files: pack.files.filter((path) => !made.has(path)),
    findings: [...open.findings, ...accepted.findings, ...needed.findings, ...leftOut(task), ...leftOut(acceptance)],
    questions: [...open.questions, ...accepted.questions],
    diagnostics: [...task.diagnostics, ...acceptance.diagnostics],
  }
}

interface Parts {
  readonly accepted: EarlierAcceptance
  readonly artifacts: Artifacts
  readonly tools: Members
}

interface Artifacts {
  readonly required: readonly Placed<string>[]
  readonly optional: readonly string[]
}

function taskOf(
  { id, root, ...pack }: EarlierPack & { readonly id: string | null; readonly root: string },
  { accepted, artifacts, tools }: Parts,
  open: Open,
): Json {
  const required = artifacts.required.map(({ value }) => value)
  return {
    version: 1,
    ...aboutOf(pack, id, open),
    ...docsOf(pack, open),
    ...namesOf(pack.task, 'needs', '/needs'),
    ...someOf({ inputs: someOf({ tools }) }),
    ...someOf({ constraints: constraintsOf(pack, root, open) }),
    acceptance: phasesOf(accepted),
    ...someOf({ artifacts: someOf({ required, optional: artifacts.optional }) }),
    ...pluginOf(pack.task),
  }
}

interface Open {
  readonly findings: EarlierFinding[]
  readonly questions: EarlierQuestion[]
  readonly answers: EarlierAnswers
}

function leftOut(fields: Fields): readonly EarlierFinding[] {
  return fields.unasked().map(({ value, location }) => earlierFinding('unknown-key', location, { key: value }))
}

type Members = Readonly<Record<string, Json>>

function aboutOf(pack: EarlierPack, id: string | null, open: Open): Members {
  const { task } = pack
  const [title, description, owner] = ['title', 'description', 'owner'].map((key) => task.text(`/${key}`))
  return {
    ...(id === null ? {} : { id }),
    ...textOf('title', title?.value ?? titleFrom(pack, open)),
    ...textOf('description', description?.value ?? null),
    ...textOf('owner', owner?.value ?? null),
    ...namesOf(task, 'tags', '/tags'),
    ...namesOf(task, 'links', '/links'),
    ...textOf('pillar', chosen(task, { about: 'pillar', among: PILLARS, id }, open)),
    ...textOf('domain', spelled(task, 'domain', open.findings)),
    ...textOf('risk', chosen(task, { about: 'risk', among: RISKS, id }, open)),
    ...namesOf(task, 'skills', '/skills/prefer'),
  }
}

function titleFrom({ task, heading }: EarlierPack, { findings }: Open): string | null {
  if (heading === null) return null
  findings.push(earlierFinding('taken-from', task.place(''), { key: 'title', value: heading, from: 'spec.md' }))
  return heading
}

interface Choosing {
  readonly about: 'pillar' | 'risk'
  readonly among: readonly string[]
  readonly id: string | null
}

/** What is written, and otherwise what somebody has chosen; whether it is one of those there are is the new pack's to say. */
function chosen(task: Fields, { about, among, id: pack }: Choosing, { answers, questions }: Open): string | null {
  const written = task.text(`/${about}`)
  if (written) return among.find((one) => one === written.value.toLowerCase()) ?? written.value
  const location = task.place('')
  const id = `${about} ${location.file}`
  const answer = answers.get(id)
  if (answer === undefined) questions.push({ about, id, location, pack: pack ?? location.file })
  return answer || null
}

function textOf(key: string, value: string | null): Members {
  return value === null ? {} : { [key]: value }
}

function namesOf(fields: Fields, key: string, pointer: string): Members {
  const names = [...new Set(fields.texts(pointer).map(({ value }) => value))]
  return names.length === 0 ? {} : { [key]: names }
}

/** Members that hold something. */
function someOf(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !isEmpty(value)))
}

function isEmpty(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.keys(value).length === 0
}

const DOCS = ['spec', 'risk', 'runbook'] as const

/** Those that are demanded, and those that lie where they always lay. */
function docsOf({ task, files }: EarlierPack, { findings }: Open): Members {
  const docs: Record<string, string> = {}
  for (const { value, location } of task.texts('/docs/required')) {
    const path = value.replace(/^\.\//, '')
    const kind = DOCS.find((name) => path === `${name}.md` || path.endsWith(`/${name}.md`))
    if (kind === undefined) findings.push(earlierFinding('document', location, { path: value }))
    else docs[kind] = path
  }
  for (const kind of DOCS) if (files.includes(`${kind}.md`)) docs[kind] ??= `${kind}.md`
  return someOf({ docs })
}

function constraintsOf({ task, dir }: EarlierPack, root: string, { findings }: Open): Members {
  const network = task.flag('/constraints/allow_network')
  if (network?.value) findings.push(earlierFinding('network', network.location, {}))
  const cloud = task.flag('/constraints/allow_cloud_mutations')
  const scope = [...task.texts('/scope/allowed_paths'), ...task.texts('/constraints/scope/allowed_paths')]
  const minutes = task.amount('/execution/timeout_minutes')
  return {
    ...(cloud?.value ? { cloud_mutations: true } : {}),
    ...(scope.length > 0 ? { scope: [...new Set(scope.map(({ value }) => fromPack(value, `${root}/${dir}`)))] } : {}),
    ...(minutes ? { limits: { timeout: duration(minutes.value) } } : {}),
  }
}

/**
 * A path as it was, from the root of the workspace, as a pack in a folder (absolute) writes it. Where that root was need not be known:
 * what begins with the last two folders of the way to the pack, or more of them, lies in it.
 */
function fromPack(path: string, folder: string): string {
  const [, not = '', rest = ''] = /^(!?)\/?(?:\.\/)?(.*)$/s.exec(path) ?? []
  const parts = folder.split('/').filter((part) => part !== '')
  for (let from = 0; from < parts.length - 1; from++) {
    const way = `${parts.slice(from).join('/')}/`
    if (rest.startsWith(way)) return `${not}${rest.slice(way.length)}`
  }
  return `${not}/${rest}`
}

function duration(minutes: number): string {
  return Number.isInteger(minutes) ? `${minutes}m` : `${Math.ceil(minutes * 60)}s`
}

/** Single files are required; patterns and folders are kept if they are there. */
function artifactsOf(task: Fields, { findings }: Open): Artifacts {
  const listed = task.texts('/artifacts/required')
  const all = [...listed, ...task.texts('/outputs/evidence')].map((one) => {
    return { ...one, value: one.value.replace(/^\.\//, '') }
  })
  const isSeveral = (path: string): boolean => isPattern(path) || path.endsWith('/')
  for (const { value, location } of listed.filter((one) => isSeveral(one.value))) {
    findings.push(earlierFinding('required-pattern', location, { path: value }))
  }
  const required = new Map(all.filter(({ value }) => !isSeveral(value)).map((one) => [one.value, one]))
  const several = all.filter(({ value }) => isSeveral(value)).map(({ value }) => value.replace(/\/$/, '/**'))
  return { required: [...required.values()], optional: [...new Set(several)] }
}

function pluginOf(task: Fields): Members {
  return textOf('plugin', task.text('/plugin')?.value ?? null)
}

function phasesOf({ commands }: EarlierAcceptance): Members {
  const made = commands.flatMap(({ outputs }) => outputs)
  const phases = { format: [] as Json[], lint: [] as Json[], tests: [] as Json[] }
  for (const command of commands) phases[command.phase].push(commandOf(command, made))
  return someOf(phases)
}

/** A command of acceptance sees what another makes only where it says so; what is not for it is left out by name, so that no circle comes of it. */
function commandOf({ run, outputs, reads }: EarlierCommand, made: readonly string[]): Json {
  const others = made.filter((path) => !reads.includes(path) && !outputs.includes(path))
  const files = ['**', ...others.map((path) => `!${path}`)]
  return {
    run,
    ...(reads.length > 0 ? { inputs: { files } } : {}),
    ...(outputs.length > 0 ? { outputs: [...outputs] } : {}),
  }
}
