import { ACCEPTANCE_PHASES } from '../model/pack.ts'
import type { Phase } from '../model/graph.ts'
import { pointerPart } from './yaml-value.ts'

/** A string with its place. */
export interface Item {
  readonly text: string
  readonly pointer: string
}

/** A command as far as it can be understood. */
export interface CommandView {
  readonly phase: Phase
  readonly pointer: string
  /** Its own id, or its 1-based place in its list. */
  readonly id: string
  readonly named: boolean
  readonly run: string | readonly string[] | null
  /** What an agent is asked to do: one or none. */
  readonly prompt: readonly Item[]
  readonly needs: readonly Item[]
  readonly files: readonly Item[]
  readonly outputs: readonly Item[]
  /** Names; pointers to their keys. */
  readonly env: readonly Item[]
  /** Targets and sources. */
  readonly control: readonly Item[]
}

type Path = readonly (string | number)[]

/**
 * What a task.yml says, as far as it is of the right type, so that one mistake does not hide another. Anything that is not
 * is simply absent: the schema has complained about it.
 */
export class View {
  readonly #root: unknown
  readonly commands: readonly CommandView[]

  constructor(root: unknown) {
    this.#root = root
    const commands = commandsOf(memberOf(root, 'steps'), 'steps', '/steps')
    const acceptance = memberOf(root, 'acceptance')
    for (const phase of ACCEPTANCE_PHASES) {
      commands.push(...commandsOf(memberOf(acceptance, phase), phase, `/acceptance/${phase}`))
    }
    this.commands = commands
  }

  /** The value at a path of keys and indices; `undefined` where there is none. */
  at(...path: Path): unknown {
    let value = this.#root
    for (const key of path) value = memberOf(value, key)
    return value
  }

  /** A string, as a list of one or none. */
  text(...path: Path): readonly Item[] {
    const value = this.at(...path)
    return textOf(value, pointerTo(path))
  }

  /** The strings of a list. */
  texts(...path: Path): readonly Item[] {
    const list = this.at(...path)
    return Array.isArray(list) ? textsOf(list, pointerTo(path)) : NONE
  }

  /** The places of a list. */
  indices(...path: Path): readonly number[] {
    const list = this.at(...path)
    return Array.isArray(list) ? [...list.keys()] : []
  }

  /** The keys of a mapping; pointers to the keys themselves. */
  keys(...path: Path): readonly Item[] {
    return keysOf(this.at(...path), pointerTo(path))
  }

  /** The strings that are members of a mapping. */
  members(...path: Path): readonly Item[] {
    return membersOf(this.at(...path), pointerTo(path))
  }
}

const NONE: readonly Item[] = []

function commandsOf(list: unknown, phase: Phase, pointer: string): CommandView[] {
  return Array.isArray(list) ? list.map((one: unknown, index) => commandOf(one, { phase, pointer, index })) : []
}

function commandOf(
  one: unknown,
  { phase, pointer, index }: { readonly phase: Phase; readonly pointer: string; readonly index: number },
): CommandView {
  const at = `${pointer}/${index}`
  const id = memberOf(one, 'id')
  const replace = memberOf(memberOf(one, 'control'), 'replace')
  return {
    phase,
    pointer: at,
    id: typeof id === 'string' ? id : String(index + 1),
    named: typeof id === 'string',
    run: runOf(memberOf(one, 'run')),
    prompt: textOf(memberOf(one, 'prompt'), `${at}/prompt`),
    needs: textsOf(memberOf(one, 'needs'), `${at}/needs`),
    files: textsOf(memberOf(memberOf(one, 'inputs'), 'files'), `${at}/inputs/files`),
    outputs: textsOf(memberOf(one, 'outputs'), `${at}/outputs`),
    env: keysOf(memberOf(one, 'env'), `${at}/env`),
    control: [...keysOf(replace, `${at}/control/replace`), ...membersOf(replace, `${at}/control/replace`)],
  }
}

function runOf(run: unknown): string | readonly string[] | null {
  if (typeof run === 'string') return run
  return Array.isArray(run) && run.every((word): word is string => typeof word === 'string') ? run : null
}

function textOf(text: unknown, pointer: string): readonly Item[] {
  return typeof text === 'string' ? [{ text, pointer }] : NONE
}

function textsOf(list: unknown, pointer: string): readonly Item[] {
  if (!Array.isArray(list) || list.length === 0) return NONE
  const items: Item[] = []
  for (const [index, text] of list.entries()) {
    if (typeof text === 'string') items.push({ text, pointer: `${pointer}/${index}` })
  }
  return items
}

function keysOf(mapping: unknown, pointer: string): readonly Item[] {
  if (!isMapping(mapping)) return NONE
  return Object.keys(mapping).map((key) => ({ text: key, pointer: `${pointer}/${pointerPart(key)}#key` }))
}

function membersOf(mapping: unknown, pointer: string): readonly Item[] {
  if (!isMapping(mapping)) return NONE
  const items: Item[] = []
  for (const [key, text] of Object.entries(mapping)) {
    if (typeof text === 'string') items.push({ text, pointer: `${pointer}/${pointerPart(key)}` })
  }
  return items
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function pointerTo(path: Path): string {
  return path.map((key) => `/${pointerPart(key)}`).join('')
}

function memberOf(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Readonly<Record<string | number, unknown>>)[key]
}
