import { lstatSync, mkdirSync, readlinkSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { rewriteFile } from '../scratch.ts'
import { isShown, sharedEtc } from './bubblewrap.ts'
import type { Aspect } from '../../model/plan.ts'
import { initCommand, type Job } from './job.ts'
import { shellWord, shellWords } from './shell.ts'
import { VIEW } from '../../model/view.ts'
import { ETC_FILES, MACHINE_PROC, PRIVATE_SPACE, SYSTEM_FOLDERS } from './view.ts'

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'] as const

/**
 * The command line that builds an action's view with util-linux and coreutils alone, for machines without bubblewrap.
 * Descriptor 3 gets a word just before the command starts.
 *
 * @param etc folder with {@link ETC_FILES}
 * @param without what is shared with the host, because this machine can't keep it apart
 */
export function privateRootCommand(job: Job, etc: string, without: readonly Aspect[]): readonly string[] {
  const network = without.includes('network') ? [] : ['--net']
  const namespaces = [
    '--user',
    '--map-root-user',
    ...network,
    '--ipc',
    '--uts',
    '--cgroup',
    '--mount',
    '--pid',
    '--fork',
  ]
  // In a file, because a single argument holds no more than 128 KiB (execve(2)).
  const script = join(job.folder, 'build')
  rewriteFile(script, buildScript(job, etc))
  // A session of its own, so that `kill 0` of an action doesn't reach the slot.
  return ['setsid', 'unshare', ...namespaces, '--', 'sh', '-e', script]
}

/** Steps from an empty tmpfs to the command, as process 1 and root of namespaces made for it. */
function buildScript(job: Job, etc: string): string {
  const root = join(job.folder, 'view')
  mkdirSync(root)
  return [
    `root=${shellWord(root)}`,
    'mount -t tmpfs -o mode=0755,size=1m tmpfs "$root"',
    'cd "$root"',
    `mkdir -p etc proc dev old .${VIEW.temporary} .${VIEW.home} .${VIEW.tools} .${VIEW.workspace}`,
    ...systemFolders(),
    ...etcFiles(etc),
    ...devices(),
    `mount -t tmpfs -o mode=1777,size=${PRIVATE_SPACE.temporary} tmpfs .${VIEW.temporary}`,
    `mount -t tmpfs -o mode=0700,size=${PRIVATE_SPACE.home} tmpfs .${VIEW.home}`,
    `mount --bind ${shellWord(job.root)} .${VIEW.workspace}`,
    ...job.mounts.map(({ from, to }) => bindReadOnly(from, to.slice(1))),
    ...job.tools.flatMap(toolLines),
    'mount -t proc proc proc',
    // The one that the action gets is the last.
    'echo 1 >proc/sys/user/max_user_namespaces',
    `for place in ${MACHINE_PROC.join(' ')}; do`,
    '[ ! -e "proc/$place" ] || mount --bind -o ro "proc/$place" "proc/$place"',
    'done',
    `hostname ${VIEW.hostname}`,
    // Without iproute2 the loopback interface stays down; nothing but the action could be reached through it.
    'ip link set lo up 2>/dev/null || :',
    'pivot_root . old',
    'umount -l /old',
    'rmdir /old',
    'mount -o remount,bind,ro /',
    `cd ${shellWord(job.cwd === '' ? VIEW.workspace : `${VIEW.workspace}/${job.cwd}`)}`,
    'echo started >&3',
    'exec 3>&-',
    `exec ${shellWords(unprivileged(job))}`,
  ].join('\n')
}

/**
 * A user namespace of the action's own, in which it is nobody special and has no capability, nor a way to get one: those that
 * come with a new namespace are kept just long enough to empty the bounding set as well.
 */
function unprivileged(job: Job): readonly string[] {
  return [
    ...['unshare', '--user', `--map-user=${VIEW.uid}`, `--map-group=${VIEW.gid}`, '--keep-caps', '--'],
    ...[
      'setpriv',
      '--bounding-set=-all',
      '--ambient-caps=-all',
      '--inh-caps=-all',
      '--no-new-privs',
      '--',
      ...initCommand(job),
    ],
  ]
}

function systemFolders(): string[] {
  return SYSTEM_FOLDERS.flatMap((folder) => {
    const stat = lstatSync(folder, { throwIfNoEntry: false })
    if (!stat) return []
    if (stat.isSymbolicLink()) return [`ln -s ${shellWord(readlinkSync(folder))} .${folder}`]
    return [`mkdir -p .${folder}`, bindReadOnly(folder, folder.slice(1))]
  })
}

/** A bind mount takes the mounts below it along, so each of them is made read-only too. */
function bindReadOnly(from: string, to: string): string {
  const target = shellWord(to)
  return [
    `mount --rbind ${shellWord(from)} ${target}`,
    `mount -o remount,bind,ro ${target}`,
    'while read -r _ _ _ _ at _; do case $at in',
    `"$root/"${target}/*) mount -o remount,bind,ro "$(printf %b "$at")" ;;`,
    'esac; done </proc/self/mountinfo',
  ].join('\n')
}

function bindFile(from: string, to: string): string {
  return `: >${shellWord(to)} && mount --bind ${shellWord(from)} ${shellWord(to)} && mount -o remount,bind,ro ${shellWord(to)}`
}

function etcFiles(etc: string): string[] {
  const shared = sharedEtc().flatMap((path) => [
    `mkdir -p .${dirname(path)}`,
    statSync(path).isDirectory()
      ? `mkdir -p .${path}\n${bindReadOnly(path, path.slice(1))}`
      : bindFile(path, `.${path}`),
  ])
  return [...shared, ...Object.keys(ETC_FILES).map((name) => bindFile(join(etc, name), `etc/${name}`))]
}

function devices(): string[] {
  return [
    'mount -t tmpfs -o mode=0755,size=64k tmpfs dev',
    ...DEVICES.map((device) => `: >dev/${device} && mount --bind /dev/${device} dev/${device}`),
    'mkdir dev/shm dev/pts',
    `mount -t tmpfs -o mode=1777,size=${PRIVATE_SPACE.shared} tmpfs dev/shm`,
    'mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts',
    'ln -s pts/ptmx dev/ptmx',
    'ln -s /proc/kcore dev/core',
    'ln -s /proc/self/fd dev/fd',
    'ln -s /proc/self/fd/0 dev/stdin',
    'ln -s /proc/self/fd/1 dev/stdout',
    'ln -s /proc/self/fd/2 dev/stderr',
    'mount -o remount,bind,ro dev',
  ]
}

function toolLines({ name, path }: { name: string; path: string }): string[] {
  const target = `.${VIEW.tools}/${name}`
  return isShown(path) ? [`ln -s ${shellWord(path)} ${shellWord(target)}`] : [bindFile(path, target)]
}
