import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createContentStore, type DiskContentStore } from '../../src/host/content-store.ts'
import { chooseExecutor, type SandboxChoice } from '../../src/host/sandbox/choose.ts'
import { createScratch, type Scratch } from '../../src/host/scratch.ts'
import type { Limits } from '../../src/model/pack.ts'
import type { Aspect } from '../../src/model/plan.ts'
import { NOTHING_GRANTED, type Execution, type ExecutionRequest, type Executor } from '../../src/model/ports.ts'
import { treeOf, type Tree } from '../../src/model/tree.ts'

/** Every sandbox that codex knows. A machine that tests it needs both. */
export const ISOLATIONS = ['bubblewrap', 'unshare'] as const

const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/opt/codex/bin:/usr/bin:/bin',
  HOME: '/home/codex',
}

const LIMITS: Limits = {
  timeoutMs: 50_000,
  memoryBytes: 2 ** 30,
  processes: 256,
  logBytes: 2 ** 20,
  outputBytes: 2 ** 28,
}

/** A file of the inputs: its text, or its bytes with a mode. */
export type InputFile = string | { readonly bytes: Uint8Array | string; readonly executable: boolean }

/** A string goes to `sh -c`. */
export type Attempt = Partial<Omit<ExecutionRequest, 'inputs' | 'limits' | 'argv'>> & {
  readonly argv?: readonly string[]
  readonly sh?: string
  readonly files?: Readonly<Record<string, InputFile>>
  readonly inputs?: Tree
  readonly limits?: Partial<Limits>
}

export interface Ran extends Execution {
  readonly output: string
  /** The exit code, or how else it ended. */
  readonly code: number | string
}

export interface Rig {
  readonly executor: Executor
  readonly store: DiskContentStore
  readonly scratch: Scratch
  /** Absolute; empty at first. */
  readonly workspace: string
  tree(files: Readonly<Record<string, InputFile>>): Tree
  run(attempt: Attempt): Promise<Ran>
  /** Text of a kept output. */
  text(execution: Execution, path: string): string
  close(): Promise<void>
}

export function temporaryFolder(parent: string = tmpdir()): string {
  return mkdtempSync(join(realpathSync(parent), 'codex-test-'))
}

/** Opens a sandbox on a workspace of its own, or says what this machine lacks. */
export async function openRig(choice: SandboxChoice, parent?: string, accepted: readonly Aspect[] = []): Promise<Rig> {
  const workspace = temporaryFolder(parent)
  const scratch = createScratch(parent)
  const store = createContentStore(workspace, scratch.folder('content'))
  const chosen = await chooseExecutor(choice, { store, scratch, workspace, accepted })
  if (!chosen.ok) {
    const why = chosen.error
      .map(({ executor, problem, detail, weaker }) => {
        const works = weaker ? `, but works without ${weaker.join(', ')}` : ''
        return `${executor} is ${problem}: ${detail}${works}`
      })
      .join('; ')
    throw new Error(`${why}. These tests need bubblewrap and util-linux (apt-get install bubblewrap util-linux).`)
  }
  return rigAround(chosen.value, { store, scratch, workspace })
}

function rigAround(executor: Executor, places: Pick<Rig, 'store' | 'scratch' | 'workspace'>): Rig {
  const { store, scratch, workspace } = places
  const tree = inputTrees(store, scratch.folder('test-inputs'))
  return {
    executor,
    ...places,
    tree,
    run: (attempt) => run(executor, attempt, tree),
    text: (execution, path) => {
      const entry = execution.outputs.entries.find((kept) => kept.path === path)
      if (!entry) throw new Error(`${path} was not kept`)
      return Buffer.from(store.read(entry)).toString()
    },
    close: async () => {
      await executor.close()
      scratch.remove()
      rmSync(workspace, { recursive: true, force: true })
    },
  }
}

function inputTrees(store: DiskContentStore, folder: string): Rig['tree'] {
  let count = 0
  return (files) =>
    treeOf(
      Object.entries(files).map(([path, file]) => {
        const source = join(folder, `${count++}`)
        const { bytes, executable } = typeof file === 'string' ? { bytes: file, executable: false } : file
        writeFileSync(source, bytes)
        chmodSync(source, executable ? 0o755 : 0o644)
        return store.keep(source, path)
      }),
    )
}

async function run(executor: Executor, attempt: Attempt, tree: Rig['tree']): Promise<Ran> {
  const chunks: Uint8Array[] = []
  const { argv = ['sh', '-c', attempt.sh ?? ':'], files = {}, limits } = attempt
  const execution = await executor.execute({
    ...NOTHING_GRANTED,
    cwd: '',
    env: ENVIRONMENT,
    inputs: attempt.inputs ?? tree(files),
    outputs: [],
    tools: [],
    mounts: [],
    ignores: () => false,
    onOutput: (chunk) => chunks.push(Buffer.from(chunk)) > 0,
    signal: new AbortController().signal,
    ...attempt,
    argv,
    limits: { ...LIMITS, ...limits },
  })
  const { end } = execution
  const code =
    end.kind === 'exited'
      ? end.exitCode
      : end.kind === 'limit'
        ? end.limit
        : end.kind === 'interrupted'
          ? end.kind
          : `not-started: ${end.message}`
  return { ...execution, output: Buffer.concat(chunks).toString(), code }
}

/** Files laid out below a folder (absolute). */
export function layOut(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}
