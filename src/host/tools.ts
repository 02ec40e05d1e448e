import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import semver from 'semver'
import { compareBytes } from '../model/order.ts'
import type { Tool } from '../model/plan.ts'
import type { Executor, ToolError, ToolResolver } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { closest } from '../model/suggest.ts'
import { runQuietly } from './sandbox/probe.ts'
import { SEARCH_PATH } from '../model/view.ts'

/**
 * Finds tools on `searchPath` (as in PATH). Each candidate is asked for its version inside the sandbox, so that a pack can't
 * make a program of the host run outside of it, and a tool that only works elsewhere is passed over for the next one.
 */
export function createToolResolver(executor: Executor, searchPath: string): ToolResolver {
  const digests = new Map<string, Promise<string>>()
  const digestOf = (path: string): Promise<string> => {
    const digest = digests.get(path) ?? digestInWorker(path)
    digests.set(path, digest)
    return digest
  }
  return {
    resolve: async (name, range) => {
      const candidates = candidatesFor(name, searchPath)
      if (candidates.length === 0) return err(missing(name, searchPath))
      let problem: ToolError | null = null
      for (const path of candidates) {
        const found = await checkVersion(executor, { name, path, range })
        if (found.ok) return ok({ name, path, version: found.value, digest: await digestOf(path) })
        // The first candidate is the one that its user means, so its problem is the one to tell.
        problem ??= found.error
      }
      return err(problem ?? { kind: 'missing', name })
    },
  }
}

/** Real paths of all executables of that name, in the order of the search path, each once. */
function candidatesFor(name: string, searchPath: string): readonly string[] {
  const found = new Set<string>()
  for (const folder of searchPath.split(delimiter)) {
    if (folder === '') continue
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      if (statSync(path).isFile()) found.add(realpathSync(path))
    } catch {
      // Not there, or not for us to run: the next folder may have it.
    }
  }
  return [...found]
}

/** With the program on the search path that was likely meant. */
function missing(name: string, searchPath: string): ToolError {
  const near = closest(name, searchPath.split(delimiter).flatMap(namesIn))
  return near === null || candidatesFor(near, searchPath).length === 0
    ? { kind: 'missing', name }
    : { kind: 'missing', name, near }
}

/** In the order of their bytes, so that the same folder always gives the same suggestion. */
function namesIn(folder: string): readonly string[] {
  try {
    return folder === '' ? [] : readdirSync(folder).toSorted(compareBytes)
  } catch {
    return []
  }
}

interface Candidate extends Pick<Tool, 'name' | 'path'> {
  readonly range: string
}

async function checkVersion(executor: Executor, tool: Candidate): Promise<Result<string, ToolError>> {
  const { name, path, range } = tool
  const asked = path === process.execPath ? ok(process.versions.node) : await askVersion(executor, tool)
  if (!asked.ok) return asked
  const version = asked.value
  if (range === '*') return ok(version)
  const coerced = semver.coerce(version)
  if (!coerced) return err({ kind: 'unknown-version', name, path })
  return semver.satisfies(coerced, range) ? ok(version) : err({ kind: 'version', name, range, found: version })
}

/** How programs are asked; some want a word instead of an option. */
const QUESTIONS = ['--version', 'version', '-V'] as const

/** What a program answers that keeps its version to itself. */
const UNKNOWN = 'unknown'

/** POSIX 2.8.2: what a shell reports of a command that it can't execute, or not find. */
const NOT_RUN: ReadonlySet<number> = new Set([126, 127])

/** Long for a busy machine, and short for somebody who waits. */
const PATIENCE_MS = 10_000

/** The tool's version. It is missing where it doesn't run in the sandbox. */
async function askVersion(executor: Executor, { name, path }: Candidate): Promise<Result<string, ToolError>> {
  let runs = false
  for (const question of QUESTIONS) {
    const { execution, output } = await runQuietly(executor, {
      argv: [name, question],
      env: { PATH: SEARCH_PATH },
      outputs: [],
      tools: [{ name, path, version: '', digest: '' }],
      timeoutMs: PATIENCE_MS,
    })
    if (execution.end.kind === 'limit') return err({ kind: 'no-answer', name, path })
    if (execution.end.kind !== 'exited' || NOT_RUN.has(execution.end.exitCode)) continue
    runs = true
    const version = /\d+(?:\.\d+)+|\b\d+\b/.exec(output)?.[0]
    if (execution.end.exitCode === 0 && version !== undefined) return ok(version)
  }
  return runs ? ok(UNKNOWN) : err({ kind: 'missing', name })
}

/** In a thread of its own, because a tool may be a hundred megabytes and the main thread has other work. */
function digestInWorker(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(DIGEST_THREAD, { eval: true, workerData: path })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

const DIGEST_THREAD = `
const { createHash } = require('node:crypto')
const { openSync, readSync, closeSync } = require('node:fs')
const { parentPort, workerData } = require('node:worker_threads')
const file = openSync(workerData, 'r')
const buffer = Buffer.allocUnsafe(1024 * 1024)
const hash = createHash('sha256')
for (let length; (length = readSync(file, buffer, 0, buffer.length, null)) > 0; ) hash.update(buffer.subarray(0, length))
closeSync(file)
parentPort.postMessage(hash.digest('hex'))
`
