import type { Create } from '../evidence/bundle.ts'
import type { CachePruning, PruneBounds } from '../model/cache-prune.ts'
import type { BaseRecord } from '../model/change.ts'
import type { ChangesProblem, ChangesSince } from '../model/changes.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { MachineFindings } from '../model/doctor.ts'
import type { Digest } from '../model/digest.ts'
import type { Forge } from '../model/forge.ts'
import type { KeyFileProblem, KeyProblem } from '../model/key.ts'
import type { Aspect } from '../model/plan.ts'
import type { ActionCache } from '../model/action-cache.ts'
import type {
  Attestor,
  BundleVerifier,
  FileError,
  RecordedRun,
  RunArchive,
  RunFolder,
  RunNotFound,
  Signer,
  Workspace,
} from '../model/ports.ts'
import type { HostFacts } from '../model/record.ts'
import type { Result } from '../model/result.ts'
import type { TreeProblem, WorkingTree } from '../model/working-tree.ts'
import type { Machine } from '../pipeline.ts'
import type { LoadedConfig } from '../project.ts'
import type { BaseCommit } from '../publish/content.ts'
import type { Write } from '../report/style.ts'
import type { SandboxChoice } from './choices.ts'
import type { Prompts, WatchHost } from './context-terminal.ts'

/** A workspace, opened. */
export interface Opened {
  readonly workspace: Workspace
  /** The folder that was opened, relative to the workspace root. */
  readonly start: string
  readonly config: Result<LoadedConfig, Diagnostic>
}

/** A workspace as a commit holds it, to be given back. */
export interface CheckedOut {
  /** The whole id of the commit. */
  readonly commit: string
  readonly workspace: Workspace
  readonly config: Result<LoadedConfig, Diagnostic>
  release(): void
}

/** Absolute paths. */
export interface MachinePlaces {
  readonly workspace: string
  /** Where the files of the workspace are read from: itself, or what was checked out of it. */
  readonly sources: string
}

/** A machine that has to be given back. */
export interface LentMachine extends Machine {
  /** Opens the cache in a folder (absolute) that is there. `tool`: `name version`. */
  openCache(path: string, tool: string): LentCache
  release(): void
}

/** What may be known of a key by everybody. */
export interface KeyInfo {
  readonly keyId: Digest
  /** SubjectPublicKeyInfo as PEM. */
  readonly publicPem: string
}

/** Files of keys; their paths are absolute. */
export interface Keys {
  /** Makes a key pair in a new file and in another with `.pub`; `EEXIST` where either is there. */
  generateKey(file: string): Result<KeyInfo & { readonly privateFile: string; readonly publicFile: string }, FileError>
  /** Of a private or a public key. */
  readKeyInfo(file: string): Result<KeyInfo, KeyFileProblem>
  /** With the file's own path (absolute, no link). */
  signerFromFile(file: string): Result<Signer & { readonly path: string }, KeyFileProblem>
  /** With a private key as PEM or as base64 of it. */
  signerFromText(text: string): Result<Signer, KeyProblem>
}

/** Files that somebody asked for by name, as absolute paths. */
export interface ResultFiles {
  /** Why a file can't be written, as far as that can be told before it is tried; `null`: nothing stands in the way. */
  obstacleTo(path: string): FileError | null
  /** Writes a whole file, over one that is there. */
  writeResult(path: string, text: string): Result<null, FileError>
  /** How many bytes there is room for in a regular file that may hold `most`; 0 where there is no such file. */
  roomWithin(path: string, most: number): number
  /** Appends to a regular file that is there already and stays within `most` bytes; gives whether it did. */
  appendWithin(path: string, text: string, most: number): boolean
}

/** A private folder that a bundle is unpacked into. Paths are relative to it. */
interface Unpacking {
  readonly create: Create
  run(path: string): RecordedRun
  workspace(path: string): Workspace
  release(): void
}

