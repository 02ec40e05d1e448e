import { canonicalAddress, reachOf } from './addresses.ts'
import { isCloudHost, isMetadataHost } from './clouds.ts'

/** Where an action wants to go, in the one spelling that is compared and connected to. */
export interface Target {
  /** A name in small letters and without a dot at its end, or an address as {@link canonicalAddress} has it. */
  readonly host: string
  readonly port: number
  readonly isAddress: boolean
}

/** Why an action does not get where it wants to. The words are in `answers.ts`. */
export type Refusal =
  | 'malformed'
  | 'not-declared'
  | 'ip-address'
  | 'metadata'
  | 'cloud'
  | 'private-address'
  | 'too-many-connections'

export interface Rules {
  /** Why a target is refused whatever it resolves to; `null`: its addresses decide. */
  refusalOf(target: Target): Refusal | null
  /** Why a target may not be connected to at one of its addresses. */
  refusalAt(target: Target, address: string): Refusal | null
}

/** RFC 1035, section 2.3.4. */
const LONGEST_NAME = 253

const AUTHORITY = /^(\[[\da-f:.]+\]|[^\s:/?#@[\]\\%]+):(\d{1,5})$/i

/** Reads `host:port`; `null` where it is something else. */
export function targetOf(authority: string): Target | null {
  const [, written, digits] = AUTHORITY.exec(authority) ?? []
  const port = Number(digits)
  if (written === undefined || port < 1 || port > 65_535) return null
  if (!URL.canParse(`http://${written}/`)) return null
  const host = new URL(`http://${written}/`).hostname.replace(/\.$/, '')
  const address = canonicalAddress(host)
  if (address !== null) return { host: address, port, isAddress: true }
  return host === '' || host.length > LONGEST_NAME ? null : { host, port, isAddress: false }
}

/**
 * What a pack may reach: what it declares, and of that neither the metadata service of a cloud, nor without leave a cloud, nor by a
 * public name what is not public. A private address is reached where the pack declares that very address and port, and
 * this machine's loopback by the name `localhost` as well.
 *
 * @param network `host:port` pairs that are declared and granted
 * @param cloud whether hosts of clouds are among what may be reached
 */
export function createRules(network: readonly string[], cloud: boolean): Rules {
  const declared = new Set(network.map(targetOf).flatMap((target) => (target ? [wordOf(target)] : [])))
  const declares = (host: string, port: number): boolean => declared.has(wordOf({ host, port }))
  return {
    refusalOf: (target) => {
      const { host, port, isAddress } = target
      if (isAddress ? reachOf(host) === 'metadata' : isMetadataHost(host)) return 'metadata'
      if (!declares(host, port)) return isAddress ? 'ip-address' : 'not-declared'
      return !isAddress && !cloud && isCloudHost(host) ? 'cloud' : null
    },
    refusalAt: ({ host, port }, address) => {
      const reach = reachOf(address)
      if (reach === 'metadata') return 'metadata'
      if (reach === 'public' || (reach === 'loopback' && host === 'localhost')) return null
      return declares(canonicalAddress(address) ?? address, port) ? null : 'private-address'
    },
  }
}

/** No host has a space in it. */
function wordOf({ host, port }: Pick<Target, 'host' | 'port'>): string {
  return `${host} ${port}`
}
