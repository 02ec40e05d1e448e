import { describe, expect, it } from 'vitest'
import { ignoreRules } from '../../src/packs/ignore.ts'
import { newPlace, type NewPlace } from '../../src/packs/new-place.ts'
import { memoryWorkspace, type MemoryNode } from '../support/memory-workspace.ts'

const DEFAULTS = ['task-packs/*', 'solutions/**']

interface Given {
  readonly parent?: string
  readonly patterns?: readonly string[]
  readonly files?: Readonly<Record<string, MemoryNode>>
}

function place({ parent, patterns = DEFAULTS, files = {} }: Given): NewPlace {
  const workspace = memoryWorkspace({ ...files })
  return newPlace(workspace, { id: 'mine', parent: parent ?? null, patterns, ignores: ignoreRules(workspace) })
}

describe('the place of a new pack', () => {
  it.each<[string, Given, string]>([
    ['where packs are looked for first', {}, 'task-packs/mine'],
    ['as the configuration says', { patterns: ['packs/**', 'task-packs/*'] }, 'packs/mine'],
    ['the root itself, if need be', { patterns: ['*'] }, 'mine'],
    ['where it is not excluded', { patterns: ['!task-packs/mine', 'task-packs/*', 'solutions/**'] }, 'solutions/mine'],
    ['where git does not ignore it', { files: { '.gitignore': 'task-packs/\n' } }, 'solutions/mine'],
    ['in a folder that was named', { parent: 'solutions/web' }, 'solutions/web/mine'],
    ['in the folder of its own that was named', { parent: 'solutions/web/mine/' }, 'solutions/web/mine'],
    ['the root that was named', { parent: '.', patterns: ['*'] }, 'mine'],
    ['the root that was named by nothing', { parent: '', patterns: ['*'] }, 'mine'],
    ['in a folder that was named in a long way', { parent: './x/../task-packs' }, 'task-packs/mine'],
    ['in an empty folder', { files: { 'task-packs/mine/': '' } }, 'task-packs/mine'],
    [
      'behind a link within the workspace',
      { files: { 'real/x': '', 'task-packs': { link: 'real' } } },
      'task-packs/mine',
    ],
  ])('is %s', (_, given, dir) => {
    expect(place(given)).toEqual({ ok: true, dir })
  })

  it.each<[string, Given, object]>([
    [
      'a folder with something in it',
      { files: { 'task-packs/mine/notes.txt': '' } },
      { problem: 'exists', path: 'task-packs/mine' },
    ],
    ['a file', { files: { 'task-packs/mine': '' } }, { problem: 'exists', path: 'task-packs/mine' }],
    [
      'a link that leads nowhere',
      { files: { 'task-packs/mine': { link: 'gone' } } },
      { problem: 'exists', path: 'task-packs/mine' },
    ],
    ['a link to an empty folder', { files: { 'x/': '', 'task-packs/mine': { link: '../x' } } }, { problem: 'exists' }],
    ['where no pack is looked for', { parent: 'src' }, { problem: 'unmatched', path: 'src/mine' }],
    [
      'deeper than packs are looked for',
      { parent: 'task-packs/web' },
      { problem: 'unmatched', path: 'task-packs/web/mine' },
    ],
    [
      'what git ignores',
      { parent: 'task-packs', files: { '.gitignore': 'mine\n' } },
      { problem: 'ignored', path: 'task-packs/mine' },
    ],
    ['outside', { parent: '../elsewhere' }, { problem: 'leaves', through: null }],
    ['outside, by an absolute path', { parent: '/etc/../../etc' }, { problem: 'leaves', through: null }],
    [
      'outside, through a link',
      { parent: 'task-packs', files: { 'task-packs': { link: '/etc' } } },
      { problem: 'leaves', through: 'task-packs' },
    ],
    ['what is no path', { parent: 'solutions//web' }, { problem: 'invalid', expected: 'a path without empty parts' }],
    ['a pattern', { parent: 'solutions/*' }, { problem: 'invalid' }],
    ['in the data of git', { parent: '.git' }, { problem: 'invalid' }],
    ['nowhere', { patterns: ['packs/one', '!x'] }, { problem: 'nowhere' }],
  ])('is never %s', (_, given, problem) => {
    expect(place(given)).toMatchObject({ ok: false, ...problem })
  })
})
