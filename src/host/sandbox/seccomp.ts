/**
 * The system call filter of an action: a classic BPF program for seccomp(2), put together here because it is small enough to
 * read. It names what is refused and lets all else through, so that programs of tomorrow run too: what an action must not
 * reach is kept from it by its namespaces, and the filter makes the kernel behind them a smaller target.
 */

/** Numbers of a system call, as the kernel's tables have them (syscall_64.tbl, asm-generic/unistd.h); `null`: there is none. */
type Numbers = readonly [x64: number, arm64: number | null]
type Calls = Readonly<Record<string, Numbers>>

/** errno(3), in the numbers that both architectures share. */
const [EPERM, ENOSYS, EPROTONOSUPPORT, EAFNOSUPPORT] = [1, 38, 93, 97] as const

/** struct sock_filter: operation, how many instructions to skip where a comparison holds and where not, operand. */
type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number]
type Program = readonly Instruction[]

/** linux/bpf_common.h: class, size and mode, or operation and source, in one number. */
const BPF = { load: 0x20, and: 0x54, equal: 0x15, atLeast: 0x35, anyBit: 0x45, end: 0x06 } as const

/** linux/seccomp.h: verdicts, and where struct seccomp_data has what is asked about. */
const VERDICT = { allow: 0x7fff0000, errno: 0x00050000, killProcess: 0x80000000 } as const
const NUMBER: Program = [[BPF.load, 0, 0, 0]]
const ARCHITECTURE: Program = [[BPF.load, 0, 0, 4]]

/** The low half of an argument, little-endian: of those that are looked at the kernel takes no more. */
const argument = (index: number): Program => [[BPF.load, 0, 0, 16 + 8 * index]]
const bits = (mask: number): Program => [[BPF.and, 0, 0, mask]]
const when = (value: number, then: Program): Program => [[BPF.equal, 0, then.length, value], ...then]
const whenAtLeast = (value: number, then: Program): Program => [[BPF.atLeast, 0, then.length, value], ...then]
const whenAnyBit = (mask: number, then: Program): Program => [[BPF.anyBit, 0, then.length, mask], ...then]
const whenNoneOf = (values: readonly number[], then: Program): Program => [
  ...values.map((value, index): Instruction => [BPF.equal, values.length - 1 - index + then.length, 0, value]),
  ...then,
]
const ALLOW: Program = [[BPF.end, 0, 0, VERDICT.allow]]
const KILL: Program = [[BPF.end, 0, 0, VERDICT.killProcess]]
const refuse = (errno: number): Program => [[BPF.end, 0, 0, VERDICT.errno | errno]]

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET of linux/sched.h. */
const NEW_NAMESPACES = 0x7e020000
/** For clone(2) this bit belongs to a signal's number. */
const NEW_TIME_NAMESPACE = 0x80

const TERMINAL = { TIOCSTI: 0x5412, TIOCLINUX: 0x541c, TIOCSETD: 0x5423 } as const
const PERSONALITY = { PER_LINUX: 0, query: 0xffffffff } as const
const FAMILY = { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10, AF_NETLINK: 16 } as const
const NETLINK_ROUTE = 0
/** Beside these bits are SOCK_NONBLOCK and SOCK_CLOEXEC. */
const TYPE_BITS = 0xf
const TYPE = { SOCK_STREAM: 1, SOCK_DGRAM: 2 } as const
const PROTOCOL = { any: 0, ICMP: 1, TCP: 6, UDP: 17, ICMPV6: 58, MPTCP: 262 } as const

/** Refused whatever the arguments are. */
const REFUSED: readonly { readonly errno: number; readonly calls: Calls }[] = [
  {
    // Its flags are in memory, where no filter can look; C libraries then use clone(2).
    errno: ENOSYS,
    calls: { clone3: [435, 435] },
  },
  {
    // Does what other calls do without being seen by a filter, and is often at fault; programs then do without.
    errno: ENOSYS,
    calls: { io_uring_setup: [425, 425], io_uring_enter: [426, 426], io_uring_register: [427, 427] },
  },
  {
    // Other namespaces and file systems than those that an action was given.
    errno: EPERM,
    calls: {
      ...{ setns: [308, 268], chroot: [161, 51], pivot_root: [155, 41], mount: [165, 40], umount2: [166, 39] },
      ...{ open_tree: [428, 428], move_mount: [429, 429], fsopen: [430, 430], fsconfig: [431, 431] },
      ...{ fsmount: [432, 432], fspick: [433, 433], mount_setattr: [442, 442], open_tree_attr: [467, 467] },
      ...{ open_by_handle_at: [304, 265], swapon: [167, 224], swapoff: [168, 225], acct: [163, 89] },
      ...{ quotactl: [179, 60], quotactl_fd: [443, 443], nfsservctl: [180, 42], lookup_dcookie: [212, 18] },
    },
  },
  {
    // The memory, registers and descriptors of another process.
    errno: EPERM,
    calls: {
      ...{ ptrace: [101, 117], process_vm_readv: [310, 270], process_vm_writev: [311, 271] },
      ...{ kcmp: [312, 272], pidfd_getfd: [438, 438] },
    },
  },
  {
    // Keyrings are per user of the host and in no namespace.
    errno: EPERM,
    calls: { add_key: [248, 217], request_key: [249, 218], keyctl: [250, 219] },
  },
  {
    // Programs in the kernel, and what many an attack on it is made of.
    errno: EPERM,
    calls: { bpf: [321, 280], perf_event_open: [298, 241], userfaultfd: [323, 282] },
  },
  {
    // The machine itself: its kernel, clock, log and ports.
    errno: EPERM,
    calls: {
      ...{ init_module: [175, 105], finit_module: [313, 273], delete_module: [176, 106] },
      ...{ kexec_load: [246, 104], kexec_file_load: [320, 294], reboot: [169, 142] },
      ...{ settimeofday: [164, 170], clock_settime: [227, 112], adjtimex: [159, 171], clock_adjtime: [305, 266] },
      ...{ syslog: [103, 116], iopl: [172, null], ioperm: [173, null] },
    },
  },
]

