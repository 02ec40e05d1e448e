import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyPack, REPOSITORY, type PackCopy } from './pack-copy.ts'

interface Report {
  readonly checks: readonly { readonly name: string; readonly subjects: number; readonly failures: number }[]
  readonly tools: Readonly<Record<string, string>>
}

const PAGE = 'src/report/picture/page'
const CONFIGURATION = [
  ...['.config', '.oxfmtrc.json', '.oxlintrc.json', 'package.json', 'tsconfig.json'],
  `${PAGE}/tsconfig.json`,
]

let small: PackCopy
const copies: PackCopy[] = []

function fresh(): PackCopy {
  const copy = small.copy()
  copies.push(copy)
  return copy
}

/** The project's own configuration around a source file or two, because the whole of it would take as long as its checks do. */
describe('orchestrator-self-check', () => {
  beforeAll(() => {
    small = copyPack('orchestrator-self-check')
    copies.push(small)
    for (const path of CONFIGURATION) cpSync(join(REPOSITORY, path), join(small.workspace, path), { recursive: true })
    small.write('../../src/answer.ts', "export const answer: string = 'six times seven'\n")
    small.write(`../../${PAGE}/main.ts`, 'export const title: string = document.title\n')
    small.write(
      '../../test/answer.test.ts',
      "import { answer } from '../src/answer.ts'\n\nexport const copied: string = answer\n",
    )
  })
  afterAll(() => copies.forEach((copy) => copy.dispose()))

  it('passes, and reports which files each tool reads', async () => {
    const pack = fresh()
    await pack.pass('oxfmt', 'oxlint', 'tsc', 'coverage')
    const report = JSON.parse(pack.read('artifacts/self-check.json')) as Report
    expect(report.checks.filter(({ subjects, failures }) => subjects < 2 || failures > 0)).toEqual([])
    expect(report.tools['typescript']).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('fails for a file out of format', async () => {
    const pack = fresh()
    pack.edit('../../src/answer.ts', 'answer: string =', 'answer:string  =')
    const { exitCode, output } = await pack.run('oxfmt')
    expect(exitCode).not.toBe(0)
    expect(output).toContain('src/answer.ts')
  })

  it('fails for a lint error', async () => {
    const pack = fresh()
    pack.write('../../src/answer.ts', "export const answer: string = 'b'.localeCompare('a') > 0 ? 'b' : 'a'\n")
    const { exitCode, output } = await pack.run('oxlint')
    expect(exitCode).not.toBe(0)
    expect(output).toContain('src/answer.ts')
    expect(output).toContain('Order by bytes')
  })

  it('fails for a lint error that only types tell', async () => {
    const pack = fresh()
    pack.write(
      '../../src/answer.ts',
      'export function ask(answer: Promise<string>): void {\n  answer.then(String)\n}\n',
    )
    const { exitCode, output } = await pack.run('oxlint')
    expect(exitCode).not.toBe(0)
    expect(output).toContain('no-floating-promises')
  })

  it('fails for a type error', async () => {
    const pack = fresh()
    pack.edit('../../src/answer.ts', "'six times seven'", '42')
    const { exitCode, output } = await pack.run('tsc')
    expect(exitCode).not.toBe(0)
    expect(output).toContain("src/answer.ts(1,14): error TS2322: Type 'number' is not assignable to type 'string'.")
  })

  it('fails for a source file that formatter, linter or compiler leave out', async () => {
    const pack = fresh()
    pack.write('../../src/hidden.ts', "export const hidden: string = 'x'\n")
    pack.write('../../test/loose/loose.ts', "export const loose: string = 'x'\n")
    pack.edit('../../.oxfmtrc.json', '"ignorePatterns": [', '"ignorePatterns": ["src/hidden.ts",')
    pack.edit('../../.oxlintrc.json', '"ignorePatterns": [', '"ignorePatterns": ["src/hidden.ts",')
    pack.edit('../../tsconfig.json', '"exclude": [', '"exclude": ["test/loose",')
    const { exitCode, output } = await pack.run('coverage')
    expect(exitCode).toBe(1)
    expect(output).toMatch(/the formatter reads (\d+) of \d+ source files: see ignorePatterns in \.oxfmtrc\.json/)
    expect(output).toContain('src/hidden.ts is not linted')
    expect(output).toContain('test/loose/loose.ts is not type-checked')
  })
})
