// Lets attacks loose: all of a table in one run of codex, or each by itself in a shell that nobody watches.
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { stringify } from 'yaml'
import { sha256, type Digest } from '../../src/model/digest.ts'
import type { TreeEntry } from '../../src/model/tree.ts'
import { start, type Files } from '../support/cli.ts'
import { countWith } from '../support/processes.ts'
import type { Attack, Attacks, Seen, Step, World } from './attack.ts'
import { marker } from './survivors.ts'
import { openHost, type Host } from './world.ts'

const PACK = 'task-packs/redteam'

export type Results = ReadonlyMap<string, Seen>

interface NamedStep extends Step {
  readonly id: string
}

function stepsOf(id: string, attack: Attack, world: World): readonly NamedStep[] {
  const steps = [attack.steps(world, id)].flat() as readonly Step[]
  return steps.map((step, index) => ({ ...step, id: steps.length === 1 ? id : `${id}-${index + 1}` }))
}

function attackStep(id: string, attack: Attack, world: World): NamedStep {
  const step = stepsOf(id, attack, world)[attack.at ?? 0]
  if (!step) throw new Error(`${id} has no such step`)
  return step
}

function filesFor(attacks: Attacks, world: World): Files {
  const steps = Object.entries(attacks).flatMap(([id, attack]) =>
    stepsOf(id, attack, world).map((step, index, all) => ({
      ...step,
      needs: all.slice(0, index).map((one) => one.id),
    })),
  )
  return {
    [`${PACK}/task.yml`]: stringify({
      ...{ version: 1, id: 'redteam', title: 'Attacks', pillar: 'security', risk: 'high' },
      inputs: { tools: { frob: '*' }, mounts: [{ path: '/vendor', identity: '/vendor.lock' }] },
      steps,
      acceptance: { tests: [{ run: 'echo never reached' }] },
    }),
    [`${PACK}/data/input.txt`]: 'input\n',
    [`${PACK}/data/food.txt`]: `wholesome food\n${'and more\n'.repeat(40_000)}`,
    [`${PACK}/.env`]: `${world.secret}\n`,
    'task-packs/other/task.yml': stringify({
      ...{ version: 1, id: 'other', title: 'Other', pillar: 'web', risk: 'low' },
      acceptance: { tests: [{ run: 'test -s private.txt' }] },
    }),
    'task-packs/other/private.txt': `${world.secret}\n`,
  }
}

/** A secret in a variable, in a file that is left open, and the file that GitHub takes outputs from. */
function exposed({ outside, secret }: World): { readonly env: Record<string, string>; readonly through: string[] } {
  return {
    env: { CALLER_SECRET: secret, GITHUB_OUTPUT: `${outside}/github-output` },
    // Node.js keeps low ones from its children by itself.
    through: ['bash', '-c', 'exec 200<"$0" && exec "$@"', `${outside}/secret.txt`],
  }
}

export interface Setting {
  /** What to start everything through, so that it belongs to a user. */
  readonly through: readonly string[]
  readonly sandbox: 'bubblewrap' | 'unshare' | 'none'
  /** Path of another program than the one that was built. */
  readonly program?: string
}

export interface Fought {
  readonly results: Results
  /** Stays open for the caller to close, because what an attack has done is seen on it. */
  readonly host: Host
}

/** Runs all attacks as the steps of one pack. */
export async function runInCodex(attacks: Attacks, setting: Setting): Promise<Fought> {
  return onHost(attacks, setting.through, async (host) => fightInCodex(attacks, host, setting))
}

async function onHost(
  attacks: Attacks,
  through: readonly string[],
  fight: (host: Host) => Promise<Results>,
): Promise<Fought> {
  const host = await openHost((world) => filesFor(attacks, world), { ids: Object.keys(attacks), through })
  try {
    return { host, results: await fight(host) }
  } catch (error) {
    await host.close()
    throw error
  }
}

async function fightInCodex(attacks: Attacks, host: Host, setting: Setting): Promise<Results> {
  const { through, sandbox, program: other } = setting
  const { world, place } = host
  const { env, through: open } = exposed(world)
  const program = start(place, {
    args: ['run', 'redteam', '--jsonl', '-j4', `--sandbox=${sandbox}`, '--out', world.evidence],
    env: { ...env, PATH: `${world.root}/bin:${process.env['PATH']}` },
    through: [...through, ...open, ...(other === undefined ? [] : instead(other))],
  })
  const owners = new Map(Object.entries(attacks).map(([id, attack]) => [attackStep(id, attack, world).id, id]))
  const survivors = new Set<string>()
  const ended = new Map<string, Ended>()
  for await (const line of program) {
    const event = endOf(line)
    if (event === null) continue
    ended.set(event.step, event)
    // Looked for the moment that codex says an action is over.
    const id = owners.get(event.step)
    if (id !== undefined && countWith(marker(world, id)) > 0) survivors.add(id)
  }
  const { stderr } = await program
  if (ended.size === 0) throw new Error(`nothing ran: ${stderr}`)
  await untilGone(`later-${world.token}`)
  const results = Object.entries(attacks).map(
    ([id, attack]) => [id, seenIn(id, attack, { host, ended, survivors })] as const,
  )
  return new Map(results)
}

