import { earlierFinding, type EarlierAnswers, type EarlierFinding, type EarlierQuestion } from '../../model/earlier.ts'
import { ACCEPTANCE_PHASES, type AcceptancePhase } from '../../model/pack.ts'
import type { Location } from '../../model/source.ts'
import { meaningOf, mentions, pathsIn, writes, type Surroundings } from './commands.ts'
import type { Fields, Placed } from './fields.ts'

/** A command, with what it is known to make and to read of what others make; both relative to the pack. */
export interface EarlierCommand {
  readonly phase: AcceptancePhase
  readonly run: string
  readonly location: Location
  readonly outputs: readonly string[]
  readonly reads: readonly string[]
}

export interface EarlierAcceptance {
  readonly commands: readonly EarlierCommand[]
  readonly prose: readonly string[]
  readonly findings: readonly EarlierFinding[]
  readonly questions: readonly EarlierQuestion[]
}

export interface AcceptanceSource {
  readonly fields: Fields
  /** Files that the pack promises to make. */
  readonly artifacts: readonly Placed<string>[]
  readonly surroundings: Surroundings & {
    /** Whether there is such a file, seen from the root of the old workspace. */
    readonly isOutside: (path: string) => boolean
  }
  readonly answers: EarlierAnswers
}

type Command = Omit<EarlierCommand, 'outputs' | 'reads'>

/** Commands and sentences of an acceptance.yml. */
export function acceptanceOf(source: AcceptanceSource): EarlierAcceptance {
  const findings: EarlierFinding[] = []
  const questions: EarlierQuestion[] = []
  const must = mustOf(source, { findings, questions })
  const commands = [...ACCEPTANCE_PHASES.flatMap((phase) => phaseOf(source.fields, phase)), ...must.commands]
  const makers = makersOf(commands, source, { findings, questions })
  for (const { run, location } of commands) {
    const far = pathsIn(run).filter((path) => isFar(path, source) && !makers.has(path))
    for (const path of far) findings.push(earlierFinding('outside-pack', location, { path, command: run }))
  }
  const made = commands.map((command): EarlierCommand => {
    const outputs = [...makers].filter(([, maker]) => maker === command).map(([path]) => path)
    const reads = [...makers.keys()].filter((path) => !outputs.includes(path) && mentions(command.run, path))
    return { ...command, outputs, reads }
  })
  return { commands: made, prose: must.prose, findings, questions }
}

function isFar(path: string, { surroundings }: AcceptanceSource): boolean {
  return !surroundings.isFile(path) && surroundings.isOutside(path)
}

interface Open {
  readonly findings: EarlierFinding[]
  readonly questions: EarlierQuestion[]
}

function mustOf(
  { fields, surroundings, answers }: AcceptanceSource,
  { findings, questions }: Open,
): { readonly commands: readonly Command[]; readonly prose: readonly string[] } {
  const commands: Command[] = []
  const prose: string[] = []
  for (const { value, location, isCommand } of entriesOf(fields)) {
    const id = `meaning ${location.file}:${location.start.line}:${location.start.column}`
    const meaning = isCommand ? 'command' : meaningOf(value, surroundings)
    const answer = meaning === 'no-program' || meaning === 'words' ? answers.get(id) : meaning
    if (answer === 'command') commands.push({ phase: 'tests', run: value, location })
    else prose.push(value)
    if (answer === 'prose') findings.push(earlierFinding('prose', location, { text: value }))
    if (answer !== undefined || meaning === 'command' || meaning === 'prose') continue
    findings.push(earlierFinding('unclear', location, { text: value, why: meaning }))
    questions.push({ about: 'meaning', id, location, text: value })
  }
  return { commands, prose }
}

const RUN_KEYS = ['run', 'command', 'cmd'] as const

type Entry = Placed<string> & { readonly isCommand: boolean }

/** A text, or a mapping that says of it that it is a command. */
function entriesOf(fields: Fields): readonly Entry[] {
  const list = fields.raw('/must')
  if (!Array.isArray(list)) return fields.texts('/must').map((one) => ({ ...one, isCommand: false }))
  return list.flatMap((_, index): readonly Entry[] => {
    const at = `/must/${index}`
    const key = RUN_KEYS.find((name) => fields.keys(at)?.includes(name))
    const found = key === undefined ? fields.text(at) : fields.text(`${at}/${key}`)
    return found ? [{ ...found, isCommand: key !== undefined }] : []
  })
}

/** `format: { commands: [...] }`, or the list itself. */
function phaseOf(fields: Fields, phase: AcceptancePhase): readonly Command[] {
  const isMapping = fields.keys(`/${phase}`) !== null
  const listed = fields.texts(isMapping ? `/${phase}/commands` : `/${phase}`)
  return listed.map(({ value, location }) => ({ phase, run: value, location }))
}

/** Which command makes which file. */
function makersOf(
  commands: readonly Command[],
  { artifacts, surroundings, answers }: AcceptanceSource,
  { findings, questions }: Open,
): ReadonlyMap<string, Command> {
  const makers = new Map<string, Command>()
  for (const { value: path, location } of artifacts) {
    const id = `producer ${location.file}:${location.start.line}:${location.start.column}`
    const writers = commands.filter(({ run }) => writes(run, path))
    const chosen = answers.get(id)
    const maker = writers.length === 1 ? writers[0] : chosen === undefined ? undefined : commands[Number(chosen || -1)]
    if (maker) {
      makers.set(path, maker)
      findings.push(earlierFinding('producer', location, { path, command: maker.run }))
    } else if (chosen === undefined) {
      findings.push(earlierFinding('no-producer', location, { path, isThere: surroundings.isFile(path) }))
      if (commands.length > 0) {
        questions.push({ about: 'producer', id, location, path, commands: commands.map(({ run }) => run) })
      }
    }
  }
  return makers
}

/** Programs that the pack names as what it depends on, with the versions that it wants; the others as they are written. */
export function toolsOf(
  fields: Fields,
  { isProgram }: Pick<Surroundings, 'isProgram'>,
  isRange: (text: string) => boolean,
): {
  readonly tools: Readonly<Record<string, string>>
  readonly notes: readonly string[]
  readonly findings: readonly EarlierFinding[]
} {
  const tools: Record<string, string> = {}
  const notes: string[] = []
  const findings: EarlierFinding[] = []
  for (const { value, location } of depsOf(fields)) {
    const [, name, range] =
      /^([A-Za-z0-9][\w.+-]*)(?:\s*@\s*|\s+|(?=[<>=^~]))?([<>=^~*\d].*)?$/.exec(value.trim()) ?? []
    if (name === undefined || (range !== undefined && !isRange(range))) {
      notes.push(value)
      findings.push(earlierFinding('dependency', location, { text: value }))
      continue
    }
    tools[name] = range ?? '*'
    if (!isProgram(name)) findings.push(earlierFinding('missing-program', location, { name }))
  }
  return { tools, notes, findings }
}

/** A list, or a mapping of names to versions. */
function depsOf(fields: Fields): readonly Placed<string>[] {
  const names = fields.keys('/deps')
  if (names === null) return fields.texts('/deps')
  return names.flatMap((name) => {
    const version = fields.text(`/deps/${name}`)
    const location = fields.placeOfKey(`/deps/${name}`)
    return [{ value: version === null ? name : `${name} ${version.value}`, location }]
  })
}
