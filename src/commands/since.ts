import type { Changes, ChangesProblem } from '../model/changes.ts'
import { closest } from '../model/suggest.ts'
import { wordChangesProblem } from '../report/changes.ts'
import type { CheckedOut, Context } from './context.ts'
import { UsageError } from './options.ts'

/** What has changed in a workspace (absolute) since `--since <ref>`; ends the command where that can't be told. */
export async function changesFor(context: Context, root: string, ref: string): Promise<Changes> {
  const found = await context.changesSince(root, ref)
  if (found.ok) return found.value
  throw unknown(found.error, ref)
}

/** A workspace (absolute) as `--base <ref>` has it; ends the command where there is no such commit. */
export async function baseFor(context: Context, root: string, ref: string): Promise<CheckedOut> {
  const found = await context.checkOut(root, ref)
  if (found.ok) return found.value
  throw unknown(found.error, ref)
}

function unknown(error: ChangesProblem, ref: string): UsageError {
  const suggestion = error.kind === 'unknown-ref' ? closest(ref, error.known) : null
  const { message, fix } = wordChangesProblem(error, suggestion)
  return new UsageError(message, { fix })
}
