import type { ActionId } from '../model/graph.ts'
import type { Reason } from '../model/outcome.ts'
import { count, quoteAll, type Worded } from './phrase.ts'
import { escapeText } from './style.ts'

/** Why a negative control proves nothing, and what to do about it. */
export function wordControl({ problem, paths }: Extract<Reason, { kind: 'control' }>, exitCode: number | null): Worded {
  const files = quoteAll(paths)
  switch (problem) {
    case 'accepted':
      return {
        message: `The command passed although ${files} had been replaced: acceptance that can't fail proves nothing.`,
        fix: 'Let the command look at what is wrong there and exit with another code than 0, or put in place what must not pass.',
      }
    case 'not-run':
      return {
        message: `It exited with code ${exitCode}, because a program was not found or can't be run: nothing has looked at ${files}.`,
        fix: 'Replace data rather than programs; a file that is put in place is executable only where it is executable itself.',
      }
    case 'unseen':
      return {
        message: `There was nothing to replace at ${files}: the action that declares it did not make it.`,
        fix: 'Replace a file that is always made, or correct the path.',
      }
    case 'no-source':
      return {
        message: `There was nothing to put in place: the action that declares ${files} did not make it.`,
        fix: 'Put a file in place that is always made, or correct the path.',
      }
    case 'unchanged':
      return {
        message: `What was to be put in place of ${files} is the same, byte for byte.`,
        fix: 'Put a file in place with which the command must fail.',
      }
  }
}

/** How much of acceptance nobody has seen fail. */
export interface Uncontrolled {
  readonly commands: number
  readonly withoutControl: readonly ActionId[]
}

/** One line for all packs, because a line for each command would be read by nobody; the commands only where `verbose`. */
export function renderUncontrolled(
  { commands, withoutControl }: Uncontrolled,
  { quiet = false, verbose = false }: { readonly quiet?: boolean; readonly verbose?: boolean },
): string {
  if (withoutControl.length === 0 || quiet) return ''
  const one = withoutControl.length === 1
  const line = `warning: ${withoutControl.length} of ${count(commands, 'acceptance command')} ${one ? 'has' : 'have'} no control, so nothing shows that ${one ? 'it' : 'they'} can fail\n`
  return line + (verbose ? withoutControl.map((id) => `  ${escapeText(id)}\n`).join('') : '')
}
