// The way to a first pull request, as README.md tells it, command by command, to a GitHub on loopback.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { CLI, placeFor, read, type Place } from '../support/cli.ts'
import { useGithub } from '../support/github/publishing.ts'
import { addRepository, TOKEN } from '../support/github/state.ts'
import { execa } from 'execa'

const used = useGithub(false)

const README = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')

/** The commands of the section's first block, without their comments. */
function commandsOf(section: string): readonly string[] {
  const from = README.indexOf(`\n## ${section}\n`)
  const block = README.slice(README.indexOf('```sh\n', from) + 6)
  const lines = block.slice(0, block.indexOf('```')).trimEnd().split('\n')
  return lines.map((line) => line.replace(/\s+#.*$/, ''))
}

function clone(place: Place, origin: string): void {
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', args, { cwd: place.root, env: { PATH: process.env['PATH'], HOME: place.home } })
  git('init', '-q', '-b', 'main')
  for (const [key, value] of [
    ['user.name', 'A'],
    ['user.email', 'a@example.org'],
    ['commit.gpgsign', 'false'],
  ] as const)
    git('config', key, value)
  git('add', '-A')
  git('commit', '-qm', 'first')
  // Git pushes to the folder; who asks for the remote is told where people would find it.
  git('remote', 'add', 'origin', 'https://github.com/acme/first.git')
  git('config', 'remote.origin.pushurl', origin)
  git('push', '-q', '-u', 'origin', 'main')
}

it('leads from an empty repository to a pull request that holds its evidence', async () => {
  const repository = addRepository(used.github.state, 'acme/first')
  const place = placeFor({ 'README.md': 'mine\n' })
  clone(place, repository.store.folder)
  const env = {
    ...{ PATH: process.env['PATH'], HOME: place.home, TMPDIR: place.temporary },
    ...{ GITHUB_TOKEN: TOKEN, GITHUB_API_URL: used.github.url },
  }
  const commands = commandsOf('A change and its pull request')
  expect(commands.at(-1)).toBe('npx codex pr latest')
  const run = async (command: string): Promise<string> => {
    const words = command.replaceAll('npx codex', `'${process.execPath}' '${CLI}'`)
    const { exitCode, all } = await execa('sh', ['-ec', words], {
      cwd: place.root,
      env,
      extendEnv: false,
      reject: false,
      all: true,
    })
    expect(exitCode, `${command}\n${all}`).toBe(0)
    return all
  }
  for (const command of commands) await run(command)
  expect(read(place, 'task-packs/release/VERSION')).toBe('1.0.0\n')
  expect(repository.pulls).toHaveLength(1)
  const [pull] = repository.pulls
  expect(pull).toMatchObject({
    title: '[release] A version is released, and the changelog tells of it',
    branch: 'codex/release',
  })
  const manifest = JSON.parse(readFileSync(join(place.root, '.codex/runs/latest/manifest.json'), 'utf8')) as object
  expect(pull?.body).toContain('task-packs/release/VERSION')
  expect(manifest).toMatchObject({ verdict: 'passed' })
  const before = used.github.writes.length
  expect(await run('npx codex pr latest')).toMatch(/\S/)
  expect(used.github.writes).toHaveLength(before)
})
