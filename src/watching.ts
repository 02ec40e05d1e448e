import type { Diagnostic } from './model/diagnostic.ts'
import type { FileWatcher, FileWatcherEvents } from './model/watcher.ts'
import type { Result } from './model/result.ts'
import type { Selection } from './packs/select.ts'
import { checkProject, NOTHING_CHECKED, type CheckedProject } from './project.ts'
import { WatchSession, type WatchedWorkspace } from './watch-session.ts'
import { WatchMachine, type Places, type WatchEffect, type WatchEvent } from './watch/machine.ts'
import { progressBetween, type Progress } from './watch/progress.ts'

/** The world of somebody who watches. */
export interface WatchWorld {
  /** Opens the workspace, its configuration included; an error where there is none. */
  open(): Promise<Result<WatchedWorkspace, Diagnostic>>
  /** @param root absolute */
  watchFiles(root: string, events: FileWatcherEvents): FileWatcher
  /** Milliseconds, from any moment on. */
  now(): number
  /** Calls back once, unless the function that it gives is called before. */
  after(ms: number, callback: () => void): () => void
}

export interface WatchListener {
  /** Something was validated: the first time, when a file that was read has changed, or when what is wrong has. */
  onVerdict(verdict: Verdict): void
  /** Every folder that matters is watched by now. */
  onReady(folders: number): void
  onPolling(code: string): void
  /** A bug. */
  onCrash(error: unknown): void
}

export interface Verdict extends Progress {
  readonly project: CheckedProject
  /** Files that were read and are not as they were, sorted as they were found. */
  readonly changed: readonly string[]
  /** Whether there was none before. */
  readonly isFirst: boolean
}

/** Milliseconds after which a workspace that is gone is looked for again: nobody tells when it comes back. */
const RETURN = 1000

/** Validates a workspace again and again, as its files change, until it is closed. Nothing is kept on the disk. */
export class ProjectWatch {
  readonly #world: WatchWorld
  readonly #listener: WatchListener
  readonly #select: (opened: WatchedWorkspace) => Selection
  readonly #machine = new WatchMachine()
  #session: WatchSession | null = null
  #cancelWait: () => void = () => {}
  #cancelReturn: () => void = () => {}
  #last: CheckedProject | null = null
  #changed = new Set<string>()
  #closed = false

  /** @param select what is selected, in terms of the workspace */
  constructor(world: WatchWorld, listener: WatchListener, select: (opened: WatchedWorkspace) => Selection) {
    this.#world = world
    this.#listener = listener
    this.#select = select
  }

  /** Validates at once, and from then on. */
  start(): void {
    this.#tell({ type: 'ask' })
  }

  /** Looks at everything and validates, whether or not anything has changed. */
  ask(): void {
    this.#tell({ type: 'doubt' })
    this.#tell({ type: 'ask' })
  }

  /** Looks at everything, because changes may not have been told. */
  doubt(): void {
    this.#tell({ type: 'doubt' })
  }

  close(): void {
    this.#closed = true
    this.#cancelWait()
    this.#cancelReturn()
    this.#session?.close()
  }

  #tell(event: WatchEvent): void {
    if (this.#closed) return
    for (const effect of this.#machine.step(event, this.#world.now())) this.#do(effect)
  }

  #do(effect: WatchEffect): void {
    switch (effect.do) {
      case 'wait':
        this.#cancelWait()
        this.#cancelWait = this.#world.after(effect.ms, () => this.#guard(() => this.#tell({ type: 'due' })))
        return
      case 'look':
        return this.#look(effect.places, effect.patient)
      case 'validate':
        this.#validate(effect.asked).catch((error: unknown) => this.#listener.onCrash(error))
    }
  }

  /** A bug is told, wherever it is called from. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#listener.onCrash(error)
    }
  }

  #look(places: Places, patient: boolean): void {
    const session = this.#session
    if (!session) return this.#tell({ type: 'looked', found: 'changes' })
    if (patient && places !== 'everywhere' && session.isHalfway(places)) {
      return this.#tell({ type: 'looked', found: 'halfway' })
    }
    const found = session.look(places)
    for (const file of found.files) this.#changed.add(file)
    this.#tell({ type: 'looked', found: found.isSame ? 'nothing' : 'changes' })
  }

  async #validate(asked: boolean): Promise<void> {
    const project = await this.#check(asked)
    if (this.#closed) return
    this.#show(project, asked)
    this.#session?.watch()
    this.#tell({ type: 'validated' })
  }

  async #check(asked: boolean): Promise<CheckedProject> {
    if (asked || !this.#session?.isCurrent) {
      const opened = await this.#world.open()
      if (!opened.ok) return this.#withoutWorkspace(opened.error)
      if (this.#session?.root === opened.value.workspace.root) this.#session.reopened(opened.value)
      else this.#begin(opened.value)
    }
    const session = this.#session
    if (!session) throw new TypeError('nothing is open')
    if (!session.isThere) this.#expectReturn()
    const { config } = session.opened
    if (!config.ok) return { ...NOTHING_CHECKED, diagnostics: [config.error] }
    return checkProject(session.memory, config.value, this.#select(session.opened))
  }

  #begin(opened: WatchedWorkspace): void {
    this.#session?.close()
    this.#session = new WatchSession(opened, (root, events) => this.#world.watchFiles(root, events), {
      onPlace: (place) => this.#guard(() => this.#tell({ type: 'place', place })),
      onWatched: (folder) => this.#guard(() => this.#tell({ type: 'watched', folder })),
      onReady: (folders) => this.#listener.onReady(folders),
      onPolling: (code) => this.#listener.onPolling(code),
    })
  }

  #withoutWorkspace(problem: Diagnostic): CheckedProject {
    this.#session?.close()
    this.#session = null
    this.#expectReturn()
    return { ...NOTHING_CHECKED, diagnostics: [problem] }
  }

  #expectReturn(): void {
    this.#cancelReturn()
    this.#cancelReturn = this.#world.after(RETURN, () => this.#guard(() => this.#tell({ type: 'doubt' })))
  }

  #show(project: CheckedProject, asked: boolean): void {
    const last = this.#last
    const progress = progressBetween(last?.diagnostics ?? [], project.diagnostics)
    const isSame = progress.appeared.length + progress.fixed.length === 0
    const isShown = asked || !last || !isSame || this.#changed.size > 0 || project.actions !== last.actions
    if (isShown) this.#listener.onVerdict({ project, ...progress, changed: [...this.#changed], isFirst: !last })
    this.#changed = new Set()
    this.#last = project
  }
}