/** Files that hold a run with its inputs; their paths are absolute. */
interface Bundles {
  unpacking(): Unpacking
  /** `null`: there is no such file. */
  openBundle(path: string): Iterable<Uint8Array> | null
  /** With its SHA-256. */
  saveBundle(path: string, chunks: Iterable<Uint8Array>): Result<Digest, FileError>
}

/** A cache, with what a run owes it. */
export interface LentCache extends ActionCache {
  /** Keeps it below so many bytes, once the run is over; what the run has reused or kept stays in any case. */
  bound(maxBytes: number): void
}

/** Folders of caches: the one that somebody named (absolute), or the workspace's own. */
export interface Caches {
  /** Makes it, and gives its absolute path; `null` where something stands in the own one's place that codex has not made. */
  makeCacheFolder(workspace: string, named: string | null): string | null
  /** What pruning it would do, in the workspace around a folder (absolute); `null`: there is none. */
  planCachePruning(
    folder: string,
    named: string | null,
    bounds: PruneBounds,
  ): (CachePruning & { readonly path: string }) | null
}

/** What new packs are made of, and how. */
interface NewPacks {
  /** The folder of all templates. */
  templates(): Workspace
  /**
   * Makes a folder (absolute) with all of its files, or nothing. `EEXIST` where something is there already, an empty folder
   * apart.
   */
  makeFolder(
    path: string,
    files: readonly { readonly path: string; readonly bytes: Uint8Array; readonly executable?: boolean }[],
  ): Result<null, FileError>
  /** Whether a program of this name is on a search path (as in PATH). */
  isProgram(name: string, searchPath: string): boolean
  /** Whether a file (absolute path) may be run. */
  isExecutable(path: string): boolean
}

/** Files of the user's own; their paths are absolute. */
interface SourceFiles {
  /** Puts new bytes into a file, as a whole, unless it no longer holds those that they were made from. */
  replaceSource(path: string, before: Uint8Array, after: Uint8Array): Result<null, FileError>
}

/** Working trees that recorded runs are put into. */
interface WorkingTrees {
  /** That of a workspace (absolute, no link). `look`: nothing is put there, and nothing that is half done is settled. */
  openWorkingTree(root: string, options: { readonly look: boolean }): Result<WorkingTree, TreeProblem>
}

/** What proposing changes on GitHub takes. */
export interface Publishing {
  githubForge(options: {
    /** Without a slash at its end. */
    readonly apiUrl: string
    readonly token: string
    readonly userAgent: string
    /** Where changes are proposed, and where their branches are, as `owner/name`. */
    readonly repository: string
    readonly fork: string
    /** Told of what would be sent, and nothing is; `null`: everything is sent. */
    readonly dryRun: ((request: SentRequest) => void) | null
  }): Forge
  /** Makes commits with git and pushes them, where a forge would be asked to; `close` takes away what that needed. */
  gitPushing(options: {
    /** Absolute. */
    readonly folder: string
    readonly url: string
    readonly token: string
    readonly dryRun: ((request: SentRequest) => void) | null
  }): Pick<Forge, 'makeCommit' | 'makeBranch' | 'moveBranch'> & { readonly close: () => void }
  /** A commit, by its whole id, of the repository around a folder (absolute). */
  readCommit(folder: string, commit: string): Result<BaseCommit, 'no-git' | 'no-repository' | 'unknown-commit'>
  /** The URL of the remote `origin` of the repository around a folder (absolute); `null`: there is none. */
  originUrl(folder: string): string | null
}

