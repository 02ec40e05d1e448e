// Elements, made without markup: whatever a text holds, it stays a text.
import type { Shape } from '../shapes.ts'

const SVG = 'http://www.w3.org/2000/svg'

export function drawn({ tag, attributes, children }: Shape): SVGElement {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  for (const child of children) made.append(typeof child === 'string' ? child : drawn(child))
  return made
}

export function group(name: string): SVGElement {
  return drawn({ tag: 'g', attributes: { class: name }, children: [] })
}

type Child = Node | string | null

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly Child[] = [],
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children.filter((child) => child !== null))
  return made
}

export function button(
  label: string,
  onClick: () => void,
  attributes: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, [label])
  made.addEventListener('click', onClick)
  return made
}

/** An element of the page as it was written. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no ${id}`)
  return found
}

/** What the page holds as JSON. */
export function held(id: string): unknown {
  return JSON.parse(byId(id).textContent ?? 'null')
}
