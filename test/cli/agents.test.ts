// A step may be an agent: the operator's program, asked by a file of the pack, with the pack's constraints and no others.
import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/model/manifest.ts'
import { pathWithAgent, withAgent } from '../support/agent.ts'
import {
  actionOf,
  codex,
  LATEST,
  manifestOf,
  manifestText,
  placeFor,
  read,
  recordOf,
  statusesOf,
  type Call,
  type Expected,
  type Files,
  type Ran,
} from '../support/cli.ts'
import { pack } from '../support/tasks.ts'

const STEP = { id: 'plan', uses: 'agent', prompt: 'spec.md', phase: 'plan', outputs: ['plan.md'] }
const CHECK = { tests: [{ run: 'grep -q steps plan.md' }] }

interface Asked {
  readonly prompt: string
  readonly step?: object
  readonly fields?: object
  readonly agent?: object
}

function asking({ prompt, step, fields, agent }: Asked): Files {
  return withAgent(
    pack('a', { steps: [{ ...STEP, ...step }], acceptance: CHECK, ...fields }, { 'spec.md': prompt }),
    agent,
  )
}

async function run(files: Files, { args = [], ...expected }: Partial<Call> & Expected): Promise<Ran> {
  const place = placeFor(files)
  const env = { PATH: pathWithAgent(place.root), ...expected.env }
  return codex(place, { ...expected, env, args: ['run', ...args] })
}

function logOf({ place }: Ran): string {
  return read(place, `${LATEST}/logs/a/steps/plan/1.log`)
}

const PLAN = 'write plan.md three steps\nsay done\n'

describe.concurrent('a step of an agent', () => {
  it('reads its prompt, has its transcript as a log, and leaves what it declares', async () => {
    const ran = await run(asking({ prompt: PLAN }), { exitCode: 0 })
    const manifest = manifestOf(ran.place)
    expect(actionOf(manifest, 'a:steps/plan')).toMatchObject({
      status: 'passed',
      command: ['sh', '-ec', 'exec "$@" <"$0"', 'spec.md', 'scripted-agent', 'exec', '-'],
      outputs: [{ path: 'task-packs/a/plan.md' }],
    })
    expect(logOf(ran)).toBe('asked to plan with exec -\n> write plan.md three steps\n> say done\ndone \n')
    const fingerprint = fingerprintOf(ran, manifest)
    expect(fingerprint.tools).toMatchObject([{ name: 'node' }, { name: 'scripted-agent', version: '1.2.3' }])
    expect(fingerprint.environmentVariables).toContainEqual({ name: 'CODEX_AGENT_PHASE', value: 'plan' })
  })

  it('has another key with another prompt, another program or another command, and the same with the same', async () => {
    const keys = await Promise.all(
      [
        asking({ prompt: PLAN }),
        asking({ prompt: PLAN }),
        asking({ prompt: `${PLAN}say more\n` }),
        asking({ prompt: PLAN, agent: { command: ['scripted-agent', 'exec', '--fast', '-'] } }),
        asking({ prompt: PLAN, agent: { command: 'exec scripted-agent exec -' } }),
        asking({ prompt: PLAN, step: { phase: 'verify' } }),
        { ...asking({ prompt: PLAN }), ...otherProgram(asking({ prompt: PLAN })) },
      ].map(async (files) => {
        const { stdout } = await run(files, { args: ['-n', '--json', '--sandbox=none'], exitCode: 0 })
        return keyOf(stdout)
      }),
    )
    expect(keys[0]).toBe(keys[1])
    expect(new Set(keys).size).toBe(keys.length - 1)
  })

  it.each(['plan', 'implement', 'verify'])('that is to %s may write nothing that was not declared', async (phase) => {
    const ran = await run(asking({ prompt: `${PLAN}write notes/x.md mine\nwrite ../b.txt mine\n`, step: { phase } }), {
      exitCode: 1,
    })
    expect(actionOf(manifestOf(ran.place), 'a:steps/plan')).toMatchObject({
      status: 'violated',
      reason: { kind: 'undeclared-writes', paths: ['task-packs/a/notes/x.md', 'task-packs/b.txt'] },
    })
    expect(statusesOf(manifestOf(ran.place))).toMatchObject({ 'a:tests/1': 'skipped' })
  })

  it('can alter no input', async () => {
    const ran = await run(asking({ prompt: `${PLAN}append task.yml evil\n` }), { exitCode: 1 })
    expect(actionOf(manifestOf(ran.place), 'a:steps/plan')).toMatchObject({
      status: 'violated',
      reason: { kind: 'altered-inputs', paths: ['task-packs/a/task.yml'] },
    })
  })

  it('that prints for ever is stopped', async () => {
    const fields = { constraints: { limits: { log: '64KiB' } } }
    const ran = await run(asking({ prompt: 'babble\n', fields }), { exitCode: 4 })
    expect(actionOf(manifestOf(ran.place), 'a:steps/plan')).toMatchObject({
      status: 'limit',
      reason: { kind: 'limit', limit: 'log' },
    })
    expect(Buffer.byteLength(logOf(ran))).toBeLessThan(128 * 1024)
  })

  it('that fails, or does not do what it was asked, fails its pack', async () => {
    const fails = await run(asking({ prompt: 'dance\n' }), { exitCode: 1 })
    expect(actionOf(manifestOf(fails.place), 'a:steps/plan')).toMatchObject({
      status: 'failed',
      reason: { kind: 'exit' },
    })
    const idle = await run(asking({ prompt: 'say no\n' }), { exitCode: 1 })
    expect(actionOf(manifestOf(idle.place), 'a:steps/plan').reason).toMatchObject({ kind: 'missing-outputs' })
  })
})

