// Breakers of a whole run: what they stop, how that is told, and that it is the same however many jobs there are.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  actionOf,
  codex,
  jsonLinesOf,
  LATEST,
  manifestOf,
  manifestText,
  placeFor,
  read,
  recordOf,
  statusesOf,
  type Files,
} from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

function config(breakers: object): Files {
  return { 'codex.config.ts': `export default { policy: { breakers: ${JSON.stringify(breakers)} } }\n` }
}

const LONG = {
  steps: ['x', 'y', 'z'].map((id, at, ids) => ({
    id,
    run: `echo ${id} >build/${id}`,
    outputs: [`build/${id}`],
    needs: at === 0 ? [] : [ids[at - 1]],
  })),
  artifacts: { required: ['build/z'] },
}

/** The longest path starts first, but comes last in the plan: it has passed before anything fails with one job. */
const WORK: Files = {
  ...pack('a', test('sleep 0.2; exit 3')),
  ...pack('b', test('test ! -s task.yml')),
  ...pack('c', LONG),
  ...pack('d', { ...test('exit 5'), needs: ['a'] }),
}

const STOPPED = { kind: 'run-breaker', breaker: 'failures', limit: 2, action: 'b:tests/1' }

const EXPECTED = {
  'a:tests/1': 'failed',
  'b:tests/1': 'failed',
  'c:steps/x': 'breaker',
  'c:steps/y': 'breaker',
  'c:steps/z': 'breaker',
  'c:tests/1': 'breaker',
  'c:gate/artifacts': 'breaker',
  'c:gate/secrets': 'breaker',
  'a:gate/artifacts': 'skipped',
  'a:gate/secrets': 'skipped',
  'b:gate/artifacts': 'skipped',
  'b:gate/secrets': 'skipped',
  'd:tests/1': 'skipped',
  'd:gate/artifacts': 'skipped',
  'd:gate/secrets': 'skipped',
}

describe.concurrent('policy.breakers.failures', () => {
  it('gives the same manifest with one job and with eight, and keeps no evidence of what was not accepted', async () => {
    const texts: string[] = []
    for (const jobs of ['-j1', '-j8']) {
      const stdout = [/^manifest sha256:/]
      const { place } = await codex(
        { ...WORK, ...config({ failures: 2 }) },
        { args: ['run', jobs], exitCode: 4, stdout },
      )
      const manifest = manifestOf(place)
      expect(statusesOf(manifest)).toEqual(EXPECTED)
      expect(manifest.verdict).toBe('failed')
      for (const id of ['c:steps/x', 'c:gate/artifacts']) {
        const unaccepted = { reason: STOPPED, key: null, inputs: null, exitCode: null, outputs: [] }
        expect(actionOf(manifest, id)).toMatchObject(unaccepted)
      }
      expect(actionOf(manifest, 'd:tests/1').reason).toEqual({ kind: 'cause', action: 'a:tests/1' })
      expect(readdirSync(join(place.root, LATEST, 'inputs')).toSorted()).toEqual(['a', 'b'])
      expect(existsSync(join(place.root, LATEST, 'artifacts', 'c'))).toBe(false)
      texts.push(manifestText(place))
    }
    expect(texts[1]).toBe(texts[0])
  })

  it('is told on the console once, and apart from what failed', async () => {
    const stderr = [
      "The run's breaker tripped (`failures: 2`): 2 actions failed, the last of them `b:tests/1`. 6 actions were not accepted because of it.",
      /^ {2}fix: Correct the failures/m,
      /c:steps\/x {2}stopped by a breaker \(failures\)$/m,
      /^FAILED: 2 failed, 6 stopped by a breaker, 7 skipped in /m,
    ]
    const ran = await codex({ ...WORK, ...config({ failures: 2 }) }, { args: ['run'], exitCode: 4, stderr })
    expect(ran.stderr.match(/breaker tripped/g)).toHaveLength(1)
    expect(ran.stderr).not.toContain('again: codex run c')
  })

  it('is in every event stream, each action once and in plan order', async () => {
    const { stdout, place } = await codex(
      { ...WORK, ...config({ failures: 2 }) },
      { args: ['run', '-j1', '--jsonl'], exitCode: 4 },
    )
    const ended = jsonLinesOf(stdout).filter(({ type }) => type === 'action-finished')
    expect(ended.map(({ action, status }) => [action, status])).toEqual(
      manifestOf(place).actions.map(({ id, status }) => [id, status]),
    )
    expect(ended.find(({ action }) => action === 'c:steps/x')).toMatchObject({ reason: STOPPED })
    expect(read(place, `${LATEST}/events.jsonl`)).toContain('"reason":{"action":"b:tests/1","breaker":"failures"')
    // It has run, which is no secret, but proves nothing.
    expect(recordOf(place).actions.find(({ id }) => id === 'c:steps/x')?.attempts).toHaveLength(1)
  })

  it('is in the document of --json', async () => {
    const { stdout } = await codex({ ...WORK, ...config({ failures: 2 }) }, { args: ['run', '--json'], exitCode: 4 })
    const { exitCode, manifest } = JSON.parse(stdout) as { exitCode: number; manifest: ReturnType<typeof manifestOf> }
    expect(exitCode).toBe(4)
    expect(actionOf(manifest, 'c:tests/1').reason).toEqual(STOPPED)
  })

  it('changes nothing where fewer fail, nor where nothing is left to stop', async () => {
    const few = await codex({ ...WORK, ...config({ failures: 3 }) }, { args: ['run'], exitCode: 1 })
    const none = await codex(WORK, { args: ['run'], exitCode: 1 })
    expect(manifestText(few.place)).toBe(manifestText(none.place))
    const last = { ...pack('a'), ...pack('b', test('exit 1')), ...config({ failures: 1 }) }
    const { place } = await codex(last, { args: ['run', 'b'], exitCode: 1 })
    expect(statusesOf(manifestOf(place))).toEqual({
      'b:tests/1': 'failed',
      'b:gate/artifacts': 'skipped',
      'b:gate/secrets': 'skipped',
    })
  })
})

describe.concurrent('policy.breakers.time', () => {
  it('stops what runs and what waits, with exit code 4, and leaves nothing behind', async () => {
    const files = { ...pack('a', test('sleep 1000')), ...pack('b', { needs: ['a'] }) }
    const stderr = [
      'The run took longer than its breaker allows (`time: 1s`). 6 actions were not accepted because of it.',
      /^FAILED: 6 stopped by a breaker in /m,
    ]
    const { place } = await codex({ ...files, ...config({ time: '1s' }) }, { args: ['run'], exitCode: 4, stderr })
    const { actions } = manifestOf(place)
    const reason = { kind: 'run-breaker', breaker: 'time', limit: 1_000 }
    expect(actions.map((action) => [action.status, action.reason])).toEqual(actions.map(() => ['breaker', reason]))
    expect(readdirSync(place.temporary)).toEqual([])
  })

  it('does nothing to a run that is quicker', async () => {
    await codex({ ...pack('a'), ...config({ time: '1h' }) }, { args: ['run'], exitCode: 0 })
  })
})

it('a breaker that makes no sense is refused with its place', async () => {
  const place = placeFor({ ...pack('a'), ...config({ failures: 0, time: '30' }) })
  const stderr = [
    /^codex\.config\.ts:1:1 error invalid-value .*`policy\.breakers\.failures`/m,
    /^codex\.config\.ts:1:1 error invalid-value .*`policy\.breakers\.time`/m,
    '30s',
  ]
  await codex(place, { args: ['run'], exitCode: 2, stderr })
})
