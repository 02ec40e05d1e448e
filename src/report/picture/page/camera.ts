// What of the picture is seen: moved with a pointer, wheel, fingers and keys.

export interface View {
  readonly x: number
  readonly y: number
  /** Pixels of the screen for one of the picture. */
  readonly scale: number
}

interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const [LEAST, MOST] = [0.02, 4]
const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [80, 0],
  ArrowRight: [-80, 0],
  ArrowUp: [0, 80],
  ArrowDown: [0, -80],
}

export class Camera {
  view: View = { x: 0, y: 0, scale: 1 }
  /** Whether it was moved since all of something was shown. */
  moved = false
  /** Whether the last press moved the picture, so that it is no click. */
  dragged = false
  readonly #stage: HTMLElement
  readonly #changed: () => void
  readonly #pointers = new Map<number, { x: number; y: number }>()

  constructor(stage: HTMLElement, changed: () => void) {
    this.#stage = stage
    this.#changed = changed
    stage.addEventListener('wheel', (event) => this.#wheel(event), { passive: false })
    stage.addEventListener('pointerdown', (event) => this.#down(event))
    stage.addEventListener('pointermove', (event) => this.#move(event))
    for (const end of ['pointerup', 'pointercancel'] as const) {
      stage.addEventListener(end, (event) => this.#pointers.delete(event.pointerId))
    }
    stage.addEventListener('keydown', (event) => this.#key(event))
  }

  get size(): { readonly width: number; readonly height: number } {
    return { width: this.#stage.clientWidth, height: this.#stage.clientHeight }
  }

  /** The part of the picture that is seen. */
  get seen(): Area {
    const { x, y, scale } = this.view
    return { x: -x / scale, y: -y / scale, width: this.size.width / scale, height: this.size.height / scale }
  }

  zoom(factor: number, at: readonly [number, number] = [this.size.width / 2, this.size.height / 2]): void {
    const { x, y, scale } = this.view
    const next = Math.min(MOST, Math.max(LEAST, scale * factor))
    const [left, top] = at
    this.#set({ x: left - ((left - x) / scale) * next, y: top - ((top - y) / scale) * next, scale: next })
  }

  /** Shows an area whole, but no larger than `most`. */
  show({ x, y, width, height }: Area, most = 1): void {
    const room = { width: this.size.width - 48, height: this.size.height - 48 }
    const scale = Math.max(LEAST, Math.min(most, room.width / Math.max(1, width), room.height / Math.max(1, height)))
    this.#set({
      x: (this.size.width - width * scale) / 2 - x * scale,
      y: (this.size.height - height * scale) / 2 - y * scale,
      scale,
    })
    this.moved = false
  }

  /** Moves an area to the middle, unless all of it is seen already, large enough to be read. */
  reveal(area: Area): void {
    if (this.#sees(area) && this.view.scale >= 0.5) return
    const scale = Math.max(this.view.scale, 0.9)
    this.#set({
      x: this.size.width / 2 - (area.x + area.width / 2) * scale,
      y: this.size.height / 2 - (area.y + area.height / 2) * scale,
      scale,
    })
  }

  /** Shows an area whole, if it is not, no larger than everything is now. */
  fit(area: Area): void {
    if (this.#sees(area)) return
    this.show(area, this.view.scale)
    this.moved = true
  }

  #sees(area: Area): boolean {
    const { x, y, width, height } = this.seen
    return area.x >= x && area.y >= y && area.x + area.width <= x + width && area.y + area.height <= y + height
  }

  pan(dx: number, dy: number): void {
    const { x, y, scale } = this.view
    this.#set({ x: x + dx, y: y + dy, scale })
  }

  #set(view: View): void {
    this.view = view
    this.moved = true
    this.#changed()
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault()
    const unit = event.deltaMode === 0 ? 1 : 24
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.pan(-(event.deltaX || event.deltaY) * unit, 0)
      return
    }
    const { left, top } = this.#stage.getBoundingClientRect()
    const step = Math.max(-60, Math.min(60, event.deltaY * unit))
    this.zoom(Math.exp(-step * (event.ctrlKey ? 0.012 : 0.004)), [event.clientX - left, event.clientY - top])
  }

  #down(event: PointerEvent): void {
    if (event.button > 1) return
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    this.dragged = false
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId)
    if (!before) return
    const [dx, dy] = [event.clientX - before.x, event.clientY - before.y]
    if (!this.dragged && Math.abs(dx) + Math.abs(dy) < 4) return
    if (!this.dragged) this.#stage.setPointerCapture(event.pointerId)
    this.dragged = true
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1]
    if (other) this.#pinch(other, before, { x: event.clientX, y: event.clientY })
    else this.pan(dx, dy)
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
  }

  #pinch(still: { x: number; y: number }, before: { x: number; y: number }, now: { x: number; y: number }): void {
    const { left, top } = this.#stage.getBoundingClientRect()
    const factor =
      Math.hypot(now.x - still.x, now.y - still.y) / Math.max(1, Math.hypot(before.x - still.x, before.y - still.y))
    this.zoom(factor, [still.x - left, still.y - top])
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const step = KEYS[event.key]
    if (step) this.pan(...step)
    else if (event.key === '+' || event.key === '=') this.zoom(1.25)
    else if (event.key === '-') this.zoom(0.8)
    else return
    event.preventDefault()
  }
}
