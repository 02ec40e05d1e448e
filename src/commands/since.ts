import type { Changes } from '../model/changes.ts'
import { closest } from '../model/suggest.ts'
import { wordChangesProblem } from '../report/changes.ts'
import type { Context } from './context.ts'
import { UsageError } from './options.ts'

/** What has changed in a workspace (absolute) since `--since <ref>`; ends the command where that can't be told. */
export async function changesFor(context: Context, root: string, ref: string): Promise<Changes> {
  const found = await context.changesSince(root, ref)
  if (found.ok) return found.value
  const { error } = found
  const suggestion = error.kind === 'unknown-ref' ? closest(ref, error.known) : null
  const { message, fix } = wordChangesProblem(error, suggestion)
  throw new UsageError(message, { fix })
}
