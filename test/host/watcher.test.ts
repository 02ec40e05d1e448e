import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openWorkspace } from '../../src/host/folders.ts'
import { watchFolders } from '../../src/host/watcher.ts'
import { watchHost } from '../../src/host/watching.ts'
import { diskWorkspace } from '../../src/host/workspace.ts'
import type { FilePlace, FileWatcher } from '../../src/model/watcher.ts'
import { loadProject } from '../../src/project.ts'
import { ProjectWatch, type Verdict } from '../../src/watching.ts'
import { Editor } from '../support/edits.ts'

/** `CODEX_EDITS=10000` and `CODEX_SAVES=10000` make so many. */
const EDITS = Number(process.env['CODEX_EDITS'] ?? 60)
const SAVES = Number(process.env['CODEX_SAVES'] ?? 200)
const LONG = 3_600_000

let root: string
let closers: (() => void)[]

beforeEach(() => {
  root = join(realpathSync(mkdtempSync(join(tmpdir(), 'codex-watch-'))), 'workspace')
  mkdirSync(join(root, '.git'), { recursive: true })
  mkdirSync(join(root, '../outside'))
  writeFileSync(join(root, '.git/config'), '')
  closers = []
})

afterEach(() => {
  for (const close of closers) close()
  rmSync(join(root, '..'), { recursive: true, force: true })
})

/** What a watcher tells, to be waited for. */
class Heard {
  readonly places: FilePlace[] = []
  readonly watched: string[] = []
  #woken: () => void = () => {}

  readonly watcher: FileWatcher

  constructor(poll = false) {
    this.watcher = watchFolders(
      { root, poll },
      {
        onPlace: (place) => this.#hear(() => this.places.push(place)),
        onWatched: (folder) => this.#hear(() => this.watched.push(folder)),
        onPolling: (code) => {
          throw new Error(`it polls: ${code}`)
        },
      },
    )
    closers.push(() => this.watcher.close())
  }

  async until(test: () => boolean): Promise<void> {
    while (!test()) {
      await new Promise<void>((resolve) => {
        this.#woken = resolve
      })
    }
  }

  async watch(...folders: readonly string[]): Promise<void> {
    this.watched.length = 0
    this.watcher.watch(new Set(folders), new Set())
    await this.until(() => folders.every((folder) => this.watched.includes(folder)))
  }

  /** Waits for one name, and gives all that came before it. */
  async upTo(name: string): Promise<readonly string[]> {
    await this.until(() => this.places.some((place) => place.name === name))
    return this.places.splice(0).map((place) => `${place.folder}/${place.name}`)
  }

  #hear(note: () => unknown): void {
    note()
    this.#woken()
  }
}

describe('a watcher', () => {
  it('tells of the folders that it was told to watch, and of nothing below them', async () => {
    for (const folder of ['a/b', '.git', 'node_modules']) mkdirSync(join(root, folder), { recursive: true })
    const heard = new Heard()
    await heard.watch('', 'a')
    writeFileSync(join(root, 'a/b/unheard'), 'x')
    writeFileSync(join(root, '.git/unheard'), 'x')
    writeFileSync(join(root, 'a/one'), 'x')
    expect(await heard.upTo('one')).toEqual(['a/one'])
    heard.watcher.watch(new Set(['', 'a/b', '.git', 'node_modules', 'a/node_modules']), new Set())
    await heard.until(() => heard.watched.includes('a/b'))
    writeFileSync(join(root, 'node_modules/unheard'), 'x')
    writeFileSync(join(root, '.git/unheard'), 'y')
    writeFileSync(join(root, 'a/unheard'), 'x')
    writeFileSync(join(root, 'a/b/two'), 'x')
    expect(await heard.upTo('two')).toEqual(['a/b/two'])
    expect(heard.watched).not.toContain('.git')
    expect(heard.watched).not.toContain('node_modules')
  })

  it('follows a name, not the folder that had it', async () => {
    for (const folder of ['a/in', 'b/in']) mkdirSync(join(root, folder), { recursive: true })
    const heard = new Heard()
    await heard.watch('', 'a', 'a/in')
    heard.watched.length = 0
    renameSync(join(root, 'a'), join(root, 'old'))
    renameSync(join(root, 'b'), join(root, 'a'))
    await heard.until(() => heard.watched.includes('a') && heard.watched.includes('a/in'))
    // Each rename renews; the last word is that of the folder that stands there now.
    await heard.until(() => heard.watched.length >= 2)
    heard.places.length = 0
    heard.watcher.verify()
    writeFileSync(join(root, 'old/in/unheard'), 'x')
    writeFileSync(join(root, 'mark'), 'x')
    expect(await heard.upTo('mark')).not.toContain('a/in/unheard')
  })

  it('watches a folder through a link to it', async () => {
    mkdirSync(join(root, 'real'))
    symlinkSync('real', join(root, 'link'))
    const heard = new Heard()
    await heard.watch('link')
    writeFileSync(join(root, 'real/x'), 'x')
    expect(await heard.upTo('x')).toContain('link/x')
  })

  it('tells that a file has gone where it has to look for itself', async () => {
    mkdirSync(join(root, 'a'))
    writeFileSync(join(root, 'a/one'), 'x')
    const heard = new Heard(true)
    heard.watcher.watch(new Set(['a']), new Set(['a/one']))
    await heard.until(() => heard.watched.includes('a/one'))
    rmSync(join(root, 'a/one'))
    await heard.until(() => heard.places.some(({ name }) => name === 'one'))
    expect(heard.places).toContainEqual({ folder: 'a', name: 'one', moved: true })
  })

  it('goes on after more folders have gone than it opens at once, before they were watched', async () => {
    const heard = new Heard()
    const folders = Array.from({ length: 60 }, (_, count) => `f${count}`)
    for (const folder of folders) mkdirSync(join(root, folder))
    heard.watcher.watch(new Set(folders), new Set())
    for (const folder of folders) rmSync(join(root, folder), { recursive: true })
    heard.watcher.watch(new Set(['']), new Set())
    await heard.until(() => heard.watched.includes(''))
    writeFileSync(join(root, 'x'), 'x')
    expect(await heard.upTo('x')).toContain('/x')
  })
})

