import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { ACCEPTANCE_PHASES, placeOf, type Pack } from '../model/pack.ts'

/**
 * What a run of these packs would need and does not get: SAFE mode grants nothing. A field is refused rather than ignored,
 * because a run that leaves out what the pack asked for would prove something else.
 */
export function refusalsOf(packs: readonly Pack[]): readonly Diagnostic[] {
  return packs.flatMap((pack) =>
    askedFor(pack).map(({ field, pointer }) =>
      diagnostic('needs-later-feature', placeOf(pack, pointer), { field, pack: pack.definition.id }),
    ),
  )
}

interface Asked {
  readonly field: string
  readonly pointer: string
}

function askedFor({ definition }: Pack): readonly Asked[] {
  const { network, cloudMutations, secrets, scope } = definition.constraints
  const asked: Asked[] = []
  const ask = (needed: boolean, field: string, pointer: string): void => {
    if (needed) asked.push({ field, pointer })
  }
  ask(network.length > 0, 'constraints.network', '/constraints/network')
  ask(cloudMutations, 'constraints.cloud_mutations', '/constraints/cloud_mutations')
  ask(secrets.length > 0, 'constraints.secrets', '/constraints/secrets')
  ask(scope.length > 0, 'constraints.scope', '/constraints/scope')
  for (const phase of ACCEPTANCE_PHASES) {
    for (const command of definition.acceptance[phase]) {
      ask(command.control !== null, `acceptance.${phase}.${command.id}.control`, `${command.pointer}/control`)
    }
  }
  ask(definition.plugin !== null, 'plugin', '/plugin')
  return asked
}
