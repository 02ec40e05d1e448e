import type { CgroupProblem } from '../model/doctor.ts'

const IN_ITS_OWN =
  'To let the kernel do it: `systemd-run --user --scope -p Delegate=yes codex run`, as root without `--user`.'
const IN_A_CONTAINER = 'In a container: one that may write to its own cgroups, for example with `--privileged`.'

/** Why there are no cgroups for actions, and how to get them; `fix` is `null` where only another machine has them. */
export const CGROUP_WORDS: Readonly<Record<CgroupProblem, { readonly because: string; readonly fix: string | null }>> =
  {
    'no-hierarchy': { because: 'none is mounted that codex is in', fix: null },
    'no-controllers': {
      because: 'the one that codex is in has not both controllers, memory and pids',
      fix: null,
    },
    'read-only': { because: 'it is mounted read-only', fix: IN_A_CONTAINER },
    threaded: { because: 'the one that codex is in is part of a threaded one', fix: IN_ITS_OWN },
    shared: { because: 'codex shares its own with other processes, which it leaves where they are', fix: IN_ITS_OWN },
    'not-permitted': { because: 'the one that codex is in belongs to somebody else', fix: IN_ITS_OWN },
  }
