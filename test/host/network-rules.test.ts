import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reachOf } from '../../src/host/network/addresses.ts'
import { createRules, targetOf } from '../../src/host/network/rules.ts'

/** What is not on the Internet, as IANA's registries of special-purpose addresses list it, and the agents' address of Azure. */
const SPECIAL_4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32'],
]

const SPECIAL_6 = [
  ...['::/128', '::1/128', '::ffff:0:0/96', '64:ff9b:1::/48', '100::/64', '2001::/32', '2001:2::/48', '2001:db8::/32'],
  ...[
    '2001:10::/28',
    '2001:20::/28',
    '2002::/16',
    '3fff::/20',
    '5f00::/16',
    'fc00::/7',
    'fe80::/10',
    'fec0::/10',
    'ff00::/8',
  ],
]

const METADATA = [
  ...['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
  ...['169.254.0.23', '169.254.10.10', '169.254.42.42', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fd00:42::42'],
]

function blockList(blocks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const block of blocks) {
    const [address = '', bits = ''] = block.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

const special4 = blockList(SPECIAL_4, 'ipv4')

type Octets = readonly [number, number, number, number]

const dotted = (octets: readonly number[]): string => octets.join('.')
const byte = fc.integer({ min: 0, max: 255 })

/** Any address, and those next to where a block begins or ends more often than chance has them. */
const octets: fc.Arbitrary<Octets> = fc.oneof(
  fc.tuple(byte, byte, byte, byte),
  fc.constantFrom(...SPECIAL_4).chain((block) => {
    const [address = '', bits = ''] = block.split('/')
    const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
    const size = 2 ** (32 - Number(bits))
    return fc
      .constantFrom(first - 1, first, first + 1, first + size - 1, first + size)
      .map((value) => fromNumber(((value % 2 ** 32) + 2 ** 32) % 2 ** 32))
  }),
)

function fromNumber(value: number): Octets {
  return [Math.floor(value / 2 ** 24), Math.floor(value / 2 ** 16) % 256, Math.floor(value / 256) % 256, value % 256]
}

const group = (high: number, low: number): string => (high * 256 + low).toString(16)
const tail = ([a, b, c, d]: Octets): string => `${group(a, b)}:${group(c, d)}`

/** Every way to write an IPv4 address that some program takes for one. */
const SPELLINGS: Readonly<Record<string, (octets: Octets) => string>> = {
  dotted: (each) => dotted(each),
  'with a dot at its end': (each) => `${dotted(each)}.`,
  'one number': ([a, b, c, d]) => String(((a * 256 + b) * 256 + c) * 256 + d),
  'one octal number': ([a, b, c, d]) => `0${(((a * 256 + b) * 256 + c) * 256 + d).toString(8)}`,
  'one hexadecimal number': ([a, b, c, d]) => `0x${(((a * 256 + b) * 256 + c) * 256 + d).toString(16)}`,
  'octal numbers': (each) => each.map((part) => `0${part.toString(8)}`).join('.'),
  'octal numbers with more zeros': (each) => each.map((part) => `000${part.toString(8)}`).join('.'),
  'hexadecimal numbers': (each) => each.map((part) => `0X${part.toString(16).toUpperCase()}`).join('.'),
  'two numbers': ([a, b, c, d]) => `${a}.${(b * 256 + c) * 256 + d}`,
  'three numbers': ([a, b, c, d]) => `${a}.${b}.${c * 256 + d}`,
  'numbers of all kinds': ([a, b, c, d]) => `0x${a.toString(16)}.0${b.toString(8)}.${c}.0x${d.toString(16)}`,
  'wide digits': (each) => dotted(each).replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  'digits in circles and wide dots': (each) =>
    dotted(each).replaceAll(/[1-9.]/g, (sign) =>
      sign === '.' ? '\u3002' : String.fromCodePoint(0x245f + Number(sign)),
    ),
  'mapped into IPv6': (each) => `[::ffff:${dotted(each)}]`,
  'mapped into IPv6, in hexadecimal': (each) => `[::FFFF:${tail(each)}]`,
  'mapped into IPv6, at length': (each) => `[0:0:0:0:0:ffff:${tail(each)}]`,
}

/** IPv6 addresses that lead to an IPv4 address in one way or another. */
const CARRIERS: Readonly<Record<string, (octets: Octets) => string>> = {
  'by a translator': (each) => `64:ff9b::${tail(each)}`,
  'by a translator of the place': (each) => `64:ff9b:1::${tail(each)}`,
  compatible: (each) => `::${tail(each)}`,
  translated: (each) => `::ffff:0:${tail(each)}`,
  '6to4': (each) => `2002:${tail(each)}::1`,
  Teredo: (each) => `2001:0:4136:e378:8000:63bf:${tail(each.map((part) => 255 - part) as unknown as Octets)}`,
}

const spelling = fc.constantFrom(...Object.keys(SPELLINGS))

describe('an address', () => {
  it('is public just where no registry says otherwise', () => {
    fc.assert(
      fc.property(octets, (each) => {
        expect(reachOf(dotted(each)) === 'public').toBe(!special4.check(dotted(each)))
      }),
      { numRuns: 3000, seed: 42 },
    )
  })

  it('is public in IPv6 just in what is given out for that', () => {
    const special6 = blockList(SPECIAL_6, 'ipv6')
    const parts = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
    const first = fc.constantFrom(
      0x2001,
      0x2002,
      0x2600,
      0x2a00,
      0x3fff,
      0x4000,
      0x5f00,
      0xfc00,
      0xfe80,
      0xfec0,
      0xff02,
    )
    fc.assert(
      fc.property(parts, fc.option(first, { nil: undefined }), ([own = 0, ...rest], given) => {
        const begin = given ?? own
        const text = [begin, ...rest].map((part) => part.toString(16)).join(':')
        const isGlobal = begin >= 0x2000 && begin < 0x4000 && !special6.check(text, 'ipv6')
        // Blocks of infrastructure that the list above leaves out may be refused as well, never the other way round.
        const mayDiffer = begin === 0x2001 || begin === 0x2620
        expect(reachOf(text)).toSatisfy((reach) => (reach === 'public' ? isGlobal : !isGlobal || mayDiffer))
      }),
      { numRuns: 2000, seed: 42 },
    )
  })

  it.each(['2606:4700::6810:84e5', '2a00:1450:4001:80b::200e', '8.8.8.8', '64:ff9b::808:808', '64:ff9b::8.8.8.8'])(
    'is public: %s',
    (address) => {
      expect(reachOf(address)).toBe('public')
    },
  )

  it.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'])(
    'is the loopback: %s',
    (address) => {
      expect(reachOf(address)).toBe('loopback')
    },
  )

  it.each(['fe80::1%eth0', '::', '::7f00:1', '0.0.0.0', '64:ff9b::a00:1', 'fd12:3456::1', 'ff02::1', '4000::1'])(
    'is private: %s',
    (address) => {
      expect(reachOf(address)).toBe('private')
    },
  )

  it('of a metadata service is one in whatever it is carried', () => {
    const four = METADATA.filter((address) => !address.includes(':'))
    for (const address of METADATA) expect(reachOf(address)).toBe('metadata')
    for (const address of four) {
      const each = address.split('.').map(Number) as unknown as Octets
      for (const carry of Object.values(CARRIERS))
        expect([carry(each), reachOf(carry(each))]).toEqual([carry(each), 'metadata'])
    }
  })
})

describe('what a pack may reach', () => {
  const refusal = (authority: string, network: readonly string[] = [], cloud = false): string | null => {
    const target = targetOf(authority)
    return target ? createRules(network, cloud).refusalOf(target) : 'malformed'
  }
  const refusalAt = (authority: string, address: string, network: readonly string[] = [authority]): string | null => {
    const target = targetOf(authority)
    return target ? createRules(network, false).refusalAt(target, address) : 'malformed'
  }

  it('has one spelling for every way to write an address, and none gets past the list', () => {
    fc.assert(
      fc.property(octets, spelling, fc.integer({ min: 1, max: 65_535 }), (each, name, port) => {
        const written = `${SPELLINGS[name]?.(each)}:${port}`
        expect(targetOf(written)).toEqual({ host: dotted(each), port, isAddress: true })
        const metadata = METADATA.includes(dotted(each))
        expect(refusal(written, ['example.org:443'])).toBe(metadata ? 'metadata' : 'ip-address')
        expect(refusal(written, [`${dotted(each)}:${port}`])).toBe(metadata ? 'metadata' : null)
        expect(refusal(written, [`${dotted(each)}:${port === 1 ? 2 : 1}`])).toBe(metadata ? 'metadata' : 'ip-address')
      }),
      { numRuns: 3000, seed: 42 },
    )
  })

  it('is no private address by a public name, unless that very address is declared', () => {
    fc.assert(
      fc.property(octets, (each) => {
        const address = dotted(each)
        const expected = METADATA.includes(address) ? 'metadata' : special4.check(address) ? 'private-address' : null
        expect(refusalAt('db.example.org:443', address)).toBe(expected)
        const both = ['db.example.org:443', `${address}:443`]
        expect(refusalAt('db.example.org:443', address, both)).toBe(expected === 'metadata' ? expected : null)
        const otherPort = ['db.example.org:443', `${address}:444`]
        expect(refusalAt('db.example.org:443', address, otherPort)).toBe(expected)
      }),
      { numRuns: 2000, seed: 42 },
    )
  })

  it('is the loopback by the name localhost, and nothing else by that name', () => {
    for (const address of ['127.0.0.1', '::1', '127.8.8.8']) {
      expect(refusalAt('localhost:80', address)).toBeNull()
      expect(refusalAt('other:80', address)).toBe('private-address')
      expect(refusalAt('x.localhost:80', address)).toBe('private-address')
    }
    for (const address of ['10.0.0.1', 'fe80::1', '0.0.0.0'])
      expect(refusalAt('localhost:80', address)).toBe('private-address')
    expect(refusalAt('localhost:80', '169.254.169.254')).toBe('metadata')
  })

  it('is never a metadata service, declared or not', () => {
    for (const address of METADATA) {
      const host = address.includes(':') ? `[${address}]` : address
      expect(refusal(`${host}:80`, [`${host}:80`], true)).toBe('metadata')
      expect(refusalAt('innocent.example.org:80', address, ['innocent.example.org:80', `${host}:80`])).toBe('metadata')
    }
    for (const name of ['metadata.google.internal', 'METADATA.google.internal.', 'x.metadata.google.internal']) {
      expect(refusal(`${name}:80`, [`${name}:80`], true)).toBe('metadata')
    }
  })

  const label = fc.stringMatching(/^[a-z][a-z\d-]{0,8}[a-z\d]$/)

  it('is a name whatever its case and the dot at its end, and no other name or port', () => {
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 2, maxLength: 4 }),
        label,
        fc.infiniteStream(fc.boolean()),
        (labels, other, flips) => {
          const name = labels.join('.')
          const mixed = [...name].map((sign) => (flips.next().value ? sign.toUpperCase() : sign)).join('')
          const dots = flips.next().value ? '.' : ''
          const cloud = true
          expect(refusal(`${mixed}${dots}:443`, [`${name}:443`], cloud)).toBeNull()
          expect(refusal(`${name}:443`, [`${mixed}${dots}:443`], cloud)).toBeNull()
          expect(refusal(`${name}:80`, [`${name}:443`], cloud)).toBe('not-declared')
          expect(refusal(`${other}.${name}:443`, [`${name}:443`], cloud)).toBe('not-declared')
          expect(refusal(`${name}.${other}:443`, [`${name}:443`], cloud)).toBe('not-declared')
          expect(refusal(`${labels.slice(1).join('.')}:443`, [`${name}:443`], cloud)).toBe('not-declared')
        },
      ),
      { numRuns: 500, seed: 42 },
    )
  })

  const clouds = [
    ...['amazonaws.com', 'googleapis.com', 'cloud.google.com', 'azure.com', 'windows.net', 'digitalocean.com'],
    ...['microsoftonline.com', 'aliyuncs.com', 'oraclecloud.com', 'hetzner.cloud', 'cloudflare.com'],
  ]

  it.each(clouds)('is a cloud only with leave for that: %s', (domain) => {
    for (const name of [domain, `s3.eu-west-1.${domain}`, `S3.${domain.toUpperCase()}.`]) {
      expect(refusal(`${name}:443`, [`${name}:443`])).toBe('cloud')
      expect(refusal(`${name}:443`, [`${name}:443`], true)).toBeNull()
      expect(refusal(`${name}:443`, [], true)).toBe('not-declared')
    }
    expect(refusal(`not${domain}:443`, [`not${domain}:443`])).toBeNull()
    expect(refusal(`${domain}.example.org:443`, [`${domain}.example.org:443`])).toBeNull()
  })

  it('is an address of IPv6 in whatever spelling', () => {
    for (const written of ['[2606:4700:0:0::1]:443', '[2606:4700::0001]:443', '[2606:4700:0::1]:443']) {
      expect(refusal(written, ['[2606:4700::1]:443'])).toBeNull()
      expect(refusal(written, ['[2606:4700::2]:443'])).toBe('ip-address')
    }
  })

  it.each([
    ...['', ':', ':80', 'example.org', 'example.org:', 'example.org:0', 'example.org:65536', 'example.org:80:80'],
    ...['example.org:-1', 'example.org:0x50', 'example.org:80/', 'user@example.org:80', 'http://example.org:80'],
    ...[
      '[::1:80',
      '::1:80',
      '[::1%25eth0]:80',
      '[::1%eth0]:80',
      'ex%61mple.org:80',
      'a b:80',
      'a\\b:80',
      'a#b:80',
      'a?b:80',
    ],
    ...[
      '256.1.1.1:80',
      '1.2.3.4.5:80',
      '0x100000000:80',
      '08.1.1.1:80',
      '[1.2.3.4]:80',
      '.:80',
      `${'a'.repeat(254)}:80`,
    ],
    ...['example.org\0:80', 'example.org\r\n:80', '\u202eexample.org:80'],
  ])('is nothing that is no host and port: %j', (written) => {
    expect(targetOf(written)).toBeNull()
  })
})
