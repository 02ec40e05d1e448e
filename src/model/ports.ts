import type { StepChanges } from './change.ts'
import type { Digest } from './digest.ts'
import type { Connection, LimitName } from './outcome.ts'
import type { Limits } from './pack.ts'
import type { Guarantees, IdentifiedMount, Tool } from './plan.ts'
import type { Result } from './result.ts'
import type { Tree, TreeEntry } from './tree.ts'

/** Why the file system said no, as its own code (`ENOENT`, `EACCES`, `ELOOP` …) and words. */
export interface FileError {
  readonly code: string
  readonly path: string
  readonly message: string
}

export interface DirEntry {
  readonly name: string
  readonly kind: 'file' | 'dir' | 'symlink' | 'other'
}

/**
 * The workspace as the project reads it. Paths are relative to its root with `/` between parts; empty is the root.
 * Synchronous, because 10,000 synchronous calls take a quarter of the time of asynchronous ones.
 */
export interface Workspace {
  /** Absolute path of the root, for messages and the executor only. */
  readonly root: string
  readFile(path: string): Result<Uint8Array, FileError>
  /** Sorted by bytes. A name that is not valid UTF-8 comes as an error `EILSEQ` whose path shows it escaped. */
  list(path: string): Result<readonly DirEntry[], FileError>
  /** What stands at the path, links not followed; `null` where nothing does. */
  kind(path: string): DirEntry['kind'] | null
  /**
   * The path with every symlink resolved, relative to the root; an error `EXDEV` where it leaves the workspace (as
   * openat2's RESOLVE_BENEATH says it), `ENOENT` or `ELOOP` where it leads nowhere.
   */
  resolve(path: string): Result<string, FileError>
}

/**
 * The private copy of all that a run reads and makes: bytes by digest. What was hashed is what an action sees, because both
 * come from the same read.
 */
export interface ContentStore {
  /** Copies one regular file of the workspace (a link within it is followed) and hashes it on the way; a second call answers from the first. */
  stage(path: string): Result<TreeEntry, FileError>
  /** Keeps bytes that are no file of the workspace; `path` is their name in a tree. */
  add(path: string, bytes: Uint8Array, executable?: boolean): TreeEntry
  /** Bytes of a kept file. */
  read(entry: TreeEntry): Uint8Array
  /** The same bytes piece by piece, for a file that may be large. */
  chunks(entry: TreeEntry): Iterable<Uint8Array>
  /** Writes a kept file to an absolute path outside the store, parent folders included. */
  export(entry: TreeEntry, target: string): void
}

/** One attempt at one action. Every path is relative to the workspace root. */
export interface ExecutionRequest {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly inputs: Tree
  readonly outputs: readonly string[]
  /** Of a step of a change pack: which files it may make, change and delete beside its outputs; `!` leaves out. */
  readonly scope?: readonly string[]
  readonly tools: readonly Tool[]
  readonly mounts: readonly IdentifiedMount[]
  readonly limits: Limits
  /** Variables whose values appear in nothing that is written, neither on disk nor on a command line. */
  readonly secrets: Readonly<Record<string, string>>
  /** The `host:port` pairs that may be reached, through a proxy; empty: no network at all. */
  readonly network: readonly string[]
  /** Whether hosts of cloud providers are among what may be reached. */
  readonly cloud: boolean
  /** Called once for each connection that the action asked for, when it has ended. */
  readonly onConnection: (connection: Connection) => void
  /** Whether an undeclared write at this path is dropped silently, because git ignores it. */
  readonly ignores: (path: string) => boolean
  /** Receives what the command prints, both streams in one order, chunk by chunk; returns false to stop it (log limit). */
  readonly onOutput: (chunk: Uint8Array) => boolean
  readonly signal: AbortSignal
}

/** What an action is given in SAFE mode: nothing. */
export const NOTHING_GRANTED: Pick<ExecutionRequest, 'secrets' | 'network' | 'cloud' | 'onConnection'> = Object.freeze({
  secrets: {},
  network: [],
  cloud: false,
  onConnection: () => {},
})

