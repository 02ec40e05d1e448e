// Boots a Linux of its own as an ordinary program (User Mode Linux, on x86-64 alone): one that has cgroups of version 2 with all their
// controllers, whatever the machine has, and in which everybody may be root.
import { execFileSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { build } from 'esbuild'
import { execa } from 'execa'
import { PROGRAM } from './bundle.ts'

/** Why it is not booted; `null`: it has to be. There is none for other processors, and not every distribution has it. */
export const WITHOUT_UML: string | null =
  process.arch === 'x64' && !process.env['CODEX_TEST_WITHOUT_UML']
    ? null
    : 'NOT TESTED HERE, for lack of User Mode Linux: what the kernel does where cgroups can be made.'

/** All that an init system does, in a few lines. The machine's own files are seen and can't be written to; /run is in memory. */
const INIT = `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs -o mode=0755 tmpfs /run
mount -t cgroup2 none /sys/fs/cgroup
ln -s /proc/self/fd /dev/fd
for i in 0:stdin 1:stdout 2:stderr; do ln -s "fd/\${i%%:*}" "/dev/\${i#*:}"; done
mkdir -p /dev/pts /dev/shm && mount -t devpts devpts /dev/pts && mount -t tmpfs tmpfs /dev/shm
mkdir -m 755 /run/codex /run/codex/program /run/host && mkdir -m 1777 /run/tmp
mount -t hostfs -o "$folder" none /run/host
: >/run/codex/node && mount --bind "$node" /run/codex/node
mount --bind "$program" /run/codex/program
cd /run
TMPDIR=/run/tmp HOME=/run /run/codex/node /run/host/driver.mjs "$scenarios" "/run/codex/program/$name" >/run/host/said 2>&1
echo o >/proc/sysrq-trigger
sleep 60
`

export interface Boot {
  /** Absolute path of a TypeScript module which writes its results to `/run/host/results.json`. */
  readonly driver: string
  /** Absolute path of the program of codex. */
  readonly program: string
  /** What the driver is to do. */
  readonly scenarios: readonly string[]
}

/** Runs the driver in there to its end and gives its results. */
export async function bootUml<T>({ driver, program, scenarios }: Boot): Promise<T> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'codex-uml-'))
  try {
    await build({ ...PROGRAM, entryPoints: [driver], outfile: join(folder, 'driver.mjs') })
    const init = join(folder, 'init')
    const places = {
      folder,
      node: process.execPath,
      program: dirname(program),
      name: basename(program),
      scenarios: scenarios.join(),
    }
    const variables = Object.entries(places).map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    writeFileSync(init, INIT.replace('\n', `\n${variables.join('')}`))
    chmodSync(init, 0o755)
    const disk = ['root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro']
    const options = ['mem=1G', ...disk, `init=${init}`, 'con0=null,fd:1', 'con=null', 'quiet']
    const all = await boot(options, folder)
    try {
      return JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as T
    } catch (error) {
      const said = execFileSync('sh', ['-c', 'cat "$1"/said 2>/dev/null; exit 0', 'sh', folder], { encoding: 'utf8' })
      throw new Error(`nothing came of it: ${said}\n${all}`, { cause: error })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const MOST_MS = 840_000

async function boot(options: readonly string[], cwd: string): Promise<string> {
  const linux = execa(linuxProgram(), options, { all: true, reject: false, stdin: 'ignore', cwd, detached: true })
  // All of its processes are in one group, and most of them can't be told to end.
  const timer = setTimeout(() => process.kill(-(linux.pid ?? 0), 'SIGKILL'), MOST_MS)
  const { all } = await linux
  clearTimeout(timer)
  return all
}

function linuxProgram(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  for (const path of folders.map((folder) => join(folder, 'linux.uml'))) {
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  throw new Error('These tests need User Mode Linux (apt-get install user-mode-linux).')
}
