import ipaddr from 'ipaddr.js'

/** What an address leads to. `private`: everything that is neither on the Internet, nor this machine's loopback, nor a cloud's. */
export type Reach = 'public' | 'private' | 'loopback' | 'metadata'

type Address = ReturnType<typeof ipaddr.parse>
type Address6 = InstanceType<typeof ipaddr.IPv6>

/**
 * Where clouds hand out the credentials of a machine to whoever asks from it, and steer its agents: AWS (instances, tasks, pods),
 * Google, Azure, Oracle, Alibaba, Tencent, Scaleway.
 */
const METADATA: ReadonlySet<string> = new Set(
  [
    ...['169.254.169.254', '169.254.170.2', '169.254.170.23', '168.63.129.16', '192.0.0.192', '100.100.100.200'],
    ...['169.254.0.23', '169.254.10.10', '169.254.42.42'],
    ...['fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fd00:42::42'],
  ].map((text) => ipaddr.parse(text).toString()),
)

/** All that is assigned of IPv6 for use across the Internet (RFC 4291, section 2.4; IANA has given out of no other block). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/** Classifies an address in its canonical spelling, as {@link canonicalAddress} and resolvers give it. */
export function reachOf(text: string): Reach {
  const address = ipaddr.process(text)
  const carried = address.kind() === 'ipv6' ? carriedBy(address as Address6) : []
  if ([address, ...carried].some((each) => METADATA.has(withoutZone(each)))) return 'metadata'
  // A translator (RFC 6052) makes of such an address the one that it carries; the other ways of carrying one are history.
  const [translated] = isTranslated(address) ? carried : []
  return translated ? reachByRange(translated) : reachByRange(address)
}

function reachByRange(address: Address): Reach {
  const range = address.range()
  if (range === 'loopback') return 'loopback'
  if (range !== 'unicast') return 'private'
  return address.kind() === 'ipv4' || (address as Address6).match(GLOBAL_UNICAST) ? 'public' : 'private'
}

/** The well-known prefix alone: that for local use (RFC 8215) may lead to what is private there. */
const WELL_KNOWN_PREFIX = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

function isTranslated(address: Address): boolean {
  return address.kind() === 'ipv6' && (address as Address6).match(WELL_KNOWN_PREFIX)
}

/** IPv4 addresses that an IPv6 address may stand for: in its last 32 bits, those inverted (Teredo, RFC 4380), or after 2002: (6to4). */
function carriedBy({ parts }: Address6): readonly Address[] {
  const [first = 0, second = 0, third = 0, , , , seventh = 0, eighth = 0] = parts
  const carried = [fromParts(seventh, eighth)]
  if (first === 0x2001 && second === 0) carried.push(fromParts(seventh ^ 0xffff, eighth ^ 0xffff))
  if (first === 0x2002) carried.push(fromParts(second, third))
  return carried
}

function fromParts(high: number, low: number): Address {
  return new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff])
}

function withoutZone(address: Address): string {
  return address.toString().replace(/%.*$/s, '')
}

/**
 * The one spelling of an IP address, by which it can be compared: IPv4 as four decimal numbers, also where IPv6 maps it; IPv6 as
 * in RFC 5952. `null`: the host is a name.
 *
 * @param host as WHATWG's URL parser gives it, which turns decimal, octal, hexadecimal and shortened spellings of IPv4 into four numbers
 */
export function canonicalAddress(host: string): string | null {
  const text = host.startsWith('[') ? host.slice(1, -1) : host
  if (!ipaddr.IPv6.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return null
  return ipaddr.process(text).toString()
}
