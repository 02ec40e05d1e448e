import { canonicalJson, type Json } from '../../model/canonical.ts'
import type { AddedRemoved, OwnChange, ToolIdentity } from '../../model/difference.ts'
import { compareBytes } from '../../model/order.ts'
import type { Fingerprint } from '../../model/run-view.ts'

type Members = Readonly<Record<string, Json | undefined>>

/** In which parts, the files that it sees and its command apart, two fingerprints of one action differ. */
export function fingerprintChanges(from: Fingerprint, to: Fingerprint): readonly OwnChange[] {
  const changes: OwnChange[] = []
  const names = new Set([...Object.keys(from), ...Object.keys(to)])
  for (const name of [...names].toSorted(compareBytes)) {
    const [before, after] = [from[name] ?? null, to[name] ?? null]
    if (name !== 'inputs' && name !== 'arguments' && !isSame(before, after))
      changes.push(...changesIn(name, before, after))
  }
  return changes
}

/** The fields that codex alone decides, and those of versions to come, are told as they are. */
function changesIn(name: string, from: Json, to: Json): readonly OwnChange[] {
  switch (name) {
    case 'environmentVariables':
    case 'tools':
    case 'mounts':
      return namedChanges(name, from, to)
    case 'limits':
      return limitChanges(membersOf(from), membersOf(to))
    case 'outputPaths':
      return [{ kind: 'outputs', ...addedRemoved(textsOf(from), textsOf(to)) }]
    case 'controls':
      return [{ kind: 'needs', ...addedRemoved(textsOf(from), textsOf(to)) }]
    case 'grants':
      return [{ kind: 'grants', ...addedRemoved(textsOf(from), textsOf(to)) }]
    case 'required':
    case 'optional':
    case 'added':
      return [{ kind: 'artifacts', list: name, ...addedRemoved(textsOf(from), textsOf(to)) }]
    case 'guarantees':
      return [{ kind: 'guarantees', from, to }]
    default:
      return name === 'workingDirectory' && typeof from === 'string' && typeof to === 'string'
        ? [{ kind: 'folder', from, to }]
        : [{ kind: 'field', name, from, to }]
  }
}

function namedChanges(list: 'environmentVariables' | 'tools' | 'mounts', from: Json, to: Json): readonly OwnChange[] {
  switch (list) {
    case 'environmentVariables':
      return named(from, to, 'name').map(([name, a, b]) => {
        return { kind: 'variable', name, from: textOf(a, 'value'), to: textOf(b, 'value') }
      })
    case 'tools':
      return named(from, to, 'name').map(([name, a, b]) => ({ kind: 'tool', name, from: toolOf(a), to: toolOf(b) }))
    case 'mounts':
      return named(from, to, 'path').map(([path, a, b]) => {
        return { kind: 'mount', path, from: textOf(a, 'digest'), to: textOf(b, 'digest') }
      })
  }
}

function limitChanges(from: Members, to: Members): readonly OwnChange[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].toSorted(compareBytes)
  return names
    .filter((name) => from[name] !== to[name])
    .map((name) => ({ kind: 'limit', name, from: numberOf(from[name]), to: numberOf(to[name]) }))
}

export function addedRemoved(from: readonly string[], to: readonly string[]): AddedRemoved {
  const [before, after] = [new Set(from), new Set(to)]
  return {
    added: [...after].filter((value) => !before.has(value)).toSorted(compareBytes),
    removed: [...before].filter((value) => !after.has(value)).toSorted(compareBytes),
  }
}

/** The executables among the files that an action sees. */
export function executablesOf(fingerprint: Fingerprint | null): ReadonlySet<string> {
  return new Set(textsOf(membersOf(fingerprint?.['inputs'] ?? null)['executables'] ?? null))
}

/** The entries of two lists that differ, by the member that names them. */
function named(from: Json, to: Json, member: string): readonly (readonly [string, Members | null, Members | null])[] {
  const [before, after] = [byName(from, member), byName(to, member)]
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted(compareBytes)
    .map((name) => [name, before.get(name) ?? null, after.get(name) ?? null] as const)
    .filter(([, a, b]) => !isSame(a as Json, b as Json))
}

function byName(list: Json, member: string): ReadonlyMap<string, Members> {
  const entries = Array.isArray(list) ? list.map((entry: Json) => membersOf(entry)) : []
  return new Map(entries.map((entry) => [textOf(entry, member) ?? '', entry]))
}

function isSame(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b)
}

function membersOf(value: Json): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {}
}

function textsOf(value: Json): readonly string[] {
  return Array.isArray(value) ? value.filter((each: Json) => typeof each === 'string') : []
}

function textOf(members: Members | null, name: string): string | null {
  const value = members?.[name]
  return typeof value === 'string' ? value : null
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === 'number' ? value : null
}

function toolOf(members: Members | null): ToolIdentity | null {
  if (members === null) return null
  return { version: textOf(members, 'version') ?? '', digest: textOf(members, 'digest') ?? '' }
}
