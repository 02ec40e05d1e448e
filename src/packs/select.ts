import type { Changes } from '../model/changes.ts'
import { isPattern, matcher } from '../model/pattern.ts'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { PILLARS, type ResolvedPack } from '../model/pack.ts'
import type { Workspace } from '../model/ports.ts'
import { affectedPacks } from './affected.ts'
import { closest } from '../model/suggest.ts'

/** What a command was asked to work on. Lists are alternatives; a pack must fit each list that is not empty. */
export interface Selection {
  /** Ids, folders (those of packs, or above them) and globs on either. */
  readonly names: readonly string[]
  readonly pillars: readonly string[]
  readonly tags: readonly string[]
  /** Only packs that are affected by these, each with what needs it; absent: whatever has changed. */
  readonly changes?: Changes
}

/** The packs that a selection names and those that they need, in the order given; nothing selected by nothing is all. */
export function selectPacks(
  packs: readonly ResolvedPack[],
  selection: Selection,
  workspace: Workspace,
): { selected: readonly ResolvedPack[]; diagnostics: readonly Diagnostic[] } {
  const { names, pillars, tags } = selection
  const diagnostics = [
    ...names.flatMap((name) => unknownName(name, packs)),
    ...pillars.flatMap((pillar) => unknownWord(pillar, 'pillar', PILLARS)),
    ...tags.flatMap((tag) =>
      unknownWord(
        tag,
        'tag',
        packs.flatMap(({ definition }) => definition.tags),
      ),
    ),
  ]
  const tests = names.map((name) => nameTest(name, packs))
  const chosen = packs.filter(
    (pack) =>
      (names.length === 0 || tests.some((test) => test(pack))) &&
      (pillars.length === 0 || pillars.includes(pack.definition.pillar)) &&
      (tags.length === 0 || tags.some((tag) => pack.definition.tags.includes(tag))),
  )
  if (chosen.length === 0 && diagnostics.length === 0 && [...names, ...pillars, ...tags].length > 0) {
    diagnostics.push(diagnostic('nothing-selected', null, { selection: describe(selection) }))
  }
  const affected = selection.changes && affectedPacks(packs, selection.changes, workspace)
  const wanted = affected ? chosen.filter(({ definition }) => affected.has(definition.id)) : chosen
  return { selected: withNeeds(packs, wanted), diagnostics }
}

type Test = (pack: ResolvedPack) => boolean

/** An id comes first, then a pack's folder, then a folder above packs, then a glob. */
function nameTest(name: string, packs: readonly ResolvedPack[]): Test {
  const byId: Test = ({ definition }) => definition.id === name
  if (packs.some(byId)) return byId
  const folder = folderOf(name)
  const byFolder: Test = ({ dir }) => dir === folder
  if (packs.some(byFolder)) return byFolder
  const below: Test = ({ dir }) => folder === '' || dir.startsWith(`${folder}/`)
  if (packs.some(below) || !isPattern(name)) return below
  const matches = matcher(folder)
  return ({ definition, dir }) => matches(definition.id) || matches(dir)
}

/** `./task-packs/web/` to `task-packs/web`; `.` to the root. */
function folderOf(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}

function unknownName(name: string, packs: readonly ResolvedPack[]): Diagnostic[] {
  if (packs.some(nameTest(name, packs))) return []
  const known = packs.flatMap(({ definition, dir }) => [definition.id, dir])
  return [
    diagnostic('unknown-selector', null, { selector: name, kind: 'name', suggestion: closest(folderOf(name), known) }),
  ]
}

function unknownWord(word: string, kind: 'pillar' | 'tag', known: readonly string[]): Diagnostic[] {
  if (known.includes(word)) return []
  return [diagnostic('unknown-selector', null, { selector: word, kind, suggestion: closest(word, known) })]
}

function withNeeds(packs: readonly ResolvedPack[], chosen: readonly ResolvedPack[]): readonly ResolvedPack[] {
  if (chosen.length === packs.length) return packs
  const byId = new Map(packs.map((pack) => [pack.definition.id, pack]))
  const wanted = new Set(chosen)
  for (const pack of wanted) {
    for (const need of pack.definition.needs) {
      const needed = byId.get(need)
      // A set that is being walked also yields what is added on the way.
      if (needed) wanted.add(needed)
    }
  }
  return packs.filter((pack) => wanted.has(pack))
}

function describe({ names, pillars, tags }: Selection): string {
  return [...names, ...pillars.map((pillar) => `--pillar ${pillar}`), ...tags.map((tag) => `--tag ${tag}`)].join(' ')
}
