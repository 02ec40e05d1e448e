import type { Action, Edge, Graph } from '../model/graph.ts'
import { placeOf } from '../model/pack.ts'
import { count, quote, quoteAll } from './phrase.ts'
import { escapeText } from './style.ts'

/** Why one action comes before another; safe to print. */
export interface EdgeWords {
  readonly words: string
  /** `file:line` of where that is written; `null`: it is so in every pack. */
  readonly place: string | null
}

const SHOWN = 3

/** Finds the words for edges of a graph. */
export function edgeWording({ actions, packs }: Graph): (edge: Edge) => EdgeWords {
  const byId = new Map(actions.map((action) => [action.id, action]))
  const packOf = new Map(packs.map((pack) => [pack.definition.id, pack]))
  return ({ from, to, kind }) => {
    const [earlier, later] = [byId.get(from), byId.get(to)]
    if (!earlier || !later) return { words: kind, place: null }
    const place = `${escapeText(later.place.file)}:${later.place.start.line}`
    switch (kind) {
      case 'needs':
        return { words: `${local(later)} says that it needs ${local(earlier)}`, place }
      case 'output':
        return { words: `${local(later)} reads what ${local(earlier)} makes: ${outputsOf(earlier)}`, place }
      case 'change':
        return { words: `${local(later)} sees what ${local(earlier)} has changed`, place: null }
      case 'phase':
        return { words: phaseWords(earlier, later), place: null }
      case 'pack': {
        const pack = packOf.get(later.pack)
        const at = pack?.definition.needs.indexOf(earlier.pack) ?? -1
        const start = pack && at !== -1 ? placeOf(pack, `/needs/${at}`) : null
        return { words: packWords(earlier, later), place: start && `${escapeText(start.file)}:${start.start.line}` }
      }
    }
  }
}

function local({ id, pack }: Action): string {
  return quote(id.startsWith(`${pack}:`) ? id.slice(pack.length + 1) : id)
}

function outputsOf(action: Action): string {
  return action.kind === 'command' ? quoteAll(action.outputs, SHOWN) : 'nothing'
}

function phaseWords(earlier: Action, later: Action): string {
  if (later.phase === 'gate')
    return `gates look at what is there when all else of the pack is done, ${earlier.phase} too`
  return `in a pack, ${earlier.phase} ${earlier.phase === 'steps' || earlier.phase === 'tests' ? 'come' : 'comes'} before ${later.phase}`
}

function packWords(earlier: Action, later: Action): string {
  const mounted = later.kind === 'command' ? later.artifacts.filter(({ from }) => from === earlier.pack) : []
  const [first] = mounted
  const more = mounted.length > 1 ? `, and ${count(mounted.length - 1, 'other')}` : ''
  const sees = first ? `, and ${local(later)} sees ${quote(first.path)} of it${more}` : ''
  return `the pack ${quote(later.pack)} needs the pack ${quote(earlier.pack)} to have passed${sees}`
}
