/** Quotes a word for a POSIX shell (2.2.2 Single-Quotes), whatever is in it. */
export function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}

/**
 * Runs "$@" as a child of process 1 and ends with its code, so that process 1 of an action's own namespace has ordinary
 * signal handling, and its end, which the kernel reports only when every other process in there is gone, ends the action.
 * `exec`, because without it the shell takes words such as `echo` and `exit` for its own.
 */
export const INIT: string = '(exec "$@"); exit $?'
