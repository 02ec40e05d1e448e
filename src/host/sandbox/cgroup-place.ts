import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CgroupProblem } from '../../model/doctor.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { attempt } from '../file-error.ts'

/** What the kernel tells a process of cgroups: its /proc/self/mountinfo and /proc/self/cgroup. */
export interface CgroupTexts {
  readonly mountinfo: string
  readonly cgroup: string
}

/** What an attempt is held to its limits by. */
const CONTROLLERS = ['memory', 'pids'] as const

/**
 * Absolute path of the folder of the cgroup (version 2) that this process is in, if that can have others below it which hold their
 * processes to limits. Whether the kernel lets this user make them is only known when it is tried.
 */
export function findCgroup(texts: CgroupTexts = ownTexts()): Result<string, CgroupProblem> {
  const folder = cgroupFolder(texts)
  if (!folder.ok) return folder
  const read = (name: string): string => {
    const text = attempt(name, () => readFileSync(join(folder.value, name), 'latin1'))
    return text.ok ? text.value.trim() : ''
  }
  const controllers = read('cgroup.controllers').split(' ')
  if (!CONTROLLERS.every((name) => controllers.includes(name))) return err('no-controllers')
  // The root has no type, and none but it has none.
  return ['domain', ''].includes(read('cgroup.type')) ? folder : err('threaded')
}

/** The same as far as the texts tell. */
export function cgroupFolder({ mountinfo, cgroup }: CgroupTexts): Result<string, CgroupProblem> {
  const own = ownCgroup(cgroup)
  // Of several on one another the last is seen.
  const mount = mountinfo
    .split('\n')
    .flatMap((line) => mountOf(line) ?? [])
    .findLast(({ root }) => own !== null && below(root, own) !== null)
  if (!mount || own === null) return err('no-hierarchy')
  return mount.writable ? ok(join(mount.place, below(mount.root, own) ?? '')) : err('read-only')
}

function ownTexts(): CgroupTexts {
  const read = (path: string): string => {
    const text = attempt(path, () => readFileSync(path, 'utf8'))
    return text.ok ? text.value : ''
  }
  return { mountinfo: read('/proc/self/mountinfo'), cgroup: read('/proc/self/cgroup') }
}

/** cgroups(7): the line of version 2 begins with `0::`. A path out of the own namespace leads nowhere that can be opened. */
function ownCgroup(text: string): string | null {
  const line = text.split('\n').find((one) => one.startsWith('0::/'))
  return line === undefined || line.includes('/../') || line.endsWith('/..') ? null : line.slice('0::'.length)
}

interface CgroupMount {
  /** The cgroup that is shown at the place. */
  readonly root: string
  /** Absolute path. */
  readonly place: string
  readonly writable: boolean
}

/** A line of proc(5), mountinfo; `null`: no cgroups of version 2. */
function mountOf(line: string): CgroupMount | null {
  const words = line.split(' ')
  const dash = words.indexOf('-')
  const [, , , root, place, options = ''] = words
  const [type, , superOptions = ''] = words.slice(dash + 1)
  if (dash === -1 || type !== 'cgroup2' || root === undefined || place === undefined) return null
  const writable = !`${options},${superOptions}`.split(',').includes('ro')
  return { root: unescape(root), place: unescape(place), writable }
}

/** Spaces and the like are three octal digits behind a backslash. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

/** The path relative to a folder; `null` where it is not in it. */
function below(folder: string, path: string): string | null {
  if (folder === '/' || folder === path) return path.slice(folder === '/' ? 1 : folder.length)
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null
}
