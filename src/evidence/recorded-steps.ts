import { canonicalJson, type Json } from '../model/canonical.ts'
import { patchPath } from '../model/change.ts'
import { sha256, type Digest } from '../model/digest.ts'
import { actionPath, type ActionId } from '../model/graph.ts'
import type { Manifest, ManifestAction } from '../model/manifest.ts'
import type { PackId } from '../model/pack.ts'
import type { RecordedRun } from '../model/ports.ts'
import type { TreeEntry } from '../model/tree.ts'
import { parseChecksums } from './checksums.ts'
import { keptOutputPath } from './collect.ts'
import { KEYS, readKeys } from './keys.ts'

/** What a recorded run has kept of its steps. Every byte is compared with its digest in the manifest; `null`: it is not there, or another. */
export interface RecordedSteps {
  action(id: ActionId): ManifestAction | null
  /** What the action's key is the SHA-256 of. */
  fingerprint(action: ManifestAction): string | null
  /** The files that the action has seen, by path. */
  inputs(action: ManifestAction): ReadonlyMap<string, Digest> | null
  output(pack: PackId, entry: TreeEntry): Uint8Array | null
  patch(pack: PackId, digest: Digest): Uint8Array | null
}

export function recordedSteps(run: RecordedRun, manifest: Manifest): RecordedSteps {
  const actions = new Map(manifest.actions.map((action) => [action.id, action]))
  let keys: ReadonlyMap<Digest, Json> | null = null
  const readKept = (path: string, digest: Digest): Uint8Array | null => {
    const bytes = run.read(path)
    return bytes.ok && sha256(bytes.value) === digest ? bytes.value : null
  }
  return {
    action: (id) => actions.get(id) ?? null,
    fingerprint: ({ key }) => {
      if (key === null) return null
      keys ??= keysOf(run)
      const known = keys.get(key)
      const text = known === undefined ? null : canonicalJson(known)
      return text !== null && sha256(text) === key ? text : null
    },
    inputs: ({ id, inputs }) => {
      const bytes = inputs === null ? null : readKept(`inputs/${actionPath(id)}.sha256`, inputs)
      const list = bytes && parseChecksums(Buffer.from(bytes).toString())
      return list?.ok ? list.value : null
    },
    output: (pack, { path, digest }) => readKept(keptOutputPath(pack, path), digest),
    patch: (pack, digest) => readKept(patchPath(pack), digest),
  }
}

function keysOf(run: RecordedRun): ReadonlyMap<Digest, Json> {
  const bytes = run.read(KEYS)
  return bytes.ok ? readKeys(Buffer.from(bytes.value).toString()) : new Map()
}
