#!/usr/bin/env node
// The program: the only place that knows the process. It wires the adapters of host/ into the commands.
import { availableParallelism, constants } from 'node:os'
import { isAbsolute, relative, resolve } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import type { Context } from './commands/context.ts'

const { name, version } = packageJson

function watchStop(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The second time at once: the supervisors of the sandbox end with codex.
      if (stop.signal.aborted) process.exit(128 + constants.signals[signal])
      stop.abort(signal)
    })
  }
  return stop.signal
}

/** Text for a stream that may be closed at any time, as `codex graph | head` does; then there is nobody left to tell. */
function writer(stream: NodeJS.WriteStream): (text: string) => void {
  let open = true
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    open = false
  })
  return (text) => {
    if (open) stream.write(text)
  }
}

async function createContext(): Promise<Context> {
  const { openWorkspace, readTail, runFolderFor } = await import('./host/folders.ts')
  const cwd = process.cwd()
  return {
    cwd,
    env: process.env,
    argv: process.argv.slice(2),
    tool: { name, version },
    out: writer(process.stdout),
    err: writer(process.stderr),
    terminal: {
      out: process.stdout.isTTY,
      err: process.stderr.isTTY,
      size: () => ({ columns: process.stderr.columns, rows: process.stderr.rows }),
    },
    processors: availableParallelism(),
    now: () => Date.now(),
    open: openWorkspace,
    machine: async (workspace, sandbox) => (await import('./host/machine.ts')).lendMachine(workspace, sandbox),
    runFolder: (workspace, out) => runFolderFor(workspace, out, Date.now()),
    readTail,
    showPath: (path) => {
      const shown = relative(cwd, path)
      return shown.startsWith('..') || isAbsolute(shown) ? path : shown || '.'
    },
    absolute: (path) => resolve(cwd, path),
    examine: async (folder) => (await import('./host/doctor.ts')).examineMachine(folder),
    watchStop,
    tick: (callback) => {
      const timer = setInterval(callback, 100)
      return () => clearInterval(timer)
    },
  }
}

async function main(): Promise<void> {
  const [only, ...rest] = process.argv.slice(2)
  if (rest.length === 0 && (only === '--version' || only === '-V')) {
    process.stdout.write(`${version}\n`)
    return
  }
  const context = await createContext()
  const { runProgram } = await import('./commands/program.ts')
  process.exitCode = await runProgram(context)
}

main().catch(async (error: unknown) => {
  const { renderCrash } = await import('./report/crash.ts')
  const { text, exitCode } = renderCrash(error, version)
  // Not by waiting for an idle loop: what failed may have left something open that would keep it busy for ever.
  process.stderr.write(text, () => process.exit(exitCode))
})
