// A shell at a terminal of its own, into which a test types.
import { spawn } from 'node:child_process'

export interface Shell {
  readonly argv: readonly string[]
  /** Lines to type before anything is tested; the last one sets the prompt. */
  readonly start: readonly string[]
}

/** What the shell asks with once it is ready; typed in two parts, so that what is typed is not taken for it. */
export const PROMPT = 'READY>'

/** What the program of the test prints around its arguments. */
const TOLD = /RAN<([^>]*)>/g

/**
 * Types lines one after the other, each when the shell is ready for it, and gives the arguments with which the program was
 * started for each.
 */
export async function typeInto(
  shell: Shell,
  lines: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<readonly string[]> {
  const command = shell.argv.map((word) => `'${word}'`).join(' ')
  const started = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], { cwd, env })
  const ended = new Promise<void>((resolve) => started.once('close', () => resolve()))
  const pending = [...shell.start, ...lines, 'exit'].map((line) => `${line}\r`)
  let shown = ''
  let ready = 0
  const type = (): void => {
    const next = pending.shift()
    if (next !== undefined) started.stdin.write(next)
  }
  started.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    for (const prompts = shown.split(PROMPT).length - 1; ready < prompts; ready++) type()
  })
  for (const _ of shell.start) type()
  await ended
  return [...shown.matchAll(TOLD)].map(([, told = '']) => told)
}
