import { canonicalJson } from '../model/canonical.ts'
import type { AddedRemoved, OwnChange, Side, ToolIdentity } from '../model/difference.ts'
import type { Digest } from '../model/digest.ts'
import { limitKey } from '../model/pack.ts'
import { packSize } from './bytes.ts'
import { packDuration } from './duration.ts'
import { quote, quoteAll } from './phrase.ts'

/** How the two runs are called within a sentence. */
export type RunNames = Readonly<Record<Side, string>>

const SHORT = 12

/** One thing in which an action, or a pack, differs: a phrase without a full stop. */
export function wordChange(change: OwnChange, names: RunNames): string {
  switch (change.kind) {
    case 'mode':
      return `${quote(change.path)} ${change.to ? 'became executable' : 'is executable no more'}`
    case 'selection':
      return `what it reads: ${wordLists(change)}`
    case 'outputs':
    case 'grants':
    case 'needs':
      return `${change.kind}: ${wordLists(change)}`
    case 'artifacts':
      return `${change.list} artifacts: ${wordLists(change)}`
    case 'added':
    case 'removed':
      return change.kind
    case 'stopped':
      return `stopped in ${names[change.run]}`
    case 'unreadable':
      return `${quote(change.path)} could not be read in ${names[change.run]}`
    case 'outcome':
      return 'it ended otherwise'
    case 'unexplained':
      return 'it differs'
    default: {
      const [what, from, to] = wordValues(change)
      return `${what}: ${from} -> ${to}`
    }
  }
}

type Valued = Extract<
  OwnChange,
  { kind: 'file' | 'variable' | 'tool' | 'mount' | 'command' | 'folder' | 'limit' | 'guarantees' | 'field' }
>

function wordValues(change: Valued): readonly [string, string, string] {
  switch (change.kind) {
    case 'file':
      return [`input ${quote(change.path)}`, shortDigest(change.from), shortDigest(change.to)]
    case 'variable':
      return [`variable ${quote(change.name)}`, wordValue(change.from), wordValue(change.to)]
    case 'tool':
      return [`tool ${quote(change.name)}`, wordTool(change.from), wordTool(change.to)]
    case 'mount':
      return [`mount ${quote(`/${change.path}`)}`, shortDigest(change.from), shortDigest(change.to)]
    case 'command':
      return ['command', wordCommand(change.from), wordCommand(change.to)]
    case 'folder':
      return ['folder', quote(change.from), quote(change.to)]
    case 'limit': {
      const { name, from, to } = change
      return [`limit ${limitName(name)}`, wordLimit(name, from), wordLimit(name, to)]
    }
    case 'guarantees':
      return ['guarantees', quote(canonicalJson(change.from)), quote(canonicalJson(change.to))]
    case 'field':
      return [quote(change.name), quote(canonicalJson(change.from)), quote(canonicalJson(change.to))]
  }
}

export function shortDigest(digest: Digest | null): string {
  return digest === null ? 'none' : `sha256:${digest.slice(0, SHORT)}`
}

export function wordValue(value: string | null): string {
  return value === null ? 'not set' : quote(value)
}

export function wordTool(tool: ToolIdentity | null): string {
  return tool === null ? 'none' : `${quote(tool.version).slice(1, -1)} (${shortDigest(tool.digest)})`
}

/** A string in a task.yml is run by `sh -ec`. */
export function wordCommand(argv: readonly string[]): string {
  const [shell, flags, text] = argv
  if (argv.length === 3 && /(?:^|\/)sh$/.test(shell ?? '') && flags === '-ec') return quote(text ?? '')
  return quote(argv.join(' '))
}

function wordLists({ added, removed }: AddedRemoved): string {
  const parts = [
    ...(added.length > 0 ? [`added ${quoteAll(added, 5)}`] : []),
    ...(removed.length > 0 ? [`removed ${quoteAll(removed, 5)}`] : []),
  ]
  return parts.join(', ')
}

export function limitName(name: string): string {
  return limitKey(name) ?? quote(name)
}

export function wordLimit(name: string, value: number | null): string {
  if (value === null) return 'none'
  if (name.endsWith('Ms')) return packDuration(value)
  return name.endsWith('Bytes') ? packSize(value) : String(value)
}
