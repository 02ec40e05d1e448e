import type { OwnChange } from '../../model/difference.ts'
import type { ManifestAction } from '../../model/manifest.ts'
import { limitKey, placeOf, type Pack } from '../../model/pack.ts'
import type { Location } from '../../model/source.ts'
import { commandOf } from '../../model/commands.ts'

/** The limits as a task.yml names them. */
/** Where a task.yml says what has changed of an action, or of the pack where `action` is `null`. */
export function placeOfChange(
  pack: Pack,
  action: Pick<ManifestAction, 'id' | 'phase'> | null,
  change: OwnChange,
): Location {
  const pointers = pointersOf(change)
  const command = action ? commandOf(pack, action)?.pointer : undefined
  const written = [...(command === undefined ? [] : pointers.own.map((part) => `${command}${part}`)), ...pointers.pack]
  return placeOf(pack, written.find((pointer) => pack.places.has(pointer)) ?? command ?? written[0] ?? '')
}

/** JSON pointers below a command, and of the pack as a whole, the likelier ones first. */
function pointersOf(change: OwnChange): { readonly own: readonly string[]; readonly pack: readonly string[] } {
  switch (change.kind) {
    case 'command':
      return { own: ['/run'], pack: [] }
    case 'variable':
      return {
        own: [`/env/${escapePointer(change.name)}`],
        pack: [`/env/${escapePointer(change.name)}`, '/inputs/env'],
      }
    case 'tool':
      return { own: [], pack: [`/inputs/tools/${escapePointer(change.name)}`, '/inputs/tools'] }
    case 'mount':
      return { own: [], pack: ['/inputs/mounts'] }
    case 'limit':
      return limitPointers(limitKey(change.name) ?? change.name)
    case 'selection':
      return { own: ['/inputs/files', '/needs'], pack: ['/inputs/files', '/inputs/artifacts'] }
    case 'outputs':
      return { own: ['/outputs'], pack: [] }
    case 'grants':
      return {
        own: [],
        pack: ['/constraints/network', '/constraints/secrets', '/constraints/cloud_mutations', '/constraints'],
      }
    case 'artifacts':
      return { own: [], pack: [`/artifacts/${change.list}`, '/artifacts'] }
    case 'needs':
      return { own: ['/needs', '/inputs/files'], pack: ['/needs'] }
    default:
      return { own: [], pack: [] }
  }
}

function limitPointers(name: string): { readonly own: readonly string[]; readonly pack: readonly string[] } {
  const pointers = [`/limits/${name}`, '/limits']
  return { own: pointers, pack: pointers.map((pointer) => `/constraints${pointer}`) }
}

/** RFC 6901, section 3. */
function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