/** Starts another program in place of the one that was built, with the same arguments. */
export function instead(program: string): readonly string[] {
  return ['sh', '-c', 'node=$1; shift 2; exec "$node" "$0" "$@"', program]
}

interface Ended {
  readonly step: string
  readonly status: string
  readonly reason: Seen['reason']
  readonly outputs: readonly TreeEntry[]
}

/** From what codex says while it runs: the manifest is one of the things that are attacked. */
function endOf(line: string): Ended | null {
  if (!line.includes('"type":"action-finished"')) return null
  const { action, ...event } = JSON.parse(line) as Ended & { readonly action: string }
  return { ...event, step: action.slice(action.lastIndexOf('/') + 1) }
}

/** For who waits for the end of the run, and may need a moment then. */
async function untilGone(process: string): Promise<void> {
  for (let round = 0; round < 200 && countWith(process) > 0; round++) {
    await new Promise((resolve) => void setTimeout(resolve, 50))
  }
}

interface Run {
  readonly host: Host
  readonly ended: ReadonlyMap<string, Ended>
  readonly survivors: ReadonlySet<string>
}

function seenIn(id: string, attack: Attack, { host, ended, survivors }: Run): Seen {
  const { world, heard } = host
  const steps = stepsOf(id, attack, world)
  const attacked = ended.get(attackStep(id, attack, world).id)
  if (!attacked) throw new Error(`${id} was not tried`)
  const logs = steps.map((step) => join(world.evidence, 'latest/logs/redteam/steps', step.id, '1.log'))
  const log = logs.findLast(existsSync)
  const bytes = log === undefined ? Buffer.alloc(0) : readFileSync(log)
  const kept = steps.flatMap((step) => ended.get(step.id)?.outputs ?? [])
  return {
    ...{ id, world, heard, survived: survivors.has(id) },
    ...{ status: attacked.status, reason: attacked.reason, log: bytes.toString(), logBytes: bytes.length },
    kept: (path) => kept.find((entry) => matches(`${PACK}/${path}`, entry.path))?.digest ?? null,
    text: (path) => textAt(join(world.root, PACK, path)),
  }
}

function matches(path: string, entry: string): boolean {
  return path.endsWith('/*') ? entry.startsWith(path.slice(0, -1)) : entry === path
}

function textAt(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

/** Runs each attack in a shell of its own, in a copy of the workspace. */
export async function runBare(attacks: Attacks, through: readonly string[]): Promise<Fought> {
  return onHost(attacks, through, async (host) => {
    const results = new Map<string, Seen>()
    for (const [id, attack] of Object.entries(attacks)) {
      if (attack.shownBy === 'bare') results.set(id, await runOne(id, attack, { host, through }))
    }
    return results
  })
}

interface Place {
  readonly host: Host
  readonly through: readonly string[]
}

async function runOne(id: string, attack: Attack, { host, through }: Place): Promise<Seen> {
  const { world, heard } = host
  const copy = join(dirname(world.root), `copy-${id}`)
  cpSync(world.root, copy, { recursive: true, verbatimSymlinks: true })
  const pack = join(copy, PACK)
  const env = { PATH: '/usr/bin:/bin', HOME: world.home, TMPDIR: world.temporary }
  const steps = stepsOf(id, attack, world)
  for (const output of steps.flatMap(({ outputs = [] }) => outputs)) {
    mkdirSync(join(pack, output.endsWith('/') ? output : dirname(output)), { recursive: true })
  }
  if (through.length > 0) await execa('chown', ['-R', '65534:65534', copy])
  const ends: { readonly exitCode?: number | undefined; readonly all?: string | undefined }[] = []
  for (const { run } of steps) {
    const open = exposed(world)
    const words = [...through, ...open.through, 'sh', '-ec', run]
    const options = {
      cwd: pack,
      env: { ...env, ...open.env },
      extendEnv: false,
      reject: false,
      all: true,
      stdin: 'ignore',
      timeout: 100_000,
    } as const
    ends.push(await execa(words[0] ?? '', words.slice(1), options))
  }
  const log = ends.at(-1)?.all ?? ''
  return {
    ...{ id, world, heard, reason: null, log, logBytes: Buffer.byteLength(log) },
    status: ends[attack.at ?? 0]?.exitCode === 0 ? 'passed' : 'failed',
    survived: countWith(marker(world, id)) > 0,
    kept: (path) => naivelyKept(pack, path),
    text: (path) => textAt(join(pack, path)),
  }
}

/** As somebody takes an output who asks no questions, but for those that would keep him waiting. */
function naivelyKept(pack: string, path: string): Digest | null {
  if (path.endsWith('/*'))
    return readdirSync(join(pack, path.slice(0, -2)), { encoding: 'buffer' }).length > 0 ? sha256('') : null
  const absolute = join(pack, path)
  if (!lstatSync(absolute, { throwIfNoEntry: false })) return null
  const stat = statSync(absolute, { throwIfNoEntry: false })
  return stat?.isFile() && stat.size < 2 ** 20 ? sha256(readFileSync(absolute)) : sha256('')
}
