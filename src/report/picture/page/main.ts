// A graph as a page: what is chosen, looked for and folded, and who is told of it.
import type { FactsData, PictureData } from '../data.ts'
import { Camera } from './camera.ts'
import { byId, held } from './dom.ts'
import { filters } from './filters.ts'
import { around, findActions, neighboursIn } from './find.ts'
import { actionPanel, list, packPanel, type Panel } from './panel.ts'
import { Scene } from './scene.ts'

const picture = held('picture') as PictureData
const facts = held('facts') as FactsData
const neighbours = neighboursIn(facts)
const stage = byId('stage')
const search = byId('search') as HTMLInputElement
const scene = new Scene(byId('svg') as unknown as SVGElement, picture)
const camera = new Camera(stage, look)
let [pack, action]: [number | null, number | null] = [null, null]
let found: readonly boolean[] = picture.actions.map(() => true)
let asked = 0

let resting = 0

/** Once a frame, however often something moves. What moves is a layer of its own until it rests: then it is drawn sharply. */
function look(): void {
  if (asked !== 0) return
  scene.move(true)
  clearTimeout(resting)
  resting = setTimeout(() => scene.move(false), 180)
  asked = requestAnimationFrame(() => {
    asked = 0
    if (!scene.look(camera)) look()
  })
}

const panel: Panel = { picture, facts, neighbours, choose, isOpen: (at) => scene.isOpen[at] ?? false, fold }

function choose(nextPack: number | null, nextAction: number | null): void {
  ;[pack, action] = [nextPack, nextAction]
  if (pack !== null && action !== null && !scene.isOpen[pack]) open(pack)
  tell()
  if (pack !== null) camera.reveal(scene.boxOf(pack, action))
  const chosen = action === null ? (pack === null ? undefined : picture.packs[pack]?.id) : picture.actions[action]?.id
  history.replaceState(null, '', chosen === undefined ? location.pathname : `#${encodeURIComponent(chosen)}`)
  const side = byId('side')
  side.scrollTop = 0
  // Whoever chose in the list, by keyboard, goes on reading where that was.
  if (side.contains(document.activeElement) || document.activeElement === document.body)
    byId('about').focus({ preventScroll: true })
}

/** Shows what is chosen and found, in the picture and beside it. */
function tell(): void {
  const starts = action !== null ? [action] : pack === null ? null : (picture.packs[pack]?.actions ?? [])
  const reach = starts && around(starts, neighbours)
  const lit = reach && picture.actions.map((_, at) => reach.before.has(at) || reach.after.has(at))
  scene.light({ found, lit, action, pack })
  const nodes =
    action !== null ? actionPanel(panel, action) : pack !== null ? packPanel(panel, pack) : list(panel, found)
  const about = byId('about')
  const hadFocus = about.contains(document.activeElement)
  about.replaceChildren(...nodes)
  if (hadFocus) about.focus({ preventScroll: true })
}

function find(): void {
  const { pillars, phases, statuses } = chosen
  found = findActions(picture, facts, { text: search.value, pillars, phases, statuses })
  const number = found.filter(Boolean).length
  byId('found').textContent = number === found.length ? '' : `${number} of ${found.length}`
  ;[pack, action] = [null, null]
  tell()
}

const { chosen, nodes } = filters(picture, find)
byId('filters').append(...nodes)

/** Where the middle of something is kept while all around it moves. */
function keeping(at: number, change: () => void): void {
  const before = scene.boxOf(at, null)
  change()
  scene.draw()
  const after = scene.boxOf(at, null)
  const { scale } = camera.view
  camera.pan((before.x - after.x) * scale, (before.y - after.y) * scale)
}

function open(at: number): void {
  keeping(at, () => (scene.isOpen[at] = true))
}

function fold(at: number): void {
  keeping(at, () => (scene.isOpen[at] = !scene.isOpen[at]))
  tell()
  if (scene.isOpen[at]) camera.fit(scene.boxOf(at, null))
}

function foldAll(isOpen: boolean): void {
  scene.base = isOpen ? 'open' : 'folded'
  scene.isOpen.fill(isOpen)
  scene.draw()
  showAll()
}

function showAll(): void {
  const { width, height } = scene.placing
  camera.show({ x: 0, y: 0, width, height }, 1.15)
}

stage.addEventListener('click', (event) => {
  if (camera.dragged) return
  const owner = scene.ownerOf(event.target as Element)
  if (!owner) choose(null, null)
  else choose(owner.pack, owner.action)
})
stage.addEventListener('dblclick', (event) => {
  const owner = scene.ownerOf(event.target as Element)
  if (owner && owner.action === null) fold(owner.pack)
})
search.addEventListener('input', find)
search.addEventListener('keydown', (event) => {
  const first = found.indexOf(true)
  if (event.key === 'Enter' && first !== -1) choose(picture.actions[first]?.pack ?? null, first)
})
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement
  if (event.key === 'Escape' && isTyping && search.value !== '') {
    search.value = ''
    find()
  } else if (event.key === 'Escape') choose(null, null)
  else if (event.key === '/' && !isTyping) search.focus()
  else if (event.key === '0' && !isTyping) showAll()
  else return
  event.preventDefault()
})
byId('all').addEventListener('click', showAll)
byId('in').addEventListener('click', () => camera.zoom(1.3))
byId('out').addEventListener('click', () => camera.zoom(1 / 1.3))
byId('fold').addEventListener('click', () => foldAll(false))
byId('open').addEventListener('click', () => foldAll(true))
byId('theme').addEventListener('click', () => {
  const root = document.documentElement
  const isDark =
    root.dataset['theme'] === undefined
      ? matchMedia('(prefers-color-scheme: dark)').matches
      : root.dataset['theme'] === 'dark'
  root.dataset['theme'] = isDark ? 'light' : 'dark'
})
new ResizeObserver(() => (camera.moved ? look() : showAll())).observe(stage)

function fromAddress(): void {
  let id = ''
  try {
    id = decodeURIComponent(location.hash.slice(1))
  } catch {
    return
  }
  const at = picture.actions.findIndex((each) => each.id === id)
  const known = at === -1 ? picture.packs.findIndex((each) => each.id === id) : (picture.actions[at]?.pack ?? -1)
  if (known !== -1) choose(known, at === -1 ? null : at)
}

showAll()
tell()
fromAddress()
