// Affected packs against what a comparison of both states file by file says, for random histories in real repositories.
import { chmodSync, existsSync, lstatSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ResolvedPack } from '../../src/model/pack.ts'
import { affectedIn, emptyFolder, loaded, repositoryOf } from '../support/affected.ts'
import { putFiles, type Files } from '../support/cli.ts'
import { commitAll, git } from '../support/git.ts'
import { pack } from '../support/tasks.ts'

const FILES: Files = {
  '.gitignore': '*.log\n',
  'shared/a.txt': '',
  'shared/b.txt': '',
  ...pack('one', {}, { 'x.txt': '', 'deep/y.txt': '' }),
  ...pack('one/inner', { id: 'inner' }, { 'x.txt': '' }),
  ...pack('two', { inputs: { files: ['*.txt', '/shared/a*', '!skip.txt'] } }, { 'x.txt': '', 'skip.txt': '' }),
  ...pack('three', { needs: ['two'] }, { 'x.txt': '' }),
  ...pack('four', { inputs: { mounts: [{ path: '/shared', identity: '/shared/b.txt' }] } }, { 'x.txt': '' }),
}

const PATHS = [
  ...['shared/a.txt', 'shared/a2.txt', 'shared/b.txt', 'shared/c.txt', 'README.md'],
  ...['one', 'one/deep', 'one/inner', 'two', 'three', 'four', 'one/new'].flatMap((dir) =>
    ['x.txt', 'y.txt', 'ü "z".txt', 'skip.txt', 'noise.log'].map((name) => `task-packs/${dir}/${name}`),
  ),
]

const path = fc.constantFrom(...PATHS)
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('write' as const), path, text: fc.constantFrom('', 'a', 'b') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), path, to: path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mode' as const), path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('link' as const), path, to: path }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('stage' as const, 'commit' as const, 'unstage' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('branch' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function apply(root: string, one: Step): void {
  switch (one.kind) {
    case 'write':
      if (isFree(root, one.path)) putFiles(root, { [one.path]: one.text })
      return
    case 'remove':
      rmSync(join(root, one.path), { force: true })
      return
    case 'move':
      if (existsSync(join(root, one.path)) && isFree(root, one.to)) {
        putFiles(root, { [one.to]: '' })
        renameSync(join(root, one.path), join(root, one.to))
      }
      return
    case 'mode':
      if (existsSync(join(root, one.path))) chmodSync(join(root, one.path), 0o755)
      return
    case 'link':
      if (
        one.path !== one.to &&
        isFree(root, one.to) &&
        lstatSync(join(root, one.path), { throwIfNoEntry: false })?.isFile()
      ) {
        rmSync(join(root, one.to), { force: true })
        putFiles(root, { [one.to]: { link: join(root, one.path) } })
      }
      return
    case 'stage':
      git(root, 'add', '--all')
      return
    case 'unstage':
      git(root, 'reset', '--quiet')
      return
    case 'commit':
      commitAll(root, 'step')
      return
    case 'branch':
      git(root, 'checkout', '--quiet', '-B', 'topic')
  }
}

/** Writing through a link would be a change of what it leads to. */
function isFree(root: string, one: string): boolean {
  return !lstatSync(join(root, one), { throwIfNoEntry: false })?.isSymbolicLink()
}

/** All that an action of a pack can see of it, and what says what it is. */
function stateOf(root: string, { definition, files, digest }: ResolvedPack): unknown {
  const named = definition.inputs.mounts.map(({ identity }) => identity.slice(1))
  return [digest, ...[...files, ...named].map((file) => [file, fileState(join(root, file))])]
}

function fileState(file: string): unknown {
  if (!existsSync(file)) return null
  const link = lstatSync(file).isSymbolicLink() ? readlinkSync(file) : null
  return [readFileSync(file, 'utf8'), (lstatSync(file).mode & 0o100) !== 0, link]
}

/** The packs that differ between two folders, with all that need them. */
function differing(before: string, after: string): readonly string[] {
  const old = new Map(loaded(before).packs.map((one) => [one.definition.id, JSON.stringify(stateOf(before, one))]))
  const { packs } = loaded(after)
  const changed = new Set(
    packs
      .filter((one) => old.get(one.definition.id) !== JSON.stringify(stateOf(after, one)))
      .map((one) => one.definition.id),
  )
  if (changed.has('two')) changed.add('three')
  return [...changed].toSorted()
}

/** How many histories: a few, or as many as CODEX_TEST_HISTORIES says. */
const HISTORIES = Number(process.env['CODEX_TEST_HISTORIES'] ?? 8)

it('affected are the packs that differ, whatever happened in between', async () => {
  const template = repositoryOf(FILES)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const root = emptyFolder()
      git(root, 'clone', '--quiet', template, '.')
      git(root, 'branch', 'before')
      for (const one of steps) apply(root, one)
      expect(await affectedIn(root, 'before')).toEqual(differing(template, root))
      rmSync(root, { recursive: true })
    }),
    { numRuns: HISTORIES },
  )
})
