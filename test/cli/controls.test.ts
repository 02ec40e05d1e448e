// Negative controls: acceptance is believed only where it has been seen to fail.
import { describe, expect, it } from 'vitest'
import {
  actionOf,
  codex,
  LATEST,
  manifestOf,
  placeFor,
  read,
  statusesOf,
  type Files,
  type Ran,
} from '../support/cli.ts'
import { GITHUB } from '../support/credentials.ts'
import { pack, test } from '../support/tasks.ts'

const RUN = ['run', '--sandbox=none']

/** A pack whose one test looks at `data.txt`, with `bad.txt` to put in its place. */
function checked(run: string, more: Readonly<Record<string, unknown>> = {}, files: Files = {}): Files {
  const control = { replace: { 'data.txt': 'bad.txt' } }
  return pack('a', test(run, { control, ...more }), { 'data.txt': 'good\n', 'bad.txt': 'bad\n', ...files })
}

const ID = 'a:controls/tests-1'

async function failing(files: Files, expected: readonly (string | RegExp)[], exitCode = 1): Promise<Ran> {
  const ran = await codex(files, { args: RUN, exitCode, stderr: expected })
  const manifest = manifestOf(ran.place)
  expect(manifest.verdict).toBe('failed')
  expect(manifest.packs).toMatchObject([{ id: 'a', verdict: 'failed', artifacts: [] }])
  expect(statusesOf(manifest)).toMatchObject({ 'a:gate/controls': 'skipped', 'a:gate/artifacts': 'skipped' })
  return ran
}

describe.concurrent('a control', () => {
  it('that fails lets its pack pass, with its exit code and its log as evidence', async () => {
    const files = checked('grep -q good data.txt || { echo "not good: $(cat data.txt)"; exit 7; }')
    const stderr = [/✓ a:controls\/tests-1 {2}failed as it must \(exit code 7\)/, /^PASSED: 5 passed/m]
    const { place } = await codex(files, { args: RUN, exitCode: 0, stderr })
    const manifest = manifestOf(place)
    expect(actionOf(manifest, ID)).toMatchObject({
      ...{ phase: 'controls', status: 'passed', reason: null, exitCode: 7, outputs: [] },
      command: actionOf(manifest, 'a:tests/1').command,
      needs: actionOf(manifest, 'a:tests/1').needs,
    })
    expect(actionOf(manifest, 'a:gate/controls')).toMatchObject({ status: 'passed', needs: [ID, 'a:tests/1'] })
    expect(read(place, `${LATEST}/logs/a/controls/tests-1/1.log`)).toBe('not good: bad\n')
    const lists = ['tests/1', 'controls/tests-1'].map((id) => read(place, `${LATEST}/inputs/a/${id}.sha256`))
    const [command = '', control = ''] = lists.map((list) => list.replaceAll(/^\w+/gm, ''))
    expect(control).toBe(command)
    expect(lists[0]).not.toBe(lists[1])
  })

  it('works the same in every sandbox', async () => {
    const place = placeFor(checked('grep -q good data.txt'))
    for (const sandbox of ['bubblewrap', 'unshare']) {
      await codex(place, { args: ['run', `--sandbox=${sandbox}`], exitCode: 0, stderr: ['failed as it must'] })
      expect(actionOf(manifestOf(place), ID)).toMatchObject({ status: 'passed', exitCode: 1 })
    }
  })

  it('that passes fails its pack, because its acceptance proves nothing', async () => {
    const ran = await failing(checked('test -e data.txt'), [
      /✗ a:controls\/tests-1 {2}failed/,
      "The command passed although `task-packs/a/data.txt` had been replaced: acceptance that can't fail proves nothing.",
      'fix: Let the command look at what is wrong there',
    ])
    expect(actionOf(manifestOf(ran.place), ID)).toMatchObject({
      ...{ status: 'failed', exitCode: 0 },
      reason: { kind: 'control', problem: 'accepted', paths: ['task-packs/a/data.txt'] },
    })
    expect(statusesOf(manifestOf(ran.place))).toMatchObject({ 'a:tests/1': 'passed' })
  })

  it('keeps packs from running that need its pack', async () => {
    const files = { ...checked('test -e data.txt'), ...pack('b', { needs: ['a'] }) }
    const { place } = await codex(files, { args: RUN, exitCode: 1 })
    expect(statusesOf(manifestOf(place))).toMatchObject({ 'b:tests/1': 'skipped', 'b:gate/artifacts': 'skipped' })
  })

  it('takes what a step has made for its target and its source', async () => {
    const steps = [{ id: 'make', run: 'mkdir -p out; echo 1 >out/one; echo 2 >out/two', outputs: ['out/'] }]
    const control = { replace: { 'out/one': 'out/two' } }
    const files = pack('a', { steps, ...test('grep -q 1 out/one', { control }) })
    const { place } = await codex(files, { args: RUN, exitCode: 0 })
    expect(actionOf(manifestOf(place), ID)).toMatchObject({ status: 'passed', exitCode: 1 })
  })

  it('that a limit ends proves nothing', async () => {
    const run = 'grep -q good data.txt || sleep 60'
    const ran = await failing(checked(run, { limits: { timeout: '500ms' } }), ['timed out'], 4)
    expect(actionOf(manifestOf(ran.place), ID)).toMatchObject({ status: 'timed-out', exitCode: null })
  })

  it('that prints a credential fails the gate for credentials', async () => {
    const run = 'grep -q good data.txt || { cat data.txt; exit 1; }'
    const { place } = await codex(checked(run, {}, { 'bad.txt': `${GITHUB.text}\n` }), { args: RUN, exitCode: 1 })
    expect(actionOf(manifestOf(place), 'a:gate/secrets')).toMatchObject({
      reason: { kind: 'secrets', findings: [{ path: 'logs/a/controls/tests-1/*.log', line: 1 }] },
    })
  })

  it('is shown in the plan and by every picture of the graph', async () => {
    const place = placeFor(checked('grep -q good data.txt'))
    await codex(place, { args: [...RUN, '-n'], exitCode: 0, stdout: [/a:controls\/tests-1 +sha256:/] })
    const tree = [/controls\n.*tests-1 {2}must fail with bad\.txt as data\.txt/, /controls +1 control that must fail/]
    await codex(place, { args: ['graph'], exitCode: 0, stdout: tree })
    await codex(place, { args: ['graph', '-f', 'dot'], exitCode: 0, stdout: ['must fail: a:tests/1'] })
    await codex(place, { args: ['graph', '-f', 'mermaid'], exitCode: 0, stdout: ['must fail#58; a#58;tests/1'] })
    const { stdout } = await codex(place, { args: ['graph', '--json'], exitCode: 0 })
    expect(stdout).toContain('"of": "a:tests/1"')
  })
})

