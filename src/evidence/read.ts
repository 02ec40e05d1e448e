import type { Manifest } from '../model/manifest.ts'
import type { RecordedRun } from '../model/ports.ts'
import { err, ok, type Result } from '../model/result.ts'
import { MANIFEST } from './conclude.ts'
import { manifestSchema } from './schema.ts'

/** The manifest of a run as it lies there, if it has the shape of one; an error says why not. Whether it is true is another question. */
export function readManifest(run: Pick<RecordedRun, 'chunks'>): Result<Manifest, string> {
  try {
    const text = Buffer.concat([...run.chunks(MANIFEST)]).toString()
    const parsed = manifestSchema.safeParse(JSON.parse(text))
    return parsed.success ? ok(parsed.data) : err(parsed.error.message)
  } catch (error) {
    return err(String(error))
  }
}
