// The picture itself. What is in a pack is drawn when it is seen for the first time, large enough to be read.
import type { PackData, PictureData, Rectangle } from '../data.ts'
import { foldedShape, INSIDE, insideShapes, linkShape, openShape } from '../shapes.ts'
import type { Camera } from './camera.ts'
import { drawn, group } from './dom.ts'
import { place, type Placing } from './folds.ts'

/** At what size names, and what is in a pack at all, are no longer drawn. */
const [SMALL, TINY] = [0.42, 0.24]
/** So many packs are filled in one frame. */
const AT_ONCE = 20

/** What is shown otherwise than the rest. */
export interface Lighting {
  /** By action: whether it is what is looked for. */
  readonly found: readonly boolean[]
  /** By action: whether it is a part of what was chosen; `null`: nothing was. */
  readonly lit: readonly boolean[] | null
  readonly action: number | null
  readonly pack: number | null
}

interface Drawn {
  readonly frame: SVGElement
  /** `null`: not drawn so far. */
  inside: {
    readonly root: SVGElement
    readonly lines: readonly SVGElement[]
    readonly actions: readonly SVGElement[]
  } | null
}

export class Scene {
  readonly isOpen: boolean[]
  base: 'open' | 'folded'
  placing: Placing
  readonly #picture: PictureData
  readonly #svg: SVGElement
  readonly #links = group('links')
  readonly #packs = group('packs')
  #drawn: Drawn[] = []
  #paths: SVGElement[] = []
  #lighting: Lighting | null = null
  readonly #owners = new WeakMap<Element, { readonly pack: number; readonly action: number | null }>()

  constructor(svg: SVGElement, picture: PictureData) {
    this.#picture = picture
    this.#svg = svg
    this.base = picture.fold ? 'folded' : 'open'
    this.isOpen = picture.packs.map(() => !picture.fold)
    this.placing = place(picture, this.base, this.isOpen)
    svg.append(this.#links, this.#packs)
    this.draw()
  }

  /** Draws everything anew, after something was folded or opened. */
  draw(): void {
    this.placing = place(this.#picture, this.base, this.isOpen)
    this.#svg.setAttribute('width', String(Math.ceil(this.placing.width)))
    this.#svg.setAttribute('height', String(Math.ceil(this.placing.height)))
    this.#paths = this.#picture.links.map((link, at) => drawn(linkShape(link, this.placing.curves[at] ?? [])))
    this.#links.replaceChildren(...this.#paths)
    this.#drawn = this.#picture.packs.map((pack, at) => this.#pack(pack, at))
    this.#packs.replaceChildren(...this.#drawn.map(({ frame }) => frame))
    if (this.#lighting) this.light(this.#lighting)
  }

  /** Whose an element is. */
  ownerOf(target: Element): { readonly pack: number; readonly action: number | null } | null {
    for (let at: Element | null = target; at && at !== this.#svg; at = at.parentElement) {
      const owner = this.#owners.get(at)
      if (owner) return owner
    }
    return null
  }

  boxOf(pack: number, action: number | null): { x: number; y: number; width: number; height: number } {
    const [x, y, width, height] = this.placing.boxes[pack] ?? [0, 0, 0, 0]
    const box = action === null || !this.isOpen[pack] ? null : this.#picture.actions[action]?.box
    return box
      ? { x: x + INSIDE.x + box[0], y: y + INSIDE.y + box[1], width: box[2], height: box[3] }
      : { x, y, width, height }
  }

  /** Follows the camera. Gives whether all is there that is seen: what is not yet comes the next time, so that no frame is long. */
  look({ view, seen }: Camera): boolean {
    let left = AT_ONCE
    // Of the whole as an element of the page: a transform within SVG lays all texts out anew, each time.
    this.#svg.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`
    this.#svg.classList.toggle('small', view.scale < SMALL)
    const isTiny = view.scale < TINY
    this.#svg.classList.toggle('tiny', isTiny)
    const [right, bottom] = [seen.x + seen.width, seen.y + seen.height]
    for (const [at, pack] of this.#drawn.entries()) {
      const [x, y, width, height] = this.placing.boxes[at] ?? [0, 0, 0, 0]
      if (isTiny || !this.isOpen[at] || pack.inside) continue
      if (x > right || y > bottom || x + width < seen.x || y + height < seen.y) continue
      if (left === 0) return false
      left -= 1
      this.#fill(at, pack)
    }
    return true
  }

  move(isMoving: boolean): void {
    this.#svg.classList.toggle('moving', isMoving)
  }

  light(lighting: Lighting): void {
    this.#lighting = lighting
    const { found, lit, action, pack } = lighting
    const isShown = (index: number): boolean => (found[index] ?? true) && (lit?.[index] ?? true)
    const { packs, links } = this.#picture
    const shown = packs.map(({ actions }) => actions.some(isShown))
    for (const [at, { frame }] of this.#drawn.entries()) {
      frame.classList.toggle('faded', !shown[at])
      frame.classList.toggle('chosen', pack === at && action === null)
      this.#lightInside(at)
    }
    for (const [at, { from, to }] of links.entries()) {
      this.#paths[at]?.classList.toggle('faded', !(shown[from] && shown[to]))
      this.#paths[at]?.classList.toggle('lit', lit !== null && Boolean(shown[from] && shown[to]))
    }
  }

  #lightInside(at: number): void {
    const inside = this.#drawn[at]?.inside
    const pack = this.#picture.packs[at]
    if (!inside || !pack || !this.#lighting) return
    const { found, lit, action } = this.#lighting
    const isShown = (index: number): boolean => (found[index] ?? true) && (lit?.[index] ?? true)
    for (const [place_, index] of pack.actions.entries()) {
      const shape = inside.actions[place_]
      shape?.classList.toggle('faded', !isShown(index))
      shape?.classList.toggle('chosen', index === action)
    }
    for (const [place_, { from, to }] of pack.lines.entries()) {
      const isOn = from.some(isShown) && to.some(isShown)
      inside.lines[place_]?.classList.toggle('faded', !isOn)
      inside.lines[place_]?.classList.toggle('lit', lit !== null && isOn)
    }
  }

  #pack(pack: PackData, at: number): Drawn {
    const box: Rectangle = this.placing.boxes[at] ?? pack.folded
    const frame = drawn(this.isOpen[at] ? openShape(pack, box) : foldedShape(pack, box))
    this.#owners.set(frame, { pack: at, action: null })
    return { frame, inside: null }
  }

  #fill(at: number, own: Drawn): void {
    const pack = this.#picture.packs[at]
    if (!pack) return
    const root = group('inside')
    root.setAttribute('transform', `translate(${INSIDE.x} ${INSIDE.y})`)
    const parts = insideShapes(pack, this.#picture).map(drawn)
    const [first, last] = [pack.columns.length, pack.columns.length + pack.lines.length]
    own.inside = { root, lines: parts.slice(first, last), actions: parts.slice(last) }
    for (const [place_, index] of pack.actions.entries()) {
      const shape = own.inside.actions[place_]
      if (shape) this.#owners.set(shape, { pack: at, action: index })
    }
    root.append(...parts)
    own.frame.append(root)
    this.#lightInside(at)
  }
}
