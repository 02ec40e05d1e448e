// The controls of the packs of this repository: each is refused for what is wrong with it, and notices a check that is gone.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Manifest } from '../../src/model/manifest.ts'
import { CLI } from '../support/cli.ts'
import { copyPack, type PackCopy } from './pack-copy.ts'

const copies: PackCopy[] = []

afterAll(() => copies.forEach((copy) => copy.dispose()))

interface Ran {
  readonly manifest: Manifest
  log(id: string): string
}

async function run(copy: PackCopy): Promise<Ran> {
  await execa(process.execPath, [CLI, 'run', '--sandbox=none'], { cwd: copy.workspace, reject: false })
  const latest = join(copy.workspace, '.codex/runs/latest')
  return {
    manifest: JSON.parse(readFileSync(join(latest, 'manifest.json'), 'utf8')) as Manifest,
    log: (id) => readFileSync(join(latest, 'logs', `${id.replace(':', '/')}/1.log`), 'utf8'),
  }
}

const controlsOf = ({ actions }: Manifest): Readonly<Record<string, string>> =>
  Object.fromEntries(
    actions.filter(({ phase }) => phase === 'controls').map(({ id, status }) => [id.replace(/^.*\//, ''), status]),
  )

function fresh(name: string): PackCopy {
  const copy = copyPack(name)
  copies.push(copy)
  return copy
}

describe('security-redaction-audit', () => {
  it('refuses every control for the reason that it was made for', async () => {
    const { manifest, log } = await run(fresh('security-redaction-audit'))
    expect(manifest.verdict).toBe('passed')
    expect(log('security-redaction-audit:controls/format-templates')).toBe(
      'data/logs/worker.log:1 ends with a blank or a carriage return\n',
    )
    expect(log('security-redaction-audit:controls/lint-no-literal-credential')).toMatch(
      /^data\/logs\/ci\.log:2 holds what looks like a credential: github-token\n/,
    )
    expect(log('security-redaction-audit:controls/tests-audit')).toMatch(
      /^github-token:1 leaks as raw in build\/redacted\/ci\.log:2\n/,
    )
  })

  it('fails when the audit no longer looks for what was planted', async () => {
    const copy = fresh('security-redaction-audit')
    copy.edit('tools/audit.mjs', 'if (failures.length > 0) process.exitCode = 1', '')
    const { manifest } = await run(copy)
    expect(manifest.verdict).toBe('failed')
    expect(controlsOf(manifest)).toEqual({
      'format-templates': 'passed',
      'lint-no-literal-credential': 'passed',
      'tests-audit': 'failed',
    })
    expect(manifest.actions.filter(({ phase }) => phase === 'tests')).toMatchObject([{ status: 'passed' }])
  })
})

interface Controlled {
  readonly id: string
  readonly control?: { readonly replace: Readonly<Record<string, string>> }
}

/** Puts a control's files in place as its task.yml says. */
function control(copy: PackCopy, id: string): void {
  const { acceptance } = parse(copy.read('task.yml')) as { acceptance: Readonly<Record<string, readonly Controlled[]>> }
  const command = Object.values(acceptance)
    .flat()
    .find((each) => each.id === id)
  const replace = Object.entries(command?.control?.replace ?? {})
  expect(replace).not.toEqual([])
  for (const [target, source] of replace) copy.write(target, copy.read(source))
}

describe('web-static-site', () => {
  let built: PackCopy
  beforeAll(async () => {
    built = fresh('web-static-site')
    await built.pass('build', 'rebuild', 'sources', 'pages', 'site')
  })

  it.each([
    ['sources', /^content\/glossary\.md has no front matter$/],
    ['pages', /^site\/glossary\.html:11 shows images\/sandbox\.svg without an alt text$/],
    ['site', /^site\/glossary\.html:11 links to nowhere\.html, but there is no site\/nowhere\.html$/m],
  ])('refuses the control of %s for the reason that it was made for', async (id, message) => {
    const copy = built.copy()
    copies.push(copy)
    control(copy, id)
    const { exitCode, output } = await copy.run(id)
    expect(exitCode).toBe(1)
    expect(output).toMatch(message)
    expect(output).not.toContain('differs between two builds')
  })
})
