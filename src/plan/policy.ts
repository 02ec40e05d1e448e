import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import type { Capability, Grant } from '../model/grant.ts'
import { placeOf, type Pack, type PackId, type ResolvedPack } from '../model/pack.ts'
import type { CallerEnvironment } from './environment.ts'

export interface Policy {
  readonly grants: readonly Grant[]
  /** Where the values of secrets come from. */
  readonly callerEnv: CallerEnvironment
  /** Packs whose plugins run. */
  readonly withPlugin: ReadonlySet<PackId>
}

/**
 * What a run of these packs would need and does not get. It is refused rather than left out, because a run without what the
 * pack asked for would prove something else.
 */
export function refusalsOf(packs: readonly ResolvedPack[], policy: Policy): readonly Diagnostic[] {
  return packs.flatMap((pack) => [
    ...ungranted(pack, policy),
    ...unset(pack, policy),
    ...(policy.withPlugin.has(pack.definition.id) ? excessOf(pack) : []),
  ])
}

interface Asked {
  readonly capability: Capability
  readonly field: string
  readonly pointer: string
}

function askedFor({ definition }: Pack): readonly Asked[] {
  const { network, cloudMutations, secrets } = definition.constraints
  return [
    ...network.map((endpoint, index) => ({
      capability: { kind: 'network', endpoint } as const,
      field: 'constraints.network',
      pointer: `/constraints/network/${index}`,
    })),
    ...secrets.map((name, index) => ({
      capability: { kind: 'secret', name } as const,
      field: 'constraints.secrets',
      pointer: `/constraints/secrets/${index}`,
    })),
    ...(cloudMutations
      ? [
          {
            capability: { kind: 'cloud' } as const,
            field: 'constraints.cloud_mutations',
            pointer: '/constraints/cloud_mutations',
          },
        ]
      : []),
  ]
}

function ungranted(pack: Pack, { grants }: Policy): Diagnostic[] {
  const { id } = pack.definition
  const meant = grants.filter((grant) => grant.pack === null || grant.pack === id)
  return askedFor(pack).flatMap(({ capability, field, pointer }) => {
    const covering = meant.filter((grant) => covers(grant, capability))
    if (covering.some(({ definition }) => definition === null || definition === pack.digest)) return []
    const granted = covering.length > 0 ? 'another-definition' : 'nobody'
    const facts = { field, pack: id, capability, granted, definition: pack.digest } as const
    return [diagnostic('not-granted', placeOf(pack, pointer), facts)]
  })
}

function covers(grant: Grant, capability: Capability): boolean {
  if (capability.kind === 'cloud') return grant.cloud
  if (capability.kind === 'secret') return grant.secrets.includes(capability.name)
  return grant.network === 'all' || grant.network.includes(capability.endpoint)
}

/** An empty value is none: nothing could be masked, and what the pack does without it is not what it was meant to do. */
function unset(pack: Pack, { callerEnv }: Policy): Diagnostic[] {
  const field = 'constraints.secrets'
  return pack.definition.constraints.secrets.flatMap((secret, index) => {
    if (Object.hasOwn(callerEnv, secret) && callerEnv[secret]) return []
    const place = placeOf(pack, `/constraints/secrets/${index}`)
    return [diagnostic('secret-unset', place, { field, pack: pack.definition.id, secret })]
  })
}

/** What a plugin says that it uses and its pack may not, where its own file says it. It is told before any of its code is loaded. */
function excessOf({ plugin, definition }: ResolvedPack): Diagnostic[] {
  if (!plugin) return []
  const { constraints, id } = definition
  const { network, secrets, cloud } = plugin.capabilities
  const complain = (capability: Capability, pointer: string): Diagnostic =>
    diagnostic('plugin-capability', plugin.locate(`/capabilities/${pointer}`), {
      field: 'plugin',
      pack: id,
      capability,
    })
  return [
    ...network.flatMap((endpoint, index) =>
      constraints.network.includes(endpoint) ? [] : [complain({ kind: 'network', endpoint }, `network/${index}`)],
    ),
    ...secrets.flatMap((name, index) =>
      constraints.secrets.includes(name) ? [] : [complain({ kind: 'secret', name }, `secrets/${index}`)],
    ),
    ...(cloud && !constraints.cloudMutations ? [complain({ kind: 'cloud' }, 'cloud')] : []),
  ]
}
