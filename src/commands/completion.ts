import type { Command } from 'commander'
import type { Shell } from './choices.ts'
import { SCRIPTS } from './completion-scripts.ts'
import { candidatesFor } from './candidates.ts'
import type { Context } from './context.ts'

/** Prints a script for the shell to source. It asks codex itself what may come next, so it never has to be made anew. */
export function completion(context: Context, shell: Shell): number {
  context.out(SCRIPTS[shell].map((line) => `${line}\n`).join(''))
  return 0
}

export interface CompleteOptions {
  /** How many words there are: a shell may lose the last one where it is empty. */
  readonly count?: string
}

/** One candidate a line for the last of the words. */
export async function complete(
  context: Context,
  program: Command,
  { words, count }: CompleteOptions & { readonly words: readonly string[] },
): Promise<number> {
  const given = Number(count ?? words.length) > words.length ? [...words, ''] : words
  const candidates = await candidatesFor(context, program, given)
  const typed = given.at(-1) ?? ''
  const fitting = candidates.filter((candidate) => candidate.startsWith(typed))
  context.out(fitting.map((candidate) => `${candidate}\n`).join(''))
  return 0
}
