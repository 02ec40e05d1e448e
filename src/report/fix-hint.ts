import { styleOf, type StyleOptions } from './style.ts'

/** Told once where there is something to correct. */
export function fixHint(options: StyleOptions): string {
  return `${styleOf(options).colors.dim('`codex validate --fix` corrects what has one right answer.')}\n`
}