describe.concurrent('what an agent needs', () => {
  const asks = { constraints: { secrets: ['MODEL_KEY'], network: ['model.example:443'] } }
  const prompt = `${PLAN}tell MODEL_KEY\ntell HTTPS_PROXY\n`

  it('comes from the grants of its pack alone', async () => {
    const env = { MODEL_KEY: 'k3y-of-the-model' }
    const refused = await run(asking({ prompt, fields: asks }), { exitCode: 3, env, stderr: [/not-granted/] })
    expect(manifestOf(refused.place)).toMatchObject({ verdict: 'refused', actions: [] })
    const args = ['--allow', 'secret=MODEL_KEY', '--allow', 'network=model.example:443']
    const granted = await run(asking({ prompt, fields: asks }), { exitCode: 0, env, args })
    expect(logOf(granted)).toContain('MODEL_KEY=***\n')
    expect(logOf(granted)).toContain('HTTPS_PROXY=http://127.0.0.1:3128\n')
    expect(manifestOf(granted.place).packs[0]?.grants).toEqual(['network:model.example:443', 'secret:MODEL_KEY'])
  })

  it('does not come where the pack asks for nothing, whatever was granted', async () => {
    const ran = await run(asking({ prompt }), {
      exitCode: 0,
      env: { MODEL_KEY: 'k3y-of-the-model' },
      args: ['--allow', 'secret=MODEL_KEY', '--allow', 'network'],
    })
    expect(logOf(ran)).toContain('MODEL_KEY=nothing\n')
    expect(logOf(ran)).toContain('HTTPS_PROXY=nothing\n')
  })

  it('has to be there, and to be named by the configuration', async () => {
    const { 'codex.config.mjs': _, ...without } = asking({ prompt: PLAN })
    const place = placeFor(without)
    const stderr = [
      /^task-packs\/a\/task\.yml:\d+:11 error agent-unset `a:steps\/plan` is for an agent/m,
      'fix: Name its',
    ]
    await codex(place, { args: ['run'], exitCode: 2, stderr })
    await codex(place, { args: ['validate'], exitCode: 2, stderr })
    const missing = { command: 'robot-of-nobody', tools: { 'robot-of-nobody': '*' } }
    await run(asking({ prompt: PLAN, agent: missing }), {
      exitCode: 3,
      stderr: [
        /task\.yml:\d+:11 error tool-missing `a` needs the tool `robot-of-nobody`/,
        '`agent.tools` of codex.config.ts',
      ],
    })
  })
})

