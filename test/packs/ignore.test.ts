import { describe, expect, it } from 'vitest'
import { ignoreRules } from '../../src/packs/ignore.ts'
import { memoryWorkspace } from '../support/memory-workspace.ts'

describe('paths that git ignores', () => {
  const ignores = ignoreRules(
    memoryWorkspace({
      '.gitignore': 'node_modules/\n*.log\n/dist\nkept/*\n!kept/me\nbuild/\n',
      'packs/.gitignore': '!important.log\n/local\n',
      'packs/deep/.gitignore': '*\n!*.txt\n',
      'other/.gitignore': '!build/\n',
      'linked/.gitignore': { link: '../.gitignore' },
      'node_modules/.gitignore': '!*\n',
    }),
  )

  it.each<[string, boolean]>([
    ['a.log', true],
    ['src/a.log', true],
    ['src/A.LOG', false],
    ['a.txt', false],
    ['dist', true],
    ['dist/a', true],
    ['src/dist', false],
    ['node_modules/a/b.js', true],
    ['src/node_modules/a.js', true],
    ['node_modules', false],
    ['kept/you', true],
    ['kept/me', false],
    ['packs/important.log', false],
    ['packs/sub/important.log', false],
    ['packs/local', true],
    ['packs/sub/local', false],
    ['packs/deep/a.js', true],
    ['packs/deep/a.txt', false],
    ['other/build/a', false],
    ['src/build/a', true],
    ['linked/dist', false],
    ['.git/config', true],
    ['sub/.git', true],
    ['.codex/runs/x', true],
    ['packs/demo/.codex/a', true],
    ['.gitignore', false],
    ['.github/ci.yml', false],
  ])('%s: %j', (path, expected) => {
    expect(ignores(path)).toBe(expected)
  })

  it('knows a folder from a file', () => {
    expect(ignores('node_modules', true)).toBe(true)
    expect(ignores('src/build', true)).toBe(true)
    expect(ignores('src/build', false)).toBe(false)
    expect(ignores('', true)).toBe(false)
  })
})

it('reads each file once', () => {
  const reads: string[] = []
  const workspace = memoryWorkspace({ '.gitignore': '*.log', 'a/.gitignore': '*.tmp' })
  const ignores = ignoreRules({
    ...workspace,
    readFile: (path) => {
      reads.push(path)
      return workspace.readFile(path)
    },
  })
  for (const path of ['a/b.log', 'a/c.tmp', 'a/d/e.log', 'f']) ignores(path)
  expect(reads).toEqual(['.gitignore', 'a/.gitignore'])
})
