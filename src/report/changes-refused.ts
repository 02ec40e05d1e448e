import type { Reason, RefusedChange } from '../model/outcome.ts'
import { quote, quoteAll, type Worded } from './phrase.ts'

const SHOWN = 10

const PROBLEMS: Readonly<Record<RefusedChange['problem'], string>> = {
  ignored: 'git ignores it',
  git: "it is git's own",
  workflow: 'a workflow that scope does not name literally',
  definition: 'it judges the pack',
  obstacle: 'a link, a device or another repository stands there',
}

type ChangeReason = Extract<Reason, { kind: 'scope' | 'changes' | 'conflict' }>

/** Why the gate `scope` does not let the changes of a pack through. */
export function wordChanges(reason: ChangeReason): Worded {
  switch (reason.kind) {
    case 'scope': {
      const shown = reason.refused.slice(0, SHOWN).map(({ path, problem }) => `${quote(path)} (${PROBLEMS[problem]})`)
      const hidden = reason.refused.length - shown.length + (reason.more ?? 0)
      return {
        message: `Its steps changed what no change pack may: ${shown.join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}.`,
        fix: 'Leave these files alone, or exclude them in `constraints.scope` with a leading `!`.',
      }
    }
    case 'changes': {
      const what = reason.limit === 'changed_files' ? 'files' : 'lines'
      return {
        message: `Its steps changed ${reason.found} ${what}, and it may change ${reason.most} (\`${reason.limit}\`).`,
        fix: `Change less, split the pack, or raise \`constraints.limits.${reason.limit}\`.`,
      }
    }
    case 'conflict':
      return {
        message: `The pack ${quote(reason.pack)} changes the same files, and nothing orders the two: ${quoteAll(reason.paths, SHOWN, reason.more)}.`,
        fix: `Add ${quote(reason.pack)} to \`needs\`, or keep the scopes of the two apart.`,
      }
  }
}
