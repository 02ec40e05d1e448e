// A program of its own, which codex starts in the sandbox of a plugin: it loads the plugin in another process, asks it what there is
// to ask, and leaves plugin_result.json. Both processes are the plugin's as far as codex is concerned: what comes out is checked again.
//
//   node runner.mjs <module> <name> <version> [artifact …]     paths relative to the folder of the pack, which is the working directory
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import * as modules from 'node:module'
import { dirname, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { PLUGIN_RESULT } from './model/plugin.ts'
import { drive, LineError, type Channel, type Driving } from './plugins/drive.ts'
import { MOST_LINE_BYTES } from './plugins/protocol.ts'
import { resultBytes } from './plugins/result.ts'
import { replyTo } from './plugins/serve.ts'
import { logOf } from './plugins/words.ts'

/** What tells the process that loads the plugin from the one that asks. */
const LOADS = '--load'

/** What plugins import by this name stands beside this program: nothing else of it is there in a sandbox. */
const LIBRARY = 'codex-orchestrator/plugin'

async function main(): Promise<void> {
  const [first = '', ...rest] = process.argv.slice(2)
  if (first === LOADS) return serve(rest[0] ?? '')
  const [name = '', version = '', ...artifacts] = rest
  for (const path of artifacts) mkdirSync(dirname(path), { recursive: true })
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), LOADS, first], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const driven = { pack: process.env['CODEX_PACK'] ?? '', name, version, artifacts }
  const driving = await drive(channelOf(child), driven)
  child.kill('SIGKILL')
  leave(driving)
}

/** Over whatever stands there. A link would be followed, but leads nowhere outside of the sandbox. */
function leave(driving: Driving): void {
  writeFileSync(PLUGIN_RESULT, resultBytes(driving.result))
  // What the plugin has started may hold a pipe open; the sandbox ends it with this process.
  process.stderr.write(logOf(driving), () => process.exit(0))
}

function channelOf(child: ChildProcessByStdio<Writable, Readable, null>): Channel {
  // A plugin that has ended is told of by its output, which ends.
  child.stdin.on('error', () => {})
  child.on('error', () => {})
  const lines = boundedLines(child.stdout)
  return {
    send: (line) => void child.stdin.write(`${line}\n`),
    receive: async () => (await lines.next()).value ?? null,
  }
}

/** No more is read than what is asked for, and no more held than one line and a piece. */
async function* boundedLines(stream: Readable): AsyncGenerator<string, undefined> {
  let held = Buffer.alloc(0)
  for await (const chunk of stream) {
    held = Buffer.concat([held, chunk as Buffer])
    for (let end = held.indexOf(10); end !== -1; end = held.indexOf(10)) {
      if (end > MOST_LINE_BYTES) break
      yield held.toString('utf8', 0, end)
      held = held.subarray(end + 1)
    }
    if (held.length > MOST_LINE_BYTES) throw new LineError(`It printed a line of more than ${MOST_LINE_BYTES} bytes`)
  }
  return undefined
}

/** Loads the plugin and answers for it. */
async function serve(module: string): Promise<void> {
  const answer = process.stdout.write.bind(process.stdout)
  // What a plugin prints is its log.
  process.stdout.write = process.stderr.write.bind(process.stderr)
  resolveLibrary()
  const loaded = await load(module)
  for await (const line of createInterface({ input: process.stdin })) {
    answer(`${await replyTo(line, loaded)}\n`)
  }
  process.exit(0)
}

async function load(module: string): Promise<unknown> {
  const loaded: unknown = await import(pathToFileURL(resolve(module)).href)
  return typeof loaded === 'object' && loaded !== null && 'plugin' in loaded ? loaded.plugin : null
}

function resolveLibrary(): void {
  const url = new URL('plugin.mjs', import.meta.url).href
  const hooks = `export const resolve = (name, context, next) =>
    name === ${JSON.stringify(LIBRARY)} ? { url: ${JSON.stringify(url)}, shortCircuit: true } : next(name, context)`
  modules.register(`data:text/javascript,${encodeURIComponent(hooks)}`)
}

await main()
