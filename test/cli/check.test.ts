// Everything twice, and in any order: what must not matter does not, and what does is named.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { shuffledPriority } from '../../src/run/shuffle.ts'
import { commandAction } from '../support/actions.ts'
import {
  actionOf,
  codex,
  jsonLinesOf,
  LATEST,
  manifestOf,
  manifestText,
  placeFor,
  putFiles,
  read,
  recordOf,
  statusesOf,
  type Files,
  type Ran,
} from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

const CHECK = ['run', '--check', '--sandbox=none']

function step(run: string, outputs: readonly string[] = ['o']): Files {
  return pack('a', { steps: [{ id: 'make', run, outputs }], ...test('test -s task.yml') })
}

async function differing(run: string, outputs: readonly string[], stderr: readonly (string | RegExp)[]): Promise<Ran> {
  const ran = await codex(step(run, outputs), { args: CHECK, exitCode: 5, stderr: [/^FAILED/m, ...stderr] })
  const paths = outputs.map((path) => `task-packs/a/${path}`)
  expect(manifestOf(ran.place).verdict).toBe('failed')
  expect(actionOf(manifestOf(ran.place), 'a:steps/make')).toMatchObject({
    ...{ status: 'failed', exitCode: 0, outputs: [] },
    reason: { kind: 'nondeterministic', paths },
  })
  return ran
}

describe.concurrent('a checked run', () => {
  it('in which everything is the same twice leaves the manifest of any other run', async () => {
    const place = placeFor(step('sort task.yml >o'))
    await codex(place, { args: ['run', '--sandbox=none'], exitCode: 0 })
    const unchecked = manifestText(place)
    const stderr = ['rehearsing every action first', 'what ended both times was the same', 'PASSED']
    await codex(place, { args: CHECK, exitCode: 0, stderr })
    expect(manifestText(place)).toBe(unchecked)
    expect(recordOf(place).check).toEqual({ jobs: expect.any(Number) as number, logs: [], differences: [] })
    await codex(place, { args: ['verify', 'latest'], exitCode: 0 })
  })

  it('works the same in the sandbox', async () => {
    await codex(step('sort task.yml >o'), { args: ['run', '--check'], exitCode: 0 })
    const args = ['run', '--check']
    await codex(step('date >o'), { args, exitCode: 5, stderr: ['It looks like a time'] })
  })

  it('names the first byte of what depends on the clock, its line and the likely cause', async () => {
    const said = /`task-packs\/a\/o` differs from byte \d+ on, line 2: \d \(0x3\d\) and then \d \(0x3\d\)/
    const { place } = await differing('echo first >o; date -u +%H:%M:%S >>o', ['o'], [said, 'It looks like a time'])
    expect(recordOf(place).check?.differences).toMatchObject([
      { action: 'a:steps/make', endings: null, files: [{ path: 'task-packs/a/o', line: 2, causes: ['time'] }] },
    ])
    expect(statusesOf(manifestOf(place))).toMatchObject({ 'a:tests/1': 'skipped', 'a:gate/artifacts': 'skipped' })
    expect(jsonLinesOf(read(place, `${LATEST}/events.jsonl`)).map(({ type }) => type)).toContain('action-differed')
  })

  it('names chance', async () => {
    const { place } = await differing('cat /proc/sys/kernel/random/uuid >o', ['o'], ['It looks like chance'])
    expect(recordOf(place).check?.differences).toMatchObject([
      { files: [{ offset: expect.any(Number) as number, causes: ['random'] }] },
    ])
  })

  it('names a generated name by what was written only once', async () => {
    const files = step('mkdir -p d; echo x >d/$(cat /proc/sys/kernel/random/uuid)', ['d/'])
    const stderr = [/`task-packs\/a\/d\/\S+` was written the first time only/, /was written the second time only/]
    await codex(files, { args: CHECK, exitCode: 5, stderr })
  })

  it('names a command that fails at times, and keeps both logs', async () => {
    // Without a sandbox a command can leave something where the next one finds it.
    const state = join(placeFor({}).root, 'state')
    const run = `if mkdir '${state}'; then echo first; else echo second; exit 3; fi`
    const stderr = [/first it passed, then it failed \(exit code 3\)/, /log of the first time: .*check\/logs\/a\/tests/]
    const { place } = await codex(pack('a', test(run)), { args: CHECK, exitCode: 5, stderr })
    expect(read(place, `${LATEST}/check/logs/a/tests/1/1.log`)).toBe('first\n')
    expect(read(place, `${LATEST}/logs/a/tests/1/1.log`)).toMatch(/second\n$/)
    await codex(place, { args: ['verify', 'latest'], exitCode: 0 })
    putFiles(join(place.root, LATEST), { 'check/logs/a/tests/1/1.log': 'other\n', 'check/logs/new': 'x' })
    const forged = [/check\/logs\/a\/tests\/1\/1\.log is not what/, /check\/logs\/new/]
    await codex(place, { args: ['verify', 'latest'], exitCode: 5, stdout: forged })
  })

  it('leaves a failure that is the same twice what it is', async () => {
    const { place } = await codex(pack('a', test('exit 3')), { args: CHECK, exitCode: 1 })
    expect(actionOf(manifestOf(place), 'a:tests/1')).toMatchObject({ reason: { kind: 'exit' }, exitCode: 3 })
  })

  it('does not compare logs', async () => {
    await codex(pack('a', test('date +%N')), { args: CHECK, exitCode: 0 })
  })

  it('compares controls by how they end', async () => {
    const control = { replace: { 'data.txt': 'bad.txt' } }
    const files = pack('a', test('grep -q good data.txt', { control }), { 'data.txt': 'good', 'bad.txt': 'bad' })
    await codex(files, { args: CHECK, exitCode: 0 })
  })

  it('tells a program what it has found', async () => {
    const { stdout } = await codex(step('cat /proc/sys/kernel/random/uuid >o'), {
      args: [...CHECK, '--json'],
      exitCode: 5,
    })
    expect(JSON.parse(stdout)).toMatchObject({
      exitCode: 5,
      check: {
        differences: [{ action: 'a:steps/make', files: [{ kind: 'content', offset: expect.any(Number) as number }] }],
      },
    })
  })

  it('leaves no run that could be taken for one that passed when it is refused', async () => {
    await codex(step('true >o'), { args: [...CHECK, '-n'], exitCode: 2, stderr: ["'--check' cannot be used with"] })
  })
})

