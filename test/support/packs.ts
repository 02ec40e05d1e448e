import type { CommandDefinition, Limits, PackDefinition, ResolvedPack, Retries } from '../../src/model/pack.ts'
import { sourceText, type Span } from '../../src/model/source.ts'

export const LIMITS: Limits = {
  timeoutMs: 300_000,
  memoryBytes: 2 ** 30,
  processes: 256,
  logBytes: 10 * 2 ** 20,
  outputBytes: 256 * 2 ** 20,
}
export const RETRIES: Retries = { attempts: 1, repeatErrorLimit: 2 }

/** Of no task.yml: hashing thousands of them would take most of a test's time. */
const DIGEST = 'd'.repeat(64)

export type CommandParts = Partial<Omit<CommandDefinition, 'pointer'>>

export interface PackParts {
  readonly dir?: string
  /** Relative to the pack's folder, or to the workspace with a leading `/`. */
  readonly files?: readonly string[]
  readonly needs?: readonly string[]
  readonly inputs?: Partial<PackDefinition['inputs']>
  readonly env?: Readonly<Record<string, string>>
  readonly constraints?: Partial<PackDefinition['constraints']>
  readonly steps?: readonly CommandParts[]
  readonly format?: readonly CommandParts[]
  readonly lint?: readonly CommandParts[]
  readonly tests?: readonly CommandParts[]
  readonly required?: readonly string[]
  readonly optional?: readonly string[]
}

/**
 * A valid pack, given what matters of it. The folder is `packs/<id>` where none is given. Its places are those of a text
 * with one line for each value, so that a location tells which value it is.
 */
export function packOf(id: string, parts: PackParts = {}): ResolvedPack {
  const dir = parts.dir ?? `packs/${id}`
  const definition = definitionOf(id, parts)
  const { text, places } = write(definition)
  const files = (parts.files ?? ['task.yml']).map((path) => (path.startsWith('/') ? path.slice(1) : join(dir, path)))
  const source = sourceText(join(dir, 'task.yml'), text)
  return { definition, dir, source, digest: DIGEST, places, files: files.toSorted() }
}

/** The JSON pointer at a 1-based line of the text that {@link packOf} makes up. */
export function pointerAt(pack: ResolvedPack, line: number): string {
  return pack.source.text.split('\n')[line - 1] ?? ''
}

function definitionOf(id: string, parts: PackParts): PackDefinition {
  const tests = parts.tests ?? [{}]
  return {
    id,
    title: id,
    description: null,
    owner: null,
    tags: [],
    links: [],
    pillar: 'platform',
    domain: null,
    risk: 'low',
    skills: [],
    docs: {},
    needs: parts.needs ?? [],
    inputs: { files: ['**'], artifacts: [], env: [], tools: {}, mounts: [], ...parts.inputs },
    env: parts.env ?? {},
    constraints: {
      network: [],
      cloudMutations: false,
      secrets: [],
      scope: [],
      limits: LIMITS,
      changes: { files: 50, lines: 800 },
      retries: RETRIES,
      ...parts.constraints,
    },
    steps: commandsOf('/steps', parts.steps ?? []),
    acceptance: {
      format: commandsOf('/acceptance/format', parts.format ?? []),
      lint: commandsOf('/acceptance/lint', parts.lint ?? []),
      tests: commandsOf('/acceptance/tests', tests),
    },
    artifacts: { required: parts.required ?? [], optional: parts.optional ?? [] },
    plugin: null,
  }
}

function commandsOf(pointer: string, commands: readonly CommandParts[]): readonly CommandDefinition[] {
  return commands.map((command, place) => ({
    id: String(place + 1),
    run: 'node check.mjs',
    needs: [],
    files: null,
    outputs: [],
    env: {},
    limits: LIMITS,
    retries: RETRIES,
    control: null,
    ...command,
    pointer: `${pointer}/${place}`,
  }))
}

/** One line for each value that diagnostics point at, holding its pointer. */
function write(definition: PackDefinition): { text: string; places: ReadonlyMap<string, Span> } {
  const pointers = ['']
  const list = (pointer: string, values: readonly unknown[]): void => {
    pointers.push(...values.map((_, place) => `${pointer}/${place}`))
  }
  list('/needs', definition.needs)
  list('/inputs/files', definition.inputs.files)
  for (const place of definition.inputs.artifacts.keys()) pointers.push(`/inputs/artifacts/${place}/path`)
  for (const command of [...definition.steps, ...Object.values(definition.acceptance).flat()]) {
    pointers.push(command.pointer)
    list(`${command.pointer}/needs`, command.needs)
    list(`${command.pointer}/inputs/files`, command.files ?? [])
    list(`${command.pointer}/outputs`, command.outputs)
  }
  list('/artifacts/required', definition.artifacts.required)
  let start = 0
  const places = new Map<string, Span>()
  for (const pointer of pointers) {
    places.set(pointer, { start, end: start + pointer.length })
    start += pointer.length + 1
  }
  return { text: pointers.join('\n'), places }
}

function join(dir: string, path: string): string {
  return dir === '' ? path : `${dir}/${path}`
}
