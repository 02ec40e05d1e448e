// Every setting that holds, with where it comes from.
import { describe, expect, it } from 'vitest'
import { codex, placeFor, type Files } from '../support/cli.ts'
import { pack } from '../support/tasks.ts'

const CONFIG: Files = {
  'codex.config.mjs': `export default {
    packs: ['packs/*'],
    policy: { grants: { a: { network: ['example.org:443'] } }, breakers: { failures: 3 } },
  }\n`,
  ...pack('a'),
}

interface Told {
  readonly name: string
  readonly value: unknown
  readonly from: string
  readonly by: string | null
}

async function settings(
  files: Files,
  args: readonly string[] = [],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Readonly<Record<string, readonly [value: unknown, from: string, by: string | null]>>> {
  const { stdout } = await codex(files, {
    args: ['config', '--print', '--json', ...args],
    env,
    exitCode: 0,
    stderr: '',
  })
  const { settings: told } = JSON.parse(stdout) as { settings: readonly Told[] }
  return Object.fromEntries(told.map(({ name, value, from, by }) => [name, [value, from, by]]))
}

describe.concurrent('codex config --print', () => {
  it('tells defaults', async () => {
    const { workspace: _, jobs, ...others } = await settings({}, [], { LANG: undefined })
    expect(jobs).toEqual([expect.any(Number), 'default', null])
    expect(new Set(Object.values(others).map(([, from]) => from))).toEqual(new Set(['default']))
    expect(others).toMatchObject({
      packs: [['task-packs/*', 'solutions/**'], 'default', null],
      'policy.grants': [[], 'default', null],
      'policy.breakers.failures': [null, 'default', null],
      sandbox: ['auto', 'default', null],
      out: ['.codex/runs', 'default', null],
      cache: [null, 'default', null],
      sign: [null, 'default', null],
      'max-attempts': [null, 'default', null],
      color: [false, 'default', null],
      unicode: [false, 'default', null],
    })
  })

  it('tells what the file says', async () => {
    const by = 'codex.config.mjs'
    expect(await settings(CONFIG)).toMatchObject({
      configuration: [by, 'default', null],
      packs: [['packs/*'], 'file', by],
      'policy.grants': [[expect.objectContaining({ pack: 'a', network: ['example.org:443'] })], 'file', by],
      'policy.breakers.failures': [3, 'file', by],
      'policy.breakers.time': [null, 'default', null],
    })
  })

  it('tells what flags say, as they would to codex run', async () => {
    const flags = [
      '-j4',
      '--fail-fast',
      '--sandbox=none',
      '--allow',
      'cloud',
      '--out',
      'runs',
      '--shuffle=s',
      '--cache',
    ]
    const told = await settings({}, [...flags, '--sign=key.pem', '--color=always', '--accept-weaker=network'])
    expect(told).toMatchObject({
      jobs: [4, 'flag', '--jobs'],
      'fail-fast': [true, 'flag', '--fail-fast'],
      sandbox: ['none', 'flag', '--sandbox'],
      allow: [[expect.objectContaining({ cloud: true })], 'flag', '--allow'],
      out: ['runs', 'flag', '--out'],
      shuffle: ['s', 'flag', '--shuffle'],
      cache: ['.codex/cache', 'flag', '--cache'],
      sign: ['key.pem', 'flag', '--sign'],
      color: [true, 'flag', '--color'],
      'accept-weaker': [['network'], 'flag', '--accept-weaker'],
    })
    expect(await settings({}, ['--cache=there', '-C', '.'])).toMatchObject({
      cache: ['there', 'flag', '--cache'],
      workspace: [expect.any(String), 'flag', '--directory'],
    })
  })

  it('tells what the environment says, and no secret', async () => {
    const env = {
      ...{ MAX_ATTEMPTS: '2', CODEX_SIGNING_KEY: 'a-secret', NO_COLOR: '1', LANG: 'de_DE.UTF-8' },
      ...{ GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: '/summary', GITHUB_OUTPUT: '/output' },
    }
    const told = await settings({}, [], env)
    expect(told).toMatchObject({
      'max-attempts': [2, 'environment', 'MAX_ATTEMPTS'],
      sign: ['CODEX_SIGNING_KEY', 'environment', 'CODEX_SIGNING_KEY'],
      color: [false, 'environment', 'NO_COLOR'],
      unicode: [true, 'environment', 'LANG'],
      'github-actions': [true, 'environment', 'GITHUB_ACTIONS'],
      'job-summary': ['/summary', 'environment', 'GITHUB_STEP_SUMMARY'],
      'job-outputs': ['/output', 'environment', 'GITHUB_OUTPUT'],
    })
    expect(JSON.stringify(told)).not.toContain('a-secret')
    expect(await settings({}, [], { FORCE_COLOR: '1' })).toMatchObject({ color: [true, 'environment', 'FORCE_COLOR'] })
  })

  it('is a table for people', async () => {
    const place = placeFor(CONFIG)
    const stdout = [
      /^packs +\["packs\/\*"\] +file: codex\.config\.mjs$/m,
      /^jobs +2 +flag: --jobs$/m,
      /^cache +- +default$/m,
    ]
    await codex(place, { args: ['config', '-j2'], exitCode: 0, stdout, stderr: '' })
  })

  it('tells what is wrong instead', async () => {
    const files = { 'codex.config.mjs': 'export default { pack: [] }\n' }
    await codex(files, { args: ['config', '--print'], exitCode: 2, stdout: '', stderr: ['unknown-key', '`packs`'] })
    const stderr = "error: MAX_ATTEMPTS is 'x': a whole number from 1 is needed\n"
    await codex({}, { args: ['config'], env: { MAX_ATTEMPTS: 'x' }, exitCode: 2, stdout: '', stderr })
    await codex({}, { args: ['config', '-C', 'nowhere'], exitCode: 2, stdout: '', stderr: ['unreadable'] })
  })
})