describe.concurrent('a shuffled run', () => {
  const steps = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, run: `echo ${id} >out-${id}`, outputs: [`out-${id}`] }))
  const files = pack('a', { steps })

  async function orderOf(seed: string): Promise<string> {
    const args = ['run', '-j1', '--sandbox=none', '--shuffle', seed]
    const { place } = await codex(files, { args, exitCode: 0, stderr: [`shuffled by \`${seed}\``] })
    expect(recordOf(place).shuffle).toBe(seed)
    const events = jsonLinesOf(read(place, `${LATEST}/events.jsonl`))
    expect(events[0]).toMatchObject({ type: 'run-started', shuffle: seed })
    const started = events.filter(({ type }) => type === 'action-started').map(({ action }) => String(action))
    return started
      .filter((id) => id.includes('steps'))
      .map((id) => id.at(-1))
      .join('')
  }

  it('starts what is ready in the order of its seed', async () => {
    const orders = await Promise.all(['1', '2', '3', '1'].map(orderOf))
    expect(orders[3]).toBe(orders[0])
    expect(new Set(orders).size).toBe(3)
  })

  it('leaves the manifest of any other run', async () => {
    const place = placeFor(files)
    await codex(place, { args: ['run', '--sandbox=none'], exitCode: 0 })
    const plain = manifestText(place)
    for (const seed of ['1', 'other']) {
      await codex(place, { args: ['run', '--sandbox=none', '--check', '--shuffle', seed], exitCode: 0 })
      expect(manifestText(place)).toBe(plain)
    }
    expect(readdirSync(join(place.root, LATEST))).not.toContain('check')
  })

  it('takes one word that can be printed and written anywhere', async () => {
    await codex(files, { args: ['run', '--shuffle', 'a b'], exitCode: 2, stderr: ['letters, digits'] })
  })
})

describe.concurrent('a dependency that was not declared', () => {
  it('is told with the line to add, with which the run passes', async () => {
    const make = { id: 'make', run: 'echo 1 >build/list', outputs: ['build/list'] }
    const use = { id: 'use', run: 'wc -l build/list >count', outputs: ['count'] }
    const stderr = [
      'The log names `task-packs/a/build/list`, which `a:steps/make` makes and this command does not see.',
      /needs: \[make\]/,
    ]
    for (const sandbox of ['none', 'auto']) {
      await codex(pack('a', { steps: [make, use] }), { args: ['run', `--sandbox=${sandbox}`], exitCode: 1, stderr })
    }
    await codex(pack('a', { steps: [make, { ...use, needs: ['make'] }] }), {
      args: ['run', '--sandbox=none'],
      exitCode: 0,
    })
  })

  it('is found by another order where it goes round the sandbox, again and again with its seed', async () => {
    const startsFirst = (id: string) => (seed: string) => {
      const priority = shuffledPriority([commandAction('a:steps/make'), commandAction('a:steps/use')], seed)
      return (priority.get(id) ?? 0) === Math.max(...priority.values())
    }
    const seeds = Array.from({ length: 50 }, (_, seed) => String(seed))
    const runWith = async (seed = '', exitCode: number): Promise<void> => {
      const state = join(placeFor({}).root, 'list')
      const make = { id: 'make', run: `echo 1 | tee '${state}' >list`, outputs: ['list'] }
      const use = { id: 'use', run: `wc -l '${state}' >count`, outputs: ['count'] }
      const args = ['run', '-j1', '--sandbox=none', '--shuffle', seed]
      await codex(pack('a', { steps: [make, use] }), { args, exitCode, stderr: [`shuffled by \`${seed}\``] })
    }
    await runWith(seeds.find(startsFirst('a:steps/make')), 0)
    const found = seeds.find(startsFirst('a:steps/use'))
    await runWith(found, 1)
    await runWith(found, 1)
  })
})
