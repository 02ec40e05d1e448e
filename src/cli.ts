#!/usr/bin/env node
// The program: the only place that knows the process. It wires the adapters of host/ into the commands.
import { readFileSync, writeSync } from 'node:fs'
import { availableParallelism, constants } from 'node:os'
import { isAbsolute, relative, resolve } from 'node:path'
import { isatty } from 'node:tty'
import packageJson from '../package.json' with { type: 'json' }
import type { Context } from './commands/context.ts'
import { delayOptimizing } from './host/engine.ts'
import { hostFacts } from './host/facts.ts'

const { name, version } = packageJson

/** Where the program's files lie. */
const FOLDER = new URL('.', import.meta.url)

function watchStop(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The second time at once: the supervisors of the sandbox end with codex.
      if (stop.signal.aborted) {
        done = true
        process.exit(128 + constants.signals[signal])
      }
      stop.abort(signal)
    })
  }
  return stop.signal
}

/** sysexits.h, EX_SOFTWARE; and what a run reports that met a limit of the machine. */
const [BUG, LIMIT] = [70, 4] as const

let done = false
let unwritten: Error | null = null

/** Nothing but its own end lets a command succeed: not a configuration that ends the process, nor one that waits for ever. */
function watchEnd(): void {
  process.on('exit', () => {
    if (done && !unwritten) return
    process.exitCode = done ? LIMIT : BUG
    const reason = unwritten ? `What it prints can't be written: ${unwritten.message}.` : 'It ended before it was done.'
    writeSync(2, `error: ${reason} Nothing was accepted.\n`)
  })
}

/** Text for a stream that may be closed at any time, as `codex graph | head` does; then there is nobody left to tell. */
function writer(stream: NodeJS.WriteStream): (text: string) => void {
  let open = true
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unwritten = error
    open = false
  })
  return (text) => {
    if (open) stream.write(text)
  }
}

/** Takes the signing key out of the environment, so that neither a configuration nor a process that is started can have it. */
function takeSigningKey(): string | null {
  const { CODEX_SIGNING_KEY: key } = process.env
  delete process.env['CODEX_SIGNING_KEY']
  return key || null
}

/** Whatever is not a yes is a no: Ctrl-C and the end of the input as well. */
async function confirm(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline')
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await new Promise<string>((resolveWith) => {
    asking.once('close', () => resolveWith(''))
    asking.once('SIGINT', () => asking.close())
    asking.question(`${question} [y/N] `, resolveWith)
  })
  asking.close()
  return /^y(?:es)?$/i.test(answer.trim())
}

type Folders =
  | 'open'
  | 'workspaceRoot'
  | 'runFolder'
  | 'runs'
  | 'recordedRun'
  | 'fileVersions'
  | 'changesSince'
  | 'recordBase'
  | 'checkOut'
  | 'writeToRun'
  | 'readTail'
  | 'showPath'
  | 'absolute'
  | 'caches'

async function foldersFrom(cwd: string): Promise<Pick<Context, Folders>> {
  const folders = await import('./host/folders.ts')
  return {
    open: folders.openWorkspace,
    workspaceRoot: folders.workspaceRoot,
    runFolder: (workspace, out, opening) => folders.runFolderFor(workspace, { out, at: Date.now(), opening }),
    runs: async (folder, out) => (await import('./host/run-archive.ts')).openArchive(out ?? folders.runsAround(folder)),
    recordedRun: (text, folder) => folders.recordedRun(text, cwd, folder),
    fileVersions: async (folder, path, digests) => {
      const { fileVersions } = await import('./host/history.ts')
      return fileVersions(folder, path, { digests, searchPath: process.env['PATH'] ?? '' })
    },
    changesSince: async (root, ref) => (await import('./host/git-changes.ts')).changesSince(root, ref, process.env),
    recordBase: async (root) => (await import('./host/git-base.ts')).recordBase(root, process.env),
    checkOut: async (root, ref) => (await import('./host/git-base.ts')).checkOut(root, ref, process.env),
    writeToRun: folders.writeToRun,
    readTail: folders.readTail,
    showPath: (path) => {
      const shown = relative(cwd, path)
      return shown.startsWith('..') || isAbsolute(shown) ? path : shown || '.'
    },
    absolute: (path) => resolve(cwd, path),
    caches: async () => import('./host/action-cache-folder.ts'),
  }
}

