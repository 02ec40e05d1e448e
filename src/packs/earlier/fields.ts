import { diagnostic, type Diagnostic } from '../../model/diagnostic.ts'
import { locationOf, type Location } from '../../model/source.ts'
import { pointerPart } from '../yaml-value.ts'
import type { YamlFile } from '../yaml.ts'

/** A value with its place. */
export interface Placed<T> {
  readonly value: T
  readonly location: Location
}

/** Reads values of a YAML file by JSON pointer, complains about those of another type, and knows which were never asked for. */
export class Fields {
  readonly #yaml: YamlFile
  readonly #asked = new Set<string>()
  readonly #complaints: Diagnostic[] = []

  constructor(yaml: YamlFile) {
    this.#yaml = yaml
  }

  /** All that is wrong with the file, as far as it was read. */
  get diagnostics(): readonly Diagnostic[] {
    return [...this.#yaml.diagnostics, ...this.#complaints]
  }

  place(pointer: string): Location {
    const { places, source } = this.#yaml
    return locationOf(source, places.get(pointer) ?? places.get('') ?? { start: 0, end: 0 })
  }

  /** Of its key where it has one. */
  placeOfKey(pointer: string): Location {
    return this.place(this.#yaml.places.has(`${pointer}#key`) ? `${pointer}#key` : pointer)
  }

  /** The value as it is; `undefined` where there is none. */
  raw(pointer: string): unknown {
    this.#asked.add(pointer)
    let at = this.#yaml.value
    for (const part of pointer.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
      at = Reflect.get(at, key) as unknown
    }
    return at
  }

  text(pointer: string): Placed<string> | null {
    const value = this.raw(pointer)
    if (value === undefined || value === null) return null
    if (typeof value === 'string') return { value, location: this.place(pointer) }
    return this.#wrong(pointer, 'a text')
  }

  flag(pointer: string): Placed<boolean> | null {
    const value = this.raw(pointer)
    if (value === undefined || value === null) return null
    if (typeof value === 'boolean') return { value, location: this.place(pointer) }
    return this.#wrong(pointer, 'true or false')
  }

  /** A finite number above zero. */
  amount(pointer: string): Placed<number> | null {
    const value = this.raw(pointer)
    if (value === undefined || value === null) return null
    if (typeof value === 'number' && value > 0 && Number.isFinite(value))
      return { value, location: this.place(pointer) }
    return this.#wrong(pointer, 'a number above zero')
  }

  /** One text stands for a list of it. */
  texts(pointer: string): readonly Placed<string>[] {
    const value = this.raw(pointer)
    if (value === undefined || value === null) return []
    if (typeof value === 'string') return [{ value, location: this.place(pointer) }]
    if (!Array.isArray(value)) {
      this.#wrong(pointer, 'a list of texts')
      return []
    }
    return value.flatMap((_, index) => this.text(`${pointer}/${index}`) ?? [])
  }

  /** Keys of a mapping; `null` where something else stands there. */
  keys(pointer: string): readonly string[] | null {
    const value = this.raw(pointer)
    return isMapping(value) ? Object.keys(value) : null
  }

  /** Says that a value is not what it should be. */
  refuse(pointer: string, expected: string): void {
    this.#wrong(pointer, expected)
  }

  /** Keys that nobody has asked for, the outermost ones, in their order. */
  unasked(): readonly Placed<string>[] {
    const asked = [...this.#asked]
    const visit = (pointer: string, value: unknown): readonly Placed<string>[] => {
      if (typeof value !== 'object' || value === null) return []
      return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
        const below = `${pointer}/${pointerPart(key)}`
        const isKnown = Array.isArray(value) || asked.some((one) => one === below || one.startsWith(`${below}/`))
        return isKnown ? visit(below, member) : [{ value: nameOf(below), location: this.placeOfKey(below) }]
      })
    }
    return visit('', this.#yaml.value)
  }

  #wrong(pointer: string, expected: string): null {
    const value = this.raw(pointer)
    const found = Array.isArray(value) ? 'a list' : value === null ? 'nothing' : `a ${typeOf(value)}`
    const facts = { key: nameOf(pointer), expected, found }
    this.#complaints.push(diagnostic('wrong-type', this.place(pointer), facts))
    return null
  }
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function typeOf(value: unknown): string {
  return typeof value === 'object' ? 'mapping' : typeof value
}

/** A pointer as people write it. */
function nameOf(pointer: string): string {
  return pointer.slice(1).replaceAll('/', '.')
}
