import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyPack, type PackCopy } from './pack-copy.ts'

interface Canary {
  readonly id: string
  readonly kind: string
  readonly encoding: string
  readonly file: string
  readonly line: number
  readonly value: string
}

interface Report {
  readonly checks: readonly { readonly name: string; readonly subjects: number; readonly failures: number }[]
  readonly kinds: readonly { readonly kind: string; readonly planted: number; readonly redacted: number }[]
}

const KINDS = [
  'authorization-header',
  'aws-access-key-id',
  'aws-secret-access-key',
  'github-token',
  'json-web-token',
  'password-assignment',
  'private-key',
  'slack-token',
  'stripe-key',
  'url-password',
]

let redacted: PackCopy
const copies: PackCopy[] = []

function fresh(): PackCopy {
  const copy = redacted.copy()
  copies.push(copy)
  return copy
}

function canaries(pack: PackCopy): readonly Canary[] {
  return JSON.parse(pack.read('build/canaries.json')) as Canary[]
}

function canary(pack: PackCopy, kind: string, encoding = 'raw'): Canary {
  const found = canaries(pack).find((candidate) => candidate.kind === kind && candidate.encoding === encoding)
  if (!found) throw new Error(`no ${kind} is planted as ${encoding}`)
  return found
}

/** Puts a text in place of the first line of a redacted log, without adding or losing a line. */
function leak(pack: PackCopy, text: string): void {
  pack.edit('build/redacted/ci.log', /^.*/, text)
}

function percentEncoded(character: string): string {
  return `%${Buffer.from(character).toString('hex')}`
}

