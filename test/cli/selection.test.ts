import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codex, placeFor, type Files } from '../support/cli.ts'
import { pack, task } from '../support/tasks.ts'

const FILES: Files = {
  '.git': 'a folder',
  'link-to-deep': { link: 'solutions/deep' },
  ...pack('base', { tags: ['core'] }),
  ...pack('site', { pillar: 'web', needs: ['base'], tags: ['ui', 'slow'] }),
  ...pack('level', { pillar: 'game', needs: ['site'] }),
  ...pack('audit', { pillar: 'security', tags: ['slow'] }),
  'solutions/deep/one/task.yml': task('one', { pillar: 'web' }),
  'solutions/deep/two/task.yml': task('two', { pillar: 'game' }),
}

/** Ids in plan order. */
async function selected(args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await codex(FILES, { args: ['graph', '--json', ...args], exitCode: 0, stderr: '' })
  const { nodes } = JSON.parse(stdout) as { nodes: readonly { key: string }[] }
  return [...new Set(nodes.map(({ key }) => key.split(':')[0] ?? ''))].toSorted()
}

describe.concurrent('packs are selected', () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['all without a name', [], ['audit', 'base', 'level', 'one', 'site', 'two']],
    ['by id', ['audit'], ['audit']],
    ['by id, bringing what is needed', ['level'], ['base', 'level', 'site']],
    ['by folder', ['task-packs/audit'], ['audit']],
    ['by folder with a slash', ['task-packs/audit/'], ['audit']],
    ['by folder from here', ['./task-packs/audit'], ['audit']],
    ['by a folder above', ['solutions'], ['one', 'two']],
    ['by the folder that codex is called in', ['-C', 'solutions/deep/one', '.'], ['one']],
    ['by a folder beside the one that codex is called in', ['-C', 'solutions/deep/one', '../two'], ['two']],
    ['by a folder seen through a link', ['-C', 'link-to-deep', './one'], ['one']],
    ['by glob on ids', ['a*'], ['audit']],
    ['by glob on folders', ['solutions/*/t*'], ['two']],
    ['by several names', ['audit', 'two'], ['audit', 'two']],
    ['by pillar', ['--pillar', 'security'], ['audit']],
    ['by several pillars', ['--pillar', 'security', '--pillar', 'web'], ['audit', 'base', 'one', 'site']],
    ['by tag', ['--tag', 'slow'], ['audit', 'base', 'site']],
    ['by all of name, pillar and tag', ['*', '--tag', 'slow', '--pillar', 'security'], ['audit']],
  ]

  it.each(cases)('%s', async (_, args, expected) => {
    expect(await selected(args)).toEqual(expected)
  })
})

it('takes -C before the command, and absolute paths', async () => {
  const place = placeFor(FILES)
  const one = join(place.root, 'solutions/deep/one')
  const { stdout } = await codex(place, { args: ['-C', 'solutions/deep', 'list', one, './two'], exitCode: 0 })
  expect([...stdout.matchAll(/^ {4}(\w+)/gm)].map(([, id]) => id)).toEqual(['one', 'two'])
})

describe.concurrent('what selects nothing', () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['an unknown id', ['adit'], 'error unknown-selector `adit` is neither the id nor the folder of a pack'],
    ['an unknown folder', ['./task-packs/adit'], 'fix: Did you mean `task-packs/audit`?'],
    ['a folder outside', ['../task-packs/audit'], 'error unknown-selector `../task-packs/audit`'],
    ['an unknown tag', ['--tag', 'slo'], 'fix: Did you mean `slow`?'],
    ['an unknown tag, by name', ['--tag', 'slo'], 'error unknown-selector No pack has the tag `slo`.'],
    ['a glob without a match', ['z*'], 'error unknown-selector `z*`'],
    ['things that exclude each other', ['audit', '--pillar', 'web'], 'error nothing-selected'],
  ]

  it.each(cases)('is refused: %s', async (_, args, stderr) => {
    await codex(FILES, { args: ['validate', ...args], exitCode: 2, stdout: '', stderr: [stderr] })
  })

  it('gets a suggestion for an id', async () => {
    await codex(FILES, { args: ['run', 'adit'], exitCode: 2, stderr: ['fix: Did you mean `audit`?'] })
  })
})

describe.concurrent('a pack that is broken', () => {
  const files: Files = { ...FILES, 'task-packs/broken/task.yml': 'version: 1\n' }

  it('does not stop others that are named', async () => {
    await codex(files, { args: ['validate', 'level'], exitCode: 0, stdout: ['3 packs valid'] })
  })

  it('stops a command that names none', async () => {
    await codex(files, {
      args: ['validate'],
      exitCode: 2,
      stderr: ['task-packs/broken/task.yml:1:1 error missing-key'],
    })
  })
})
