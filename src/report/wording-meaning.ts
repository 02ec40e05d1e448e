import type { DiagnosticFacts } from '../model/diagnostic.ts'
import { didYouMean, plain, quote, quoteAll, type Worded, type Wording } from './phrase.ts'

/** Complaints about packs that are well-formed and yet make no sense. */
export const meaningWording: Pick<
  Wording,
  | 'vacuous-command'
  | 'no-acceptance'
  | 'duplicate-pack-id'
  | 'duplicate-action-id'
  | 'missing-need'
  | 'cyclic-need'
  | 'artifact-without-need'
  | 'artifact-not-produced'
> = {
  'vacuous-command': ({ command }) => ({
    message: `The command ${quote(command)} proves nothing: it ends the same way whatever the files hold.`,
    fix: 'Write a command that fails when the work is wrong.',
  }),
  'no-acceptance': () => ({
    message: 'The pack has no acceptance command, so nothing would prove its work.',
    fix: 'Add at least one, for example `acceptance: { tests: [{ run: node test.mjs }] }`.',
  }),
  'duplicate-pack-id': ({ id, other, caseOnly }) => ({
    message: caseOnly
      ? `The id ${quote(id)} differs only in case from the one in ${quote(other)}.`
      : `The id ${quote(id)} is already taken by ${quote(other)}.`,
    fix: 'Give one of the two another id.',
  }),
  'duplicate-action-id': ({ id }) => ({
    message: `Two commands have the id ${quote(id)}.`,
    fix: 'Give each its own id; a command without one is numbered by its place in the list.',
  }),
  'missing-need': ({ need, suggestion, scope }) => ({
    message: `There is no ${scope} ${quote(need)}.`,
    fix: didYouMean(suggestion) ?? `Add a ${scope} with this id, or remove the need.`,
  }),
  'cyclic-need': ({ cycle, cut, least }) => ({
    message: `These need each other in a circle: ${circle(cycle)}.`,
    fix: cut ? cutWords(cut, least ?? false) : 'Remove one of these needs.',
  }),
  'artifact-without-need': ({ from }) => ({
    message: `An artifact comes from ${quote(from)}, which is not among the needs of this pack.`,
    fix: `Add ${quote(from)} to \`needs\`.`,
  }),
  'artifact-not-produced': ({ from, path, produced }) => ({
    message: `${quote(from)} does not produce ${quote(path)}.`,
    fix:
      produced.length > 0
        ? `It produces ${quoteAll(produced)}.`
        : `Name it under \`artifacts.required\` of ${quote(from)}.`,
  }),
}

export const pathWording: Pick<
  Wording,
  | 'path-leaves-workspace'
  | 'missing-file'
  | 'glob-matches-nothing'
  | 'output-collision'
  | 'output-is-input'
  | 'unordered-input'
  | 'required-not-produced'
  | 'control-target'
  | 'control-source'
  | 'control-empty'
  | 'agent-unset'
> = {
  'path-leaves-workspace': ({ path, through }) => ({
    message:
      through === null
        ? `${quote(path)} leaves the workspace.`
        : `${quote(path)} leaves the workspace through the link ${quote(through)}.`,
    fix: 'Use a path inside the workspace; a leading `/` means its root.',
  }),
  'missing-file': ({ key, path, suggestion }) => ({
    message: `${quote(key)} names ${quote(path)}, which does not exist.`,
    fix: didYouMean(suggestion) ?? 'Create the file, or correct the path.',
  }),
  'glob-matches-nothing': ({ glob, suggestion }) => ({
    message: `${quote(glob)} matches neither a file nor an output of another command.`,
    fix: didYouMean(suggestion) ?? 'Correct or remove it. Files that .gitignore names do not count.',
  }),
  'output-collision': ({ path, first, second }) => ({
    message: `${quote(first)} and ${quote(second)} both declare the output ${quote(path)}.`,
    fix: 'Let one of them write somewhere else.',
  }),
  'output-is-input': ({ output, input }) => ({
    message: `The output ${quote(output)} is also an input, through ${quote(input)}.`,
    fix: `Write to another path, or leave it out of the inputs with ${quote(`!${output}`)}.`,
  }),
  'unordered-input': ({ input, action, producer, need }) => ({
    message: `${quote(action)} reads ${quote(input)}, which ${quote(producer)} writes, but nothing makes it wait.`,
    fix: `Add ${quote(need)} to the \`needs\` of ${quote(reader(action, producer))}.`,
  }),
  'required-not-produced': ({ path }) => ({
    message: `No command declares the required artifact ${quote(path)} as an output.`,
    fix: 'Name it under `outputs` of the command that writes it.',
  }),
  'control-target': ({ target, action, narrowed }) => ({
    message: `The control replaces ${quote(target)}, which ${quote(action)} does not see: it would prove nothing.`,
    fix: narrowed
      ? "Replace a file that the command reads, or name this one in the command's `inputs.files`."
      : 'Replace a file that the command reads, or name this one in `inputs.files`.',
  }),
  'control-source': ({ source, action, producer }) => ({
    message: `The control puts ${quote(source)} in place, which ${quote(producer)} writes; that does not come before ${quote(action)}.`,
    fix: 'Let a step of the pack write it, or take a file of the workspace.',
  }),
  'control-empty': ({ problem, path }) => CONTROL_EMPTY[problem](quote(path)),
  'agent-unset': ({ action }) => ({
    message: `${quote(action)} is for an agent, and the configuration names none.`,
    fix: 'Name its command in codex.config.ts, for example `agent: { command: ["codex", "exec", "-"], tools: { codex: "*" } }`.',
  }),
}