/** Refused for some arguments: a check ends in a verdict, or runs through where the call may pass. */
const CHECKED: readonly { readonly check: Program; readonly calls: Calls }[] = [
  { check: [...argument(0), ...whenAnyBit(NEW_NAMESPACES, refuse(EPERM))], calls: { clone: [56, 220] } },
  {
    check: [...argument(0), ...whenAnyBit(NEW_NAMESPACES | NEW_TIME_NAMESPACE, refuse(EPERM))],
    calls: { unshare: [272, 97] },
  },
  {
    // Typing for the user, the console of the machine, and line disciplines, which are drivers of modems.
    check: Object.values(TERMINAL).reduce((rest, request) => [...rest, ...when(request, refuse(EPERM))], argument(1)),
    calls: { ioctl: [16, 29] },
  },
  {
    // Execution domains: other layouts of memory and other answers of uname(2) than a program has elsewhere.
    check: [...argument(0), ...whenNoneOf(Object.values(PERSONALITY), refuse(EPERM))],
    calls: { personality: [135, 92] },
  },
  { check: socketCheck(), calls: { socket: [41, 198], socketpair: [53, 199] } },
]

/** Streams and datagrams of the own machine and of the Internet, and the list of network interfaces. */
function socketCheck(): Program {
  return [
    ...argument(0),
    ...whenNoneOf(Object.values(FAMILY), refuse(EAFNOSUPPORT)),
    ...when(FAMILY.AF_UNIX, ALLOW),
    ...when(FAMILY.AF_NETLINK, [...argument(2), ...whenNoneOf([NETLINK_ROUTE], refuse(EPROTONOSUPPORT)), ...ALLOW]),
    ...argument(1),
    ...bits(TYPE_BITS),
    ...whenNoneOf(Object.values(TYPE), refuse(EPERM)),
    ...argument(2),
    ...whenNoneOf(Object.values(PROTOCOL), refuse(EPROTONOSUPPORT)),
  ]
}

/** What is particular to an architecture, by Node's name for it: its column in the tables and its word (linux/audit.h). */
const ARCHITECTURES: Readonly<
  Record<string, { readonly column: 0 | 1; readonly word: number; readonly own: Program }>
> = {
  // x32 has the numbers from this one on; a kernel without it says the same.
  x64: { column: 0, word: 0xc000003e, own: whenAtLeast(0x40000000, refuse(ENOSYS)) },
  arm64: { column: 1, word: 0xc00000b7, own: [] },
}

/** The filter in the form that the kernel takes, an array of struct sock_filter; `null` where codex has none for an architecture. */
export function syscallFilter(architecture: NodeJS.Architecture): Uint8Array | null {
  const target = ARCHITECTURES[architecture]
  if (!target) return null
  const { column, word, own } = target
  const each = (calls: Calls, then: Program): Program =>
    Object.values(calls).flatMap((numbers) => {
      const number = numbers[column]
      return number === null ? [] : when(number, then)
    })
  return encode([
    ...ARCHITECTURE,
    // A 32-bit call has other numbers; a program that makes one can't go on without it.
    ...whenNoneOf([word], KILL),
    ...NUMBER,
    ...own,
    ...CHECKED.flatMap(({ check, calls }) => each(calls, [...check, ...ALLOW])),
    ...REFUSED.flatMap(({ errno, calls }) => each(calls, refuse(errno))),
    ...ALLOW,
  ])
}

function encode(program: Program): Uint8Array {
  const bytes = Buffer.alloc(program.length * 8)
  program.forEach(([code, whenTrue, whenFalse, operand], index) => {
    bytes.writeUInt16LE(code, index * 8)
    bytes.writeUInt8(whenTrue, index * 8 + 2)
    bytes.writeUInt8(whenFalse, index * 8 + 3)
    bytes.writeUInt32LE(operand >>> 0, index * 8 + 4)
  })
  return bytes
}
