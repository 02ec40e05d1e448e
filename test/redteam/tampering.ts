// Attacks on what is proof: inputs, outputs of others, logs, the manifest, the pack itself, and processes that are not the attack's own.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { countWith } from '../support/processes.ts'
import { python, quoted, type Attack, type Attacks, type Seen, type World } from './attack.ts'

const VIOLATED = { status: 'violated', reason: { kind: 'altered-inputs' } }

/** @param run what to do with the input `data/input.txt`, of which every action has a copy */
function alter(title: string, run: string): Attack {
  return {
    title,
    promise: 'inputs',
    steps: () => ({ run }),
    succeeded: ({ text }) => text('data/input.txt') !== 'input\n',
    shownBy: 'bare',
    told: VIOLATED,
  }
}

/** @param run what to do with `$f`, an output of the step before, which the step after reads */
function spoil(title: string, run: string): Attack {
  return {
    title,
    promise: 'outputs-kept',
    steps: (_, id) => [
      { run: `echo made >made/${id}.txt`, outputs: [`made/${id}.txt`] },
      { run: `f=made/${id}.txt; ${run}` },
      { run: `echo "read: $(cat made/${id}.txt 2>&1)"` },
    ],
    at: 1,
    succeeded: ({ log }) => log.startsWith('read: ') && log !== 'read: made\n',
    shownBy: 'bare',
    told: VIOLATED,
  }
}

/** Adds a word to a file that stands nowhere as such, neither in the command nor in what tells of it. */
function forgery(id: string, path: string): string {
  return `mkdir -p ${quoted(dirname(path))}; printf '# %s-%s\\n' forged ${id} >>${quoted(path)}`
}

/** @param path of a file of the newest run, which is the attack's own */
function forge(title: string, path: string): Attack {
  return {
    title,
    promise: 'evidence',
    steps: ({ evidence }, id) => ({ run: forgery(id, `${evidence}/latest/${path}`) }),
    succeeded: ({ id, world }) => {
      const file = join(world.evidence, 'latest', path)
      return existsSync(file) && readFileSync(file, 'utf8').includes(`forged-${id}`)
    },
    shownBy: 'none',
  }
}

/** Waits for the end of the run, which is when the manifest says how it ended, and no longer than a minute. */
const LATER = `i=0; while grep -q '"verdict":"started"' "$1" && [ $i -lt 1200 ]; do sleep 0.05; i=$((i+1)); done; echo "$2" >"$1"`

const FILES: Attacks = {
  'input-write': alter('an input written anew', 'echo evil >data/input.txt'),
  'input-append': alter('an input made longer', 'echo evil >>data/input.txt'),
  'input-delete': alter('an input deleted', 'rm data/input.txt'),
  'input-rename': alter('an input with another in its place', 'echo evil >data/new; mv data/new data/input.txt'),
  'input-folder': alter(
    'the folder of an input with another in its place',
    'mv data old; mkdir data; echo x >data/input.txt',
  ),
  'input-same-time': alter(
    'an input of the same size and time as before',
    'touch -r data/input.txt /tmp/t.$$; printf "INPUT\\n" >data/input.txt; touch -r /tmp/t.$$ data/input.txt; rm /tmp/t.$$',
  ),
  'output-write': spoil('an earlier output written anew', 'echo evil >"$f"'),
  'output-delete': spoil('an earlier output deleted', 'rm "$f"'),
  'output-rename': spoil('an earlier output with another in its place', 'echo evil >made/new; mv made/new "$f"'),
  'output-link': spoil('an earlier output that became a link', 'ln -sf /etc/passwd "$f"'),
  'log-forged': forge('a log of an action that never ran', 'logs/forged.log'),
  'journal-forged': forge('a line in the journal', 'events.jsonl'),
  'manifest-forged': {
    title: 'the manifest, by a process that waits for its end',
    promise: 'evidence',
    steps: ({ evidence, token }) => ({
      run: `setsid sh -c ${quoted(LATER)} sh ${quoted(`${evidence}/latest/manifest.json`)} later-${token} <&- >/dev/null 2>&1 & sleep 0.1`,
    }),
    succeeded: ({ world }) => {
      const manifest = readFileSync(join(world.evidence, 'latest/manifest.json'), 'utf8')
      return manifest === `later-${world.token}\n`
    },
    shownBy: 'none',
  },
  'pack-forged': {
    title: 'the pack itself',
    promise: 'writes',
    steps: ({ root }, id) => ({ run: forgery(id, `${root}/task-packs/redteam/task.yml`) }),
    succeeded: ({ id, text }) => text('task.yml')?.includes(`forged-${id}`) === true,
    shownBy: 'none',
  },
  // A large one: small ones are in memory.
  'store-poisoned': {
    title: "another action's input, in the store that it comes from",
    promise: 'files',
    steps: ({ temporary }, id) => [
      {
        run: `for f in $(grep -rl 'whole[s]ome' ${quoted(temporary)}/codex-*/content); do chmod u+w "$f"; echo poison >"$f"; done; echo >made/${id}`,
        outputs: [`made/${id}`],
      },
      { run: `test -e made/${id}; head -n 1 data/food.txt` },
    ],
    succeeded: ({ log }) => log === 'poison\n',
    shownBy: 'none',
  },
}

function signal(title: string, run: (world: World) => string, succeeded: (seen: Seen) => boolean): Attack {
  return { title, promise: 'processes', steps: (world) => ({ run: run(world) }), succeeded, shownBy: 'none' }
}

/** A segment of System V shared memory under a key: 0o1600 is IPC_CREAT with the permissions 0600 (shmget(2)). */
const SEGMENT = `import ctypes, sys
print(ctypes.CDLL(None).shmget(int(sys.argv[1]), 64, 0o1600))`

const PROCESSES: Attacks = {
  'kill-process': signal(
    'the end of a process of the caller',
    ({ target }) => `kill -KILL ${target}`,
    ({ world }) => countWith(`target-${world.token}`) === 0,
  ),
  'slow-process': signal(
    'a process of the caller made slow',
    ({ victim }) => `renice -n 19 -p ${victim} && grep -q . /proc/${victim}/comm && echo slowed`,
    ({ log }) => log.includes('slowed'),
  ),
  'shared-memory': {
    title: 'memory that is shared with the host',
    promise: 'ipc',
    steps: ({ token }) => ({ run: python(SEGMENT, token) }),
    succeeded: ({ world }) => readFileSync('/proc/sysvipc/shm', 'utf8').includes(` ${world.token} `),
    shownBy: 'none',
  },
}

export const TAMPERING: Attacks = { ...FILES, ...PROCESSES }
