import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Aspect } from '../../model/plan.ts'
import type { Job } from './job.ts'
import { initScript, LEFTOVERS } from './shell.ts'
import { VIEW } from '../../model/view.ts'
import { ETC_FILES, MACHINE_PROC, PRIVATE_SPACE, SHARED_ETC, SYSTEM_FOLDERS } from './view.ts'

export interface PrefixOptions {
  /** Folder with {@link ETC_FILES}. */
  readonly etc: string
  /** Whether descriptor 4 is open to read a system call filter from. */
  readonly filtered: boolean
  /** What is shared with the host, because this machine can't keep it apart. */
  readonly without: readonly Aspect[]
}

/** The part of bubblewrap's command line that is the same for every action. */
export function bubblewrapPrefix({ etc, filtered, without }: PrefixOptions): readonly string[] {
  const filter = filtered ? ['--seccomp', '4'] : []
  return [
    'bwrap',
    ...isolation({ filtered, without }),
    ...filter,
    ...systemFolders(),
    ...etcFiles(etc),
    ...privateFolders(without),
  ]
}

/** The command line that runs one job in `root` (absolute). Descriptor 3 is open for bubblewrap's status records. */
export function bubblewrapCommand(prefix: readonly string[], job: Job, root: string): readonly string[] {
  return [
    ...prefix,
    ...['--bind', root, VIEW.workspace],
    ...job.mounts.flatMap((mount) => ['--ro-bind', mount.from, mount.to]),
    ...['--dir', VIEW.tools],
    ...job.tools.flatMap(({ path, name }) =>
      isShown(path) ? ['--symlink', path, `${VIEW.tools}/${name}`] : ['--ro-bind', path, `${VIEW.tools}/${name}`],
    ),
    ...(job.secrets.length === 0 ? ['--clearenv'] : LEFTOVERS.flatMap((name) => ['--unsetenv', name])),
    ...Object.entries(job.env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--remount-ro', '/', '--chdir', job.cwd === '' ? VIEW.workspace : `${VIEW.workspace}/${job.cwd}`],
    ...['--json-status-fd', '3', '--', 'sh', '-c', initScript(job.secrets), 'sh', ...job.argv],
  ]
}

/** Whether a path of the host is visible at the same place inside. */
export function isShown(path: string): boolean {
  return SYSTEM_FOLDERS.some((folder) => path.startsWith(`${folder}/`))
}

function isolation({ filtered, without }: Omit<PrefixOptions, 'etc'>): string[] {
  return [
    ...['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try'],
    ...(without.includes('network') ? [] : ['--unshare-net']),
    // It is done through /proc, which is read-only where it is the host's; the filter refuses what that would.
    ...(without.includes('processes') && filtered ? [] : ['--disable-userns']),
    ...['--uid', String(VIEW.uid), '--gid', String(VIEW.gid), '--hostname', VIEW.hostname],
    // As process 1, INIT ends only after every other process of the namespace; bubblewrap's own reaper ends before.
    ...['--as-pid-1', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
  ]
}

function systemFolders(): string[] {
  return SYSTEM_FOLDERS.flatMap((folder) => {
    const stat = lstatSync(folder, { throwIfNoEntry: false })
    if (!stat) return []
    return stat.isSymbolicLink() ? ['--symlink', readlinkSync(folder), folder] : ['--ro-bind', folder, folder]
  })
}

function etcFiles(etc: string): string[] {
  const shared = sharedEtc()
  return [
    ...[...new Set(['/etc', ...shared.map((path) => dirname(path))])].flatMap((folder) => ['--dir', folder]),
    ...shared.flatMap((path) => ['--ro-bind', path, path]),
    ...Object.keys(ETC_FILES).flatMap((name) => ['--ro-bind', join(etc, name), `/etc/${name}`]),
  ]
}

/** Absolute paths of those {@link SHARED_ETC} that this machine has as its own. */
export function sharedEtc(): readonly string[] {
  return SHARED_ETC.map((name) => `/etc/${name}`).filter((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    return stat !== undefined && !stat.isSymbolicLink()
  })
}

function privateFolders(without: readonly Aspect[]): string[] {
  const tmpfs = (path: string, perms: string, size: number): string[] => [
    ...['--perms', perms, '--size', String(size), '--tmpfs', path],
  ]
  return [
    ...(without.includes('processes') ? ['--ro-bind', '/proc', '/proc'] : ownProc()),
    ...['--dev', '/dev'],
    ...tmpfs('/dev/shm', '1777', PRIVATE_SPACE.shared),
    ...['--remount-ro', '/dev'],
    ...tmpfs(VIEW.temporary, '1777', PRIVATE_SPACE.temporary),
    ...['--dir', dirname(VIEW.home)],
    ...tmpfs(VIEW.home, '0700', PRIVATE_SPACE.home),
  ]
}

function ownProc(): string[] {
  return [
    ...['--proc', '/proc'],
    // bubblewrap does so itself only where the folder as such is writable.
    ...MACHINE_PROC.flatMap((name) => ['--ro-bind-try', `/proc/${name}`, `/proc/${name}`]),
  ]
}