/** How an attempt ended, before anybody judges it. */
export interface Execution {
  readonly end:
    | { readonly kind: 'exited'; readonly exitCode: number }
    /** `files`: the most that one action may leave behind, where that was what it passed. */
    | { readonly kind: 'limit'; readonly limit: LimitName; readonly files?: number }
    | { readonly kind: 'not-started'; readonly message: string }
    | { readonly kind: 'interrupted' }
  /** Declared outputs that exist, kept in the content store. Collected after every process of the action was gone. */
  readonly outputs: Tree
  /** Declared outputs that match nothing. */
  readonly missing: readonly string[]
  /** Declared outputs that are not regular files (links, FIFOs, devices …) or have several names. */
  readonly unusable: readonly string[]
  /** Inputs that were changed or deleted, sorted by bytes. */
  readonly altered: readonly string[]
  /** Paths that were created without being declared, sorted by bytes. */
  readonly undeclared: readonly string[]
  /** What was made of the files in scope; absent where none was given. */
  readonly changes?: StepChanges
}

export interface Executor {
  readonly name: 'bubblewrap' | 'unshare' | 'none'
  /** What holds actions to their limits of memory and processes: the kernel and a watchdog, or a watchdog alone. */
  readonly limiter: 'cgroup' | 'watchdog' | 'none'
  readonly guarantees: Guarantees
  execute(request: ExecutionRequest): Promise<Execution>
  /**
   * Whether an action that has a network is held to its proxy here, which a canary tries once. `null`: it is, or nothing is
   * enforced at all and {@link guarantees} say so; otherwise what stands in the way, and such an action is not started.
   */
  tryNetwork(): Promise<string | null>
  /** Ends every process that the executor started and removes what it laid on disk. */
  close(): Promise<void>
}

/** Resolves declared tools on the caller's PATH. */
export interface ToolResolver {
  resolve(name: string, range: string): Promise<Result<Tool, ToolError>>
}

export type ToolError =
  | { readonly kind: 'no-answer'; readonly name: string; readonly path: string }
  | {
      readonly kind: 'missing'
      readonly name: string
      /** A program that is there and whose name is near; absent: there is none. */
      readonly near?: string
    }
  | { readonly kind: 'version'; readonly name: string; readonly range: string; readonly found: string }
  | { readonly kind: 'unknown-version'; readonly name: string; readonly path: string }

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after the time, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** The files of a run that is to be completed, at whatever point it was left. Paths are relative to its folder. */
export interface RunFiles {
  /** The name of its folder: `<UTC time>-<8 hex>`, unless somebody has renamed it. */
  readonly name: string
  /** Absolute path, for messages. */
  readonly path: string
  /** All that is not a folder, sorted by bytes. A name that is not valid UTF-8 comes as an error `EILSEQ`. */
  list(): Result<readonly RecordedFile[], FileError>
  /** The bytes of a file piece by piece. Errors of the file system are thrown. */
  chunks(path: string): Iterable<Uint8Array>
  /** Writes a whole file so that a reader sees the old bytes or the new ones, and a crash loses neither. */
  writeAtomically(path: string, bytes: Uint8Array | string): void
  remove(path: string): void
}

/** The folder of one run, while it runs. */
export interface RunFolder extends RunFiles {
  /** Writes a file that nothing reads before the run ends. */
  write(path: string, bytes: Uint8Array | string): void
  /** Appends to a file that stays open until {@link closeFile} or {@link close}: all of the bytes, or none and an error. */
  append(path: string, bytes: Uint8Array | string): void
  /** Starts to bring to the disk what was appended to a file, and does not wait for it. */
  sync(path: string): void
  /** Waits until all that was appended to a file is on the disk. */
  flush(path: string): void
  /** Ends the appending to one file, so that thousands of logs don't hold a descriptor each. */
  closeFile(path: string): void
  /** Both ends of a file that was written and closed. */
  part(path: string, size: PartSize): FilePart | null
  /** Absolute path of a file in the folder. */
  resolve(path: string): string
  /** Takes note of a file that somebody else put at {@link resolve}. */
  note(path: string, digest: Digest): void
  /** What every file holds that was written so far, by path. */
  digests(): ReadonlyMap<string, Digest>
  close(): void
}

