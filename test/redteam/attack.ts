// What an attack is, and by what one sees how it went.
import type { Digest } from '../../src/model/digest.ts'

/**
 * What an attack may know of the machine, and all that it may reach for: nothing here belongs to anybody but the tests. Paths
 * are absolute.
 */
export interface World {
  /** Digits that nobody else uses. */
  readonly token: string
  /** Stands in every file and variable that is secret. */
  readonly secret: string
  readonly root: string
  readonly home: string
  readonly temporary: string
  /** A folder beside the workspace. */
  readonly outside: string
  /** Where runs are kept. */
  readonly evidence: string
  /** Ports of services of the host, all on its loopback interface. */
  readonly ports: { readonly tcp: number; readonly tcp6: number; readonly udp: number; readonly udp6: number }
  /** Name of an abstract socket, and path of one with a name. */
  readonly abstract: string
  readonly socket: string
  /** Processes of the host: one that holds secrets, one that nobody misses. */
  readonly victim: number
  readonly target: number
}

/** A command; `sh -ec` runs it in the folder of the pack. */
export interface Step {
  readonly run: string
  readonly outputs?: readonly string[]
  readonly limits?: Readonly<Record<string, string | number>>
}

/** What is there to be seen when an attack is over. */
export interface Seen {
  readonly id: string
  readonly world: World
  /** How the attack ended: a status of the manifest, or `passed` and `failed` for a command that nobody looked after. */
  readonly status: string
  readonly reason: Readonly<Record<string, unknown>> | null
  /** What the last step printed that ran. */
  readonly log: string
  readonly logBytes: number
  /** What services of the host were told. */
  readonly heard: readonly string[]
  /** Whether a process of the attack was there after its end. */
  readonly survived: boolean
  /** Digest of what was taken over as an output, by its path in the pack; of what is no file the digest of nothing. */
  kept(path: string): Digest | null
  /** Text of a file of the pack, as the caller has it afterwards. */
  text(path: string): string | null
}

export interface Attack {
  /** What it is after. */
  readonly title: string
  /** The row of SECURITY.md that it puts to the test. */
  readonly promise: string
  /** The attack, and with several what comes before and after it. */
  readonly steps: (world: World, id: string) => Step | readonly Step[]
  /** Which of the steps is the attack. */
  readonly at?: number
  readonly succeeded: (seen: Seen) => boolean
  /**
   * What lets it through: `none`, a run without a sandbox; `bare`, a shell in a copy of the workspace, for what codex keeps also
   * where nothing isolates.
   */
  readonly shownBy: 'none' | 'bare'
  /** What the manifest says of the attack in a sandbox, where it says anything. */
  readonly told?: { readonly status: string; readonly reason?: Readonly<Record<string, unknown>> }
  /** Where only one of the sandboxes makes the promise. */
  readonly only?: 'bubblewrap'
}

export type Attacks = Readonly<Record<string, Attack>>

/** Quotes a program for the shell, behind an interpreter that takes it as an argument. */
export function python(program: string, ...args: readonly (string | number)[]): string {
  return ['python3 -c', ...[program, ...args].map(quoted)].join(' ')
}

export function quoted(word: string | number): string {
  return `'${String(word).replaceAll("'", `'\\''`)}'`
}

export const heard = ({ heard: told, id }: Seen): boolean => told.includes(id)
export const printsSecret = ({ log, world }: Seen): boolean => log.includes(world.secret)