/** A request that changes something; `path` is relative to the API's URL. */
export interface SentRequest {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

/** The world outside, wired in `cli.ts`. */
export interface Context {
  /** Absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The value of CODEX_SIGNING_KEY, which is not in {@link env}; `null`: not set, or empty. */
  readonly signingKey: string | null
  /** What codex was called with, its own name left out. */
  readonly argv: readonly string[]
  readonly tool: { readonly name: string; readonly version: string }
  readonly out: Write
  readonly err: Write
  /** Whether each stream is a terminal, and its size at this moment. */
  readonly terminal: {
    readonly out: boolean
    readonly err: boolean
    readonly size: () => { readonly columns: number; readonly rows: number }
  }
  readonly processors: number
  readonly now: () => number
  /** Opens the workspace around a folder (absolute). */
  open(folder: string): Promise<Result<Opened, Diagnostic>>
  /** `accepted`: guarantees that the run may do without. */
  machine(places: MachinePlaces, sandbox: SandboxChoice, accepted: readonly Aspect[]): Promise<LentMachine>
  /** What a workspace (absolute) is, as version control knows it. */
  recordBase(root: string): Promise<BaseRecord>
  /** A workspace (absolute) as a commit holds it, which version control knows by `ref`. */
  checkOut(root: string, ref: string): Promise<Result<CheckedOut, ChangesProblem>>
  /** The machine, as records tell of it. */
  readonly host: HostFacts
  /** Makes the folder of a new run below `out` (absolute), or below the workspace's `.codex/runs`, with its first files in it. */
  runFolder(
    workspace: string,
    out: string | null,
    opening: (name: string) => Readonly<Record<string, string>>,
  ): RunFolder
  /** A folder of runs (absolute); `null`: that of the workspace around `folder`. */
  runs(folder: string, out: string | null): Promise<RunArchive>
  /** The root of the workspace that a folder (absolute) belongs to; `null` where there is no such folder. */
  workspaceRoot(folder: string): string | null
  /** Asks whoever sits at the terminal; `null` where nobody does. */
  readonly confirm: ((question: string) => Promise<boolean>) | null
  /** Loads what asks more than that; `null` where nobody sits at a terminal. */
  readonly prompts: ((signal: AbortSignal) => Promise<Prompts>) | null
  newPacks(): Promise<NewPacks>
  /** A run that has been, as somebody named it: by its folder's path, its name, a beginning of that, or `latest`; `folder`: absolute. */
  recordedRun(name: string, folder: string): Result<RecordedRun, RunNotFound>
  /** Versions of a file by their SHA-256, as far as they are found in the workspace around `folder` (absolute) or its history. */
  fileVersions(folder: string, path: string, digests: ReadonlySet<Digest>): Promise<ReadonlyMap<Digest, Uint8Array>>
  /** What version control says of a workspace. */
  readonly changesSince: ChangesSince
  /** Puts a file into the folder of a run that has been, or replaces it, as a whole; `path`: relative to that. */
  writeToRun(run: RecordedRun, path: string, bytes: string): Result<void, FileError>
  /** The last `bytes` bytes of a file (absolute); `null` where it can't be read. */
  readTail(path: string, bytes: number): Uint8Array | null
  /** Loads what writes files that were asked for by name. */
  results(): Promise<ResultFiles>
  sourceFiles(): Promise<SourceFiles>
  workingTrees(): Promise<WorkingTrees>
  /** A path (absolute) as somebody in `cwd` would write it. */
  showPath(path: string): string
  /** What runs in the page of a graph. */
  pageScript(): string
  /** Bundles on the disk. */
  bundles(): Promise<Bundles>
  /** Resolves a path that somebody in `cwd` wrote. */
  absolute(path: string): string
  caches(): Promise<Caches>
  publishing(): Promise<Publishing>
  keys(): Promise<Keys>
  /** Signs as whoever a token of identity names; `null`: there is none. */
  keylessAttestor(): Promise<Attestor | null>
  /** Checks bundles of sigstore against a trusted_root.json (absolute). The error says why it is none. */
  bundleVerifier(trustedRoot: string): Promise<Result<BundleVerifier, string>>
  /** What the machine has of what runs need, tried for real. */
  examine(folder: string): Promise<MachineFindings>
  /**
   * From here on, being asked to stop ends nothing by itself but aborts this, with the signal's name as its reason; the
   * second time ends everything at once.
   */
  watchStop(): AbortSignal
  /** Loads what it takes to watch. */
  watchHost(): Promise<WatchHost>
  /** Calls back some times a second until the function that it returns is called. */
  tick(callback: () => void): () => void
}