/** What of a run's folder is needed to write logs and to read them again. */
export type LogFolder = Pick<RunFolder, 'append' | 'closeFile' | 'chunks'>

/** How much is read of both ends of a file, in bytes. */
export interface PartSize {
  readonly head: number
  readonly tail: number
}

/** Both ends of a file; `tail` is empty where `head` is all of it. */
export interface FilePart {
  readonly head: Uint8Array
  readonly tail: Uint8Array
  /** Of the whole file, in bytes. */
  readonly size: number
}

/** A run that has been, as it lies on the disk: nothing in it is trusted, and no link is followed. Paths are relative to its folder. */
export interface RecordedRun {
  /** The name of its folder. */
  readonly name: string
  /** Absolute path, for messages. */
  readonly path: string
  /** All that is not a folder, sorted by bytes. A name that is not valid UTF-8 comes as an error `EILSEQ`. */
  list(): Result<readonly RecordedFile[], FileError>
  /** A regular file as a whole. */
  read(path: string): Result<Uint8Array, FileError>
  /** The same bytes piece by piece, for a file that may be large. Errors of the file system are thrown. */
  chunks(path: string): Iterable<Uint8Array>
  /** Both ends of a regular file; `null` where there is none, or it can't be read. */
  part(path: string, size: PartSize): FilePart | null
}

/** A run that nobody else completes or removes meanwhile. */
export interface HeldRun extends RunFiles {
  release(): void
}

/** A folder of runs. */
export interface RunArchive {
  /** Absolute, for messages. */
  readonly path: string
  /** Names of the folders that hold a manifest.json, sorted by bytes, so the newest last. */
  names(): readonly string[]
  open(name: string): RecordedRun
  /** Whether a process that may be alive is at work on it. */
  isAlive(name: string): boolean
  /** `null`: a process is at work on it. */
  hold(name: string): HeldRun | null
  /** Removes it with all that is in it, and points `latest` at the newest that is left. False: a process is at work on it. */
  remove(name: string): boolean
}

/** Why a run that somebody named can't be told; `known`: those that they may have meant, the newest last. */
export interface RunNotFound {
  readonly kind: 'missing' | 'ambiguous' | 'no-run'
  readonly known: readonly string[]
}

export interface RecordedFile {
  readonly path: string
  readonly kind: 'file' | 'symlink' | 'other'
  /** In bytes. */
  readonly size: number
}

/** Signs with an ed25519 private key that it alone knows. */
export interface Signer {
  /** SHA-256 of the public key as DER SubjectPublicKeyInfo. */
  readonly keyId: Digest
  /** The 64 bytes of a signature (RFC 8032). */
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** Puts statements into envelopes that somebody has signed. */
export interface Attestor {
  /** Who signs: the id of a key, or `sigstore` for whoever a token of identity names. */
  readonly signedBy: string
  /** What such an envelope is: of DSSE, or a bundle of sigstore that holds one. Files are called after it. */
  readonly form: 'dsse' | 'sigstore'
  /** The envelope of a payload. The error says, in the words of whoever refused, why there is none. */
  attest(payload: string, payloadType: string): Promise<Result<string, string>>
}

/** Whoever sigstore's authorities say has signed. */
export interface Identity {
  /** E-mail address or URI, as it stands in the certificate. */
  readonly identity: string
  /** Who vouches for it: the issuer of the token. */
  readonly issuer: string
}

/** Checks bundles of sigstore, offline. */
export interface BundleVerifier {
  /** The error says, in sigstore's words, why a bundle (its JSON) does not hold. */
  verify(bundle: string): Result<Identity, string>
}
