import { readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ASPECTS, type Aspect, type Guarantees } from '../../model/plan.ts'
import { NOTHING_GRANTED, type Execution, type ExecutionRequest, type Executor } from '../../model/ports.ts'
import { treeOf } from '../../model/tree.ts'
import type { Limits } from '../../model/pack.ts'
import type { DiskContentStore } from '../content-store.ts'

/** What a probe needs in order to end whatever happens. */
const LIMITS: Limits = {
  timeoutMs: 20_000,
  memoryBytes: 1024 ** 3,
  processes: 256,
  logBytes: 64 * 1024,
  outputBytes: 1024 ** 2,
}

export const NO_GUARANTEES: Guarantees = {
  network: 'none',
  filesystem: 'none',
  processes: 'none',
  environment: 'none',
  syscalls: 'none',
}

/**
 * Looks at the world as an action does and tries what it must not be able to do. `$1` is a file of the host.
 * One fact a line, `<name> <value>`.
 */
const CANARY = `
readlink /proc/self/ns/net /proc/self/ns/pid /proc/self/ns/mnt
set -- "$1" /proc/[0-9]*
echo "processes $(($# - 1))"
while IFS=': ' read -r name rest; do case $rest in *[0-9]*) echo "interface $name" ;; esac; done </proc/net/dev
[ -e "$1" ] && echo "seen secret"
for place in / /usr /etc /dev /opt /workspace/..; do
  (echo x >"$place/codex-canary") 2>/dev/null && echo "wrote $place"
done
echo x >/workspace/canary && echo "wrote workspace"
while read -r name value; do case $name in
  CapEff:) echo "capabilities $value" ;;
  Seccomp*) echo "status $name $value" ;;
esac; done </proc/self/status
echo "personality $(setarch -R true 2>&1)"
echo "namespace $(unshare --user true 2>&1)"
env
`

const ENVIRONMENT: Readonly<Record<string, string>> = { PATH: '/usr/bin:/bin', CODEX_CANARY: '1' }

/** Variables that a shell sets by itself. */
const OF_THE_SHELL = new Set(['PWD', 'OLDPWD', 'SHLVL', '_'])

/**
 * strerror(3) of EPERM. Anybody may set a personality but for the filter, and where namespaces are only limited in number,
 * as bubblewrap does, the answer is another.
 */
const NOT_PERMITTED = 'Operation not permitted'

/** The canary's own shell, process 1, and the two that read what it asks. */
const MOST_PROCESSES = 4

export interface ProbeResult {
  readonly guarantees: Guarantees
  /** What went wrong, in the words of whoever said it; empty where the probe ran to its end. */
  readonly problem: string
}

/** Runs the canary through the whole chain. @param folder private folder of the host that no action may see */
export async function probe(executor: Executor, folder: string): Promise<ProbeResult> {
  const secret = join(folder, 'secret')
  writeFileSync(secret, 'visible\n')
  const { execution, output } = await runQuietly(executor, {
    argv: ['sh', '-c', CANARY, 'sh', secret],
    env: ENVIRONMENT,
    outputs: ['canary'],
  })
  if (execution.end.kind !== 'exited' || execution.end.exitCode !== 0) {
    const { end } = execution
    const how =
      end.kind === 'exited' ? `exit code ${end.exitCode}` : end.kind === 'not-started' ? end.message : end.kind
    return { guarantees: NO_GUARANTEES, problem: [output.trim(), how].filter(Boolean).join(': ') }
  }
  return { guarantees: guaranteesOf(output, execution), problem: '' }
}

/** The aspects that must hold for a run in SAFE mode but do not. A system call filter is a second line behind the others. */
export function missingGuarantees(guarantees: Guarantees): readonly Aspect[] {
  return ASPECTS.filter((aspect) => aspect !== 'syscalls' && guarantees[aspect] === 'none')
}

/**
 * Whether inputs can be shown through an overlay here, and whether what an action does to them is seen: some kernels and
 * file systems refuse the one or the other.
 */
