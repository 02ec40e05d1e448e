// Random edits of a workspace on the disk, the same for the same seed, each as an author, an editor or git would make them.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { FilePlace } from '../../src/model/watcher.ts'

/** Numbers from 0 up to below `below` (mulberry32). */
function randomly(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const
const DIRS = [...IDS.map((id) => `task-packs/${id}`), 'solutions/a', 'solutions/deep/b', 'task-packs/a/inner'] as const
const FILES = ['data.json', 'src/x.txt', 'src/y.txt', 'out/made.txt', 'spec.md', 'build/z.txt', 'd*ta.txt'] as const
const RULES = [
  '',
  '*.txt\n',
  'build/\n',
  'out\n',
  '/task-packs/b\n',
  'src/\n!src/\n',
  '*\n!*.yml\n!*/\n',
  'deep\n',
] as const

const HEAD = ['version: 1', 'title: T', 'pillar: web', 'risk: low'] as const
const MAKING = 'steps: [{ id: make, run: x, outputs: [out/made.txt] }]'
const TESTED = 'acceptance: { tests: [{ run: check }] }'
const needing = (id: string): string => `needs: [${id}]`
const taking = (id: string): string => `inputs: { artifacts: [{ from: ${id}, path: out/made.txt, as: got.txt }] }`

/** Edits one workspace. */
export class Editor {
  readonly #root: string
  readonly #random: (below: number) => number
  /** Where the system would have told of something since {@link takePlaces}. */
  #places: FilePlace[] = []

  /** @param root absolute, no link; beside it an empty folder `outside` */
  constructor(root: string, seed: number) {
    this.#root = root
    this.#random = randomly(seed)
    this.#mend()
  }

  takePlaces(): readonly FilePlace[] {
    const places = this.#places
    this.#places = []
    return places
  }

  /** Makes one edit and says which. */
  edit(): string {
    const edits: readonly (() => string)[] = [
      ...Array.from({ length: 6 }, () => () => this.#saveTask()),
      () => this.#saveAtomically(),
      () => this.#saveFile(),
      () => this.#saveFile(),
      () => this.#remove(join(this.#dir(), this.#pick(['task.yml', ...FILES, 'src', 'out']))),
      () => this.#remove(this.#pick([...DIRS, 'task-packs', 'solutions', 'solutions/deep'])),
      () => this.#move(this.#dir(), this.#dir()),
      () => this.#move(join(this.#dir(), this.#file()), join(this.#dir(), this.#file())),
      () => this.#move('task-packs', 'elsewhere'),
      () => this.#move('elsewhere', 'task-packs'),
      () => this.#swap(this.#dir(), this.#dir()),
      () => this.#rules(),
      () => this.#link(),
      () => this.#touch(),
      () => this.#mend(),
    ]
    const edit = edits[this.#random(edits.length)]
    try {
      return edit?.() ?? ''
    } catch (error) {
      // What a circle of links leads to, or a link to a file, nobody can edit.
      const code = error instanceof Error && 'code' in error ? error.code : null
      if (code === 'ELOOP' || code === 'ENOTDIR') return 'refused'
      throw error
    }
  }

  write(path: string, text: string): string {
    this.#makeFolder(dirname(path))
    const stat = statSync(this.#at(path), { throwIfNoEntry: false })
    // A file of git's is not what anybody edits.
    if (this.#stands(path) && !(stat?.isFile() && this.#real(path) !== '.git/config')) this.#remove(path)
    const isNew = !this.#stands(path)
    writeFileSync(this.#at(path), text)
    this.#note(this.#real(path), isNew)
    return `write ${path}: ${JSON.stringify(text)}`
  }

  /** Packs with which nothing is wrong, each taking what the one before makes. */
  #mend(): string {
    for (const path of ['task-packs', 'solutions', '.gitignore']) this.#remove(path)
    for (const [at, id] of IDS.entries()) {
      const before = IDS[at - 1]
      const taken = before && this.#random(2) === 0 ? [needing(before), taking(before)] : []
      const lines = [`id: ${id}`, ...HEAD, ...taken, MAKING, TESTED]
      this.write(`task-packs/${id}/task.yml`, `${lines.join('\n')}\n`)
    }
    return 'mend'
  }

  #saveTask(): string {
    const dir = this.#dir()
    const id = basename(dir)
    // A save that breaks nothing, as most.
    if (this.#random(3) > 0) return this.write(`${dir}/task.yml`, this.#soundTask(id))
    return this.write(`${dir}/task.yml`, this.#task())
  }

  #soundTask(id: string): string {
    const lines = [...HEAD, `id: ${id}`, `description: "${this.#random(9)}"`]
    const reading = ['inputs: { files: [task.yml, "../c/out/**"] }', 'needs: [c]']
    lines.push(...this.#pick([[MAKING], [MAKING], reading, []]))
    return `${[...lines, TESTED].join('\n')}\n`
  }

  #saveAtomically(): string {
    const path = `${this.#dir()}/task.yml`
    this.write(`${path}~`, this.#task())
    return this.#move(`${path}~`, path)
  }

  #saveFile(): string {
    return this.write(join(this.#dir(), this.#file()), String(this.#random(3)))
  }

  #remove(path: string): string {
    if (!this.#stands(path)) return ''
    rmSync(this.#at(path), { recursive: true, force: true })
    this.#note(path, true)
    return `remove ${path}`
  }

  #move(from: string, to: string): string {
    if (!this.#stands(from) || from === to || `${to}/`.startsWith(`${from}/`) || `${from}/`.startsWith(`${to}/`))
      return ''
    this.#remove(to)
    this.#makeFolder(dirname(to))
    if (!this.#stands(from)) return ''
    renameSync(this.#at(from), this.#at(to))
    this.#note(from, true)
    this.#note(to, true)
    return `move ${from} ${to}`
  }

  #swap(one: string, other: string): string {
    const moves = [this.#move(one, 'aside'), this.#move(other, one), this.#move('aside', other)]
    return moves.join('; ')
  }

  #rules(): string {
    const folder = this.#pick(['', 'task-packs', 'solutions', ...DIRS])
    const path = folder === '' ? '.gitignore' : `${folder}/.gitignore`
    return this.#random(3) === 0 ? this.#remove(path) : this.write(path, this.#pick(RULES))
  }

  #link(): string {
    const path = join(this.#dir(), this.#pick(['link', 'src', 'data.json', 'task.yml']))
    const target = this.#pick([
      '..',
      'src',
      '../b',
      `${dirname(this.#root)}/outside`,
      'nowhere',
      'data.json',
      '../b/task.yml',
      '../../.git/config',
    ])
    this.#remove(path)
    this.#makeFolder(dirname(path))
    symlinkSync(target, this.#at(path))
    this.#note(path, true)
    return `link ${path} ${target}`
  }

  #touch(): string {
    const path = `${this.#dir()}/task.yml`
    if (!existsSync(this.#at(path))) return ''
    utimesSync(this.#at(path), 1, 1)
    this.#note(path, false)
    return `touch ${path}`
  }

  #makeFolder(path: string): void {
    if (path === '.' || statSync(this.#at(path), { throwIfNoEntry: false })?.isDirectory()) return
    this.#makeFolder(dirname(path))
    if (this.#stands(path)) this.#remove(path)
    mkdirSync(this.#at(path))
    this.#note(path, true)
  }

  #stands(path: string): boolean {
    return lstatSync(this.#at(path), { throwIfNoEntry: false }) !== undefined
  }

  #task(): string {
    if (this.#random(12) === 0) return this.#pick(['', '{', 'id: a\n', '- a\n', '\ufffd\u202e', 'version: 1\nid: [\n'])
    const id = this.#pick(IDS)
    const lines = ['version: 1', `id: ${id}`, `title: ${this.#random(4)}`, 'pillar: web', 'risk: low']
    const needs = IDS.filter((other) => other !== id && this.#random(5) === 0)
    if (needs.length > 0) lines.push(`needs: [${needs.join(', ')}]`)
    lines.push(...this.#inputs(needs))
    if (this.#random(3) === 0) lines.push('docs: { spec: spec.md }')
    if (this.#random(2) === 0) {
      const outputs = this.#pick(['out/made.txt', 'out/', '"build/*.txt"', '../b/out/made.txt', '/shared/x.txt'])
      const reads = this.#random(3) === 0 ? ', inputs: { files: ["out/**", task.yml] }' : ''
      lines.push(`steps: [{ id: make, run: x, outputs: [${outputs}] }, { id: more, run: y${reads} }]`)
    }
    const control = this.#random(4) === 0 ? ', control: { replace: { data.json: src/x.txt } }' : ''
    lines.push(`acceptance: { tests: [{ run: check${control} }] }`)
    if (this.#random(4) === 0) lines.push(`artifacts: { required: [${this.#pick(['out/made.txt', 'data.json'])}] }`)
    return `${lines.join('\n')}\n`
  }

  #inputs(needs: readonly string[]): readonly string[] {
    const parts: string[] = []
    const files = [
      '"**"',
      '["src/**", "!src/y.txt"]',
      '[data.json]',
      '[../b/out/made.txt]',
      '["/task-packs/**"]',
      '["*.txt"]',
    ]
    if (this.#random(2) === 0) parts.push(`files: ${this.#pick(files)}`.replace('"**"', '["**"]'))
    const [from] = needs
    if (from !== undefined && this.#random(2) === 0) {
      parts.push(`artifacts: [{ from: ${from}, path: out/made.txt, as: ${this.#pick(['got.txt', 'data.json'])} }]`)
    }
    return parts.length > 0 ? [`inputs: { ${parts.join(', ')} }`] : []
  }

  #dir(): string {
    return this.#pick(DIRS)
  }

  #file(): string {
    return this.#pick(FILES)
  }

  #pick<T>(list: readonly T[]): T {
    const found = list[this.#random(list.length)]
    if (found === undefined) throw new RangeError('nothing to choose from')
    return found
  }

  /** What inotify tells of an entry: the folder that it is in, and below it where it is a folder that has come or gone. */
  #note(path: string, moved: boolean): void {
    const parent = dirname(path)
    // Nobody watches what lies outside, and who follows a link hears of the folder that it leads to.
    const folder = this.#stands(parent) ? this.#real(parent) : parent
    if (!folder.startsWith('..'))
      this.#places.push({ folder: folder === '.' ? '' : folder, name: basename(path), moved })
  }

  #real(path: string): string {
    return relative(this.#root, realpathSync(this.#at(path)))
  }

  #at(path: string): string {
    return join(this.#root, path)
  }
}
