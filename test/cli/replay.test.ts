// The changes of a recorded run are accepted again, without whoever made them: no agent, no network, no key.
import { appendFileSync, chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { pathWithAgent, withAgent } from '../support/agent.ts'
import {
  codex,
  LATEST,
  manifestOf,
  manifestText,
  placeFor,
  putFiles,
  read,
  recordOf,
  statusesOf,
  type Files,
  type Place,
} from '../support/cli.ts'
import { pack } from '../support/tasks.ts'

const KEY = 'k3y-of-the-model'
const GRANTS = ['--allow', 'secret=MODEL_KEY', '--allow', 'network=model.example:443']
const ASKS = { secrets: ['MODEL_KEY'], network: ['model.example:443'] }

const PLANS = { id: 'plan', uses: 'agent', prompt: 'plan.md', phase: 'plan', outputs: ['todo.txt'] }
const CHANGES = { id: 'fix', uses: 'agent', prompt: 'fix.md', needs: ['plan'] }

/** A pack in which an agent plans, and then changes files of `src`. */
function fixing(fields: object = {}, files: Files = {}): Files {
  return withAgent({
    ...pack(
      'fix',
      {
        steps: [PLANS, CHANGES],
        constraints: { ...ASKS, scope: ['/src/**'] },
        acceptance: {
          tests: [{ run: 'grep -q two todo.txt && grep -qx fixed ../../src/new.txt && ! test -e ../../src/old.txt' }],
        },
        ...fields,
      },
      {
        'plan.md': 'tell MODEL_KEY\nwrite todo.txt two things\n',
        'fix.md': 'write ../../src/new.txt fixed\nappend ../../src/a.txt more\ndelete ../../src/old.txt\n',
        ...files,
      },
    ),
    'src/a.txt': 'one\n',
    'src/old.txt': 'old\n',
    'src/run.sh': { text: 'echo\n', mode: 0o755 },
  })
}

interface Recorded {
  readonly place: Place
  /** Name of its folder. */
  readonly run: string
}

/** A run by whoever has the agent and its key, in a workspace that has the agent no more. */
async function recorded(files: Files): Promise<Recorded> {
  const place = placeFor(files)
  const env = { PATH: pathWithAgent(place.root), MODEL_KEY: KEY }
  await codex(place, { args: ['run', '--sandbox=none', ...GRANTS], env, exitCode: 0 })
  rmSync(join(place.root, 'bin'), { recursive: true })
  return { place, run: recordOf(place).run }
}

let usual: Recorded

beforeAll(async () => {
  usual = await recorded(fixing())
})

/** The same run again and again, each in a workspace of its own. */
function recordedOnce(): Recorded {
  const place = placeFor({})
  cpSync(usual.place.root, place.root, { recursive: true, verbatimSymlinks: true })
  return { ...usual, place }
}

const again = (run: string, ...args: readonly string[]): { readonly args: readonly string[] } => ({
  args: ['run', '--replay', run, '--sandbox=none', ...args],
})

describe.concurrent('codex run --replay', () => {
  it('accepts the changes again without agent, network and key, with the same manifest', async () => {
    const { place, run } = recordedOnce()
    const before = manifestText(place)
    const patch = read(place, `${LATEST}/changes/fix.patch`)
    await codex(place, {
      ...again(run),
      exitCode: 0,
      stderr: [`Replayed ${run}: the manifest is the same, byte for byte.`],
    })
    expect(manifestText(place)).toBe(before)
    expect(read(place, `${LATEST}/changes/fix.patch`)).toBe(patch)
    expect(read(place, 'src/a.txt')).toBe('one\n')
    const record = recordOf(place)
    expect(record.run).not.toBe(run)
    expect(record.replay).toEqual({ run, manifest: recordOf(place, `.codex/runs/${run}`).manifest })
    const steps = record.actions.filter(({ id }) => id.includes(':steps/'))
    expect(steps).toMatchObject([{ attempts: [] }, { attempts: [] }])
    expect(steps.every(({ reused }) => reused?.endsWith(run))).toBe(true)
    expect(record.granted).toEqual([])
    await codex(place, { args: ['verify', 'latest', '--passed'], exitCode: 0 })
    // What was taken can be taken again.
    await codex(place, { ...again(record.run), exitCode: 0 })
    expect(manifestText(place)).toBe(before)
  })

  it('tells of it in one document', async () => {
    const { place, run } = recordedOnce()
    const { stdout } = await codex(place, { ...again(run, '--json'), exitCode: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'passed', replay: { run, same: true, differences: [] } })
  })

  it('gives acceptance nothing of what was granted', async () => {
    const tests = [{ run: 'test -n "$MODEL_KEY"' }]
    const { place, run } = await recorded(fixing({ acceptance: { tests } }))
    await codex(place, {
      ...again(run, ...GRANTS),
      env: { MODEL_KEY: KEY },
      exitCode: 1,
      stderr: [`Replayed ${run}: the manifest is not the same.`, /fix:tests\/1 differs in status/],
    })
  })

  it('says so where acceptance does not do the same with the same key', async () => {
    const tests = [{ run: 'head -c 8 /dev/urandom | od >noise.txt', outputs: ['noise.txt'] }]
    const { place, run } = await recorded(fixing({ acceptance: { tests } }))
    await codex(place, { ...again(run), exitCode: 5, stderr: [/fix:tests\/1 differs in outputs/] })
    expect(manifestOf(place).verdict).toBe('passed')
  })

  it('takes one change after the other, and runs what changes nothing', async () => {
    const second = {
      steps: [{ id: 'more', run: 'cat ../../src/new.txt >>../../src/a.txt' }],
      needs: ['fix'],
      inputs: { files: ['**', '/src/**'] },
      constraints: { scope: ['/src/a.txt'] },
      acceptance: { tests: [{ run: 'test "$(tr -d "\\n" <../../src/a.txt)" = onemorefixed' }] },
    }
    const plain = { steps: [{ id: 's', run: 'echo x >out.txt', outputs: ['out.txt'] }] }
    const { place, run } = await recorded({ ...fixing(), ...pack('more', second), ...pack('plain', plain) })
    const before = manifestText(place)
    await codex(place, { ...again(run), exitCode: 0 })
    expect(manifestText(place)).toBe(before)
    const ran = recordOf(place).actions.filter(({ reused }) => reused === null)
    expect(ran.map(({ id }) => id)).toContain('plain:steps/s')
    expect(ran.map(({ id }) => id)).not.toContain('more:steps/more')
  })
})

describe.concurrent('a run that could not have been made here', () => {
  const cases: readonly (readonly [string, (place: Place) => void, string | RegExp])[] = [
    [
      'another file in scope',
      ({ root }) => appendFileSync(join(root, 'src/a.txt'), 'x'),
      /`fix:steps\/plan` would not see.*`src\/a\.txt`/,
    ],
    ['a file that is new', (place) => putFiles(place.root, { 'src/z.txt': '' }), /would not see.*`src\/z\.txt`/],
    ['another mode', ({ root }) => chmodSync(join(root, 'src/run.sh'), 0o644), /would not see.*`src\/run\.sh`/],
    [
      'another task.yml',
      ({ root }) => appendFileSync(join(root, 'task-packs/fix/task.yml'), '\n'),
      /not as they were.*`fix`/,
    ],
    [
      'another agent',
      ({ root }) => {
        const file = join(root, 'codex.config.mjs')
        writeFileSync(file, readFileSync(file, 'utf8').replace('"exec"', '"run"'))
      },
      /`fix:steps\/plan` is not what it was.*other `arguments`/,
    ],
  ]

  it.each(cases)('is not replayed: %s', async (_, change, says) => {
    const { place, run } = recordedOnce()
    change(place)
    await codex(place, { ...again(run), exitCode: 5, stderr: ['error replay-differs', says] })
    expect(manifestOf(place)).toMatchObject({ verdict: 'refused', actions: [] })
    expect(manifestOf(place).refusals).toMatchObject([{ code: 'replay-differs', field: 'replay' }])
  })

  it('is not replayed with other guarantees', async () => {
    const { place, run } = recordedOnce()
    await codex(place, { args: ['run', '--replay', run], exitCode: 5, stderr: [/had other guarantees.*`filesystem`/] })
  })

  it('is not replayed where its step has failed, or its change was refused', async () => {
    const files = fixing({ steps: [PLANS, { ...CHANGES, needs: [] }] }, { 'fix.md': 'dance\n' })
    const place = placeFor(files)
    const env = { PATH: pathWithAgent(place.root), MODEL_KEY: KEY }
    await codex(place, { args: ['run', '--sandbox=none', ...GRANTS], env, exitCode: 1 })
    await codex(place, { ...again(recordOf(place).run), exitCode: 5, stderr: [/`fix:steps\/fix` did not pass/] })
  })

  it.each([
    ['the patch', 'changes/fix.patch'],
    ['an output', 'changes/fix/outputs/task-packs/fix/todo.txt'],
    ['the manifest', 'manifest.json'],
  ])('is not replayed once somebody has altered %s', async (_, path) => {
    const { place, run } = recordedOnce()
    const file = join(place.root, '.codex/runs', run, path)
    writeFileSync(file, readFileSync(file, 'utf8').replace(/fixed|two|passed/, 'evil!'))
    await codex(place, { ...again(run), exitCode: 5, stderr: ['NOT GENUINE', path] })
    expect(recordOf(place).run).toBe(run)
  })
})

describe.concurrent('a call that makes no sense', () => {
  it('is told so: packs beside the run, a run without changes, no such run', async () => {
    const place = placeFor(pack('plain'))
    await codex(place, { args: ['run', '--sandbox=none'], exitCode: 0 })
    const { run } = recordOf(place)
    await codex(place, { ...again(run, 'plain'), exitCode: 2, stderr: ['--replay takes all packs of the run'] })
    await codex(place, { ...again(run), exitCode: 2, stderr: ['No pack of the run'] })
    await codex(place, { ...again('1999'), exitCode: 2, stderr: ["There is no run '1999'"] })
    await codex(place, { ...again(run, '--check'), exitCode: 2 })
    expect(statusesOf(manifestOf(place))['plain:tests/1']).toBe('passed')
  })
})
