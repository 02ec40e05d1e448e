import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { syscallFilter } from '../../src/host/sandbox/seccomp.ts'

/** struct seccomp_data: what a filter is asked about. */
interface Call {
  readonly word: number
  readonly number: number
  readonly args?: readonly bigint[]
}

function dataOf({ word, number, args = [] }: Call): DataView {
  const data = new DataView(new ArrayBuffer(64))
  data.setUint32(0, number, true)
  data.setUint32(4, word, true)
  args.forEach((arg, index) => data.setBigUint64(16 + 8 * index, BigInt.asUintN(64, arg), true))
  return data
}

/** What the kernel does with a filter (Documentation/networking/filter.rst), for the operations that seccomp knows. */
function verdictOf(filter: Uint8Array, call: Call): number {
  const program = new DataView(filter.buffer, filter.byteOffset, filter.byteLength)
  const data = dataOf(call)
  let accumulator = 0
  for (let at = 0; at < filter.length / 8; at++) {
    const operand = program.getUint32(at * 8 + 4, true)
    const skip = (holds: boolean): number => program.getUint8(at * 8 + (holds ? 2 : 3))
    switch (program.getUint16(at * 8, true)) {
      case 0x20:
        accumulator = data.getUint32(operand, true)
        break
      case 0x54:
        accumulator = (accumulator & operand) >>> 0
        break
      case 0x15:
        at += skip(accumulator === operand)
        break
      case 0x35:
        at += skip(accumulator >= operand)
        break
      case 0x45:
        at += skip((accumulator & operand) !== 0)
        break
      case 0x06:
        return operand
      default:
        throw new Error(`no operation of seccomp at ${at}`)
    }
  }
  throw new Error('the kernel takes no program that runs past its end')
}

const ALLOWED = 0x7fff0000
const KILLED = 0x80000000
const [EPERM, ENOSYS, EPROTONOSUPPORT, EAFNOSUPPORT] = [1, 38, 93, 97].map((errno) => 0x50000 | errno) as [
  ...[number, number, number, number],
]

interface Target {
  readonly column: 0 | 1
  readonly word: number
  /** AUDIT_ARCH_* of others that the same kernel may run: i386; 32-bit ARM. */
  readonly foreign: number
}

const TARGETS = {
  x64: { column: 0, word: 0xc000003e, foreign: 0x40000003 },
  arm64: { column: 1, word: 0xc00000b7, foreign: 0x40000028 },
} as const satisfies Record<string, Target>

/** Numbers in the kernel's tables for x86-64 and arm64. */
const ALWAYS: readonly (readonly [string, number, number | null, number])[] = [
  ['clone3', 435, 435, ENOSYS],
  ['io_uring_setup', 425, 425, ENOSYS],
  ['io_uring_enter', 426, 426, ENOSYS],
  ['io_uring_register', 427, 427, ENOSYS],
  ['setns', 308, 268, EPERM],
  ['chroot', 161, 51, EPERM],
  ['pivot_root', 155, 41, EPERM],
  ['mount', 165, 40, EPERM],
  ['umount2', 166, 39, EPERM],
  ['open_tree', 428, 428, EPERM],
  ['move_mount', 429, 429, EPERM],
  ['fsopen', 430, 430, EPERM],
  ['fsconfig', 431, 431, EPERM],
  ['fsmount', 432, 432, EPERM],
  ['fspick', 433, 433, EPERM],
  ['mount_setattr', 442, 442, EPERM],
  ['open_tree_attr', 467, 467, EPERM],
  ['open_by_handle_at', 304, 265, EPERM],
  ['swapon', 167, 224, EPERM],
  ['swapoff', 168, 225, EPERM],
  ['acct', 163, 89, EPERM],
  ['quotactl', 179, 60, EPERM],
  ['quotactl_fd', 443, 443, EPERM],
  ['nfsservctl', 180, 42, EPERM],
  ['lookup_dcookie', 212, 18, EPERM],
  ['ptrace', 101, 117, EPERM],
  ['process_vm_readv', 310, 270, EPERM],
  ['process_vm_writev', 311, 271, EPERM],
  ['kcmp', 312, 272, EPERM],
  ['pidfd_getfd', 438, 438, EPERM],
  ['add_key', 248, 217, EPERM],
  ['request_key', 249, 218, EPERM],
  ['keyctl', 250, 219, EPERM],
  ['bpf', 321, 280, EPERM],
  ['perf_event_open', 298, 241, EPERM],
  ['userfaultfd', 323, 282, EPERM],
  ['init_module', 175, 105, EPERM],
  ['finit_module', 313, 273, EPERM],
  ['delete_module', 176, 106, EPERM],
  ['kexec_load', 246, 104, EPERM],
  ['kexec_file_load', 320, 294, EPERM],
  ['reboot', 169, 142, EPERM],
  ['settimeofday', 164, 170, EPERM],
  ['clock_settime', 227, 112, EPERM],
  ['adjtimex', 159, 171, EPERM],
  ['clock_adjtime', 305, 266, EPERM],
  ['syslog', 103, 116, EPERM],
  ['iopl', 172, null, EPERM],
  ['ioperm', 173, null, EPERM],
]