const CONTROL_EMPTY: Readonly<Record<DiagnosticFacts['control-empty']['problem'], (path: string) => Worded>> = {
  nothing: () => ({
    message: 'The control replaces nothing, so the command would do what it does anyway.',
    fix: 'Name a file and what to put in its place: `replace: { data/events.json: test/no-attack.json }`.',
  }),
  itself: (path) => ({
    message: `The control puts ${path} in its own place, so the command would do what it does anyway.`,
    fix: 'Put a file in place with which the command must fail.',
  }),
  twice: (path) => ({
    message: `The control replaces ${path} twice.`,
    fix: 'Keep one of the two.',
  }),
}

export const useWording: Pick<
  Wording,
  'config-load' | 'config-ambiguous' | 'no-packs' | 'unknown-selector' | 'nothing-selected'
> = {
  'config-load': ({ detail }) => ({
    message: `The configuration can't be loaded: ${plain(detail)}.`,
    fix: 'Correct the file; it must export `defineConfig({ ... })` as its default.',
  }),
  'config-ambiguous': ({ files }) => ({
    message: `There is more than one configuration: ${quoteAll(files)}.`,
    fix: 'Keep one of them.',
  }),
  'no-packs': ({ patterns }) => ({
    message:
      patterns.length === 0
        ? 'The list `packs` of the configuration is empty, so that there is no pack.'
        : `No task.yml was found in ${quoteAll(patterns)}.`,
    fix: 'Make one with `codex init <id>`. If there are packs, start codex in the folder above them, or set `packs` in codex.config.ts.',
  }),
  'unknown-selector': ({ selector, kind, suggestion }) => ({
    message:
      kind === 'name'
        ? `${quote(selector)} is neither the id nor the folder of a pack, and no pack's folder matches it.`
        : `No pack has the ${kind} ${quote(selector)}.`,
    fix: didYouMean(suggestion) ?? '`codex list` shows the packs.',
  }),
  'nothing-selected': ({ selection }) => ({
    message: `No pack matches ${quote(selection)}.`,
    fix: '`codex list` shows the packs with their pillars and domains.',
  }),
}

function circle(cycle: readonly string[]): string {
  const [first] = cycle
  const closed = first === undefined || cycle.at(-1) === first ? cycle : [...cycle, first]
  return closed.map(quote).join(' -> ')
}

type Cut = NonNullable<DiagnosticFacts['cyclic-need']['cut']>

const SHOWN = 10

/** They are on circles beyond the one that is shown, so that any one need of it would not do. */
function cutWords(cut: Cut, least: boolean): string {
  const shown = cut.slice(0, SHOWN).map(({ from, to }) => `${quote(from)} -> ${quote(to)}`)
  const more = cut.length > shown.length ? ` and ${cut.length - shown.length} more` : ''
  if (cut.length === 1) return `Remove the need ${shown.join()}: every circle here goes through it.`
  const bound = least ? 'and no fewer would do' : 'though fewer may do'
  return `Remove the needs ${shown.join(', ')}${more}: without them no circle is left here, ${bound}.`
}

/** Steps of one pack need each other; across packs, the pack needs the pack. */
function reader(action: string, producer: string): string {
  const [pack = ''] = action.split(':')
  return producer.startsWith(`${pack}:`) ? action : pack
}
