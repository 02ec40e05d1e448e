import { ASPECTS, type Aspect, type Guarantees } from '../model/plan.ts'
import type { GuaranteeWords } from './report-model.ts'

const WORDS: Readonly<Record<Aspect, { readonly enforced: string; readonly none: string }>> = {
  network: {
    enforced: 'Commands had no network beyond a loopback of their own.',
    none: 'Commands could use the network of the machine.',
  },
  filesystem: {
    enforced:
      'Commands saw copies of their declared inputs, their tools and read-only system folders. What they wrote was kept only where it was declared.',
    none: 'Commands could read and write whatever the user could who ran them.',
  },
  processes: {
    enforced: 'Commands saw no process of the machine, and no process outlived its action.',
    none: 'Commands could see other processes of the machine, or leave some behind.',
  },
  environment: {
    enforced: 'Commands had a fixed set of variables and those that their packs declare.',
    none: 'Commands could get at variables of whoever ran them.',
  },
  syscalls: {
    enforced: 'A filter refused the system calls that no command has a use for.',
    none: 'System calls were not filtered.',
  },
}

/** What was seen to be enforced, in words. `granted`: whether a pack was granted a network. */
export function guaranteeWords(guarantees: Guarantees, granted: boolean): readonly GuaranteeWords[] {
  return ASPECTS.map((aspect) => {
    const enforced = guarantees[aspect] === 'enforced'
    const words = WORDS[aspect][enforced ? 'enforced' : 'none']
    const more = aspect === 'network' && enforced && granted ? ` ${GRANTED}` : ''
    return { aspect, enforced, words: words + more }
  })
}

const GRANTED = 'Where a pack was granted one, a proxy let it reach the declared hosts and ports alone.'
