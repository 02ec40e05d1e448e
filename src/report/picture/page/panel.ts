// Beside the picture: the list of what is looked for, or all that is known of what was chosen.
import type { FactsData, PictureData } from '../data.ts'
import { button, element } from './dom.ts'
import type { Neighbours } from './find.ts'

/** More rows are not read. */
const MOST_ROWS = 200

export interface Panel {
  readonly picture: PictureData
  readonly facts: FactsData
  readonly neighbours: Neighbours
  /** Chooses an action, a pack, or nothing. */
  readonly choose: (pack: number | null, action: number | null) => void
  readonly isOpen: (pack: number) => boolean
  readonly fold: (pack: number) => void
}

/** The same as the picture, in words. */
export function list({ picture, choose }: Panel, found: readonly boolean[]): readonly Node[] {
  const number = found.filter(Boolean).length
  const all = picture.actions.length
  const heading = number === all ? `${all} actions` : `${number} of ${all} actions`
  const groups: Node[] = []
  let rows = 0
  for (const [at, pack] of picture.packs.entries()) {
    const own = pack.actions.filter((index) => found[index])
    if (own.length === 0 || rows >= MOST_ROWS) continue
    const shown = own.slice(0, MOST_ROWS - rows)
    rows += shown.length
    const items = shown.map((index) => {
      const action = picture.actions[index]
      const name = action?.id.slice(pack.id.length + 1) ?? ''
      const time = action?.aside ? element('span', { class: 'time' }, [action.aside]) : null
      const pick = button('', () => choose(at, index), { class: 'row' })
      pick.append(
        sign(action?.tone ?? null, action?.words ?? ''),
        element('span', { class: 'name' }, [name]),
        ...(time ? [time] : []),
      )
      return element('li', {}, [pick])
    })
    const head = button(pack.id, () => choose(at, null), { class: `row head ${pack.pillar}` })
    groups.push(element('li', {}, [head, element('ul', {}, items)]))
  }
  const rest = number - rows
  return [
    element('h2', {}, [heading]),
    ...(groups.length > 0 ? [element('ul', { class: 'list' }, groups)] : [element('p', {}, ['Nothing is like that.'])]),
    ...(rest > 0 ? [element('p', { class: 'soft' }, [`and ${rest} more: look for a word of them`])] : []),
  ]
}

const SIGNS: Readonly<Record<string, string>> = { good: '✓', bad: '✗', idle: '–' }

function sign(tone: string | null, words: string): Node {
  if (tone === null) return element('span', { class: 'sign', 'aria-hidden': 'true' }, ['·'])
  return element('span', { class: `sign ${tone}`, role: 'img', 'aria-label': words }, [SIGNS[tone] ?? ''])
}

function back({ choose }: Panel): Node {
  return button('← All', () => choose(null, null), { class: 'quiet' })
}

export function packPanel(panel: Panel, at: number): readonly Node[] {
  const { picture, facts, isOpen, fold, choose } = panel
  const pack = picture.packs[at]
  if (!pack) return []
  const rows = facts.packs[at]?.rows ?? []
  return [
    element('p', { class: 'bar' }, [
      back(panel),
      button(isOpen(at) ? 'Fold' : 'Open', () => fold(at), { class: 'quiet' }),
    ]),
    element('h2', {}, [element('code', {}, [pack.id])]),
    element('p', {}, [pack.title]),
    ...(pack.tone === null
      ? []
      : [element('p', {}, [element('span', { class: `badge ${pack.tone}` }, [pack.words.join(' · ')])])]),
    terms(rows.map(([heading, lines]) => [heading, lines])),
    element('h3', {}, ['Its actions']),
    element(
      'ul',
      { class: 'plain' },
      pack.actions.map((index) => link(panel, index, () => choose(at, index))),
    ),
  ]
}

export function actionPanel(panel: Panel, index: number): readonly Node[] {
  const { picture, facts, neighbours, choose } = panel
  const action = picture.actions[index]
  const known = facts.actions[index]
  if (!action || !known) return []
  const pack = picture.packs[action.pack]
  const name = action.id.slice((pack?.id.length ?? 0) + 1)
  const after = neighbours.after[index] ?? []
  return [
    element('p', { class: 'bar' }, [
      back(panel),
      button(pack?.id ?? '', () => choose(action.pack, null), { class: 'quiet' }),
    ]),
    element('h2', {}, [element('code', {}, [name])]),
    element('p', { class: 'soft' }, [known.what]),
    ...(action.words === '' ? [] : [ending(action)]),
    ...(known.command === null
      ? []
      : [element('h3', {}, ['Command']), element('pre', { tabindex: '0' }, [known.command])]),
    terms(known.rows.map(([heading, lines]) => [heading, lines.map((line) => facts.texts[line] ?? '')])),
    element('h3', {}, ['Key']),
    ...(known.key === null ? [] : [element('p', {}, [element('code', { class: 'digest' }, [`sha256:${known.key}`])])]),
    ...(known.keyNote === '' ? [] : [element('p', { class: 'soft' }, [known.keyNote])]),
    ...needs(panel, index),
    ...(after.length === 0
      ? []
      : [
          element('h3', {}, ['Before these']),
          element(
            'ul',
            { class: 'plain' },
            bounded(after, (at) => link(panel, at, () => choose(picture.actions[at]?.pack ?? null, at))),
          ),
        ]),
    element('p', { class: 'soft' }, [known.place]),
  ]
}

function ending({ tone, words, aside, critical }: PictureData['actions'][number]): Node {
  const badge = element('span', { class: `badge ${tone ?? 'idle'}` }, [words])
  return element('p', {}, [badge, aside === '' ? '' : ` ${aside}`, critical ? ' · on the critical path' : ''])
}

function needs(panel: Panel, index: number): readonly Node[] {
  const { facts, picture, choose } = panel
  const own = facts.actions[index]?.needs ?? []
  if (own.length === 0) return []
  const items = bounded(own, ([at, why, place]) => {
    const item = link(panel, at, () => choose(picture.actions[at]?.pack ?? null, at))
    const where = place === null ? '' : ` (${facts.texts[place] ?? ''})`
    item.append(element('span', { class: 'why' }, [`${facts.texts[why] ?? ''}${where}`]))
    return item
  })
  return [element('h3', {}, ['After these']), element('ul', { class: 'plain' }, items)]
}

const MOST_NEIGHBOURS = 40

function bounded<T>(all: readonly T[], show: (one: T) => Node): readonly Node[] {
  const rest = all.length - MOST_NEIGHBOURS
  const shown = all.slice(0, MOST_NEIGHBOURS).map(show)
  return rest > 0 ? [...shown, element('li', { class: 'soft' }, [`and ${rest} more`])] : shown
}

function link({ picture }: Panel, index: number, onClick: () => void): HTMLLIElement {
  const action = picture.actions[index]
  return element('li', {}, [
    sign(action?.tone ?? null, action?.words ?? ''),
    button(action?.id ?? '', onClick, { class: 'link' }),
  ])
}

function terms(rows: readonly (readonly [string, readonly string[]])[]): Node {
  return element(
    'dl',
    {},
    rows.flatMap(([heading, lines]) => [
      element('dt', {}, [heading]),
      ...lines.map((line) => element('dd', {}, [line])),
    ]),
  )
}
