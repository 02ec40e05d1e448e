import { isPattern, matcher } from '../model/pattern.ts'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { workspacePath } from '../model/pack.ts'
import type { Locate } from './meaning.ts'
import { normalisePath, type PathRules } from './paths.ts'
import type { CommandView, Item, View } from './view.ts'

const FILE = {}
const FOLDER = { folder: true }
const GLOB = { folder: true, glob: true }

/** Paths that are malformed or leave the workspace by their text alone. */
export function pathDiagnostics(view: View, dir: string, locate: Locate): Diagnostic[] {
  const check = (items: readonly Item[], rules: Omit<PathRules, 'dir'>): Diagnostic[] =>
    items.flatMap((item) => pathDiagnostic(item, { ...rules, dir }, locate))
  const artifacts = view.indices('inputs', 'artifacts')
  const mounts = view.indices('inputs', 'mounts')
  return [
    ...check(view.members('docs'), FILE),
    ...check(view.texts('inputs', 'files').map(withoutExclusion), GLOB),
    // The path is relative to a folder that only the other pack knows; nothing is above the workspace in any case.
    ...artifacts.flatMap((at) => check(view.text('inputs', 'artifacts', at, 'path'), FOLDER)),
    ...artifacts.flatMap((at) => check(view.text('inputs', 'artifacts', at, 'as'), FOLDER)),
    ...mounts.flatMap((at) => check(view.text('inputs', 'mounts', at, 'path'), FOLDER)),
    ...mounts.flatMap((at) => check(view.text('inputs', 'mounts', at, 'identity'), FILE)),
    ...check(view.texts('constraints', 'scope').map(withoutExclusion), GLOB),
    ...view.commands.flatMap(({ files }) => check(files.map(withoutExclusion), GLOB)),
    ...view.commands.flatMap(({ outputs }) => check(outputs, GLOB)),
    ...view.commands.flatMap(({ prompt }) => check(prompt, FILE)),
    ...view.commands.flatMap(({ control }) => check(control, FILE)),
    ...check(view.texts('artifacts', 'required'), FILE),
    ...check(view.texts('artifacts', 'optional'), GLOB),
    ...check(view.text('plugin'), FILE),
  ]
}

function withoutExclusion({ text, pointer }: Item): Item {
  return { text: text.replace(/^!/, ''), pointer }
}

function pathDiagnostic({ text, pointer }: Item, rules: PathRules, locate: Locate): Diagnostic[] {
  const result = normalisePath(text, rules)
  if (result.ok) return []
  if (result.problem === 'leaves') {
    return [diagnostic('path-leaves-workspace', locate(pointer), { path: text, through: null })]
  }
  const key = keyOf(pointer)
  const { expected, suggestion } = result
  return [diagnostic('invalid-value', locate(pointer), { key, found: text, expected, suggestion })]
}

/** `/inputs/files/0` to `inputs.files[0]`. */
function keyOf(pointer: string): string {
  return pointer
    .replace(/#key$/, '')
    .slice(1)
    .split('/')
    .reduce((key, part) => (/^\d+$/.test(part) ? `${key}[${part}]` : `${key}.${part}`))
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
}

interface Declared {
  readonly command: CommandView
  readonly item: Item
  /** Relative to the workspace, without a trailing `/`. */
  readonly path: string
  readonly folder: boolean
}

/** Outputs that two commands of the pack declare, and those that would overwrite the task.yml. */
export function outputDiagnostics(view: View, dir: string, locate: Locate): Diagnostic[] {
  const declared = view.commands.flatMap((command) =>
    command.outputs.flatMap((item): Declared[] => {
      const result = normalisePath(item.text, { ...GLOB, dir })
      if (!result.ok) return []
      const whole = workspacePath(dir, result.path)
      return [{ command, item, path: whole.replace(/\/$/, ''), folder: whole.endsWith('/') }]
    }),
  )
  const fixed = [workspacePath(dir, 'task.yml'), ...promptsOf(view, dir)]
  return [...fixed.flatMap((file) => over(file, declared, locate)), ...collisions(view, declared, locate)]
}

/** What an agent is asked to do is not made by a command. */
function promptsOf(view: View, dir: string): readonly string[] {
  const prompts = view.commands.flatMap(({ prompt }) => prompt.map(({ text }) => normalisePath(text, { ...FILE, dir })))
  return [...new Set(prompts.flatMap((result) => (result.ok ? [workspacePath(dir, result.path)] : [])))]
}

function over(input: string, declared: readonly Declared[], locate: Locate): Diagnostic[] {
  return declared
    .filter(({ path, folder }) => {
      if (folder) return input.startsWith(`${path}/`)
      return isPattern(path) ? matcher(path)(input) : path === input
    })
    .map(({ item }) => diagnostic('output-is-input', locate(item.pointer), { output: item.text, input }))
}

function collisions(view: View, declared: readonly Declared[], locate: Locate): Diagnostic[] {
  const literal = declared.filter(({ path }) => !isPattern(path))
  const byPath = new Map<string, Declared>()
  for (const one of literal) if (!byPath.has(one.path)) byPath.set(one.path, one)
  return literal.flatMap((one) => {
    const other = colliding(one, byPath)
    if (!other) return []
    const facts = { path: one.path, first: actionId(view, other.command), second: actionId(view, one.command) }
    const related = [{ location: locate(other.item.pointer), note: facts.first }]
    return [diagnostic('output-collision', locate(one.item.pointer), facts, { related })]
  })
}

/** Another command's output at the same path or at a folder above it. */
function colliding(one: Declared, byPath: ReadonlyMap<string, Declared>): Declared | null {
  for (let path = one.path; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
    const other = byPath.get(path)
    if (other && other.command !== one.command) return other
  }
  return null
}

function actionId(view: View, { phase, id }: CommandView): string {
  const [pack] = view.text('id')
  return `${pack?.text ?? '?'}:${phase}/${id}`
}
