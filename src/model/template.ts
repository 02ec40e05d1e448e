import type { Reason } from './outcome.ts'
import type { PackId, Pillar } from './pack.ts'

/** A place of one value in a YAML or JSON file. */
export interface ValuePlace {
  /** Relative to the template's folder. */
  readonly file: string
  /** JSON pointer (RFC 6901). */
  readonly pointer: string
}

/** What whoever makes a pack of a template may choose. */
export interface TemplateVariable {
  readonly name: string
  /** What it is, as a question may ask for it. */
  readonly title: string
  readonly default: string
  /** What the whole value has to match: a regular expression of ECMAScript. */
  readonly pattern: string
  readonly at: readonly ValuePlace[]
}

/** Files that are laid over the pack, and how it fails with them. */
export interface BadCase {
  /** The folder that holds them, relative to the template's. */
  readonly overlay: string
  /** The action that fails, without the pack's id: `tests/1`. */
  readonly action: string
  readonly reason: Reason['kind']
  /** What the action prints, among other things. */
  readonly says: string
}

/** A pack to make others of, as it is: `<pillar>/<name>/` with a task.yml, and a template.yml that says what may be chosen. */
export interface Template {
  /** Also the id of the pack that it is. */
  readonly name: PackId
  /** Its folder, relative to that of all templates. */
  readonly dir: string
  readonly title: string
  readonly description: string
  readonly pillar: Pillar
  readonly domain: string
  /** The title of its pack. */
  readonly packTitle: string
  readonly variables: readonly TemplateVariable[]
  readonly bad: BadCase
  /** All that a pack gets, relative to the template's folder, sorted by bytes. */
  readonly files: readonly string[]
}

/** What was chosen. Texts in one line without hidden characters; the id is one, and the values fit their patterns. */
export interface TemplateChoice {
  readonly id: PackId
  /** `null`: the template's own. */
  readonly title: string | null
  /** `null`: nobody. */
  readonly owner: string | null
  /** By the names of variables; those that are not there keep their default. */
  readonly values: Readonly<Record<string, string>>
}
