// Attempts to be there after the action is over, and to use more than an action may.
import { python, quoted, type Attack, type Attacks, type Seen, type Step, type World } from './attack.ts'

/** Every survivor ends by itself after this many seconds, whatever becomes of the tests. */
const LIFE = 90

/** What shows in the list of the machine's processes, of the survivor of one attack. */
export function marker({ token }: World, id: string): string {
  return `survivor-${token}-${id}`
}

/** @param run leaves `sh -c "$sleep"` behind, with the streams closed so that nobody waits for them */
function stay(title: string, run: string, fields: Partial<Step> = {}): Attack {
  return {
    title,
    promise: 'survivors',
    steps: (world, id) => ({
      run: `sleep=${quoted(`: ${marker(world, id)}; sleep ${LIFE}; :`)}\n${run}\necho left`,
      ...fields,
    }),
    succeeded: ({ survived }) => survived,
    shownBy: 'none',
  }
}

const QUIET = '<&- >/dev/null 2>&1 &'
const UP = 'sleep 0.1'

const DOUBLE_FORK = `import os, sys, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
os.chdir('/')
for fd in range(3): os.close(fd)
os.execvp('sh', ['sh', '-c', sys.argv[1]])`

export const SURVIVORS: Attacks = {
  'stay-session': stay('a process in a session of its own', `setsid sh -c "$sleep" ${QUIET} ${UP}`),
  'stay-double-fork': stay('a daemon, by the book', `python3 -c ${quoted(DOUBLE_FORK)} "$sleep"; ${UP}`),
  'stay-nohup': stay('a process that hangs on when others hang up', `setsid nohup sh -c "$sleep" ${QUIET} ${UP}`),
  'stay-deaf': stay(
    'a process that ignores every signal that can be ignored',
    `setsid sh -c "trap '' HUP INT QUIT TERM USR1 USR2 PIPE ALRM TSTP; $sleep" ${QUIET} ${UP}`,
  ),
  'stay-trap': stay(
    'a process that starts another when it is told to end',
    `setsid sh -c 'trap "setsid sh -c \\"\\$0\\" &" TERM HUP INT; eval "$0"' "$sleep" ${QUIET} ${UP}`,
  ),
  'stay-stopped': stay(
    'a process that is stopped',
    `setsid sh -c "(sleep ${LIFE}; kill -KILL \\$\\$) & kill -STOP \\$\\$; $sleep" ${QUIET} ${UP}`,
  ),
  'stay-many': stay(
    'more of them than are found at once',
    `for i in 1 2 3 4 5 6 7 8; do setsid sh -c "$sleep" ${QUIET} done; ${UP}`,
  ),
  'stay-disguised': stay(
    'a process under the name of another',
    `setsid bash -c 'exec -a "[kworker/0:0] \${0%%;*}" sleep ${LIFE}' "$sleep" ${QUIET} ${UP}`,
  ),
  'stay-failing': stay('a process of an attack that fails', `setsid sh -c "$sleep" ${QUIET} ${UP}; exit 3`),
  'stay-timeout': stay('a process of an attack whose time is up', `setsid sh -c "$sleep" ${QUIET} sleep ${LIFE}`, {
    limits: { timeout: '500ms' },
  }),
  'stay-streams': stay(
    'a process that keeps the streams open',
    // Told to nobody where nobody listens, which is what keeps a careless parent waiting.
    `setsid sh -c "$sleep" & ${UP}`,
    { limits: { timeout: '3s' } },
  ),
}

function exhaust(title: string, limit: string, attack: Pick<Attack, 'succeeded' | 'shownBy'> & Step): Attack {
  const { succeeded, shownBy, ...step } = attack
  const told = limit === 'timeout' ? { status: 'timed-out' } : { status: 'limit', reason: { kind: 'limit', limit } }
  return { title, promise: `limit-${limit}`, steps: () => step, succeeded, shownBy, told }
}

const finished = ({ log }: Seen): boolean => log.includes('had it all')
const MIB = 2 ** 20
const MEMORY = `import time
hoard = b'x' * (192 << 20); time.sleep(5); print('had it all')`
const MEMORY_OF_MANY = `import os, time
children = [os.fork() for _ in range(2)]
hoard = b'x' * (50 << 20); time.sleep(5)
if all(children): print('had it all', flush=True)`

