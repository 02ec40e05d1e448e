import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOT_SCANNED } from '../../src/model/secrets.ts'
import { createFinder, loadSecretRules, type FindSecrets } from '../../src/run/secret-rules.ts'
import { scanFiles, type ScanOptions } from '../../src/run/secret-scan.ts'
import { AWS, CREDENTIALS, GITHUB, PRIVATE_KEY, SLACK, URL_WITH_PASSWORD } from '../support/credentials.ts'

const find: FindSecrets = await loadSecretRules()
const signal = new AbortController().signal

async function scan(files: Readonly<Record<string, string | Uint8Array>>, options: Partial<ScanOptions> = {}) {
  const given = Object.entries(files).map(([path, text]) => ({ path, chunks: () => [Buffer.from(text as Uint8Array)] }))
  const { kept } = await scanFiles(given, { find, signal, limit: 1_000, ...options })
  return kept.map(({ path, line, rule }) => `${path}:${line} ${rule}`)
}

describe('a scan', () => {
  it.each(CREDENTIALS.map((credential) => [credential.name, credential] as const))(
    'finds %s',
    async (_, { text, rule }) => {
      expect(await scan({ a: `one\ntwo\n  "x": ${text}\n` })).toEqual([`a:3 ${rule}`])
      expect(await scan({ a: text })).toEqual([`a:1 ${rule}`])
    },
  )

  it('finds nothing in what is none', async () => {
    const texts = ['', 'token: none\n', '-----BEGIN PUBLIC KEY-----\n', `${GITHUB.text}x`, 'https://a.invalid/b:c@d']
    for (const text of texts) expect(await scan({ a: text }), text).toEqual([])
  })

  it('tells findings by path, line and rule, each once', async () => {
    const b = `${SLACK.text} ${GITHUB.text} ${GITHUB.text}\n${AWS.text}\n`
    expect(await scan({ b, a: `\n${AWS.text}` })).toEqual([
      `a:2 ${AWS.rule}`,
      `b:1 ${GITHUB.rule}`,
      `b:1 ${SLACK.rule}`,
      `b:2 ${AWS.rule}`,
    ])
  })

  it('finds them in binary files and beside letters of other alphabets', async () => {
    const binary = Buffer.concat([Buffer.of(0, 255, 10, 0, 233), Buffer.from(GITHUB.text.slice(7)), Buffer.of(0, 200)])
    expect(await scan({ binary, other: `é${GITHUB.text.slice(7)}ß` })).toEqual([
      `binary:2 ${GITHUB.rule}`,
      `other:1 ${GITHUB.rule}`,
    ])
  })

  it('can not be switched off by a comment in the file', async () => {
    expect(await scan({ a: `/* secretlint-disable */\n// secretlint-disable-line\n${GITHUB.text}` })).toHaveLength(1)
  })

  it('looks into a whole JSON file as the key of a service account', async () => {
    const key = JSON.stringify({ private_key_id: 'x', private_key: `-----BEGIN PRIVATE KEY` })
    expect(await scan({ 'a/key.json': `\n${key}` })).toEqual(['a/key.json:1 gcp/PrivateKeyJSON'])
    expect(await scan({ 'a/key.txt': key })).toEqual([])
  })

  it('opens no file that an archive is called', async () => {
    expect(await scan({ '/dev/stdin.p12': 'x', 'package.json': GITHUB.text })).toEqual([
      `package.json:1 ${GITHUB.rule}`,
    ])
  })

  it('finds the same in windows as in one piece, wherever a credential is cut', async () => {
    const part = fc.oneof(
      fc.constantFrom(...CREDENTIALS.map(({ text }) => text)),
      fc.string({ unit: fc.constantFrom('a', ' ', '\n', '_', '-', 'é'), maxLength: 700 }),
    )
    const sizes = { step: 500, before: 8, after: 600 }
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 3, maxLength: 12 }), async (parts) => {
        const text = parts.join(' ')
        expect(await scan({ a: text }, { sizes })).toEqual(await scan({ a: text }))
      }),
      { numRuns: 60 },
    )
  })

  it.each(CREDENTIALS.map((credential) => [credential.name, credential] as const))(
    'finds %s on each place about the border of two windows',
    async (_, { text, rule }) => {
      const border = 128 * 1024
      for (let at = border - text.length - 1; at <= border + 1; at += 7) {
        expect(await scan({ a: `${'.\n'.repeat(at / 2)} ${text}${' '.repeat(20_000)}` }), String(at)).toEqual([
          `a:${Math.floor(at / 2) + 1} ${rule}`,
        ])
      }
    },
  )
})

