// Drives the real program while it watches: what it prints is waited for, never a time.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, onTestFailed, vi } from 'vitest'
import { CLI, type Place } from './cli.ts'

export interface Told {
  readonly code: string
  readonly location: { readonly file: string } | null
}

/** One line of `--jsonl`. */
export interface Line {
  readonly type: 'validated' | 'watching' | 'polling'
  readonly valid?: boolean
  readonly packs?: number
  readonly actions?: number | null
  readonly changed?: readonly string[]
  readonly appeared?: readonly Told[]
  readonly fixed?: readonly Told[]
  readonly diagnostics?: readonly Told[]
  readonly code?: string
}

const started = new Set<ChildProcess>()

afterEach(() => {
  for (const child of started) child.kill('SIGKILL')
  started.clear()
})

/** A program that goes on while the test talks to it. */
export class Program {
  readonly child: ChildProcess
  #text = ''
  #errors = ''
  #at = 0
  #woken: () => void = () => {}

  constructor(place: Place, argv: readonly string[]) {
    const [file = '', ...args] = argv
    this.child = spawn(file, args, {
      cwd: place.root,
      env: {
        PATH: process.env['PATH'],
        HOME: place.home,
        TMPDIR: place.temporary,
        LANG: 'C.UTF-8',
        TERM: 'xterm',
        SHELL: '/bin/sh',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    started.add(this.child)
    onTestFailed(() => void process.stderr.write(`It printed:\n${this.#text}\n${this.#errors}\n`))
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text
      this.#woken()
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
      this.#woken()
    })
    this.child.on('close', () => this.#woken())
  }

  get errors(): string {
    return this.#errors
  }

  press(keys: string): void {
    this.child.stdin?.write(keys)
  }

  /** What is printed up to the end of the next match; it is not given again. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const rest = this.#text.slice(this.#at)
      const found = pattern.exec(rest)
      if (found) {
        const end = found.index + found[0].length
        this.#at += end
        return rest.slice(0, end)
      }
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`it ended without ${String(pattern)}: ${rest}\n${this.#errors}`)
      }
      await this.#news()
    }
  }

  async untilError(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#errors)) await this.#news()
  }

  /** The next line, of `--jsonl`. */
  async line(): Promise<Line> {
    return JSON.parse(await this.until(/.*\n/)) as Line
  }

  /** The next line of a type, with those before it dropped. */
  async lineOf(type: Line['type']): Promise<Line> {
    for (;;) {
      const line = await this.line()
      if (line.type === type) return line
    }
  }

  /** The next verdict that says so. Where the machine is busy there may be others first, of what was still being written. */
  async verdict(wanted: Partial<Line>): Promise<Line> {
    for (;;) {
      const line = await this.lineOf('validated')
      if (isDeepStrictEqual(line, { ...line, ...wanted })) return line
    }
  }

  /** Stops it where it stands. */
  async suspend(): Promise<void> {
    this.child.kill('SIGSTOP')
    await vi.waitUntil(() => readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').includes(') T '), 100_000)
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close')
    return this.child.exitCode
  }

  async #news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#woken = resolve
    })
  }
}

/** Saves a file so that it is never seen half written. `path`: relative to the workspace. */
export function save(place: Place, path: string, text: string): void {
  const beside = join(place.temporary, 'saved')
  writeFileSync(beside, text)
  renameSync(beside, join(place.root, path))
}

/** Watches with `--jsonl` until every folder is watched, and gives the first verdict with it. */
export async function watching(
  place: Place,
  args: readonly string[] = [],
  through: readonly string[] = [],
): Promise<{ readonly program: Program; readonly first: Line }> {
  const argv = [...through, process.execPath, CLI, 'validate', '--watch', '--jsonl', ...args]
  const program = new Program(place, argv)
  const first = await program.lineOf('validated')
  await program.lineOf('watching')
  return { program, first }
}

/** A program at a terminal of its own, which `script` gives it. `command`: for a shell. */
export function atTerminal(place: Place, command: string): Program {
  return new Program(place, ['script', '-qec', command, '/dev/null'])
}
