import { sha256, type Digest } from '../../model/digest.ts'
import { MANIFEST } from '../conclude.ts'
import { DEFINITIONS, KEYS } from '../keys.ts'
import type { Report } from './findings.ts'
import type { Folder } from './folder.ts'
import { textOf } from './read.ts'
import type { Story } from './story.ts'

/**
 * Checks that what is told of keys and packs is what the manifest names by digest. A run that was ended from outside may have
 * kept what its journal never came to.
 */
export function checkKept(folder: Folder, { manifest, journal }: Story, report: Report): void {
  if (!manifest || !journal || journal.written === null) return
  checkKeys(folder, new Set(manifest.actions.map(({ key }) => key)), report)
  checkDefinitions(folder, new Set(manifest.packs.map(({ definition }) => definition)), report)
}

/** Not every key has a line: what would tell a secret is not kept. */
function checkKeys(folder: Folder, keys: ReadonlySet<Digest | null>, report: Report): void {
  const text = textOf(KEYS, folder.hold(KEYS), report) ?? ''
  const seen = new Set<Digest>()
  let line = 1
  for (let start = 0; start < text.length; line++) {
    const end = text.indexOf('\n', start)
    const key = sha256(text.slice(start, end))
    if (end === -1 || !keys.has(key) || seen.has(key)) {
      report('not-a-key', KEYS, { line })
      return
    }
    seen.add(key)
    start = end + 1
  }
}

function checkDefinitions(folder: Folder, definitions: ReadonlySet<Digest>, report: Report): void {
  const missing = new Set(definitions)
  for (const path of folder.files.keys()) {
    if (!path.startsWith(`${DEFINITIONS}/`)) continue
    const file = folder.pass(path, false)
    if (file && !missing.delete(file.digest)) report('unexpected', path, { by: MANIFEST })
  }
  if (missing.size > 0) report('missing', DEFINITIONS, { by: [MANIFEST] })
}
