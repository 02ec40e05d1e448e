import type { Json } from '../../model/canonical.ts'
import { sha256, type Digest } from '../../model/digest.ts'
import { actionPath } from '../../model/graph.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { Pack, PackId } from '../../model/pack.ts'
import type { RecordedRun } from '../../model/ports.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Fingerprint, RunView, ViewedAction } from '../../model/run-view.ts'
import { MANIFEST } from '../conclude.ts'
import { DEFINITIONS, KEYS, readKeys } from '../keys.ts'
import { parseManifest } from '../parse-documents.ts'
import { replayJournal } from '../replay.ts'

/** A file of a run that can't be read, or is not what the manifest says. */
export interface Damage {
  readonly path: string
  readonly problem: 'unreadable' | 'invalid' | 'other-bytes' | 'missing'
}

export interface ReadRun {
  readonly view: RunView
  /** It was killed, or goes on: what is told of it comes from its journal. */
  readonly unfinished: boolean
  /** What was found to be wrong so far, each file once: only what is asked for is read. */
  readonly damage: () => readonly Damage[]
}

/** Reads a task.yml; `null` where it can't be. */
export type ParsePack = (input: { bytes: Uint8Array; file: string; dir: string }) => Pack | null

/** Reads what a run says of itself; every other file of it is believed as far as the manifest knows its digest. */
export function readRun(run: RecordedRun, parse: ParsePack): Result<ReadRun, Damage> {
  const bytes = run.read(MANIFEST)
  if (!bytes.ok) return err({ path: MANIFEST, problem: 'unreadable' })
  const parsed = parseManifest(bytes.value)
  if (!parsed.ok) return err({ path: MANIFEST, problem: 'invalid' })
  const written = parsed.value
  const unfinished = written.verdict === 'started'
  const manifest = (unfinished ? fromJournal(run) : null) ?? written
  const damage = new Map<string, Damage>()
  const files = recordedFiles(run, manifest, (found) => damage.set(found.path, found))
  const view = {
    digest: sha256(bytes.value),
    tool: manifest.tool,
    guarantees: manifest.guarantees,
    refusals: manifest.refusals ?? [],
    verdict: manifest.verdict,
    partial: manifest.partial ?? false,
    packs: manifest.packs,
    actions: manifest.actions.map((action) => ({ ...action, waitsFor: [] })),
    ...files,
    definition: definitionsOf(run, { manifest, parse, complain: (found) => damage.set(found.path, found) }),
  }
  return ok({ view, unfinished, damage: () => [...damage.values()] })
}

function fromJournal(run: RecordedRun): Manifest | null {
  const journal = run.read('events.jsonl')
  const replayed = journal.ok ? replayJournal(Buffer.from(journal.value).toString()) : null
  return replayed?.ok ? replayed.value.manifest : null
}

type Complain = (damage: Damage) => void

function recordedFiles(
  run: RecordedRun,
  { packs }: Manifest,
  complain: Complain,
): Pick<RunView, 'fingerprint' | 'inputs'> {
  // What holds a secret was never kept.
  const secretive = packs.some(({ grants }) => grants.some((grant) => grant.startsWith('secret:')))
  let keys: ReadonlyMap<Digest, Json> | null = null
  const trees = new Map<Digest, ReadonlyMap<string, Digest> | null>()
  const readTree = (action: ViewedAction, digest: Digest): ReadonlyMap<string, Digest> | null => {
    const path = `inputs/${actionPath(action.id)}.sha256`
    const list = run.read(path)
    if (list.ok && sha256(list.value) === digest) return parseChecksums(Buffer.from(list.value).toString())
    complain({ path, problem: list.ok ? 'other-bytes' : list.error.code === 'ENOENT' ? 'missing' : 'unreadable' })
    return null
  }
  return {
    fingerprint: ({ key }) => {
      if (key === null) return null
      keys ??= readKeysOf(run)
      const known = keys.get(key)
      if (known === undefined && !secretive)
        complain({ path: KEYS, problem: keys.size > 0 ? 'other-bytes' : 'missing' })
      return (known as Fingerprint | undefined) ?? null
    },
    inputs: (action) => {
      if (action.inputs === null) return null
      const known = trees.get(action.inputs) ?? readTree(action, action.inputs)
      trees.set(action.inputs, known)
      return known
    },
  }
}

function readKeysOf(run: RecordedRun): ReadonlyMap<Digest, Json> {
  const bytes = run.read(KEYS)
  return bytes.ok ? readKeys(Buffer.from(bytes.value).toString()) : new Map()
}

/** What `checksums` of model/tree.ts writes. */
function parseChecksums(text: string): ReadonlyMap<string, Digest> {
  const lines = text.split('\n').slice(0, -1)
  return new Map(
    lines.map((line) => {
      const escaped = line.startsWith('\\')
      const plain = escaped ? line.slice(1) : line
      const path = plain.slice(66)
      return [escaped ? path.replaceAll('\\\\', '\\') : path, plain.slice(0, 64)]
    }),
  )
}

interface Definitions {
  readonly manifest: Manifest
  readonly parse: ParsePack
  readonly complain: Complain
}

/** A task.yml is known by its digest; where it lay is told by the path that it is kept under. */
function definitionsOf(run: RecordedRun, { manifest, parse, complain }: Definitions): RunView['definition'] {
  const digests = new Map(manifest.packs.map(({ id, definition }) => [id, definition]))
  const parsed = new Map<PackId, Pack | null>()
  let kept: ReadonlyMap<Digest, Kept> | null = null
  return (id) => {
    const digest = digests.get(id)
    if (digest === undefined) return null
    const known = parsed.get(id)
    if (known !== undefined) return known
    kept ??= keptDefinitions(run)
    const found = kept.get(digest)
    if (!found) complain({ path: DEFINITIONS, problem: kept.size > 0 ? 'other-bytes' : 'missing' })
    const pack = found ? parse(found) : null
    parsed.set(id, pack)
    return pack
  }
}

interface Kept {
  readonly bytes: Uint8Array
  readonly file: string
  readonly dir: string
}

function keptDefinitions(run: RecordedRun): ReadonlyMap<Digest, Kept> {
  const prefix = `${DEFINITIONS}/`
  const files = run.list()
  const found = new Map<Digest, Kept>()
  for (const { path, kind } of files.ok ? files.value : []) {
    const bytes = kind === 'file' && path.startsWith(prefix) ? run.read(path) : null
    if (!bytes?.ok) continue
    const file = path.slice(prefix.length)
    found.set(sha256(bytes.value), { bytes: bytes.value, file, dir: file.slice(0, Math.max(0, file.lastIndexOf('/'))) })
  }
  return found
}
