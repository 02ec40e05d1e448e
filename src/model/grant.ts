import type { Digest } from './digest.ts'
import { compareBytes } from './order.ts'
import type { PackDefinition, PackId } from './pack.ts'

/** What goes beyond SAFE mode. A pack that asks for it runs only where the operator has granted it. */
export interface Capabilities {
  /** `host:port` pairs. */
  readonly network: readonly string[]
  /** Names of variables. */
  readonly secrets: readonly string[]
  /** To change what lies in a cloud. */
  readonly cloud: boolean
}

export const NO_CAPABILITIES: Capabilities = Object.freeze({ network: [], secrets: [], cloud: false })

/** What a pack asks for. */
export function capabilitiesOf({ constraints }: PackDefinition): Capabilities {
  const { network, secrets, cloudMutations: cloud } = constraints
  return network.length + secrets.length > 0 || cloud ? { network, secrets, cloud } : NO_CAPABILITIES
}

/** One of them; what a secret holds is in none. */
export type Capability =
  | { readonly kind: 'network'; readonly endpoint: string }
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'cloud' }

/** As words, `network:host:port`, `secret:NAME` and `cloud`: sorted by bytes, each once. */
export function namesOf({ network, secrets, cloud }: Capabilities): readonly string[] {
  const names = [
    ...network.map((endpoint) => `network:${endpoint}`),
    ...secrets.map((name) => `secret:${name}`),
    ...(cloud ? ['cloud'] : []),
  ]
  return [...new Set(names)].toSorted(compareBytes)
}

/** What an operator grants. What is granted and not asked for has no effect. */
export interface Grant {
  /** `null`: to every pack. */
  readonly pack: PackId | null
  /** SHA-256 of the task.yml that it was meant for; `null`: of any. */
  readonly definition: Digest | null
  /** `all`: whatever the pack declares. */
  readonly network: readonly string[] | 'all'
  readonly secrets: readonly string[]
  readonly cloud: boolean
}
