import type { Readable, Writable } from 'node:stream'
import { isCancel, select, text } from '@clack/prompts'

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
export function promptsOn(input: Readable, output: Writable, signal: AbortSignal): Prompts {
  return {
    choose: async (message, choices) => {
      const options = choices.map(({ value, label, hint = '' }) => ({ value, label, hint }))
      const chosen = await select({ message, options, input, output, signal })
      return isCancel(chosen) ? null : chosen
    },
    ask: async (message, { initial, problem }) => {
      const answer = await text({
        message,
        placeholder: initial,
        defaultValue: initial,
        validate: (given) => problem(given || initial) ?? undefined,
        input,
        output,
        signal,
      })
      return isCancel(answer) ? null : answer
    },
  }
}
