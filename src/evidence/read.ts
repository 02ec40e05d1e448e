import type { Manifest } from '../model/manifest.ts'
import type { RecordedRun } from '../model/ports.ts'
import { err, type Result } from '../model/result.ts'
import { MANIFEST } from './conclude.ts'
import { parseManifest } from './parse-documents.ts'

/** The manifest of a run as it lies there, if it has the shape of one; an error says why not. Whether it is true is another question. */
export function readManifest(run: Pick<RecordedRun, 'chunks'>): Result<Manifest, string> {
  try {
    return parseManifest(Buffer.concat([...run.chunks(MANIFEST)]))
  } catch (error) {
    return err(String(error))
  }
}
