import type { DiagnosticCode } from '../../model/diagnostic.ts'

/** What a file of an example holds, or what stands there instead. */
export type ExampleFile =
  | string
  /** Saved in another encoding than UTF-8. */
  | { readonly latin1: string }
  | { readonly link: string }
  | { readonly is: 'a folder' | 'a FIFO' }

/** What is so on the machine of an example; what is not told is as it should be. */
export type ExampleMachine =
  | 'without a sandbox'
  | 'without a network'
  | 'a full disk'
  | 'a cache that was altered'
  | 'a recorded run'
  | 'a recorded run of other files'

export interface Example {
  /** By their paths in the workspace. A task.yml leaves out the keys that each of them has, unless it is about them. */
  readonly files?: Readonly<Record<string, ExampleFile>>
  /** What is called; absent: `codex validate`. */
  readonly command?: string
  readonly machine?: ExampleMachine
}

/** What is told of a code beyond the complaint itself. */
export interface Page {
  /** The first sentence stands for the whole in a list. */
  readonly what: string
  readonly why: string
  readonly wrong: Example
  readonly right: Example
}

/** A code without a page does not compile. */
export type Pages = { readonly [Code in DiagnosticCode]: Page }

const DEMO = 'task-packs/demo'

/** Lines of a task.yml, with other files of its folder. */
export function pack(lines: readonly string[], files: Readonly<Record<string, ExampleFile>> = {}): Example {
  const others = Object.entries(files).map(([path, file]) => [`${DEMO}/${path}`, file] as const)
  return { files: { [`${DEMO}/task.yml`]: `${lines.join('\n')}\n`, ...Object.fromEntries(others) } }
}

/** Lines of several packs by their folders in `task-packs`. */
export function packs(lines: Readonly<Record<string, readonly string[]>>): Example {
  const files = Object.entries(lines).map(([name, each]) => [`task-packs/${name}/task.yml`, `${each.join('\n')}\n`])
  return { files: Object.fromEntries(files) as Record<string, string> }
}