const CLONE = [56, 220] as const
const UNSHARE = [272, 97] as const
const IOCTL = [16, 29] as const
const PERSONALITY = [135, 92] as const
const SOCKET = [41, 198] as const
const SOCKETPAIR = [53, 199] as const

const BY_ARGUMENTS: readonly (readonly [string, readonly [number, number], readonly bigint[], number])[] = [
  ['fork', CLONE, [0x1200011n], ALLOWED],
  ['a thread', CLONE, [0x3d0f00n], ALLOWED],
  ['vfork', CLONE, [0x4111n], ALLOWED],
  ['a child in a user namespace', CLONE, [0x10000011n], EPERM],
  ['a child in all namespaces', CLONE, [0x7e020011n], EPERM],
  ['files of its own', UNSHARE, [0x600n], ALLOWED],
  ['a mount namespace', UNSHARE, [0x20000n], EPERM],
  ['a time namespace', UNSHARE, [0x80n], EPERM],
  ['the size of a terminal', IOCTL, [0n, 0x5413n], ALLOWED],
  ['TIOCSTI', IOCTL, [0n, 0x5412n], EPERM],
  ['TIOCSTI with bits that the kernel drops', IOCTL, [0n, 0xffffffff00005412n], EPERM],
  ['TIOCLINUX', IOCTL, [0n, 0x541cn], EPERM],
  ['TIOCSETD', IOCTL, [0n, 0x5423n], EPERM],
  ['the usual personality', PERSONALITY, [0n], ALLOWED],
  ['asking for the personality', PERSONALITY, [0xffffffffn], ALLOWED],
  ['the same with a sign', PERSONALITY, [-1n], ALLOWED],
  ['a fixed layout of memory', PERSONALITY, [0x40000n], EPERM],
  ['a socket of files', SOCKET, [1n, 1n, 0n], ALLOWED],
  ['a socket of packets between files', SOCKET, [1n, 0x80005n, 0n], ALLOWED],
  ['TCP', SOCKET, [2n, 0x80801n, 6n], ALLOWED],
  ['TCP over several paths', SOCKET, [2n, 1n, 262n], ALLOWED],
  ['UDP over IPv6', SOCKET, [10n, 2n, 0n], ALLOWED],
  ['the list of interfaces', SOCKET, [16n, 0x80003n, 0n], ALLOWED],
  ['audit', SOCKET, [16n, 3n, 9n], EPROTONOSUPPORT],
  ['events of devices', SOCKET, [16n, 2n, 15n], EPROTONOSUPPORT],
  ['netfilter', SOCKET, [16n, 3n, 12n], EPROTONOSUPPORT],
  ['raw packets', SOCKET, [2n, 3n, 255n], EPERM],
  ['raw packets, without waiting', SOCKET, [10n, 0x803n, 58n], EPERM],
  ['packets by their old name', SOCKET, [2n, 10n, 0x300n], EPERM],
  ['SCTP', SOCKET, [2n, 1n, 132n], EPROTONOSUPPORT],
  ['SMC', SOCKET, [2n, 1n, 256n], EPROTONOSUPPORT],
  ['AF_PACKET', SOCKET, [17n, 3n, 0n], EAFNOSUPPORT],
  ['AF_PACKET with bits that the kernel drops', SOCKET, [0x100000011n, 3n, 0n], EAFNOSUPPORT],
  ['AF_VSOCK', SOCKET, [40n, 1n, 0n], EAFNOSUPPORT],
  ['AF_ALG', SOCKET, [38n, 5n, 0n], EAFNOSUPPORT],
  ['AF_BLUETOOTH', SOCKET, [31n, 3n, 1n], EAFNOSUPPORT],
  ['AF_TIPC', SOCKET, [30n, 5n, 0n], EAFNOSUPPORT],
  ['a pair of sockets', SOCKETPAIR, [1n, 0x80001n, 0n], ALLOWED],
  ['a pair of AF_TIPC', SOCKETPAIR, [30n, 5n, 0n], EAFNOSUPPORT],
]

