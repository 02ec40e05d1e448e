import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { codex } from '../support/cli.ts'
import { pack } from '../support/tasks.ts'

describe.concurrent('help and version', () => {
  it.each(['--version', '-V'])('prints the version and nothing else for %s', async (flag) => {
    await codex({}, { args: [flag], exitCode: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  })

  it('explains itself on stdout', async () => {
    const commands = ['run', 'graph', 'validate', 'list', 'schema', 'doctor', 'diff', 'explain', 'completion']
    const stdout = [...commands.map((name) => new RegExp(`^.{8}${name} `, 'm')), /^Exit codes: 0 accepted/m]
    await codex({}, { args: ['--help'], exitCode: 0, stdout, stderr: '' })
  })

  it('explains a command', async () => {
    const flags = ['-j, --jobs <n>', '--fail-fast', '-n, --dry-run', '--jsonl', '-o, --out <dir>', '-C, --directory']
    const stdout = [...flags, /^Exit codes: 0 all accepted/m]
    await codex({}, { args: ['help', 'run'], exitCode: 0, stdout, stderr: '' })
  })

  it('explains itself without a topic, a command of a command, and a code', async () => {
    await codex({}, { args: ['help'], exitCode: 0, stdout: ['Usage: codex', /^Exit codes: 0/m], stderr: '' })
    await codex({}, { args: ['help', 'runs', 'prune'], exitCode: 0, stdout: ['Usage: codex runs prune'], stderr: '' })
    const page = [/^unknown-key$/m, /^Wrong:\n {2}stpes:$/m, /^Right:\n {2}steps:$/m]
    await codex({}, { args: ['help', 'unknown-key'], exitCode: 0, stdout: page, stderr: '' })
    await codex({}, { args: ['help', 'codes'], exitCode: 0, stdout: [/^unreadable /m, /^cache-unused /m], stderr: '' })
  })

  it.each([
    ['unkown-key', 'Did you mean unknown-key?'],
    ['validat', 'Did you mean validate?'],
    ['anything-else', '`codex help codes` lists the codes'],
  ])('says of %s that there is no such topic, and which is near', async (topic, fix) => {
    const stderr = `error: There is no command and no code '${topic}'. ${fix}\n`
    await codex({}, { args: ['help', topic], exitCode: 2, stdout: '', stderr })
  })

  it('hides the command that completion scripts ask', async () => {
    const { stdout } = await codex({}, { args: ['--help'], exitCode: 0 })
    expect(stdout).not.toMatch(/\bcomplete\b/)
  })
})

describe.concurrent('usage errors', () => {
  const wrong: readonly (readonly [string, readonly string[], readonly (string | RegExp)[]])[] = [
    ['no command', [], ['Usage: codex']],
    ['an unknown command', ['rnu'], ["unknown command 'rnu'", 'Did you mean run?']],
    ['an unknown flag', ['run', '--job=2'], ["unknown option '--job=2'", '--jobs?']],
    ['a flag without its value', ['run', '--out'], ["'-o, --out <dir>' argument missing"]],
    ['no number of jobs', ['run', '-j', '0'], ['a whole number from 1 to 9999 is needed']],
    ['an unknown sandbox', ['run', '--sandbox=docker'], ['Allowed choices are auto, bubblewrap, unshare, none']],
    ['an unknown format', ['graph', '--format=png'], ['Allowed choices are tree, json, mermaid, dot']],
    ['an unknown pillar', ['list', '--pillar', 'secruity'], ['Allowed choices are security, web, game, platform']],
    ['an unknown schema', ['schema', 'pack'], ['Allowed choices are task-pack, plugin, config, manifest, run, event']],
    ['two formats', ['run', '--json', '--jsonl'], ["option '--jsonl' cannot be used with option '--json'"]],
    ['events of a dry run', ['run', '-n', '--jsonl'], ["option '--jsonl' cannot be used with option '-n, --dry-run'"]],
    ['an argument too many', ['doctor', 'now'], ['too many arguments']],
  ]

  it.each(wrong)('answers %s with exit code 2 and words on stderr', async (_, args, stderr) => {
    await codex(pack('a'), { args, exitCode: 2, stdout: '', stderr })
  })

  it('answers a wrong variable as well', async () => {
    const stderr = "error: MAX_ATTEMPTS is 'many': a whole number from 1 is needed\n"
    await codex(pack('a'), { args: ['run'], env: { MAX_ATTEMPTS: 'many' }, exitCode: 2, stdout: '', stderr })
  })
})

describe.concurrent('the folder', () => {
  it('is the one of -C, and paths of packs start there', async () => {
    const files = { ...pack('a'), 'elsewhere/x': '' }
    await codex(files, { args: ['validate', '-C', '..', '../task-packs/a'], cwd: 'elsewhere', exitCode: 2 })
    await codex(files, { args: ['validate', '-C', '..', './task-packs/a'], cwd: 'elsewhere', exitCode: 0 })
  })

  it('is found from below by .git', async () => {
    const files = { ...pack('a', {}, { 'deep/down/x': '' }), '.git': 'a folder' } as const
    await codex(files, { args: ['validate', '..'], cwd: 'task-packs/a/deep', exitCode: 0, stdout: ['1 pack valid'] })
  })

  it.each([
    ['does not exist', 'nowhere'],
    ['is a file', 'file'],
  ])('that %s is named', async (_, dir) => {
    const stderr = [/error unreadable `[^`]*\/(nowhere|file)` can't be read: /]
    await codex({ file: '' }, { args: ['run', '-C', dir], exitCode: 2, stdout: '', stderr })
  })
})

describe.concurrent('the other commands', () => {
  it('print the schemas that editors read', async () => {
    const { stdout } = await codex({}, { args: ['schema', 'task-pack'], exitCode: 0, stderr: '' })
    const schema = JSON.parse(stdout) as { $schema: string; required: readonly string[] }
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(schema.required).toEqual(['version', 'id', 'title', 'pillar', 'risk', 'acceptance'])
  })

  it('check the machine', async () => {
    const { stdout } = await codex(pack('a'), { args: ['doctor', '--json'], exitCode: 0, stderr: '' })
    const text = JSON.stringify(JSON.parse(stdout))
    for (const name of ['bubblewrap', 'unshare', process.versions.node]) expect(text).toContain(name)
  })

  it('list packs for people and programs', async () => {
    const files = { ...pack('alpha', { tags: ['x'] }), ...pack('beta', { pillar: 'web', needs: ['alpha'] }) }
    await codex(files, { args: ['list'], exitCode: 0, stdout: [/alpha/, /beta/], stderr: '' })
    const { stdout } = await codex(files, { args: ['list', '--json'], exitCode: 0, stderr: '' })
    expect(JSON.stringify(JSON.parse(stdout))).toContain('"needs":["alpha"]')
  })

  it('leave nothing behind', async () => {
    const { place } = await codex(pack('a'), { args: ['graph'], exitCode: 0 })
    expect(() => readFileSync(join(place.root, '.codex/.gitignore'))).toThrow('ENOENT')
  })
})