describe.concurrent('a trick that would make a control pass', () => {
  it('does not: the command knows the control by nothing but the bytes that were replaced', async () => {
    const look = 'env | sort; pwd; find . | sort; cat data.txt'
    const { place } = await codex(checked(`{ ${look}; } && grep -q good data.txt`), { args: ['run'], exitCode: 0 })
    const [command = '', control = ''] = ['tests/1', 'controls/tests-1'].map((id) =>
      read(place, `${LATEST}/logs/a/${id}/1.log`),
    )
    expect(control).toBe(command.replace('\ngood\n', '\nbad\n'))
    expect(control).toContain('CODEX_ACTION=a:tests/1\n')
  })

  it('does not: a command that always fails is not accepted itself', async () => {
    const { place } = await codex(checked('exit $(cat data.txt | wc -l)'), { args: RUN, exitCode: 1 })
    expect(statusesOf(manifestOf(place))).toMatchObject({ 'a:tests/1': 'failed', [ID]: 'passed' })
    expect(manifestOf(place).packs).toMatchObject([{ verdict: 'failed' }])
  })

  it.each([
    ['a program that is gone', 'sh ./data.sh', 'no-such-program\n', 127],
    ['a program that is not executable', './data.sh', 'exit 1\n', 126],
  ])('does not: %s has looked at nothing', async (_, run, text, exitCode) => {
    const control = { replace: { 'data.sh': 'bad.sh' } }
    const good = { text: '#!/bin/sh\nexit 0\n', mode: 0o755 }
    const files = pack('a', test(run, { control }), { 'data.sh': good, 'bad.sh': text })
    const { place } = await failing(files, [`It exited with code ${exitCode}`, 'nothing has looked at'])
    expect(actionOf(manifestOf(place), ID)).toMatchObject({ exitCode, reason: { problem: 'not-run' } })
  })

  it('does not: the same bytes under another name are no control, and nothing is run', async () => {
    const files = checked('touch "$TMPDIR/x"; grep -q good data.txt', {}, { 'bad.txt': 'good\n' })
    const { place } = await failing(files, ['is the same, byte for byte'])
    const outcome = actionOf(manifestOf(place), ID)
    expect(outcome).toMatchObject({ status: 'failed', exitCode: null, reason: { problem: 'unchanged' } })
  })

  it('does not: what it writes beside its outputs is a violation, although it fails', async () => {
    const run = 'grep -q good data.txt || { touch stray; exit 1; }'
    const { place } = await failing(checked(run), ['It wrote files that it does not declare'])
    expect(actionOf(manifestOf(place), ID)).toMatchObject({ status: 'violated', exitCode: 1 })
  })

  it('does not: it is tried once, however often its command may be', async () => {
    const files = checked('test -e data.txt', { retries: { attempts: 3 } })
    const { place } = await failing(files, ['The command passed although'])
    expect(read(place, `${LATEST}/run.json`).match(/controls\/tests-1/g)).toHaveLength(1)
  })

  it.each([
    ['that is not there', {}, 'error missing-file'],
    ['that is a folder', { 'bad.txt/x': '' }, 'error invalid-value'],
    ['that is a pipe', { 'bad.txt': 'a fifo' }, 'error unsupported-file'],
    ['that leads out of the workspace', { 'bad.txt': { link: '/etc/hostname' } }, 'error path-leaves-workspace'],
    ['that leads to what git keeps', { 'bad.txt': { link: '../../.git/config' } }, 'error unsupported-file'],
  ] as const)('does not: a source %s is refused', async (_, bad, stderr) => {
    const control = { replace: { 'data.txt': 'bad.txt' } }
    const fields = { inputs: { files: ['data.txt'] }, ...test('grep -q good data.txt', { control }) }
    const files = { '.git/config': 'token', ...pack('a', fields, { 'data.txt': 'good\n', ...bad }) }
    await codex(files, { args: RUN, exitCode: 2, stderr: [stderr] })
  })

  it.each([
    ['/../outside.txt', 'error path-leaves-workspace'],
    ['/.git/config', 'error invalid-value'],
    ['*.txt', 'error invalid-value'],
    ['data.txt', 'error control-empty'],
  ])('does not: the source %s is refused by its name', async (source, stderr) => {
    const files = pack('a', test('grep -q good data.txt', { control: { replace: { 'data.txt': source } } }), {
      'data.txt': 'good\n',
    })
    await codex(files, { args: ['validate'], exitCode: 2, stderr: [stderr] })
  })

  it('does not: what the command does not see can not be replaced', async () => {
    const command = { inputs: { files: ['task.yml'] } }
    const stderr = [
      /task\.yml:\d+:\d+ error control-target The control replaces `data\.txt`, which `a:tests\/1` does not/,
    ]
    await codex(checked('false', command), { args: ['validate'], exitCode: 2, stderr })
  })
})

describe.concurrent('validate', () => {
  const many = { acceptance: { lint: [{ run: 'test -e x' }], tests: [{ run: 'test -e y' }, { run: 'test -e z' }] } }

  it('says in one line how many commands have no control, and accepts the packs', async () => {
    const stderr = 'warning: 4 of 5 acceptance commands have no control, so nothing shows that they can fail\n'
    const files = { ...checked('grep -q good data.txt'), ...pack('b', many), ...pack('c') }
    const { place } = await codex(files, { args: ['validate'], exitCode: 0, stderr })
    await codex(place, { args: ['validate', '-q'], exitCode: 0, stdout: '', stderr: '' })
    await codex(place, { args: ['validate', '-v', 'b'], exitCode: 0, stderr: [/^ {2}b:lint\/1\n {2}b:tests\/1\n/m] })
    const { stdout } = await codex(place, { args: ['validate', '--json'], exitCode: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      acceptance: { commands: 5, withoutControl: ['b:lint/1', 'b:tests/1', 'b:tests/2', 'c:tests/1'] },
    })
  })

  it('says nothing of it where every command has one', async () => {
    await codex(checked('grep -q good data.txt'), { args: ['validate'], exitCode: 0, stderr: '' })
  })
})
