import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import { placeOf } from '../model/pack.ts'
import type { CommandPhase, Draft, Output, PackDraft, ReplacementDraft } from './draft.ts'
import { placeOfMount, type World } from './inputs.ts'
import { normalPath, parsePattern } from './pattern.ts'

/**
 * Finds what every control of a pack puts in place of what. To be called when the inputs of the commands are resolved: only
 * what a command sees can be replaced, and only what is there before it runs can be put in place.
 */
export function resolveControls({ pack, controls }: PackDraft, world: World): Diagnostic[] {
  const problems: Diagnostic[] = []
  for (const control of controls) {
    const { command } = control.of
    for (const [text, by] of Object.entries(command.control ?? {})) {
      const written = `${command.pointer}/control/replace/${text.replaceAll('~', '~0').replaceAll('/', '~1')}`
      const place = placeOf(pack, written)
      const target = normalPath(pack.dir, text)
      const source = normalPath(pack.dir, by)
      const action = control.of.id
      if (!sees(control.of, target)) {
        const narrowed = command.files !== null
        problems.push(diagnostic('control-target', place, { target: text, action, narrowed }))
      }
      const makers = makersOf(source, world)
      const late = makers.find(({ draft }) => !isBefore(draft, control.of))
      if (late) {
        const related = [{ location: placeOf(late.draft.pack, late.pointer), note: late.draft.id }]
        const facts = { source: by, action, producer: late.draft.id }
        problems.push(diagnostic('control-source', place, facts, { related }))
      }
      control.replace.push({ target, source, producers: new Set(makers.map(({ draft }) => draft)) })
    }
    control.replace.sort(byTarget)
  }
  return problems
}

function byTarget(left: ReplacementDraft, right: ReplacementDraft): number {
  return compareBytes(left.target, right.target)
}

function sees({ sources, providers, artifacts }: Draft, path: string): boolean {
  if (sources.includes(path)) return true
  if (artifacts.some((mount) => parsePattern('', placeOfMount(mount)).matches(path))) return true
  return [...providers].some(({ outputs }) => outputs.some(({ pattern }) => pattern.matches(path)))
}

function makersOf(path: string, { index }: World): readonly Output[] {
  return [...index.near(path)].filter(({ pattern }) => pattern.matches(path))
}

const PHASE_ORDER: readonly CommandPhase[] = ['steps', 'format', 'lint', 'tests', 'plugin']

/** Whether an action has ended when a command, and so its control, starts. */
function isBefore(maker: Draft, command: Draft): boolean {
  if (command.providers.has(maker)) return true
  return maker.pack === command.pack && PHASE_ORDER.indexOf(maker.phase) < PHASE_ORDER.indexOf(command.phase)
}
