import { chmodSync, mkdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Aspect } from '../../model/plan.ts'
import { rewriteFile } from '../scratch.ts'
import { bubblewrapCommand, bubblewrapPrefix } from './bubblewrap.ts'
import { execOnHost, execScript, initCommand, withOverlay, type Isolation, type Job } from './job.ts'
import { OWN_NETWORK, withOutlet } from './outlet.ts'
import { privateRootCommand } from './private-root.ts'
import { syscallFilter } from './seccomp.ts'
import { shellWord } from './shell.ts'
import { NAMESPACES, SHARED_NAMESPACES } from './slot.ts'
import { VIEW } from '../../model/view.ts'
import { ETC_FILES } from './view.ts'

/** A job that has a network is put into one beforehand, or stays in that of the host. */
const WITHIN: readonly Aspect[] = ['network']

/** File in the job's folder by which an isolation says that it got as far as the command. */
const STATUS = 'status'

/**
 * @param folder private and empty, for the files of /etc and the system call filter
 * @param without what is shared with the host, because this machine can't keep it apart
 */
export function bubblewrapIsolation(folder: string, without: readonly Aspect[] = []): Isolation {
  const filter = writeFilter(folder)
  const etc = writeEtc(folder)
  const [prefix, prefixInside] = [without, [...without, ...WITHIN]].map((each) =>
    bubblewrapPrefix({ etc, filtered: filter !== null, without: each }),
  ) as [readonly string[], readonly string[]]
  // Opened anew for each job: bubblewrap reads a filter to its end, and keeps neither descriptor open for the command.
  const filterInput = filter === null ? '' : ` 4<${shellWord(filter)}`
  return {
    name: 'bubblewrap',
    namespaces: without.includes('processes') ? SHARED_NAMESPACES : NAMESPACES,
    reusable: true,
    ownNetwork: !without.includes('network'),
    script: (job) => {
      const sandbox = bubblewrapCommand(job.outlet ? prefixInside : prefix, job, job.root)
      const command = withOverlay(job, withOutlet(job, sandbox, OWN_NETWORK.bubblewrap))
      return execScript(job.limits, command, ` 3<>${shellWord(blankStatus(job))}${filterInput}`)
    },
    // bubblewrap records an exit code only of a command that it started (bwrap(1), --json-status-fd).
    wasStarted: (job) => readFileSync(join(job.folder, STATUS), 'utf8').includes('"exit-code"'),
  }
}

/** The same view built by util-linux alone: slower, and without a system call filter. */
export function privateRootIsolation(folder: string, without: readonly Aspect[] = []): Isolation {
  const etc = writeEtc(folder)
  return {
    name: 'unshare',
    namespaces: NAMESPACES,
    reusable: true,
    ownNetwork: !without.includes('network'),
    script: (job) => {
      const sandbox = privateRootCommand(job, etc, job.outlet ? WITHIN : without)
      const command = withOverlay(job, withOutlet(job, sandbox, OWN_NETWORK.unshare))
      return execScript(job.limits, command, ` 3<>${shellWord(blankStatus(job))}`)
    },
    wasStarted: (job) => readFileSync(join(job.folder, STATUS), 'utf8').trim() !== '',
  }
}

/** More than any isolation writes. */
const BLANK = ' '.repeat(1024)

/** Absolute path of the file, in which nothing of an earlier job is left. */
function blankStatus({ folder }: Job): string {
  const path = join(folder, STATUS)
  rewriteFile(path, BLANK)
  return path
}

/** Absolute path of the filter; `null` where there is none for this architecture. */
function writeFilter(folder: string): string | null {
  const filter = syscallFilter(process.arch)
  if (filter === null) return null
  const path = join(folder, 'syscalls.bpf')
  writeFileSync(path, filter)
  return path
}

function writeEtc(folder: string): string {
  const etc = join(folder, 'etc')
  mkdirSync(etc)
  for (const [name, text] of Object.entries(ETC_FILES)) {
    writeFileSync(join(etc, name), text)
    chmodSync(join(etc, name), 0o644)
  }
  return etc
}

/** No isolation: a clean environment and a private folder, on any machine with a shell. */
export function noIsolation(): Isolation {
  return {
    name: 'none',
    namespaces: [],
    reusable: false,
    ownNetwork: false,
    script: (job) => {
      const command = initCommand({ ...job, env: { ...job.env, ...hostPlaces(job) } })
      return `cd ${shellWord(join(job.root, job.cwd))} || exit\n${execOnHost(job.limits, command)}`
    },
    wasStarted: () => true,
  }
}

/** Stands in for the places that only a sandbox can show at fixed paths. */
function hostPlaces(job: Job): { readonly HOME: string; readonly TMPDIR: string; readonly PATH: string } {
  const [home, temporary, tools] = ['home', 'tmp', 'bin'].map((name) => {
    mkdirSync(join(job.folder, name), { mode: 0o700 })
    return join(job.folder, name)
  }) as [string, string, string]
  for (const tool of job.tools) symlinkSync(tool.path, join(tools, tool.name))
  for (const mount of job.mounts) {
    const place = join(job.root, mount.to.slice(VIEW.workspace.length))
    rmdirSync(place)
    symlinkSync(mount.from, place)
  }
  return { HOME: home, TMPDIR: temporary, PATH: `${tools}:/usr/bin:/bin` }
}
