// Help: on one screen, with examples that work as they stand, and with a suggestion for what was mistyped.
import { cpSync, renameSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Context } from '../../src/commands/context.ts'
import { runProgram } from '../../src/commands/program.ts'
import { CLI, codex, placeFor, putFiles, type Files, type Place } from '../support/cli.ts'
import { commitAll, git } from '../support/git.ts'
import { useGithub } from '../support/github/publishing.ts'
import { addRepository, TOKEN, type State } from '../support/github/state.ts'
import { pack } from '../support/tasks.ts'

/** What the program prints, without starting one: neither help nor a wrong word needs more of the world. */
async function printed(argv: readonly string[]): Promise<string> {
  let text = ''
  const write = (part: string): void => void (text += part)
  const tool = { name: 'codex-orchestrator', version: '1.2.3' }
  const terminal = { out: false, err: false }
  await runProgram({ argv, tool, out: write, err: write, env: {}, terminal } as unknown as Context)
  return text
}

const helpOf = async (words: readonly string[]): Promise<string> => printed([...words, '--help'])

/** The commands that a page of help lists. */
async function commandsIn(words: readonly string[]): Promise<readonly string[]> {
  const page = await helpOf(words)
  if (words.length === 0)
    return [...page.matchAll(/^(?:[A-Z][a-z ]{5}| {6}) {2}([a-z]+) {2}/gm)].map(([, name = '']) => name)
  const [, list = ''] = page.split('\nCommands:\n')
  return [
    ...list
      .split('\n\n', 1)
      .join('')
      .matchAll(/^ {2}([a-z]+)/gm),
  ]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help')
}

/** Every command, and every command of a command. */
const COMMANDS = await Promise.all(
  (await commandsIn([])).map(async (name) => [[name], ...(await commandsIn([name])).map((below) => [name, below])]),
).then((lists) => lists.flat())

const FIRST = (await helpOf([])).trimEnd().split('\n')

describe('the first page', () => {
  const lines = FIRST

  it('fits a screen, with a line left for the prompt', () => {
    expect(lines.length).toBeLessThan(24)
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80)
  })

  it('names every command, and cuts none of its words', () => {
    const names = COMMANDS.map(([name]) => name)
    expect(names).toEqual(expect.arrayContaining(['validate', 'graph', 'list', 'run', 'verify', 'config']))
    expect(lines.join('')).not.toContain('…')
  })

  it.each([[[]], [['help']], [['--help']], [['-h']]])('is what %j prints', async (args) => {
    const exitCode = args.length === 0 ? 2 : 0
    const { stdout, stderr } = await codex({}, { args, exitCode })
    expect(stdout + stderr).toBe(`${lines.join('\n')}\n`)
  })
})

const FIELDS = { pillar: 'web', tags: ['nightly'], steps: [{ id: 'build', run: 'echo x >o', outputs: ['o'] }] }
const BUMPS = { constraints: { scope: ['/VERSION'] }, steps: [{ id: 'bump', run: 'echo 2 >../../VERSION' }] }
const EARLIER: Files = {
  'old/tasks/web-build/task.yml': 'id: web-build\ntitle: It builds\npillar: web\nrisk: low\n',
  'old/tasks/web-build/acceptance.yml': 'must: [test -s task.yml]\n',
}
const FILES: Files = {
  ...EARLIER,
  ...pack('web-static-site', FIELDS),
  ...pack('level', { needs: ['web-static-site'] }),
  ...pack('bump', BUMPS),
  VERSION: '1\n',
}

/** A workspace as somebody has it who has run codex before: packs, a key, runs, a cache. */
async function usedWorkspace(state: State): Promise<Place> {
  const place = placeFor(FILES)
  git(place.root, 'init', '--quiet')
  commitAll(place.root)
  git(place.root, 'push', '--quiet', addRepository(state, 'acme/shop').store.folder, 'HEAD:main')
  git(place.root, 'remote', 'add', 'origin', 'https://github.com/acme/shop.git')
  await codex(place, { args: ['keys', 'generate', '--out', '../signing.pem'], exitCode: 0 })
  for (const [name, ...flags] of [['before'], ['signed', '--sign=../signing.pem'], ['', '--cache']]) {
    await codex(place, { args: ['run', '-q', ...flags], exitCode: 0 })
    const latest = realpathSync(join(place.root, '.codex/runs/latest'))
    if (name) renameSync(latest, join(place.root, '.codex/runs', name))
  }
  putFiles(place.temporary, { codex: { text: `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, mode: 0o755 } })
  return place
}

/** What the help of a command shows to be typed. */
async function examplesOf(words: readonly string[]): Promise<readonly string[]> {
  const [, examples = ''] = (await helpOf(words)).split('\nExamples:\n')
  return examples.split('\n').flatMap((line) => (line.startsWith('  ') ? [line.trim().replace(/ +# .*$/, '')] : []))
}

describe.concurrent('every command', () => {
  const forge = useGithub(false)
  let used: Place

  beforeAll(async () => {
    used = await usedWorkspace(forge.github.state)
  }, 180_000)

  it.each(COMMANDS.map((words) => [words.join(' '), words] as const))('%s has examples that work', async (_, words) => {
    const examples = await examplesOf(words)
    expect(examples).not.toEqual([])
    for (const example of examples) {
      expect(example).toMatch(new RegExp(`\\bcodex ${words[0]}\\b`))
      // Each on its own copy: examples are no story.
      const place = placeFor({})
      cpSync(join(used.root, '..'), join(place.root, '..'), { recursive: true, verbatimSymlinks: true, force: true })
      if (!example.includes('generate')) {
        cpSync(join(used.root, '../signing.pem'), join(place.root, 'signing.pem'))
        cpSync(join(used.root, '../signing.pem.pub'), join(place.root, 'signing.pem.pub'))
      }
      const env = {
        ...{ PATH: `${used.temporary}:${process.env['PATH']}`, HOME: place.home, TMPDIR: place.temporary },
        ...{ GITHUB_TOKEN: TOKEN, GITHUB_API_URL: forge.github.url },
      }
      const ran = await execa('bash', ['-c', example], { cwd: place.root, env, extendEnv: false, reject: false })
      expect(ran.exitCode, `${example}\n${ran.stdout}\n${ran.stderr}`).toBe(0)
    }
  })
})

describe.concurrent('what is mistyped', () => {
  it.each([
    ['a command', ['vaildate'], '(Did you mean validate?)'],
    ['a command of a command', ['keys', 'genrate'], '(Did you mean generate?)'],
    ['a command of a command that has another for none', ['runs', 'prnue'], '(Did you mean prune?)'],
    ['a flag', ['run', '--dryrun'], '(Did you mean --dry-run?)'],
    ['a flag of a command of a command', ['runs', 'prune', '--kepp', '3'], '(Did you mean --keep?)'],
    ['a value', ['graph', '--format', 'mermiad'], '(Did you mean mermaid?)'],
    ['a value of a flag that may be repeated', ['list', '--pillar', 'secruity'], '(Did you mean security?)'],
    ['a schema', ['schema', 'manifst'], '(Did you mean manifest?)'],
  ])('gets a suggestion: %s', async (_, args, stderr) => {
    expect(await printed(args)).toContain(stderr)
  })
})
