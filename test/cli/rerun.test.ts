// A run is done again from the files that it has seen, and shows the same.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { codex, LATEST, manifestOf, manifestText, placeFor, type Files, type Place } from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

/** Outputs, an artifact of another pack, a control with a file of its own, a failure and what it holds back. */
const WORKSPACE: Files = {
  ...pack(
    'maker',
    {
      ...test('grep good data.txt', { control: { replace: { 'data.txt': 'controls/bad.txt' } } }),
      inputs: { files: ['**', '!controls'] },
      steps: [{ id: 'make', run: 'cp data.txt made.txt', outputs: ['made.txt'] }],
      artifacts: { required: ['made.txt'] },
    },
    { 'data.txt': 'good\n', 'more.txt': 'more\n', 'controls/bad.txt': 'bad\n' },
  ),
  ...pack('taker', {
    ...test('grep good in/made.txt'),
    needs: ['maker'],
    inputs: { artifacts: [{ from: 'maker', path: 'made.txt', as: 'in/made.txt' }] },
  }),
  ...pack('failing', test('exit 3')),
  ...pack('behind', { needs: ['failing'] }),
}

let ran: Place

beforeAll(async () => {
  ran = (await codex(WORKSPACE, { args: ['run', '--sandbox=none', '-q'], exitCode: 1 })).place
})

function runsIn({ root }: Place): readonly string[] {
  return readdirSync(join(root, '.codex/runs')).filter((name) => name !== 'latest')
}

async function ranIn(files: Files, exitCode = 0): Promise<Place> {
  return (await codex(files, { args: ['run', '--sandbox=none', '-q'], exitCode })).place
}

const AGAIN = ['verify', 'latest', '--rerun', '--sandbox=none', '-q']

describe('codex verify --rerun', () => {
  it('shows the same, in a new run', async () => {
    const before = manifestText(ran)
    await codex(ran, { args: AGAIN, exitCode: 0, stdout: [/^GENUINE\nRun again: .*\nmanifest sha256:.*\nTHE SAME\n$/] })
    expect(runsIn(ran)).toHaveLength(2)
    expect(manifestText(ran)).toBe(before)
  })

  it.each([
    ['was edited', 'data.txt', (path: string) => writeFileSync(path, 'good, and more\n'), /data\.txt has the SHA-256 /],
    ['is gone', 'more.txt', (path: string) => rmSync(path), /more\.txt is not there/],
    ['is new', 'new.txt', (path: string) => writeFileSync(path, ''), /new\.txt is new/],
    [
      'says something else',
      'task.yml',
      (path: string) => writeFileSync(path, 'x'),
      /task\.yml has the SHA-256|task\.yml is not there/,
    ],
    [
      'of a control was edited',
      'controls/bad.txt',
      (path: string) => writeFileSync(path, 'worse\n'),
      /bad\.txt has the SHA-256/,
    ],
  ])('does not run where a file %s, and names it', async (_, file, change, stdout) => {
    const place = await ranIn(WORKSPACE, 1)
    change(join(place.root, 'task-packs/maker', file))
    await codex(place, { args: AGAIN, exitCode: 5, stdout: [stdout, /\nNOT RUN AGAIN: 1 file/] })
    expect(runsIn(place)).toHaveLength(1)
  })

  it('does not run where packs lack what they need, either', async () => {
    const place = await ranIn(WORKSPACE, 1)
    rmSync(join(place.root, 'task-packs/maker/data.txt'))
    await codex(place, { args: AGAIN, exitCode: 5, stderr: [/control-target/] })
    expect(runsIn(place)).toHaveLength(1)
  })

  it('tells what a command does not do twice', async () => {
    const place = await ranIn(pack('a', test('date +%s%N > out.txt', { outputs: ['out.txt'] })))
    await codex(place, {
      args: AGAIN,
      exitCode: 5,
      stdout: [/a:tests\/1 differs in outputs\n/, /codex diff/, /NOT THE SAME/],
    })
  })

  it('tells that it was isolated otherwise', async () => {
    const place = await ranIn(pack('a'))
    const { stdout } = await codex(place, { args: ['verify', 'latest', '--rerun', '--json'], exitCode: 5 })
    const { genuine, rerun } = JSON.parse(stdout)
    expect(genuine).toBe(true)
    expect(rerun).toMatchObject({
      same: false,
      changed: [],
      differences: [
        { action: null, members: ['guarantees'] },
        { action: 'a:tests/1', members: ['key'] },
      ],
    })
    expect(manifestOf(place, rerun.run).verdict).toBe('passed')
  })

  it('grants nothing by itself', async () => {
    const place = placeFor(pack('a', { constraints: { secrets: ['TOKEN'] } }))
    const env = { TOKEN: 'a-secret-value' }
    await codex(place, { args: ['run', '--sandbox=none', '-q', '--allow', 'secret=TOKEN'], env, exitCode: 0 })
    await codex(place, { args: AGAIN, env, exitCode: 3, stderr: [/not-granted/] })
    const run = runsIn(place).toSorted()[0] ?? ''
    await codex(place, { args: ['verify', run, ...AGAIN.slice(2), '--allow', 'secret=TOKEN'], env, exitCode: 0 })
  })

  it('runs nothing of a run that is not genuine', async () => {
    const place = await ranIn(pack('a'))
    writeFileSync(join(place.root, LATEST, 'run.json'), '{}')
    await codex(place, { args: AGAIN, exitCode: 5, stdout: [/NOT GENUINE/] })
    expect(runsIn(place)).toHaveLength(1)
  })

  it('has nothing to show again of a run that was refused or stopped early', async () => {
    const place = placeFor(pack('a', { constraints: { network: ['localhost:1'] } }))
    await codex(place, { args: ['run', '--sandbox=none', '-q'], exitCode: 3 })
    await codex(place, { args: AGAIN, exitCode: 2, stderr: [/was refused/] })
    const other = placeFor({ ...pack('a', test('exit 1')), ...pack('b') })
    await codex(other, { args: ['run', '--sandbox=none', '-q', '--fail-fast', '-j1'], exitCode: 1 })
    await codex(other, { args: AGAIN, exitCode: 2, stderr: [/stopped early/] })
    expect(existsSync(join(other.root, '.codex/runs'))).toBe(true)
  })
})
