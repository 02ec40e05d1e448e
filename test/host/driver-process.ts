import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'
import type { Aspect, Guarantees } from '../../src/model/plan.ts'
import { PROGRAM } from '../support/bundle.ts'
import type { DriverResult } from './driver.ts'
import { temporaryFolder, type Attempt } from './rig.ts'

/** A program that any user can run, without this project's folder. */
interface Driver {
  readonly path: string
  /** Puts attempts where it finds them. */
  hand(attempts: readonly Attempt[]): string
  remove(): void
}

async function buildDriver(): Promise<Driver> {
  const folder = temporaryFolder()
  chmodSync(folder, 0o755)
  const path = join(folder, 'driver.mjs')
  await build({
    ...PROGRAM,
    entryPoints: [fileURLToPath(new URL('driver.ts', import.meta.url))],
    outfile: path,
  })
  let count = 0
  return {
    path,
    hand: (attempts) => {
      const file = join(folder, `${count++}.json`)
      writeFileSync(file, JSON.stringify(attempts))
      return file
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export interface DriverPlace {
  driver: Driver
  /** Absolute path of an empty folder. */
  parent: string
}

/** A driver and a folder for what it makes, there while the tests of the block in which this is called run. */
export function driverPlace(): DriverPlace {
  const place = {} as DriverPlace
  beforeAll(async () => {
    place.driver = await buildDriver()
    place.parent = temporaryFolder()
  })
  afterAll(() => {
    place.driver.remove()
    rmSync(place.parent, { recursive: true, force: true })
  })
  return place
}

export interface DriverOptions {
  readonly isolation: string
  /** Absolute; what the driver makes is made in it. Left out: the folder of its place. */
  readonly parent?: string
  readonly attempts: readonly Attempt[]
  readonly together?: boolean
  /** Guarantees that may be lacking. */
  readonly accepted?: readonly Aspect[]
  /** What to run the driver by. */
  readonly prefix?: readonly string[]
}

/** Starts the driver in `parent`, by which its processes can be found even when nothing else tells of them. */
export function startDriver({ driver, ...place }: DriverPlace, options: DriverOptions): ChildProcess {
  const { isolation, parent = place.parent, attempts, together = false, accepted = [], prefix = [] } = options
  const order = together ? 'together' : 'one-by-one'
  const words = [...prefix, process.execPath, driver.path, isolation, parent, order, driver.hand(attempts), ...accepted]
  const child = spawn(words[0] ?? '', words.slice(1), { cwd: parent, stdio: ['ignore', 'pipe', 'pipe'] })
  return child
}

export interface DriverRun {
  /** Name of the executor that the driver chose. */
  readonly executor: string
  /** What that executor was seen to hold. */
  readonly guarantees: Guarantees
  readonly results: readonly DriverResult[]
}

/** The error of a driver that chose none is what that driver said. */
export async function runDriver(place: DriverPlace, options: DriverOptions): Promise<DriverRun> {
  const child = startDriver(place, options)
  let [output, complaints] = ['', '']
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const code = await new Promise((resolve) => void child.on('close', resolve))
  const [ready, results] = output.split('\n', 2)
  if (code !== 0 || !ready?.startsWith('ready '))
    throw new Error(`the driver ended with ${String(code)}: ${complaints}`)
  const [, executor = '', held = ''] = ready.split(' ')
  return {
    executor,
    guarantees: JSON.parse(held) as Guarantees,
    results: JSON.parse(results ?? '') as readonly DriverResult[],
  }
}

/** Command lines of processes that mention `marker` or work in `folder`. */
export function processesOf(marker: string, folder: string | null = null): readonly string[] {
  const found: string[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || name === String(process.pid)) continue
    const [commandLine, cwd] = [
      ask(() => readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ')),
      ask(() => readlinkSync(`/proc/${name}/cwd`)),
    ]
    if (commandLine.includes(marker) || (folder !== null && cwd.startsWith(folder)))
      found.push(`${name} ${commandLine}`)
  }
  return found
}

/** A process may end while it is asked. */
function ask(question: () => string): string {
  try {
    return question()
  } catch {
    return ''
  }
}

/** What is left after some seconds at most. */
export async function survivorsOf(marker: string, folder: string | null = null): Promise<readonly string[]> {
  for (let round = 0; round < 500; round++) {
    if (processesOf(marker, folder).length === 0) return []
    await new Promise((resolve) => void setTimeout(resolve, 10))
  }
  return processesOf(marker, folder)
}
