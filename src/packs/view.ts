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
  readonly needs: readonly Item[]
  readonly files: readonly Item[]
  readonly outputs: readonly Item[]
  /** Names; pointers to their keys. */
  readonly env: readonly Item[]
  /** Targets and sources. */
  readonly control: readonly Item[]
}

/**
 * What a task.yml says, as far as it is of the right type, so that one mistake does not hide another. Anything that is not
 * is simply absent: the schema has complained about it.
 */
export class View {
  readonly #root: unknown
  readonly commands: readonly CommandView[]

  constructor(root: unknown) {
    this.#root = root
    this.commands = [
      ...this.#commands('steps', ['steps']),
      ...ACCEPTANCE_PHASES.flatMap((phase) => this.#commands(phase, ['acceptance', phase])),
    ]
  }

  /** The value at a path of keys and indices; `undefined` where there is none. */
  at(...path: readonly (string | number)[]): unknown {
    return path.reduce<unknown>((value, key) => memberOf(value, key), this.#root)
  }

  /** A string, as a list of one or none. */
  text(...path: readonly (string | number)[]): Item[] {
    const value = this.at(...path)
    return typeof value === 'string' ? [{ text: value, pointer: pointer(path) }] : []
  }

  /** The strings of a list. */
  texts(...path: readonly (string | number)[]): Item[] {
    return this.indices(...path).flatMap((index) => this.text(...path, index))
  }

  /** The places of a list. */
  indices(...path: readonly (string | number)[]): number[] {
    const list = this.at(...path)
    return Array.isArray(list) ? [...list.keys()] : []
  }

  /** The keys of a mapping; pointers to the keys themselves. */
  keys(...path: readonly (string | number)[]): Item[] {
    const mapping = this.at(...path)
    if (typeof mapping !== 'object' || mapping === null || Array.isArray(mapping)) return []
    return Object.keys(mapping).map((key) => ({ text: key, pointer: `${pointer([...path, key])}#key` }))
  }

  /** The strings that are members of a mapping. */
  members(...path: readonly (string | number)[]): Item[] {
    return this.keys(...path).flatMap(({ text }) => this.text(...path, text))
  }

  #commands(phase: Phase, path: readonly string[]): CommandView[] {
    return this.indices(...path).map((index) => {
      const at = [...path, index]
      const [id] = this.text(...at, 'id')
      return {
        phase,
        pointer: pointer(at),
        id: id?.text ?? String(index + 1),
        named: id !== undefined,
        run: this.#run(at),
        needs: this.texts(...at, 'needs'),
        files: this.texts(...at, 'inputs', 'files'),
        outputs: this.texts(...at, 'outputs'),
        env: this.keys(...at, 'env'),
        control: [...this.keys(...at, 'control', 'replace'), ...this.members(...at, 'control', 'replace')],
      }
    })
  }

  #run(at: readonly (string | number)[]): string | readonly string[] | null {
    const run = this.at(...at, 'run')
    if (typeof run === 'string') return run
    return Array.isArray(run) && run.every((word): word is string => typeof word === 'string') ? run : null
  }
}

function pointer(path: readonly (string | number)[]): string {
  return path.map((key) => `/${pointerPart(key)}`).join('')
}

function memberOf(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Record<string | number, unknown>)[key]
}
