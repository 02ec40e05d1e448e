// Outputs that are not what they seem, and calls of the kernel that no action has a use for.
import { python, type Attack, type Attacks, type World } from './attack.ts'

const UNUSABLE = { status: 'violated', reason: { kind: 'unusable-outputs' } }
const UNDECLARED = { status: 'violated', reason: { kind: 'undeclared-writes' } }
const ALTERED = { status: 'violated', reason: { kind: 'altered-inputs' } }
const SECRET = ({ outside }: World): string => `${outside}/secret.txt`

interface Trick extends Partial<Attack> {
  readonly outputs?: readonly string[]
  /** What must not be taken over; the first output where nothing is said. */
  readonly path?: string
}

/** @param run leaves something where an output is declared; `$secret` is the path of a secret file */
function trick(title: string, run: string, { outputs, path, ...fields }: Trick = {}): Attack {
  const declared = (id: string): readonly string[] => outputs ?? [`made/${id}`]
  return {
    title,
    promise: 'outputs',
    steps: (world, id) => ({ run: `o=made/${id}; secret='${SECRET(world)}'; ${run}`, outputs: declared(id) }),
    succeeded: ({ id, kept }) => kept(path ?? `made/${id}`) !== null,
    shownBy: 'bare',
    told: UNUSABLE,
    ...fields,
  }
}

const folder = (id: string, name: string): Trick => ({ outputs: [`made/${id}/`], path: `made/${id}/${name}` })

/** Ends by itself soon after. */
const SWAP = `import os, sys, time
file, secret = sys.argv[1:]
open(file, 'w').write('innocent')
if os.fork(): os._exit(0)
os.setsid()
for fd in range(3): os.close(fd)
time.sleep(0.05); os.unlink(file); os.symlink(secret, file)
time.sleep(5)`

export const OUTPUTS: Attacks = {
  'link-to-secret': trick('a link to a secret', 'ln -s "$secret" "$o"'),
  'link-relative': trick('a link that leads up', `ln -s "${'../'.repeat(24)}\${secret#/}" "$o"`),
  'link-to-input': trick('a link to an input', 'ln -s ../data/input.txt "$o"'),
  'link-to-device': trick('a link to a device without end', 'ln -s /dev/zero "$o"'),
  'link-to-process': trick('a link into /proc', 'ln -s /proc/self/environ "$o"'),
  'link-in-folder': trick(
    'a link within a folder',
    'ln -s "$secret" "$o/link"; echo >"$o/file"',
    folder('link-in-folder', 'link'),
  ),
  'link-folder': trick('a folder that is a link', 'rmdir "$o"; ln -s "${secret%/*}" "$o"', {
    ...folder('link-folder', 'secret.txt'),
    told: UNDECLARED,
  }),
  'link-dangling': trick('a link to what comes later', 'ln -s later "$o"; : >made/later', {
    outputs: ['made/link-dangling', 'made/later'],
  }),
  'hard-link-to-input': trick('a second name of an input', 'ln data/input.txt "$o"', { told: ALTERED }),
  'hard-link-twice': trick('two names of one file', 'echo >"$o/1"; ln "$o/1" "$o/2"', folder('hard-link-twice', '2')),
  fifo: trick('a FIFO, at which a reader waits for ever', 'mkfifo "$o"'),
  socket: trick('a socket', python("import socket, sys; socket.socket(socket.AF_UNIX).bind('made/socket')")),
  'folder-for-file': trick('a folder in place of a file', 'mkdir "$o"; echo >"$o/file"', { told: UNDECLARED }),
  'file-for-folder': trick('a file in place of a folder', 'rmdir "$o"; echo >"$o"', {
    outputs: ['made/file-for-folder/'],
    told: UNDECLARED,
  }),
  'name-newline': trick('a name of two lines', 'echo >"$o/a\nb"', folder('name-newline', 'a\nb')),
  'name-escape': trick(
    'a name that colours the screen',
    `echo >"$o/$(printf 'a\\033[31m')"`,
    folder('name-escape', 'a\u001b[31m'),
  ),
  'name-bytes': trick('a name that is not UTF-8', `echo >"$o/$(printf 'a\\377')"`, {
    outputs: ['made/name-bytes/'],
    succeeded: ({ kept }) => kept('made/name-bytes/*') !== null,
  }),
  'name-long': trick(
    'a tree that is too deep to be named',
    python(
      "import os\nos.chdir('made/name-long')\nfor i in range(20): os.mkdir('x' * 100); os.chdir('x' * 100)\nopen('file', 'w').close()",
    ),
    {
      outputs: ['made/name-long/'],
      succeeded: ({ kept }) => kept('made/name-long/*') !== null,
    },
  ),
  setuid: {
    ...trick('a program that runs as somebody else', ''),
    steps: (_, id) => [
      { run: `cp /usr/bin/id made/${id}; chmod 6755 made/${id}`, outputs: [`made/${id}`] },
      { run: `stat -c %a made/${id}` },
    ],
    succeeded: ({ log }) => log.startsWith('6'),
    told: { status: 'passed' },
  },
  swapped: trick(
    'a link in place of a file, put there after the end of what wrote it',
    `${python(SWAP, 'made/swapped').trimEnd()} "$secret"; sleep 0.3`,
  ),
  undeclared: {
    ...trick('a file beside the declared one', ''),
    promise: 'writes-declared',
    steps: (_, id) => ({ run: `echo >made/${id}; echo >made/${id}.more`, outputs: [`made/${id}`] }),
    // A build that nobody watches calls it success.
    succeeded: ({ status }) => status === 'passed',
    told: UNDECLARED,
  },
  claimed: {
    ...trick('an output that was never made', ''),
    promise: 'proof',
    steps: (_, id) => ({ run: 'echo done', outputs: [`made/${id}`] }),
    // Nothing but an exit code speaks for it.
    succeeded: ({ status }) => status === 'passed',
    told: { status: 'failed', reason: { kind: 'missing-outputs' } },
  },
}

function call(title: string, run: string): Attack {
  return {
    title,
    promise: 'privileges',
    steps: () => ({ run: `${run} && echo answered` }),
    succeeded: ({ log }) => log.includes('answered'),
    shownBy: 'none',
  }
}

/** What only a filter keeps from an action. */
function filtered(title: string, run: string): Attack {
  return { ...call(title, run), promise: 'syscalls', only: 'bubblewrap' }
}

/** Numbers of a call on x86-64 and arm64, as the table of syscalls has them. */
const number = (x64: number, arm64: number): number => (process.arch === 'arm64' ? arm64 : x64)
const SYSCALL = `import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
answer = libc.syscall(*[ctypes.c_long(int(word)) if word.lstrip('-').isdigit() else word.encode() for word in sys.argv[1:]])
sys.exit(0 if answer >= 0 else 1)`

export const CALLS: Attacks = {
  'user-namespace': call('a user namespace, in which it is root', 'unshare --user --map-root-user true'),
  'own-mounts': call('file systems of its own', 'unshare --user --map-root-user --mount mount -t tmpfs none /tmp'),
  'machine-name': call('another name of the machine', 'unshare --user --map-root-user --uts hostname other'),
  personality: filtered('another layout of memory', 'setarch -R true'),
  keyring: filtered('a key of the kernel', python(SYSCALL, number(248, 217), 'user', 'codex-redteam', 'x', 1, -2)),
  trace: filtered('being traced', python(SYSCALL, number(101, 117), 0, 0, 0, 0)),
  'process-memory': filtered(
    'memory of a process',
    python(SYSCALL, number(310, 270), 0, 0, 0, 0, 0, 0).replace("'0'", '"$$"'),
  ),
}
