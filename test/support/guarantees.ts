import type { Guarantees } from '../../src/model/plan.ts'

/** What bubblewrap holds. */
export const ENFORCED: Guarantees = Object.freeze({
  network: 'enforced',
  filesystem: 'enforced',
  processes: 'enforced',
  environment: 'enforced',
  syscalls: 'enforced',
})

/** What the sandbox without it holds. */
export const UNFILTERED: Guarantees = Object.freeze({ ...ENFORCED, syscalls: 'none' })
