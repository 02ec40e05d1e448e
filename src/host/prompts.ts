import type { Readable, Writable } from 'node:stream'
import { select, text } from '@clack/prompts'

/** Questions to whoever sits at the terminal; `null`: they have left with Ctrl-C or Escape. */
export interface Prompts {
  choose(message: string, choices: readonly Choice[]): Promise<string | null>
  /** @param initial what Enter alone answers @param problem says what is wrong with an answer; `null`: nothing */
  ask(message: string, options: AskOptions): Promise<string | null>
}

interface Choice {
  readonly value: string
  readonly label: string
  readonly hint?: string
}

interface AskOptions {
  readonly initial: string
  readonly problem: (answer: string) => string | null
}

/** On a pair of streams of which both are terminals. Once `signal` aborts, whoever is asked has left. */
export function promptsOn(input: Readable, output: Writable & { columns?: number }, signal: AbortSignal): Prompts {
  // Terminals that were not told their size have none; a question would be written one letter a line.
  if (output.columns === 0) output.columns = 80
  const streams = { input, output }
  return {
    choose: async (message, choices) => {
      const options = choices.map(({ value, label, hint = '' }) => ({ value, label, hint }))
      return untilLeft(input, signal, async (left) => select({ message, options, ...streams, signal: left }))
    },
    ask: async (message, { initial, problem }) => {
      const validate = (given: string | undefined): string | undefined => problem(given || initial) ?? undefined
      const asked = { message, placeholder: initial, defaultValue: initial, validate, ...streams }
      return untilLeft(input, signal, async (left) => text({ ...asked, signal: left }))
    },
  }
}

/** The end of the input (Ctrl-D) is a way to leave as well; without this the question would wait for ever. */
async function untilLeft(
  input: Readable,
  signal: AbortSignal,
  question: (left: AbortSignal) => Promise<string | symbol>,
): Promise<string | null> {
  const end = new AbortController()
  const watch = (_: unknown, key: { readonly name?: string; readonly ctrl?: boolean }): void => {
    if (key.ctrl && key.name === 'd') end.abort()
  }
  input.on('keypress', watch)
  try {
    const answer = await question(AbortSignal.any([signal, end.signal]))
    return typeof answer === 'symbol' ? null : answer
  } finally {
    input.off('keypress', watch)
  }
}