describe.concurrent('an agent in a pack with a scope', () => {
  const changing = (phase: string, prompt: string): Files => ({
    ...asking({
      prompt: `${PLAN}${prompt}`,
      step: { phase },
      fields: {
        constraints: { scope: ['/src/**'] },
        acceptance: { tests: [{ run: 'grep -q steps plan.md && grep -qx more ../../src/a.txt' }] },
      },
    }),
    'src/a.txt': 'one\n',
    'src/b.txt': 'two\n',
  })
  const CHANGE = 'append ../../src/a.txt more\nwrite ../../src/c.txt new\ndelete ../../src/b.txt\n'

  it('changes what is in scope where it implements: its change is the output, its transcript the log', async () => {
    const ran = await run(changing('implement', CHANGE), { exitCode: 0 })
    const { files } = manifestOf(ran.place).packs[0]?.change ?? {}
    expect(files?.map(({ path }) => path)).toEqual(['src/a.txt', 'src/b.txt', 'src/c.txt'])
    expect(read(ran.place, `${LATEST}/changes/a.patch`)).toContain('+more')
    expect(read(ran.place, 'src/a.txt')).toBe('one\n')
    expect(logOf(ran)).toContain('asked to implement')
  })

  it.each(['plan', 'verify'])('changes nothing where it is to %s', async (phase) => {
    const alters = await run(changing(phase, 'append ../../src/a.txt more\n'), { exitCode: 1 })
    expect(actionOf(manifestOf(alters.place), 'a:steps/plan')).toMatchObject({
      status: 'violated',
      reason: { kind: 'altered-inputs', paths: ['src/a.txt'] },
    })
    const adds = await run(changing(phase, 'write ../../src/c.txt new\n'), { exitCode: 1 })
    expect(actionOf(manifestOf(adds.place), 'a:steps/plan')).toMatchObject({
      status: 'violated',
      reason: { kind: 'undeclared-writes', paths: ['src/c.txt'] },
    })
  })

  it('changes nothing outside of it', async () => {
    const ran = await run(changing('implement', `${CHANGE}write ../../bin/evil.sh x\n`), { exitCode: 1 })
    expect(actionOf(manifestOf(ran.place), 'a:steps/plan')).toMatchObject({
      status: 'violated',
      reason: { kind: 'undeclared-writes', paths: ['bin/evil.sh'] },
    })
  })
})

it('a later step takes what an agent has planned, without a word that it is read twice', async () => {
  const steps = [STEP, { id: 'do', uses: 'agent', prompt: 'do.md', needs: ['plan'], outputs: ['out.txt'] }]
  const files = pack(
    'a',
    { steps, acceptance: { tests: [{ run: 'grep -q made out.txt && grep -q steps plan.md' }] } },
    { 'spec.md': PLAN, 'do.md': 'write out.txt made\n' },
  )
  const { place } = await run(withAgent(files), { exitCode: 0 })
  expect(recordOf(place).verdict).toBe('passed')
  expect(manifestText(place)).not.toContain(place.root)
})

/** Of the step, in what a dry run prints. */
function keyOf(plan: string): unknown {
  const actions = JSON.parse(plan) as readonly { readonly id: string; readonly key: unknown }[]
  return actions.find(({ id }) => id === 'a:steps/plan')?.key
}

function otherProgram(files: Files): Files {
  const program = files['bin/scripted-agent']
  if (typeof program !== 'object' || !('text' in program)) throw new Error('no program')
  return { 'bin/scripted-agent': { ...program, text: `${program.text}// newer\n` } }
}

interface Fingerprint {
  readonly tools: readonly object[]
  readonly environmentVariables: readonly object[]
}

function fingerprintOf({ place }: Ran, manifest: Manifest): Fingerprint {
  const lines = read(place, `${LATEST}/keys.jsonl`).trimEnd().split('\n')
  const found = lines.map((line) => JSON.parse(line) as Fingerprint & { readonly arguments?: readonly string[] })
  const { command } = actionOf(manifest, 'a:steps/plan')
  const own = found.find((each) => JSON.stringify(each.arguments) === JSON.stringify(command))
  if (!own) throw new Error('no such key')
  return own
}
