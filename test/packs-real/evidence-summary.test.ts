import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyPack, type PackCopy } from './pack-copy.ts'

interface Summary {
  readonly packs: readonly { readonly pack: string; readonly subjects: number; readonly sha256: string }[]
  readonly totals: Readonly<Record<string, number>>
}

const PACKS = ['game-level-simulation', 'orchestrator-self-check', 'security-redaction-audit', 'web-static-site']

let summarised: PackCopy
const copies: PackCopy[] = []

function fresh(): PackCopy {
  const copy = summarised.copy()
  copies.push(copy)
  return copy
}

function report(pack: string, subjects: number): string {
  const checks = [
    { name: 'first', subjects, failures: 0 },
    { name: 'second', subjects: 1, failures: 0 },
  ]
  return `${JSON.stringify({ pack, checks })}\n`
}

describe('evidence-summary', () => {
  beforeAll(async () => {
    summarised = copyPack('evidence-summary')
    copies.push(summarised)
    PACKS.forEach((pack, index) => summarised.write(`data/${pack}.json`, report(pack, 10 ** index)))
    await summarised.pass('summarise')
  })
  afterAll(() => copies.forEach((copy) => copy.dispose()))

  it('adds up the reports of all packs', async () => {
    const pack = fresh()
    await pack.pass('reports', 'totals')
    const summary = JSON.parse(pack.read('artifacts/summary.json')) as Summary
    expect(summary.packs.map(({ pack: id }) => id)).toEqual(PACKS)
    expect(summary.totals).toEqual({ packs: 4, checks: 8, subjects: 1115, failures: 0 })
    expect(pack.read('artifacts/summary.md')).toContain('4 packs looked at 1115 things in 8 checks. Nothing failed.')
  })

  it.each([
    [
      'is missing',
      (pack: PackCopy) => pack.remove('data/web-static-site.json'),
      'data/web-static-site.json is not there',
    ],
    [
      'is no JSON',
      (pack: PackCopy) => pack.write('data/web-static-site.json', '{'),
      'data/web-static-site.json is not JSON',
    ],
    [
      'is that of another pack',
      (pack: PackCopy) => pack.write('data/web-static-site.json', report('evidence-summary', 1)),
      'data/web-static-site.json is the report of evidence-summary instead of web-static-site',
    ],
    [
      'holds no check',
      (pack: PackCopy) => pack.write('data/web-static-site.json', '{"pack":"web-static-site","checks":[]}'),
      'data/web-static-site.json reports no check',
    ],
    [
      'holds no number',
      (pack: PackCopy) => pack.edit('data/web-static-site.json', '1000', '"many"'),
      'data/web-static-site.json: "subjects" of the check first is "many"',
    ],
  ])('writes no summary when a report %s', async (_name, damage, message) => {
    const pack = fresh()
    damage(pack)
    expect(await pack.run('summarise')).toEqual({ exitCode: 1, output: message })
    expect((await pack.run('totals')).output).toBe(message)
  })

  it('fails when a needed pack is not in the summary, or one that is not needed is', async () => {
    const pack = fresh()
    pack.edit('artifacts/summary.json', '"pack": "web-static-site"', '"pack": "web-shop"')
    const { exitCode, output } = await pack.run('totals')
    expect(exitCode).toBe(1)
    expect(output).toContain('web-static-site is needed, but not in the summary')
    expect(output).toContain('web-shop is in the summary, but not needed')
    expect(output).toContain('artifacts/summary.md has no row "| web-shop |')
  })

  it('fails when a need has no artifact', async () => {
    const pack = fresh()
    pack.edit('task.yml', 'needs:\n', 'needs:\n  - asm-inventory\n')
    const { exitCode, output } = await pack.run('summarise')
    expect(exitCode).toBe(1)
    expect(output).toBe('task.yml needs asm-inventory, but takes no artifact from it')
  })

  it('fails when a sum or a total is wrong', async () => {
    const pack = fresh()
    pack.edit('artifacts/summary.json', '"subjects": 1001', '"subjects": 1002')
    pack.edit('artifacts/summary.json', '"checks": 8', '"checks": 9')
    const { exitCode, output } = await pack.run('totals')
    expect(exitCode).toBe(1)
    expect(output).toContain('web-static-site: subjects: 1002 instead of 1001')
    expect(output).toContain('total of checks: 9 instead of 8')
    expect(output).toContain('total of subjects: 1115 instead of 1116')
  })

  it('fails when a report is not the one that was summarised', async () => {
    const pack = fresh()
    pack.write('data/web-static-site.json', `${report('web-static-site', 1000)} `)
    const { exitCode, output } = await pack.run('totals')
    expect(exitCode).toBe(1)
    expect(output).toMatch(/^web-static-site: the report is [0-9a-f]{64}, the summary has [0-9a-f]{64}$/)
  })

  it('fails when a check has failures, or has looked at nothing', async () => {
    const pack = fresh()
    pack.edit('data/game-level-simulation.json', '"failures":0', '"failures":2')
    pack.edit('data/web-static-site.json', '"subjects":1,', '"subjects":0,')
    await pack.pass('summarise')
    const { exitCode, output } = await pack.run('totals')
    expect(exitCode).toBe(1)
    expect(output).toContain('game-level-simulation: the check first has 2 failures')
    expect(output).toContain('web-static-site: the check second has looked at nothing')
  })

  it('refuses summaries out of form', async () => {
    const pack = fresh()
    pack.edit('artifacts/summary.json', '  "packs"', ' "packs"')
    pack.edit('artifacts/summary.md', '| web-static-site |', '| web | static | site |')
    pack.edit('artifacts/summary.md', '# Evidence', 'Evidence')
    const { exitCode, output } = await pack.run('reports')
    expect(exitCode).toBe(1)
    expect(output).toContain('artifacts/summary.json is not indented by two blanks')
    expect(output).toContain('artifacts/summary.md: a row has other cells: | web | static | site |')
    expect(output).toContain('artifacts/summary.md does not begin with a title')
  })
})