export async function probeOverlay(
  execute: Executor['execute'],
  store: DiskContentStore,
  folder: string,
): Promise<boolean> {
  const file = join(folder, 'overlay-probe')
  writeFileSync(file, 'lower\n')
  const inputs = treeOf(['kept', 'removed'].map((name) => store.keep(file, `probe/${name}`)))
  const { execution, output } = await runQuietly(
    { execute },
    {
      argv: ['sh', '-ec', 'cat probe/kept; rm probe/removed; echo upper >probe/made'],
      env: ENVIRONMENT,
      outputs: ['probe/made'],
      inputs,
    },
  )
  return (
    execution.end.kind === 'exited' &&
    execution.end.exitCode === 0 &&
    output === 'lower\n' &&
    execution.altered.join() === 'probe/removed' &&
    execution.outputs.entries.length === 1
  )
}

type Quiet = Pick<ExecutionRequest, 'argv' | 'env' | 'outputs'> &
  Partial<Pick<ExecutionRequest, 'inputs' | 'tools' | 'network'> & Pick<Limits, 'timeoutMs'>>

/** One short command whose output is kept in memory. */
export async function runQuietly(
  executor: Pick<Executor, 'execute'>,
  { timeoutMs = LIMITS.timeoutMs, ...request }: Quiet,
): Promise<{ readonly execution: Execution; readonly output: string }> {
  const chunks: Uint8Array[] = []
  let size = 0
  const execution = await executor.execute({
    inputs: treeOf([]),
    tools: [],
    ...NOTHING_GRANTED,
    ...request,
    cwd: '',
    mounts: [],
    limits: { ...LIMITS, timeoutMs },
    ignores: () => false,
    onOutput: (chunk) => {
      chunks.push(chunk)
      size += chunk.length
      return size <= LIMITS.logBytes
    },
    signal: new AbortController().signal,
  })
  return { execution, output: Buffer.concat(chunks).toString() }
}

function guaranteesOf(output: string, execution: Execution): Guarantees {
  const lines = output.trimEnd().split('\n')
  const facts = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  const apart = (namespace: string): boolean => !lines.includes(readlinkSync(`/proc/self/ns/${namespace}`))
  const names = lines
    .flatMap((line) => /^([A-Za-z_]\w*)=/.exec(line)?.[1] ?? [])
    .filter((name) => !OF_THE_SHELL.has(name))
  const wrote = facts('wrote')
  const kept = execution.outputs.entries.length === 1 && execution.undeclared.length === 0
  const enforced = (held: boolean): 'enforced' | 'none' => (held ? 'enforced' : 'none')
  return {
    network: enforced(apart('net') && facts('interface').every((name) => name === 'lo')),
    filesystem: enforced(
      apart('mnt') && facts('seen').length === 0 && wrote.length === 1 && wrote[0] === 'workspace' && kept,
    ),
    processes: enforced(
      apart('pid') &&
        Number(facts('processes')[0]) <= MOST_PROCESSES &&
        facts('capabilities').every((set) => /^0+$/.test(set)),
    ),
    environment: enforced(names.toSorted().join() === Object.keys(ENVIRONMENT).toSorted().join()),
    syscalls: enforced(isFiltered(facts)),
  }
}

/** Under a filter that codex itself is not under, and one that refuses what it should. */
function isFiltered(facts: (name: string) => readonly string[]): boolean {
  const own = readFileSync('/proc/self/status', 'utf8')
  return (
    filtersOf(facts('status').join('\n')) > filtersOf(own) &&
    ['personality', 'namespace'].every((call) => facts(call).some((answer) => answer.endsWith(NOT_PERMITTED)))
  )
}

/**
 * How many system call filters a process is under, by its /proc/self/status. Kernels before 5.9 don't count them: there one
 * filter more is seen only where codex itself is under none.
 */
function filtersOf(status: string): number {
  if (!/^Seccomp:\s*2$/m.test(status)) return 0
  return Number(/^Seccomp_filters:\s*(\d+)$/m.exec(status)?.[1] ?? 1)
}
