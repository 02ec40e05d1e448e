import type { CacheProblem } from '../model/cache-entry.ts'
import { plain, quote, type Wording } from './phrase.ts'

/** What a cache could not do; none of it bears on the verdict. */
export const cacheWording: Pick<Wording, 'cache-entry-dropped' | 'cache-not-stored' | 'cache-unused'> = {
  'cache-entry-dropped': ({ action, problem }) => ({
    message: `What the cache holds for ${quote(action)} is not used, and the action runs: ${wordProblem(problem)}.`,
    fix: null,
  }),
  'cache-not-stored': ({ action, reason }) => ({
    message: `The outcome of ${quote(action)} can't be kept in the cache, and no other is tried: ${plain(reason)}.`,
    fix: 'Make room for it, or let it be written to; or name another with `--cache=<dir>`.',
  }),
  'cache-unused': ({ missing }) => ({
    message: `The cache is not used, because this run does not enforce ${missing.join(', ')}.`,
    fix: 'Run in a sandbox that enforces it: `codex doctor` tells what works here.',
  }),
}

function wordProblem(problem: CacheProblem): string {
  switch (problem.kind) {
    case 'malformed':
      return 'it is not what codex writes'
    case 'other-key':
      return 'it belongs to another key'
    case 'not-passed':
      return `with the exit code ${problem.exitCode} the action would not have passed`
    case 'not-of-action':
      return problem.path === null
        ? 'it passes a limit of the action'
        : `${quote(problem.path)} is not as the action declares its outputs`
    case 'changed':
      return problem.path === null
        ? 'the bytes of the log have changed'
        : `the bytes of ${quote(problem.path)} have changed`
    case 'unreadable':
      return `${quote(problem.path)} can't be read (${plain(problem.reason)})`
  }
}
