import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { cyclesOf, type Cyclic } from '../model/cycle.ts'
import type { Location } from '../model/source.ts'
import { closest } from '../model/suggest.ts'
import { isVacuous } from './vacuous.ts'
import type { CommandView, Item, View } from './view.ts'

/** Gives the place of a pointer. */
export type Locate = (pointer: string) => Location

/** What can be wrong with a task.yml whose keys and types are right, paths apart. */
export function meaningDiagnostics(view: View, locate: Locate): Diagnostic[] {
  return [
    ...vacuousCommands(view, locate),
    ...acceptance(view, locate),
    ...collidingIds(view, locate),
    ...stepNeeds(view, locate),
    ...stepCycles(view, locate),
    ...undeclaredNeeds(view, locate),
    ...onlyExclusions(view, locate),
    ...variables(view, locate),
  ]
}

function vacuousCommands(view: View, locate: Locate): Diagnostic[] {
  return view.commands.flatMap(({ run, pointer }) => {
    if (run === null || !isVacuous(run)) return []
    const command = typeof run === 'string' ? run : run.join(' ')
    return [diagnostic('vacuous-command', locate(`${pointer}/run`), { command })]
  })
}

function acceptance(view: View, locate: Locate): Diagnostic[] {
  const declared = view.at('acceptance')
  if (typeof declared !== 'object' || declared === null) return []
  // A phase that is no list may have been meant to hold commands.
  if (Object.values(declared).some((phase) => !Array.isArray(phase) || phase.length > 0)) return []
  return [diagnostic('no-acceptance', locate('/acceptance#key'), {})]
}

function collidingIds(view: View, locate: Locate): Diagnostic[] {
  const byId = new Map<string, CommandView>()
  const found: Diagnostic[] = []
  for (const command of view.commands) {
    if (command.phase === 'steps' && !command.named) continue
    const id = `${command.phase}/${command.id}`
    const other = byId.get(id)
    if (!other) {
      byId.set(id, command)
      continue
    }
    // A number that somebody wrote is easier to change than a place in the list.
    const [wrong, right] = command.named ? [command, other] : [other, command]
    const related = [{ location: locate(idPointer(right)), note: id }]
    found.push(diagnostic('duplicate-action-id', locate(idPointer(wrong)), { id }, { related }))
  }
  return found
}

function idPointer({ named, pointer }: CommandView): string {
  return named ? `${pointer}/id` : pointer
}

function stepsOf(view: View): readonly CommandView[] {
  return view.commands.filter(({ phase, named }) => phase === 'steps' && named)
}

function stepNeeds(view: View, locate: Locate): Diagnostic[] {
  if (view.commands.every(({ needs }) => needs.length === 0)) return []
  // A step without a valid id has a complaint of its own; the need may be for it.
  if (view.commands.some(({ phase, named }) => phase === 'steps' && !named)) return []
  const ids = new Set(stepsOf(view).map(({ id }) => id))
  return stepsOf(view).flatMap(({ id, needs }) =>
    needs
      .filter(({ text }) => !ids.has(text))
      .map(({ text, pointer }) => {
        const suggestion = closest(
          text,
          [...ids].filter((other) => other !== id),
        )
        return diagnostic('missing-need', locate(pointer), { need: text, suggestion, scope: 'step' })
      }),
  )
}

function stepCycles(view: View, locate: Locate): Diagnostic[] {
  if (view.commands.every(({ needs }) => needs.length === 0)) return []
  const steps = new Map(
    stepsOf(view)
      .toReversed()
      .map((step) => [step.id, step]),
  )
  const names = [...steps.keys()].toReversed()
  const needs = (id: string): string[] => steps.get(id)?.needs.map(({ text }) => text) ?? []
  return cyclesOf(names, needs).map((cyclic) =>
    cycleDiagnostic(cyclic, (from, to) => locate(needPointer(steps.get(from)?.needs ?? [], to))),
  )
}

/** A cycle with each of its edges as a place, and those that it takes to cut all cycles around it. */
export function cycleDiagnostic(
  { cycle, cut, least }: Cyclic,
  place: (from: string, to: string) => Location,
): Diagnostic {
  const around = cycle.map((from, at) => ({ from, to: cycle[(at + 1) % cycle.length] ?? from }))
  const beside = (cut ?? []).filter(({ from, to }) => !around.some((edge) => edge.from === from && edge.to === to))
  const related = [...around, ...beside].map(({ from, to }) => ({
    location: place(from, to),
    note: `${from} needs ${to}`,
  }))
  const facts = cut === null ? { cycle } : { cycle, cut, least }
  return diagnostic('cyclic-need', related[0]?.location ?? null, facts, { related })
}

function needPointer(needs: readonly Item[], to: string): string {
  return needs.find(({ text }) => text === to)?.pointer ?? ''
}

function undeclaredNeeds(view: View, locate: Locate): Diagnostic[] {
  const needs = new Set(view.texts('needs').map(({ text }) => text))
  return view.indices('inputs', 'artifacts').flatMap((index) =>
    view
      .text('inputs', 'artifacts', index, 'from')
      .filter(({ text }) => !needs.has(text))
      .map(({ text, pointer }) => diagnostic('artifact-without-need', locate(pointer), { from: text })),
  )
}

/** With nothing to exclude from, exclusions would silently select nothing. */
function onlyExclusions(view: View, locate: Locate): Diagnostic[] {
  const lists = [view.texts('inputs', 'files'), ...view.commands.map(({ files }) => files)]
  return lists.flatMap((list) => {
    const [first] = list
    if (!first || list.some(({ text }) => !text.startsWith('!'))) return []
    const facts = { key: 'files', found: first.text, expected: 'a pattern without ! before those with one' }
    return [diagnostic('invalid-value', locate(first.pointer), { ...facts, suggestion: null })]
  })
}

/** A variable has one origin: written here, passed through, or a secret. */
function variables(view: View, locate: Locate): Diagnostic[] {
  const passed = new Set(view.texts('inputs', 'env').map(({ text }) => text))
  const secrets = new Set(view.texts('constraints', 'secrets').map(({ text }) => text))
  const clash = (item: Item, key: string, expected: string): Diagnostic =>
    diagnostic('invalid-value', locate(item.pointer), { key, found: item.text, expected, suggestion: null })
  const literals = [...view.keys('env'), ...view.commands.flatMap(({ env }) => env)]
  return [
    ...view
      .texts('constraints', 'secrets')
      .filter(({ text }) => passed.has(text))
      .map((item) => clash(item, 'constraints.secrets', 'a variable that is not in inputs.env, which would reveal it')),
    ...literals
      .filter(({ text }) => secrets.has(text))
      .map((item) => clash(item, 'env', 'a variable that is not in constraints.secrets')),
    ...view
      .keys('env')
      .filter(({ text }) => passed.has(text))
      .map((item) => clash(item, 'env', 'a variable that is not in inputs.env as well')),
  ]
}