describe('what a rule is told and tells', () => {
  it('is no message that could hold the credential', async () => {
    const messages: string[] = []
    const rule = createFinder([
      {
        messages: {},
        meta: { id: '@x/secretlint-rule-mine', type: 'scanner', recommended: true, supportedContentTypes: ['text'] },
        create: (context) => {
          const translate = context.createTranslator({ M: { en: ({ secret }) => `found ${secret}` } })
          return {
            file: ({ content }) => {
              const message = translate('M', { secret: content })
              messages.push(message.message)
              context.report({ message, range: [2, 3] })
            },
          }
        },
      },
    ])
    expect(await scan({ a: '0\n2' }, { find: rule })).toEqual(['a:2 mine/M'])
    expect(messages).toEqual([''])
  })

  it('is a finding where it fails, and the other rules still look', async () => {
    const meta = { type: 'scanner', recommended: true, supportedContentTypes: ['text'] } as const
    const failing = createFinder([
      {
        messages: {},
        meta: { ...meta, id: 'secretlint-rule-a', supportedContentTypes: ['text'] },
        create: () => ({
          file: () => {
            throw new RangeError('stack')
          },
        }),
      },
      {
        messages: {},
        meta: { ...meta, id: 'secretlint-rule-b', supportedContentTypes: ['text'] },
        create: ({ report }) => ({
          file: () => report({ message: { message: '', messageId: 'B', data: {} }, range: [0, 1] }),
        }),
      },
    ])
    expect(await scan({ a: 'x' }, { find: failing })).toEqual(['a:1 b/B', `a:1 ${NOT_SCANNED}`])
  })
})

describe('a file', () => {
  it('that can not be read is a finding, from where it ends', async () => {
    const broken = {
      path: 'a',
      *chunks() {
        yield Buffer.from('.\n'.repeat(1_000))
        throw new Error('EIO')
      },
    }
    const sizes = { step: 100, before: 4, after: 10 }
    const { kept, more } = await scanFiles([broken], { find, signal, limit: 5, sizes })
    expect({ kept, more }).toEqual({ kept: [{ path: 'a', line: 901, rule: NOT_SCANNED }], more: false })
  })

  it('is not looked at after the run was stopped', async () => {
    const controller = new AbortController()
    const seen: string[] = []
    const stop: FindSecrets = async ({ path }) => {
      seen.push(path)
      controller.abort()
      await Promise.resolve()
    }
    const big = Buffer.alloc(10_000)
    await scan(
      { a: big, b: big },
      { find: stop, signal: controller.signal, sizes: { step: 100, before: 4, after: 10 } },
    )
    expect(seen).toEqual(['a'])
  })

  it('of many megabytes in one line is looked through in time, also where it is nothing but credentials', async () => {
    expect(await scan({ a: 'a'.repeat(10 * 1024 * 1024) })).toEqual([])
    const size = 2 * 1024 * 1024
    const hostile = [
      ' ',
      'xoxb-',
      `${GITHUB.text} `,
      'xoxb-a-a\n',
      `${AWS.text} `,
      URL_WITH_PASSWORD.text,
      PRIVATE_KEY.text.replaceAll('\n', ''),
      'sk-proj-',
      'ops_ey',
    ]
    for (const text of hostile) {
      const findings = await scan({ a: text.repeat(Math.floor(size / text.length)) })
      expect(findings.length).toBeLessThanOrEqual(1_000)
    }
  })

  it('is not looked at any further when there are more findings than are told', async () => {
    const seen: string[] = []
    const watched: FindSecrets = async (text, report) => {
      seen.push(text.path)
      await find(text, report)
    }
    const flood = `${SLACK.text}\n`.repeat(10_000)
    const files = { c: flood, b: flood, a: `\n${GITHUB.text}` }
    const sizes = { step: 10_000, before: 64, after: 1_000 }
    expect(await scan(files, { find: watched, limit: 3, sizes })).toEqual([
      `a:2 ${GITHUB.rule}`,
      `b:1 ${SLACK.rule}`,
      `b:2 ${SLACK.rule}`,
    ])
    expect(seen).toEqual(['a', 'b'])
  })

  it('lets others have their turn between windows', async () => {
    let turns = 0
    let ended = false
    const take = (): void => {
      turns += 1
      if (!ended) setImmediate(take)
    }
    setImmediate(take)
    await scan({ a: Buffer.alloc(1024 * 1024, ' ') })
    ended = true
    expect(turns).toBeGreaterThanOrEqual(7)
  })
})