function filterFor(architecture: NodeJS.Architecture): Uint8Array {
  const filter = syscallFilter(architecture)
  if (!filter) throw new Error(`no filter for ${architecture}`)
  return filter
}

describe.each(['x64', 'arm64'] as const)('the filter for %s', (architecture) => {
  const { column, word, foreign } = TARGETS[architecture]
  const filter = filterFor(architecture)
  const ask = (number: number, args: readonly bigint[] = []): number => verdictOf(filter, { word, number, args })
  const named = new Set(
    [...ALWAYS.map((row) => row[column + 1]), ...BY_ARGUMENTS.map(([, numbers]) => numbers[column])].filter(
      (number) => number !== null,
    ),
  )
  const anyArguments = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 6, maxLength: 6 })

  it.each(ALWAYS.filter((row) => row[column + 1] !== null))('refuses %s, whatever its arguments', (...row) => {
    const number = row[column + 1] as number
    fc.assert(
      fc.property(anyArguments, (args) => {
        expect(ask(number, args)).toBe(row[3])
      }),
    )
  })

  it.each(BY_ARGUMENTS)('judges by its arguments: %s', (_, numbers, args, verdict) => {
    expect(ask(numbers[column], args)).toBe(verdict)
  })

  it('allows all other calls, also those that no kernel has yet', () => {
    const other = fc.oneof(fc.nat(1000), fc.nat(0x3fffffff)).filter((number) => !named.has(number))
    fc.assert(
      fc.property(other, anyArguments, (number, args) => {
        expect(ask(number, args)).toBe(ALLOWED)
      }),
    )
    const refused = Array.from({ length: 1000 }, (_, number) => number).filter((number) => ask(number) !== ALLOWED)
    expect(refused.filter((number) => !named.has(number))).toEqual([])
  })

  it('allows no namespace, whatever else is asked for with it', () => {
    const bit = fc.constantFrom(17, 25, 26, 27, 28, 29, 30)
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), bit, (flags, namespace) => {
        const asked = flags | (1n << BigInt(namespace))
        expect([ask(CLONE[column], [asked]), ask(UNSHARE[column], [asked])]).toEqual([EPERM, EPERM])
      }),
    )
  })

  it('kills a process that calls the kernel as another architecture does', () => {
    const words = fc.oneof(fc.constant(foreign), fc.nat(0xffffffff)).filter((other) => other !== word)
    fc.assert(
      fc.property(words, fc.nat(0xffffffff), (other, number) => {
        expect(verdictOf(filter, { word: other, number })).toBe(KILLED)
      }),
    )
  })

  it('is a program that the kernel takes', () => {
    expect(filter.length % 8).toBe(0)
    expect(filter.length / 8).toBeLessThanOrEqual(4096)
  })
})

it('the filter for x64 knows no call of x32', () => {
  const number = fc.integer({ min: 0x40000000, max: 0xffffffff })
  const { word } = TARGETS.x64
  fc.assert(
    fc.property(number, (at) => {
      expect(verdictOf(filterFor('x64'), { word, number: at })).toBe(ENOSYS)
    }),
  )
})

it.each(['ia32', 'arm', 'riscv64', 's390x'] as const)('there is no filter for %j', (architecture) => {
  expect(syscallFilter(architecture)).toBeNull()
})
