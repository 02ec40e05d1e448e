import { UsageError } from './options.ts'

/** What MAX_ATTEMPTS says; `null`: it is not set. */
export function maxAttemptsOf(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError(`MAX_ATTEMPTS is '${text}': a whole number from 1 is needed`)
  return Number(text)
}
