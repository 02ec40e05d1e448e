import { artifactPath } from '../evidence/collect.ts'
import type { Cause, OutputChange, Side } from '../model/difference.ts'
import { sha256, type Digest } from '../model/digest.ts'
import type { PackId } from '../model/pack.ts'
import type { RecordedRun } from '../model/ports.ts'
import type { RunView } from '../model/run-view.ts'
import type { TwoVersions } from '../report/bytes-diff.ts'
import type { Context } from './context.ts'
import { folderOf, type CommonOptions } from './options.ts'

export interface VersionsInput {
  /** `files`: `null` where it has not run. */
  readonly runs: Readonly<Record<Side, { readonly view: RunView; readonly files: RecordedRun | null }>>
  readonly options: CommonOptions
}

/** Of so many causes both versions are looked for, as each may mean to search the history of a file. */
const LOOKED_FOR = 20

/** Finds both versions of what a cause is about, in the runs themselves, in the workspace and in its history. */
export async function versionsFor(
  context: Context,
  causes: readonly Cause[],
  input: VersionsInput,
): Promise<(cause: Cause) => TwoVersions | null> {
  const found = new Map<Cause, TwoVersions>()
  for (const cause of causes) {
    if (found.size >= LOOKED_FOR) break
    const versions = await versionsOf(context, cause, input)
    if (versions) found.set(cause, versions)
  }
  return (cause) => found.get(cause) ?? null
}

async function versionsOf(context: Context, cause: Cause, input: VersionsInput): Promise<TwoVersions | null> {
  const { subject } = cause
  switch (subject.kind) {
    case 'file':
      return subject.renamed === null ? fileVersions(context, { ...subject, options: input.options }) : null
    case 'definition':
      return cause.details.length === 0 || input.options.verbose ? definitionVersions(subject.pack, input) : null
    case 'nondeterminism':
      return artifactVersions(subject.action.slice(0, subject.action.indexOf(':')), subject.outputs, input)
    default:
      return null
  }
}

interface Wanted {
  readonly path: string
  readonly from: Digest | null
  readonly to: Digest | null
  readonly options: CommonOptions
}

async function fileVersions(context: Context, { path, from, to, options }: Wanted): Promise<TwoVersions | null> {
  if (from === null || to === null) return null
  const versions = await context.fileVersions(folderOf(context, options), path, new Set([from, to]))
  const [before, after] = [versions.get(from), versions.get(to)]
  return before && after ? { from: before, to: after } : null
}

function definitionVersions(pack: PackId, { runs }: VersionsInput): TwoVersions | null {
  const text = (side: Side): Uint8Array | null => {
    const source = runs[side].view.definition(pack)?.source
    return source ? Buffer.from(source.text) : null
  }
  const [from, to] = [text('from'), text('to')]
  return from && to ? { from, to } : null
}

/** The first file that the packs of both runs have handed on. */
function artifactVersions(pack: PackId, outputs: readonly OutputChange[], { runs }: VersionsInput): TwoVersions | null {
  const bytes = (side: Side, output: OutputChange): Uint8Array | null => {
    const { view, files } = runs[side]
    const dir = view.definition(pack)?.dir
    if (!files || dir === undefined) return null
    const read = files.read(artifactPath(pack, dir, output.path))
    return read.ok && sha256(read.value) === output[side] ? read.value : null
  }
  for (const output of outputs) {
    const [from, to] = [bytes('from', output), bytes('to', output)]
    if (from && to) return { from, to }
  }
  return null
}
