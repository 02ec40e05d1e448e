import { createCollector, type Collect } from './evidence/collect.ts'
import { createKeyKeeper, keepDefinitions } from './evidence/keys.ts'
import type { Pack } from './model/pack.ts'
import type { PreparedAction } from './model/plan.ts'
import type { ContentStore, RunFolder } from './model/ports.ts'
import type { Prepare } from './plan/prepare.ts'
import { maskText } from './run/mask.ts'

export interface KeepingInput {
  readonly folder: RunFolder
  readonly store: ContentStore
  readonly packs: readonly Pack[]
  readonly prepare: Prepare
  readonly callerEnv: Readonly<Record<string, string | undefined>>
  /** What entered the keys of actions that are not prepared here. */
  readonly known: readonly Pick<PreparedAction, 'key' | 'fingerprint'>[]
}

/** Lets everything that proves an outcome be kept beside the manifest: what was run, what entered each key, and what was made. */
export function keepProof({ folder, store, packs, prepare, callerEnv, known }: KeepingInput): {
  readonly prepare: Prepare
  readonly collect: Collect
} {
  const collect = createCollector({ folder, store, packs })
  const secrets = packs.flatMap(({ definition }) => definition.constraints.secrets.map((name) => callerEnv[name] ?? ''))
  const keys = createKeyKeeper(folder, (text) => maskText(text, secrets) !== text)
  for (const key of known) keys.prepared(key)
  keepDefinitions(folder, packs)
  return {
    prepare: (action, outcomes) => {
      const prepared = prepare(action, outcomes)
      if (prepared.ok) keys.prepared(prepared.value)
      return prepared
    },
    collect: (action, outcome) => {
      collect(action, outcome)
      keys.ended(outcome)
    },
  }
}