describe('security-redaction-audit', () => {
  beforeAll(async () => {
    redacted = copyPack('security-redaction-audit')
    copies.push(redacted)
    await redacted.pass('plant', 'list-canaries', 'redact')
  })
  afterAll(() => copies.forEach((copy) => copy.dispose()))

  it('passes, and reports every kind as planted and redacted equally often', async () => {
    const pack = fresh()
    await pack.pass('templates', 'no-literal-credential', 'audit')
    const report = JSON.parse(pack.read('artifacts/redaction-report.json')) as Report
    expect(report.kinds.map(({ kind }) => kind)).toEqual(KINDS)
    expect(report.kinds.filter(({ planted, redacted: count }) => planted < 3 || planted !== count)).toEqual([])
    expect(report.checks.filter(({ subjects, failures }) => subjects === 0 || failures > 0)).toEqual([])
  })

  it('never prints a planted value in its report', async () => {
    const pack = fresh()
    await pack.pass('audit')
    const report = pack.read('artifacts/redaction-report.json')
    expect(canaries(pack).filter(({ value }) => report.includes(value))).toEqual([])
  })

  it('fails when the redactor has no rule for a kind', async () => {
    const pack = fresh()
    pack.edit('tools/rules.mjs', /kind: 'stripe-key',\s+patterns: \[/, "kind: 'stripe-key', patterns: [], unused: [")
    await pack.pass('redact')
    const { exitCode, output } = await pack.run('audit')
    expect(exitCode).toBe(1)
    expect(output).toContain('stripe-key:3 leaks as raw in build/redacted/worker.log:14')
    expect(output).toContain('stripe-key in worker.log: 1 planted, 0 reported as redacted, 0 marked')
    expect(output).not.toContain('github-token')
  })

  it('names every kind when nothing is redacted', async () => {
    const pack = fresh()
    pack.edit('tools/rules.mjs', /patterns: \[/g, 'patterns: [], unused: [')
    await pack.pass('redact')
    const { exitCode, output } = await pack.run('audit')
    expect(exitCode).toBe(1)
    expect(KINDS.filter((kind) => !output.includes(`${kind}:1 leaks as `))).toEqual([])
    expect(canaries(pack).filter(({ value }) => output.includes(value))).toEqual([])
  })

  it('finds a canary in whatever form it is left', async () => {
    const left: readonly (readonly [kind: string, form: string, encode: (value: string) => string])[] = [
      ['github-token', 'raw', (value) => value],
      ['slack-token', 'reversed', (value) => value.split('').toReversed().join('')],
      ['url-password', 'url-all', (value) => value.replaceAll(/[^a-z0-9]/gi, percentEncoded)],
      ['aws-access-key-id', 'hex', (value) => Buffer.from(value).toString('hex').toUpperCase()],
      ['stripe-key', 'base64', (value) => Buffer.from(value).toString('base64')],
      ['json-web-token', 'base64', (value) => Buffer.from(`x${value}yz`).toString('base64')],
      ['authorization-header', 'base64', (value) => Buffer.from(`xx${value}`).toString('base64')],
      ['password-assignment', 'base64url', (value) => Buffer.from(`>>>${value}>>>`).toString('base64url')],
    ]
    const pack = fresh()
    const issued = left.map(([kind, form, encode]) => ({ form, encode, ...canary(pack, kind) }))
    leak(pack, issued.map(({ encode, value }) => encode(value)).join(' '))
    const { exitCode, output } = await pack.run('audit')
    expect(exitCode).toBe(1)
    expect(output.split('\n')).toEqual(
      expect.arrayContaining(issued.map(({ id, form }) => `${id} leaks as ${form} in build/redacted/ci.log:1`)),
    )
  })

  it('finds a single line of a private key', async () => {
    const pack = fresh()
    const { id, value } = canary(pack, 'private-key')
    leak(pack, value.split('\n')[3] ?? '')
    const { exitCode, output } = await pack.run('audit')
    expect(exitCode).toBe(1)
    expect(output).toContain(`${id} leaks as raw in build/redacted/ci.log:1`)
  })

  it('fails when the redactor does not look into an encoding', async () => {
    const pack = fresh()
    pack.edit('tools/redactor.mjs', /token: \//g, 'token: /(?!)')
    await pack.pass('redact')
    const { exitCode, output } = await pack.run('audit')
    expect(exitCode).toBe(1)
    expect(output).toContain('aws-secret-access-key:2 leaks as url in build/redacted/gateway.log:6')
    expect(output).toContain('stripe-key:2 leaks as hex in build/redacted/gateway.log:13')
    expect(output).toContain('slack-token:2 leaks as base64 in build/redacted/gateway.log:8')
  })

  it('fails when a line without a credential is changed by one byte', async () => {
    const pack = fresh()
    pack.edit('build/redacted/api.log', 'Zoë Müller', 'Zoe Müller')
    const { exitCode, output } = await pack.run('audit')
    expect(exitCode).toBe(1)
    expect(output).toContain('build/redacted/api.log:6 was changed, but holds no credential')
  })

  it('fails when a line with a credential loses more than that', async () => {
    const pack = fresh()
    pack.edit('build/redacted/worker.log', 'retry 1 of 3', 'retry')
    const { exitCode, output } = await pack.run('audit')
    expect(exitCode).toBe(1)
    expect(output).toContain('build/redacted/worker.log:14 lost more than its credential')
  })

  it('fails when a line or a whole log is lost', async () => {
    const pack = fresh()
    pack.edit('build/redacted/worker.log', /^INFO .*\n/, '')
    pack.remove('build/redacted/deploy.log')
    const { exitCode, output } = await pack.run('audit')
    expect(exitCode).toBe(1)
    expect(output).toContain('build/redacted/worker.log has 21 lines instead of 22')
    expect(output).toContain('build/redacted/deploy.log has 1 lines instead of')
  })

  it('fails when the redactor claims a number that is not true', async () => {
    const pack = fresh()
    pack.edit('build/redactions.json', '"github-token": 3', '"github-token": 2')
    const { exitCode, output } = await pack.run('audit')
    expect(exitCode).toBe(1)
    expect(output).toContain('github-token in ci.log: 3 planted, 2 reported as redacted, 3 marked')
  })

  it('refuses to prove anything about a kind that is not planted', async () => {
    const pack = fresh()
    const others = canaries(pack).filter(({ kind }) => kind !== 'stripe-key')
    pack.write('build/canaries.json', JSON.stringify(others))
    const { exitCode, output } = await pack.run('audit')
    expect(exitCode).toBe(1)
    expect(output).toContain('no canary of the kind stripe-key is planted')
  })

  it('refuses a canary that is not in the raw log', async () => {
    const pack = fresh()
    const { id, file, value } = canary(pack, 'slack-token')
    pack.edit(`build/raw/${file}`, value, 'nothing')
    const { exitCode, output } = await pack.run('audit')
    expect(exitCode).toBe(1)
    expect(output).toContain(`${id} is not in ${file}: its absence would prove nothing`)
  })

  it('refuses a credential that stands in the pack itself', async () => {
    const pack = fresh()
    const { value } = canary(pack, 'aws-access-key-id')
    pack.edit('README.md', 'Redacts', `Redacts ${value}`)
    const { exitCode, output } = await pack.run('no-literal-credential')
    expect(exitCode).toBe(1)
    expect(output).toContain('./README.md:3 holds what looks like a credential: aws-access-key-id')
  })

  it('refuses templates that can not be filled', async () => {
    const pack = fresh()
    pack.edit('data/logs/worker.log', 'boot', 'boot  \nINFO')
    pack.edit('data/logs/worker.log', 'heartbeat 1', '<<stripe-key>>')
    pack.edit('data/logs/api.log', 'drained', '<<npm-token:1>>')
    pack.edit('data/logs/ci.log', 'finished', '<<stripe-key:9|rot13>>')
    const { exitCode, output } = await pack.run('templates')
    expect(exitCode).toBe(1)
    expect(output).toContain('data/logs/worker.log:1 ends with a blank')
    expect(output).toContain('data/logs/worker.log has a placeholder that is not filled: <<stripe-key>>')
    expect(output).toContain('data/logs/api.log: no generator for the kind "npm-token"')
    expect(output).toContain('data/logs/ci.log: no encoding "rot13"')
  })
})