export const RESOURCES: Attacks = {
  'fork-bomb': exhaust('processes without end, of which eighty have to do', 'processes', {
    run: 'i=0; while [ $i -lt 80 ]; do sleep 1.5 & i=$((i+1)); done; sleep 1; echo had it all',
    limits: { processes: 20 },
    succeeded: finished,
    shownBy: 'none',
  }),
  'fork-tree': exhaust('processes that each make two', 'processes', {
    run: `cat >/tmp/f.$$ <<'END'
[ "$1" -gt 0 ] || exec sleep 1.5
sh "$0" $(($1 - 1)) & sh "$0" $(($1 - 1)) & wait
END
(sh /tmp/f.$$ 5 && echo had it all); rm -f /tmp/f.$$`,
    limits: { processes: 20 },
    succeeded: finished,
    shownBy: 'none',
  }),
  memory: exhaust('more memory than is allowed', 'memory', {
    run: python(MEMORY),
    limits: { memory: '64MiB' },
    succeeded: finished,
    shownBy: 'none',
  }),
  'memory-of-many': exhaust('memory of several processes, each of which keeps to the limit', 'memory', {
    run: python(MEMORY_OF_MANY),
    limits: { memory: '96MiB' },
    succeeded: finished,
    shownBy: 'none',
  }),
  'log-flood': exhaust('lines without end', 'log', {
    run: `yes 'a line' | head -c ${3 * MIB}`,
    limits: { log: '1MiB' },
    succeeded: ({ logBytes }) => logBytes > MIB,
    shownBy: 'bare',
  }),
  'log-line': exhaust('one line without end', 'log', {
    run: `head -c ${3 * MIB} /dev/zero | tr '\\0' x`,
    limits: { log: '1MiB' },
    succeeded: ({ logBytes }) => logBytes > MIB,
    shownBy: 'bare',
  }),
  'output-size': exhaust('an output that is too large', 'output', {
    run: `head -c ${3 * MIB} /dev/zero >made/large`,
    outputs: ['made/large'],
    limits: { output: '1MiB' },
    succeeded: ({ kept }) => kept('made/large') !== null,
    shownBy: 'bare',
  }),
  'output-sparse': exhaust('an output that is nothing but a hole of 10 GB', 'output', {
    run: 'truncate -s 10000000000 made/sparse',
    outputs: ['made/sparse'],
    limits: { output: '1MiB' },
    succeeded: ({ kept }) => kept('made/sparse') !== null,
    shownBy: 'bare',
  }),
  'output-many': exhaust('outputs that are too large together', 'output', {
    run: `for i in 1 2 3; do head -c ${MIB / 2} /dev/zero >made/many/$i; done`,
    outputs: ['made/many/'],
    limits: { output: '1MiB' },
    succeeded: ({ kept }) => kept('made/many/3') !== null,
    shownBy: 'bare',
  }),
  'endless-loop': exhaust('time without end', 'timeout', {
    run: 'trap "" TERM INT; i=0; while [ $i -lt 300 ]; do sleep 0.01; i=$((i+1)); done; echo had it all',
    limits: { timeout: '500ms' },
    succeeded: finished,
    shownBy: 'bare',
  }),
  'stopped-itself': exhaust('time of a process that does nothing at all', 'timeout', {
    run: '(sleep 1.5; kill -CONT $$) & kill -STOP $$; echo had it all',
    limits: { timeout: '500ms' },
    succeeded: finished,
    shownBy: 'bare',
  }),
  'many-files': {
    title: 'files without end, of which 2,000 have to do',
    promise: 'writes-declared',
    steps: () => ({
      run: python("import os\nos.mkdir('many')\nfor i in range(2000): open('many/%d' % i, 'w').close()"),
    }),
    succeeded: ({ status }) => status === 'passed',
    shownBy: 'bare',
    told: { status: 'violated', reason: { kind: 'undeclared-writes' } },
  },
}
