// The boxes to tick: which pillars, phases and statuses are looked for.
import type { PictureData } from '../data.ts'
import { element } from './dom.ts'
import { statusOf } from './find.ts'

export type FilterName = 'pillars' | 'phases' | 'statuses'
type Filters = Readonly<Record<FilterName, Set<string>>>

/** Of phases as they come; what is not here comes first, in plan order. */
const ORDER: readonly string[] = ['steps', 'format', 'lint', 'tests', 'controls', 'plugin', 'gate']

const TITLES: Readonly<Record<FilterName, string>> = { pillars: 'Pillar', phases: 'Phase', statuses: 'Status' }

export function filters(
  picture: PictureData,
  changed: () => void,
): { readonly chosen: Filters; readonly nodes: readonly Node[] } {
  const chosen: Filters = { pillars: new Set(), phases: new Set(), statuses: new Set() }
  const values: Readonly<Record<FilterName, readonly string[]>> = {
    pillars: picture.packs.map(({ pillar }) => pillar),
    phases: picture.packs.flatMap(({ columns }) => columns.map(({ phase }) => phase)),
    statuses: picture.run ? picture.actions.map(statusOf) : [],
  }
  const nodes = (['pillars', 'phases', 'statuses'] as const).flatMap((name) => {
    const known = [...new Set(values[name])].toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))
    return known.length < 2 ? [] : [boxes(TITLES[name], known, { chosen: chosen[name], changed })]
  })
  return { chosen, nodes }
}

function boxes(
  title: string,
  values: readonly string[],
  { chosen, changed }: { readonly chosen: Set<string>; readonly changed: () => void },
): Node {
  const labels = values.map((value) => {
    const box = element('input', { type: 'checkbox' })
    box.addEventListener('change', () => {
      if (box.checked) chosen.add(value)
      else chosen.delete(value)
      changed()
    })
    return element('label', { class: `chip ${title === 'Pillar' ? value : ''}` }, [box, element('span', {}, [value])])
  })
  return element('fieldset', {}, [element('legend', {}, [title]), ...labels])
}
