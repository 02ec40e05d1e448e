/** Quotes a word for a POSIX shell (2.2.2 Single-Quotes), whatever is in it. */
export function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}

/**
 * The variable that carries a secret as far as the sandbox. Not under its own name: nothing outside is to act on a PATH or an
 * LD_PRELOAD that a pack asks for.
 */
export function secretVariable(index: number): string {
  return `CODEX_SECRET_${index}`
}

/**
 * Runs "$@" as a child of process 1 and ends with its code, so that process 1 of an action's own namespace has ordinary
 * signal handling, and its end, which the kernel reports only when every other process in there is gone, ends the action.
 * `exec`, because without it the shell takes words such as `echo` and `exit` for its own.
 *
 * @param secrets names of the variables that get what {@link secretVariable} brought
 */
export function initScript(secrets: readonly string[]): string {
  const renaming = secrets.map(
    (name, index) => `export ${name}="$${secretVariable(index)}"; unset ${secretVariable(index)}; `,
  )
  return `${renaming.join('')}(exec "$@"); exit $?`
}

/**
 * How env(1) is told to leave out what the shells before set. All, where nothing is to come through; a value on a command line
 * could be read by every process of the machine.
 */
export function clearedEnvironment(secrets: readonly string[]): readonly string[] {
  return secrets.length === 0 ? ['-i'] : LEFTOVERS.flatMap((name) => ['-u', name])
}

/** Variables that shells set and export by themselves; a slot has no others but PATH, which an action's own replaces. */
export const LEFTOVERS = ['OLDPWD', 'PWD', 'SHLVL', '_'] as const