const terminal: Context['terminal'] = {
  // `isTTY` of a stream that is none is not `false` but missing.
  out: isatty(1),
  err: isatty(2),
  size: () => {
    const { columns, rows } = process.stderr.isTTY ? process.stderr : process.stdout
    return { columns, rows }
  },
}

const signing: Pick<Context, 'keys' | 'keylessAttestor' | 'bundleVerifier'> = {
  keys: async () => import('./host/keys.ts'),
  keylessAttestor: async () => (await import('./host/sigstore.ts')).keylessAttestor(process.env),
  bundleVerifier: async (file) => (await import('./host/sigstore-verify.ts')).bundleVerifier(file),
}

const waiting: Pick<Context, 'watchStop' | 'watchHost' | 'tick'> = {
  watchStop,
  watchHost: async () => (await import('./host/watching.ts')).watchHost(),
  tick: (callback) => {
    const timer = setInterval(callback, 100)
    return () => clearInterval(timer)
  },
}

async function publishing(): ReturnType<Context['publishing']> {
  const [{ githubForge }, { gitPushing }, commits] = await Promise.all([
    import('./host/github/forge.ts'),
    import('./host/github/git-push.ts'),
    import('./host/base-commit.ts'),
  ])
  return {
    githubForge,
    gitPushing: (options) => gitPushing({ ...options, env: process.env }),
    readCommit: (folder, commit) => commits.readCommit(folder, commit, process.env),
    originUrl: (folder) => commits.originUrl(folder, process.env),
  }
}

const authoring: Pick<Context, 'prompts' | 'newPacks'> = {
  prompts:
    process.stdin.isTTY && process.stderr.isTTY && process.env['TERM'] !== 'dumb'
      ? async (signal) => (await import('./host/prompts.ts')).promptsOn(process.stdin, process.stderr, signal)
      : null,
  newPacks: async () => {
    const { isExecutable, isProgram, makeFolder, openTemplates } = await import('./host/new-packs.ts')
    return {
      isExecutable,
      isProgram,
      makeFolder,
      templates: () => openTemplates(new URL('../templates', import.meta.url)),
    }
  },
}

async function createContext(): Promise<Context> {
  const signingKey = takeSigningKey()
  const cwd = process.cwd()
  return {
    ...(await foldersFrom(cwd)),
    cwd,
    env: process.env,
    signingKey,
    argv: process.argv.slice(2),
    tool: { name, version },
    out: writer(process.stdout),
    err: writer(process.stderr),
    terminal,
    confirm: process.stdin.isTTY && process.stderr.isTTY ? confirm : null,
    processors: availableParallelism(),
    host: hostFacts(),
    now: () => Date.now(),
    machine: async (places, sandbox, accepted) =>
      (await import('./host/machine.ts')).lendMachine(places, { sandbox, accepted, program: FOLDER }),
    sourceFiles: async () => import('./host/source-file.ts'),
    workingTrees: async () => import('./host/apply/working-tree.ts'),
    results: async () => import('./host/result-files.ts'),
    ...signing,
    ...authoring,
    pageScript: () => readFileSync(new URL('page.js', import.meta.url), 'utf8'),
    bundles: async () => import('./host/bundles.ts'),
    publishing,
    examine: async (folder) => (await import('./host/doctor.ts')).examineMachine(folder),
    ...waiting,
  }
}

async function main(): Promise<void> {
  const [only, ...rest] = process.argv.slice(2)
  if (rest.length === 0 && (only === '--version' || only === '-V')) {
    process.stdout.write(`${version}\n`)
    return
  }
  delayOptimizing()
  watchEnd()
  const context = await createContext()
  const { runProgram } = await import('./commands/program.ts')
  process.exitCode = await runProgram(context)
  done = true
}

main().catch(async (error: unknown) => {
  const { renderCrash } = await import('./report/crash.ts')
  const { text, exitCode } = renderCrash(error, version)
  done = true
  // Not by waiting for an idle loop: what failed may have left something open that would keep it busy for ever.
  process.stderr.write(text, () => process.exit(exitCode))
})
