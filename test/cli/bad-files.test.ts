// What can't be read, or is not what it should be.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { codex, giveAway, placeFor, UNPRIVILEGED, type Files } from '../support/cli.ts'
import { pack, task } from '../support/tasks.ts'

describe.concurrent('a workspace', () => {
  it('without packs says where it looked', async () => {
    const stderr = [
      /^error no-packs No task\.yml was found in `task-packs\/\*`, `solutions\/\*\*`\.$/m,
      'fix: Make one with `codex init <id>`',
    ]
    await codex({}, { args: ['validate'], exitCode: 2, stdout: '', stderr })
    await codex({}, { args: ['run'], exitCode: 2, stderr })
  })

  it('needs no git', async () => {
    const env = { PATH: '/nonexistent' }
    await codex(pack('a'), {
      args: ['validate'],
      env,
      exitCode: 0,
      stdout: ['1 pack valid'],
      stderr: [/^warning: 1 of 1/],
    })
  })

  it('hints at a task.yml of another name', async () => {
    const files = { ...pack('a'), 'task-packs/b/task.yaml': task('b') }
    await codex(files, { args: ['validate'], exitCode: 0, stderr: ['warning missing-file', 'task-packs/b/task.yaml'] })
  })
})

describe.concurrent('a task.yml', () => {
  const cases: readonly (readonly [string, Files, string])[] = [
    [
      'that is a folder',
      { 'task-packs/b/task.yml': 'a folder' },
      "`task-packs/b/task.yml` can't be read: it is a folder.",
    ],
    [
      'that is a FIFO',
      { 'task-packs/b/task.yml': 'a fifo' },
      'error unsupported-file `task-packs/b/task.yml` is a FIFO',
    ],
    ['that is a link to nowhere', { 'task-packs/b/task.yml': { link: 'gone' } }, 'is a link that leads nowhere'],
    [
      'that is a link out of the workspace',
      { 'task-packs/b/task.yml': { link: '/etc/passwd' } },
      'error path-leaves-workspace `task-packs/b/task.yml` leaves the workspace',
    ],
    ['that is huge', { 'task-packs/b/task.yml': `#${'x'.repeat(2 ** 21)}\n` }, 'error file-too-large'],
    ['that is empty', { 'task-packs/b/task.yml': '' }, 'task-packs/b/task.yml:1:1 error'],
    [
      'that is no YAML',
      { 'task-packs/b/task.yml': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]) },
      'task-packs/b/task.yml:1:1 error',
    ],
  ]

  it.each(cases)('%s is named, and the other packs still count', async (_, files, stderr) => {
    await codex({ ...pack('a'), ...files }, { args: ['validate'], exitCode: 2, stdout: '', stderr: [stderr] })
    await codex({ ...pack('a'), ...files }, { args: ['list'], exitCode: 2, stdout: [/\ba\b/] })
  })

  it.each([
    ['folder', 'task-packs/b', 0o000],
    ['file', 'task-packs/b/task.yml', 0o000],
  ])('whose %s may not be read is named', async (_, path, mode) => {
    const place = placeFor({ ...pack('a'), ...pack('b') })
    giveAway(place)
    chmodSync(join(place.root, path), mode)
    const stderr = [new RegExp(`error unreadable \`${path}\` can't be read: .*EACCES`), 'fix: Check that']
    await codex(place, { args: ['validate'], through: UNPRIVILEGED, exitCode: 2, stdout: '', stderr })
    chmodSync(join(place.root, path), 0o755)
    await codex(place, { args: ['validate'], through: UNPRIVILEGED, exitCode: 0 })
  })
})

describe.concurrent('an input', () => {
  const cases: readonly (readonly [string, Files, string])[] = [
    ['FIFO', { 'task-packs/b/pipe': 'a fifo' }, '`task-packs/b/pipe` is a FIFO, a socket or a device'],
    ['link to nowhere', { 'task-packs/b/x': { link: 'gone' } }, '`task-packs/b/x` is a link that leads nowhere'],
    [
      'link to a folder',
      { 'task-packs/b/x': { link: 'y' }, 'task-packs/b/y/z': '' },
      '`task-packs/b/x` is a link to a folder; only regular files can be inputs.',
    ],
    ['link to a device', { 'task-packs/b/x': { link: '/dev/zero' } }, 'error path-leaves-workspace `task-packs/b/x`'],
    ['link out of the workspace', { 'task-packs/b/x': { link: '/etc/passwd' } }, 'error path-leaves-workspace'],
    [
      'name with a line feed',
      { 'task-packs/b/a\nb': '' },
      'The name of `task-packs/b/a\\nb` holds a control character',
    ],
  ]

  it.each(cases)('that is a %s is refused', async (_, files, stderr) => {
    const place = placeFor({ ...pack('a'), ...pack('b'), ...files })
    await codex(place, { args: ['validate'], exitCode: 2, stdout: '', stderr: [stderr] })
    await codex(place, { args: ['validate', 'a'], exitCode: 0, stdout: ['1 pack valid'], stderr: [/^warning: 1 of 1/] })
  })

  it('whose name is not UTF-8 is refused', async () => {
    const place = placeFor({ ...pack('a') })
    writeFileSync(Buffer.concat([Buffer.from(`${place.root}/task-packs/a/`), Buffer.from([0x66, 0xff])]), '')
    const stderr = ['error unsupported-name The name of `task-packs/a/f\\xff` is not valid UTF-8']
    await codex(place, { args: ['validate'], exitCode: 2, stdout: '', stderr })
  })
})
