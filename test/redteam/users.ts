import { UNPRIVILEGED } from '../support/cli.ts'

/** What to start a program through for each user that is attacked: where root runs the tests, an ordinary one as well. */
export const USERS: Readonly<Record<string, readonly string[]>> =
  UNPRIVILEGED.length > 0 ? { root: [], 'an ordinary user': UNPRIVILEGED } : { 'an ordinary user': [] }
