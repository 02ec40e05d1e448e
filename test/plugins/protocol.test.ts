// What a plugin is asked, what it may answer, and what is made of answers that are none: in memory.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MOST_RESULT_BYTES } from '../../src/model/plugin.ts'
import { definePlugin, type Plugin } from '../../src/plugins/define.ts'
import { drive, LineError, type Channel } from '../../src/plugins/drive.ts'
import { MOST_LINE_BYTES } from '../../src/plugins/protocol.ts'
import { resultBytes, verdictIn, type PluginResult } from '../../src/plugins/result.ts'
import { replyTo } from '../../src/plugins/serve.ts'
import { logOf } from '../../src/plugins/words.ts'

const ABOUT = { name: 'sizes', version: '1.2.3' }
const DRIVEN = { ...ABOUT, pack: 'web', artifacts: ['artifacts/sizes.json'] }

const good: Plugin = definePlugin({ ...ABOUT, run: () => ({ verdict: 'passed', summary: 'It is small' }) })

/** A plugin in the same process; `told` takes what it is asked. */
function channelTo(plugin: unknown, told: unknown[] = []): Channel {
  const replies: Promise<string>[] = []
  return {
    send: (line) => {
      told.push(JSON.parse(line))
      replies.push(replyTo(line, plugin))
    },
    receive: async () => (await replies.shift()) ?? null,
  }
}

/** One that answers with lines that are given. */
function scripted(lines: readonly (string | null | Error)[]): Channel {
  const left = [...lines]
  return {
    send: () => {},
    receive: async () => {
      const line = left.shift() ?? null
      if (line instanceof Error) throw line
      return line
    },
  }
}

const reply = (id: number, answer: unknown): string => JSON.stringify({ id, answer })
const DESCRIBED = reply(1, ABOUT)

describe('a plugin', () => {
  it('is asked everything, in order, and told where it is', async () => {
    const told: unknown[] = []
    const { result } = await drive(channelTo(good, told), DRIVEN)
    const context = { pack: 'web', artifacts: ['artifacts/sizes.json'] }
    const requests = ['describe', 'validate', 'plan', 'run'].map((request, at) => ({ id: at + 1, request, context }))
    const outcome = { verdict: 'passed', summary: 'It is small', findings: [] }
    expect(told).toEqual([...requests, { id: 5, request: 'report', context, outcome }])
    expect(result).toEqual({ resultVersion: 1, plugin: ABOUT, plan: [], report: '', ...outcome })
  })

  it('tells what it is going to do, what it found, and what people should read', async () => {
    const plugin = definePlugin({
      ...ABOUT,
      plan: () => ['weigh it'],
      run: async () => ({
        verdict: 'failed',
        summary: 'Too large',
        findings: [{ message: 'fat', file: 'a', line: 3 }],
      }),
      report: (_, { summary }) => `${summary}: cut it down.`,
    })
    const { result } = await drive(channelTo(plugin), DRIVEN)
    expect(logOf({ result, failure: null })).toBe(
      'plugin sizes 1.2.3: failed: Too large\nplan: weigh it\na:3: fat\nToo large: cut it down.\n',
    )
    expect(verdictIn(Buffer.from(resultBytes(result)), ABOUT)).toBe('failed')
  })

  it('that finds the pack unfit is asked nothing more, and fails it', async () => {
    const told: unknown[] = []
    const plugin = { ...good, validate: () => ['There is no site'] }
    const { result } = await drive(channelTo(plugin, told), DRIVEN)
    expect(told).toHaveLength(2)
    expect(result).toMatchObject({ verdict: 'failed', findings: [{ message: 'There is no site' }] })
  })
})

