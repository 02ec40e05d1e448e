import type { Json } from '../model/canonical.ts'
import { sha256, type Digest } from '../model/digest.ts'
import type { ActionOutcome } from '../model/outcome.ts'
import type { Pack } from '../model/pack.ts'
import type { PreparedAction } from '../model/plan.ts'
import type { RunFolder } from '../model/ports.ts'

/** What entered each key: a line of canonical JSON whose SHA-256, without its line feed, is the key. */
export const KEYS = 'keys.jsonl'

/** Every task.yml as it was run, under its path in the workspace: its SHA-256 is the pack's `definition`. */
export const DEFINITIONS = 'definitions'

/** Where a task.yml is kept, relative to the run's folder. */
export function definitionPath(dir: string): string {
  return dir === '' ? `${DEFINITIONS}/task.yml` : `${DEFINITIONS}/${dir}/task.yml`
}

export function keepDefinitions(folder: RunFolder, packs: readonly Pack[]): void {
  for (const pack of packs) folder.write(definitionPath(pack.dir), definitionBytes(pack))
}

/** Reading drops a byte order mark, which the digest is of, too. */
function definitionBytes({ source, digest }: Pack): string {
  return sha256(source.text) === digest ? source.text : `\uFEFF${source.text}`
}

export interface KeyKeeper {
  /** Takes note of what may become a key of the manifest. */
  prepared(action: Pick<PreparedAction, 'key' | 'fingerprint'>): void
  /** Keeps it once its action has ended with that key. */
  ended(outcome: ActionOutcome): void
}

/**
 * One file for all of them, appended to: a file for each would cost a tenth of what an action may cost. Two actions may have one key
 * (gates of packs without artifacts); then it has one line.
 *
 * @param tells whether a text holds a secret: such a line is not kept at all, because with the secret hidden it would be no key
 */
export function createKeyKeeper(folder: RunFolder, tells: (text: string) => boolean): KeyKeeper {
  const waiting = new Map<Digest, string>()
  const kept = new Set<Digest>()
  return {
    prepared: ({ key, fingerprint }) => {
      if (!kept.has(key)) waiting.set(key, fingerprint)
    },
    ended: ({ key }) => {
      const fingerprint = key === null ? undefined : waiting.get(key)
      if (key === null || fingerprint === undefined) return
      waiting.delete(key)
      kept.add(key)
      if (!tells(fingerprint)) folder.append(KEYS, `${fingerprint}\n`)
    },
  }
}

/** The lines of keys.jsonl by their SHA-256; what is no JSON, as a last line that was cut off, is left out. */
export function readKeys(text: string): ReadonlyMap<Digest, Json> {
  const keys = new Map<Digest, Json>()
  for (const line of text.split('\n')) {
    const value = line === '' ? undefined : parseLine(line)
    if (value !== undefined) keys.set(sha256(line), value)
  }
  return keys
}

function parseLine(line: string): Json | undefined {
  try {
    return JSON.parse(line) as Json
  } catch {
    return undefined
  }
}