/** A watch of the whole workspace, with its last verdict. */
class Watched {
  verdict: Verdict | null = null
  verdicts = 0
  #woken: () => void = () => {}
  readonly watch: ProjectWatch

  constructor() {
    const { watchFiles, after } = watchHost()
    let isReady = false
    this.watch = new ProjectWatch(
      {
        open: () => openWorkspace(root),
        watchFiles: (at, events) => watchFiles({ root: at, poll: false }, events),
        now: () => performance.now(),
        after,
      },
      {
        onVerdict: (verdict) => {
          this.verdict = verdict
          this.verdicts++
          this.#woken()
        },
        onReady: () => {
          isReady = true
          this.#woken()
        },
        onPolling: () => {},
        onCrash: (error) => {
          throw error
        },
      },
      () => ({ names: [], pillars: [], tags: [] }),
    )
    closers.push(() => this.watch.close())
    this.watch.start()
    this.ready = this.until(() => isReady)
  }

  readonly ready: Promise<void>

  async until(test: () => boolean): Promise<void> {
    while (!test()) {
      await new Promise<void>((resolve) => {
        this.#woken = resolve
      })
    }
  }
}

describe('a workspace that is watched', () => {
  it(
    'comes after every edit to the verdict of a first look',
    async () => {
      const editor = new Editor(root, 7)
      const watched = new Watched()
      await watched.ready
      for (let count = 0; count < EDITS; count++) {
        editor.edit()
        const none = { names: [], pillars: [], tags: [] }
        const { diagnostics, graph } = loadProject(diskWorkspace(root), { file: null, value: {} }, none)
        const wanted = JSON.stringify([diagnostics, graph?.actions.length ?? null])
        // That it never comes there ends the test by its time.
        await watched.until(() => {
          const project = watched.verdict?.project
          return JSON.stringify([project?.diagnostics, project?.actions]) === wanted
        })
      }
      expect(watched.verdicts).toBeGreaterThan(EDITS / 10)
    },
    LONG,
  )

  it('sees that a link leads out of it that led nowhere', async () => {
    mkdirSync(join(root, 'task-packs/a'), { recursive: true })
    const task = 'version: 1\nid: a\ntitle: T\npillar: web\nrisk: low\nacceptance: { tests: [{ run: x }] }\n'
    writeFileSync(join(root, 'task-packs/a/task.yml'), `${task}inputs: { files: [src/**] }\n`)
    symlinkSync('nowhere', join(root, 'task-packs/a/src'))
    const watched = new Watched()
    await watched.ready
    const codes = (): unknown => watched.verdict?.project.diagnostics.map(({ code }) => code)
    expect(codes()).toContain('unsupported-file')
    rmSync(join(root, 'task-packs/a/src'))
    symlinkSync(join(root, '../outside'), join(root, 'task-packs/a/src'))
    await watched.until(() => JSON.stringify(codes()).includes('path-leaves-workspace'))
    expect(codes()).not.toContain('unsupported-file')
  })

  it(
    'takes no more memory after many saves',
    async () => {
      for (const id of ['a', 'b']) mkdirSync(join(root, 'task-packs', id), { recursive: true })
      const save = (id: string, count: number): void => {
        const more = count % 5 === 4 ? 'stpes: []\n' : ''
        const text = `version: 1\nid: ${id}\ntitle: T${count}\npillar: web\nrisk: low\nacceptance: { tests: [{ run: x }] }\n`
        writeFileSync(join(root, 'task-packs', id, 'task.yml'), text + more)
        // A name that was never there before, and a folder.
        mkdirSync(join(root, 'task-packs', id, `folder-${count}`))
        rmSync(join(root, 'task-packs', id, `folder-${count - 1}`), { recursive: true, force: true })
      }
      save('a', 0)
      save('b', 0)
      const watched = new Watched()
      await watched.ready
      const sizes: number[] = []
      for (let count = 1; count <= SAVES; count++) {
        const before = watched.verdicts
        save('a', count)
        await watched.until(() => watched.verdicts > before)
        if (count % Math.floor(SAVES / 4) === 0) sizes.push(heapInUse())
      }
      const [, second = NaN] = sizes
      const perSave = ((sizes.at(-1) ?? NaN) - second) / (SAVES / 2)
      // What one pack is remembered by takes several times as much; a megabyte comes and goes by itself.
      expect(perSave, `bytes of heap: ${sizes.join(', ')}`).toBeLessThan(SAVES > 1000 ? 200 : 10_000)
    },
    LONG,
  )
})

/** Bytes after everything that nobody can reach has been taken away. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
