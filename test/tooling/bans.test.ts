import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, it, onTestFinished } from 'vitest'

const REPORTED = [
  'src/host/adapter.ts:5 no-restricted-properties',
  'src/model/one.ts:1 no-cycle',
  'src/model/two.ts:1 no-cycle',
  'src/report/any.ts:1 no-explicit-any',
  'src/report/any.ts:2 no-unsafe-member-access',
  'src/report/any.ts:2 no-unsafe-return',
  'src/report/any.ts:4 no-unsafe-return',
  'src/report/chance.ts:1 no-restricted-properties',
  'src/report/clock.ts:1 no-restricted-imports',
  'src/report/clock.ts:3 no-restricted-properties',
  'src/report/clock.ts:4 no-clock-date',
  'src/report/clock.ts:5 no-clock-date',
  'src/report/clock.ts:6 no-restricted-globals',
  'src/report/console.ts:1 no-restricted-globals',
  'src/report/console.ts:2 no-console',
  'src/report/console.ts:2 no-restricted-globals',
  'src/report/default.ts:1 no-default-export',
  'src/report/locale.ts:1 no-restricted-properties',
  'src/report/locale.ts:2 no-restricted-properties',
  'src/report/locale.ts:3 no-restricted-properties',
  'src/report/process.ts:1 no-restricted-imports',
  'src/report/process.ts:3 no-restricted-globals',
  'src/report/process.ts:4 no-restricted-properties',
  'src/report/process.ts:5 no-restricted-properties',
  'src/report/promise.ts:2 no-floating-promises',
  'src/report/size.ts:1 positional-parameters',
]

/** The overrides go by path, so the fixture stands where a project of its own would. */
function project(): string {
  const root = mkdtempSync(join(tmpdir(), 'bans-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  cpSync('test/fixtures/bans', root, { recursive: true })
  for (const file of ['.oxlintrc.json', '.config/oxlint-codex.mjs', 'tsconfig.json']) cpSync(file, join(root, file))
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
  return root
}

it('the linter reports every ban, and only where it holds', async () => {
  const oxlint = resolve('node_modules/oxlint/bin/oxlint')

  const { exitCode, stdout } = await execa(
    'node',
    [oxlint, '--type-aware', '--format=unix', 'src', 'codex.config.ts'],
    {
      cwd: project(),
      reject: false,
    },
  )

  const reported = stdout.matchAll(/^(\S+?):(\d+):\d+: .*\((\S+)\)\]$/gm)
  expect([...reported].map(([, file, line, rule]) => `${file}:${line} ${rule}`).toSorted()).toEqual(REPORTED)
  expect(exitCode).toBe(1)
})
