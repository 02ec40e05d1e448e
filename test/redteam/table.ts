// Every attack that is tried as an action.
import type { Attacks } from './attack.ts'
import { FILES } from './files.ts'
import { NETWORK } from './network.ts'
import { CALLS, OUTPUTS } from './outputs.ts'
import { RESOURCES, SURVIVORS } from './survivors.ts'
import { TAMPERING } from './tampering.ts'

export const THEMES: Readonly<Record<string, Attacks>> = {
  network: NETWORK,
  files: FILES,
  tampering: TAMPERING,
  survivors: SURVIVORS,
  resources: RESOURCES,
  outputs: OUTPUTS,
  'system calls': CALLS,
}

export const ATTACKS: Attacks = Object.assign({}, ...Object.values(THEMES)) as Attacks