describe('a plugin that is broken', () => {
  const broken: readonly (readonly [string, Channel, object])[] = [
    ['ends before it answers', scripted([null]), { request: 'describe', problem: 'ended' }],
    ['ends later', scripted([DESCRIBED, reply(2, { problems: [] })]), { request: 'plan', problem: 'ended' }],
    ['prints what is no JSON', scripted(['hello']), { request: 'describe', problem: 'protocol' }],
    ['prints other JSON', scripted(['[]']), { request: 'describe', problem: 'protocol' }],
    ['answers another question', scripted([reply(2, ABOUT)]), { request: 'describe', problem: 'protocol' }],
    ['answers twice', scripted([DESCRIBED, DESCRIBED]), { request: 'validate', problem: 'protocol' }],
    ['prints a line without end', scripted([new LineError('long')]), { request: 'describe', problem: 'protocol' }],
    ['leaves out a member', scripted([reply(1, { name: 'sizes' })]), { request: 'describe', problem: 'protocol' }],
    ['adds a member', scripted([reply(1, { ...ABOUT, grants: ['cloud'] })]), { problem: 'protocol' }],
    ['has another name', channelTo({ ...good, name: 'other' }), { request: 'describe', problem: 'mismatch' }],
    ['has another version', channelTo({ ...good, version: '2' }), { request: 'describe', problem: 'mismatch' }],
    ['is none', channelTo(null), { request: 'describe', problem: 'threw' }],
    ['cannot run', channelTo({ ...ABOUT }), { request: 'describe', problem: 'threw' }],
    [
      'throws',
      channelTo({ ...good, run: () => Promise.reject(new RangeError('no')) }),
      { request: 'run', problem: 'threw', message: 'RangeError: no' },
    ],
    [
      'has a verdict of its own making',
      channelTo({ ...good, run: () => ({ verdict: 'accepted', summary: '' }) }),
      { request: 'run', problem: 'protocol' },
    ],
    [
      'finds too much',
      channelTo({ ...good, run: () => ({ verdict: 'passed', summary: 'x'.repeat(5_000) }) }),
      { request: 'run', problem: 'protocol' },
    ],
    ['reports too much', channelTo({ ...good, report: () => 'x'.repeat(70_000) }), { request: 'report' }],
  ]

  it.each(broken)('%s', async (_, channel, error) => {
    const { result, failure } = await drive(channel, DRIVEN)
    expect(failure).toMatchObject(error)
    // The same whatever went wrong: what did may be chance.
    expect(result).toEqual({ resultVersion: 1, verdict: 'error', plugin: ABOUT, plan: [], request: failure?.request })
    expect(logOf({ result, failure })).toContain(`plugin sizes 1.2.3: error (${failure?.problem}, when it was asked to`)
    expect(verdictIn(Buffer.from(resultBytes(result)), ABOUT)).toBe('error')
  })

  it('is no excuse for the one who asks', async () => {
    await expect(drive(scripted([new TypeError('a bug')]), DRIVEN)).rejects.toThrow('a bug')
  })

  it('never makes it reject, nor find anything good, whatever it prints', async () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ id: fc.nat(6), answer: fc.jsonValue() }).map((value) => JSON.stringify(value)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
        const { result } = await drive(scripted(lines), DRIVEN)
        expect(result.verdict).toBe('error')
        expect(verdictIn(Buffer.from(resultBytes(result)), ABOUT)).toBe('error')
      }),
    )
  })
})

describe('a result', () => {
  const result: PluginResult = {
    ...{ resultVersion: 1, plugin: ABOUT, plan: [], verdict: 'passed', summary: '', findings: [], report: '' },
  }
  const read = (text: string | Uint8Array): unknown =>
    verdictIn(typeof text === 'string' ? Buffer.from(text) : text, ABOUT)

  it('is the same bytes for the same answers, and is read again', () => {
    expect(resultBytes(result)).toBe(
      '{"findings":[],"plan":[],"plugin":{"name":"sizes","version":"1.2.3"},"report":"","resultVersion":1,"summary":"","verdict":"passed"}',
    )
    expect(read(resultBytes(result))).toBe('passed')
  })

  it.each([
    ['nothing', ''],
    ['no JSON', 'passed'],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['another version', JSON.stringify({ ...result, resultVersion: 2 })],
    ['another verdict', JSON.stringify({ ...result, verdict: 'accepted' })],
    ['a member that none has', JSON.stringify({ ...result, accepted: true })],
    ['an error that passed', JSON.stringify({ ...result, request: 'run' })],
    ['an error that tells more', JSON.stringify({ ...result, verdict: 'error', request: 'run' })],
    ['the result of another plugin', JSON.stringify({ ...result, plugin: { ...ABOUT, name: 'other' } })],
    ['more than it may be', `${resultBytes(result)}${' '.repeat(MOST_RESULT_BYTES)}`],
  ])('is none: %s', (_, text) => {
    expect(read(text)).toBeNull()
  })

  it('has room for the longest answers', () => {
    // The steps, the outcome and the report come in a line each.
    expect(3 * MOST_LINE_BYTES).toBeLessThan(MOST_RESULT_BYTES)
  })
})
