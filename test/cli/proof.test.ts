// Nothing but a run that went to its end may look like one.
import { describe, expect, it } from 'vitest'
import { codex, placeFor, type Files } from '../support/cli.ts'
import { pack, task } from '../support/tasks.ts'

const ONE = pack('one')

describe.concurrent('no command succeeds', () => {
  it.each([
    ['waits for ever', 'await new Promise(() => {})\nexport default {}\n'],
    ['ends the process', 'process.exit(0)\n'],
  ])('whose configuration %s', async (_, config) => {
    const place = placeFor({ ...ONE, 'codex.config.ts': config })
    for (const command of ['run', 'validate']) {
      await codex(place, { args: [command], exitCode: 70, stdout: '', stderr: ['It ended before it was done.'] })
    }
  })

  it('that has no pack at all', async () => {
    const place = placeFor({ '.git': 'a folder', 'task-packs/one/task.yaml': task('one') })
    for (const command of ['run', 'validate'])
      await codex(place, { args: [command], exitCode: 2, stderr: ['no-packs'] })
  })

  it('that was given an empty name', async () => {
    await codex(ONE, { args: ['run', ''], exitCode: 2, stdout: '', stderr: ['is a variable empty?'] })
  })
})

describe.concurrent('what was selected changes no verdict', () => {
  const files: Files = {
    '.git': 'a folder',
    'task-packs/q/task.yml': task('q', { steps: [{ id: 'make', run: 'echo new >out.txt', outputs: ['out.txt'] }] }),
    'task-packs/q/out.txt': 'stale\n',
    'task-packs/p/task.yml': task('p', { inputs: { files: ['**', '/task-packs/q/out.txt'] } }),
  }

  it.each([[[]], [['p']]])('of a pack that reads what it does not need: %j', async (names) => {
    await codex(files, { args: ['run', ...names], exitCode: 2, stderr: ['error unordered-input'] })
  })
})

describe.concurrent('an action is shown no file', () => {
  it('of .git through a link', async () => {
    const place = placeFor({
      ...ONE,
      '.git/config': 'token\n',
      'task-packs/one/link': { link: '../../.git/config' },
    })
    await codex(place, { args: ['run'], exitCode: 2, stderr: ['is a link into `.git` or `.codex`'] })
  })

  it('of which an artifact takes the place', async () => {
    const artifact = { from: 'q', path: 'out.txt' }
    const place = placeFor({
      'task-packs/q/task.yml': task('q', { steps: [{ id: 'make', run: 'echo new >out.txt', outputs: ['out.txt'] }] }),
      'task-packs/p/task.yml': task('p', {
        needs: ['q'],
        inputs: {
          artifacts: [
            { ...artifact, as: 'd' },
            { ...artifact, as: 'd/x' },
            { ...artifact, as: 'task.yml' },
          ],
        },
      }),
    })
    const { stderr } = await codex(place, { args: ['validate'], exitCode: 2 })
    expect(stderr.match(/inputs\.artifacts\[\d\]\.as/g)).toEqual(['inputs.artifacts[1].as', 'inputs.artifacts[2].as'])
  })
})
