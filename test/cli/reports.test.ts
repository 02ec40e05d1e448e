// Reports as somebody finds them who ran codex, or who got the folder of a run.
import { existsSync, lstatSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/model/digest.ts'
import { AWS } from '../support/credentials.ts'
import { CLI, codex, LATEST, manifestText, placeFor, read, type Files } from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'
import { readAsRunner, readAssignments } from '../support/workflow-runner.ts'

const NONE = '--sandbox=none'
const FAILING: Files = { ...pack('a', test('echo boom; exit 3')), ...pack('b', { needs: ['a'] }) }

describe.concurrent.each([
  ['that passed', pack('a'), [], 0, 'Accepted: the one pack passed, 5 actions in all'],
  ['that failed', FAILING, [], 1, 'Not accepted: `a:tests/1` failed (exit code 3), and'],
  [
    'that was refused',
    pack('a', { constraints: { network: ['localhost:1'] } }),
    [],
    3,
    'Refused: nothing was run, because of 1 problem.',
  ],
  [
    'of a pack that is not valid',
    pack('a', { pillar: 'none' }),
    [],
    2,
    'Refused: nothing was run, because of 1 problem.',
  ],
] as const)('a run %s', (_, files, flags, exitCode, sentence) => {
  it('leaves its report, and the same can be made from its folder', async () => {
    const { place } = await codex(files, { args: ['run', NONE, ...flags], exitCode })
    const markdown = read(place, `${LATEST}/report.md`)
    expect(markdown).toContain(
      sentence.replace('5 actions', markdown.match(/(\d+ actions) in all/)?.[1] ?? '5 actions'),
    )
    await codex(place, { args: ['report', 'latest'], exitCode: 0, stdout: markdown, stderr: '' })
    await codex(place, {
      args: ['report', LATEST, '-f', 'html'],
      exitCode: 0,
      stdout: read(place, `${LATEST}/report.html`),
    })
    expect(read(place, `${LATEST}/files.sha256`)).toMatch(/ {2}report\.html\n[0-9a-f]{64} {2}report\.md\n/)
  })
})

describe('what a report says about checking', () => {
  it('works as it is written, in the folder of the run', async () => {
    const { place } = await codex(pack('a'), { args: ['run', NONE], exitCode: 0 })
    const written = /In the run's folder:\n\n```text\n([^]*?)\n```/.exec(read(place, `${LATEST}/report.md`))?.[1] ?? ''
    const commands = written.split('\n').filter((line) => !line.startsWith('#'))
    expect(commands).toHaveLength(4)
    const there = `cd ${place.root} && codex verify ${NONE} `
    const script = commands.map((command) => command.replace(/codex verify (?=--rerun)/, there)).join('\n')
    const codexHere = `codex() { "${process.execPath}" "${CLI}" "$@"; }`
    const { stdout } = await execa('bash', ['-euc', `${codexHere}\n${script}`], { cwd: join(place.root, LATEST) })
    expect(stdout).toMatch(/^manifest\.json: OK$/m)
    expect(stdout.match(/GENUINE/g)?.length).toBeGreaterThan(0)
  })
})

describe.concurrent('codex run --report', () => {
  it('writes each report that was asked for', async () => {
    const args = ['run', NONE, '--report', 'junit=out.xml', '--report=sarif=out.sarif', '--report=html=out.html']
    const { place } = await codex(FAILING, { args, exitCode: 1 })
    expect(read(place, 'out.xml')).toContain('<testcase classname="a" name="tests/1"')
    expect(read(place, 'out.xml')).toContain('<system-out>boom</system-out>')
    expect(JSON.parse(read(place, 'out.sarif'))).toMatchObject({ runs: [{ results: [{ ruleId: 'action/failed' }] }] })
    expect(read(place, 'out.html')).toBe(read(place, `${LATEST}/report.html`))
  })

  it('tells what is wrong with a pack at its line', async () => {
    const { place } = await codex(pack('a', { stpes: [] }), {
      args: ['run', NONE, '--report=sarif=out.sarif'],
      exitCode: 2,
    })
    const places = JSON.parse(read(place, 'out.sarif')) as {
      runs: [{ results: { ruleId: string; locations: unknown }[] }]
    }
    expect(places.runs[0].results[0]).toMatchObject({
      ruleId: 'unknown-key',
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'task-packs/a/task.yml' }, region: { startLine: 9 } } },
      ],
    })
  })

  it.each([
    ['junit=no/such/folder/out.xml', "error: The report can't be written to 'no/such/folder/out.xml'"],
    ['junit=task-packs', "error: The report can't be written to 'task-packs': it is a folder"],
    ['pdf=out.pdf', 'error: option '],
    ['junit=', 'error: option '],
  ])('says before it runs anything that it can not: %s', async (report, message) => {
    const { place } = await codex(FAILING, {
      args: ['run', NONE, '--report', report],
      exitCode: 2,
      stdout: '',
      stderr: [message],
    })
    expect(existsSync(join(place.root, '.codex/runs'))).toBe(false)
  })

  it('makes no file that would be an input of a pack the next time', async () => {
    const args = ['run', NONE, '--report', 'junit=task-packs/a/out.xml']
    const stderr = ["error: A report would become an input of the pack 'a'"]
    const { place } = await codex(FAILING, { args, exitCode: 2, stdout: '', stderr })
    expect(existsSync(join(place.root, 'task-packs/a/out.xml'))).toBe(false)
  })
})

describe.concurrent('codex report', () => {
  it('writes to a file instead', async () => {
    const { place } = await codex(pack('a'), { args: ['run', NONE], exitCode: 0 })
    await codex(place, {
      args: ['report', 'latest', '-f', 'junit', '-o', 'out.xml'],
      exitCode: 0,
      stdout: '',
      stderr: '',
    })
    expect(read(place, 'out.xml')).toContain('<testsuite name="a"')
    await codex(place, {
      args: ['report', 'latest', '-o', 'no/out.md'],
      exitCode: 2,
      stderr: ["The report can't be written"],
    })
  })

  it('says that there is no such run, and that its documents are not what they should be', async () => {
    const { place } = await codex(pack('a'), { args: ['run', NONE], exitCode: 0 })
    await codex(place, { args: ['report', 'nothing'], exitCode: 2, stdout: '', stderr: ["There is no run 'nothing'"] })
    writeFileSync(join(place.root, LATEST, 'run.json'), '{"recordVersion": 1}')
    await codex(place, {
      args: ['report', 'latest'],
      exitCode: 2,
      stdout: '',
      stderr: ['run.json is no run record: run: '],
    })
    writeFileSync(join(place.root, LATEST, 'manifest.json'), '{')
    await codex(place, {
      args: ['report', 'latest'],
      exitCode: 2,
      stdout: '',
      stderr: ['manifest.json is no manifest: it is not JSON'],
    })
  })

  it('reads nothing outside of the folder of the run, whatever that says', async () => {
    const { place } = await codex(pack('a', test('echo printed')), { args: ['run', NONE], exitCode: 0 })
    const record = read(place, `${LATEST}/run.json`)
    writeFileSync(join(place.root, 'outside.txt'), 'not-to-be-told')
    writeFileSync(
      join(place.root, LATEST, 'run.json'),
      record.replaceAll('"logs/a/tests/1/1.log"', '"../../../outside.txt"'),
    )
    const { stdout } = await codex(place, { args: ['report', 'latest', '-f', 'html'], exitCode: 0 })
    expect(stdout).not.toMatch(/not-to-be-told|<pre>printed/)
    writeFileSync(
      join(place.root, LATEST, 'run.json'),
      record.replaceAll('"logs/a/tests/1/1.log"', '"link/outside.txt"'),
    )
    symlinkSync('../../..', join(place.root, LATEST, 'link'))
    expect((await codex(place, { args: ['report', 'latest', '-f', 'html'], exitCode: 0 })).stdout).not.toContain(
      'not-to-be-told',
    )
  })

  it('shows no log in which there is a credential, whether a gate has said so or none came to it', async () => {
    const printing = `cat key.txt; echo said; exit`
    const files = { 'key.txt': `${AWS.text}\n` }
    const packs = {
      ...pack('a', test(`${printing} 0`), files),
      ...pack('b', test(`${printing} 3`), files),
      ...pack('c', test('echo harmless; exit 3')),
    }
    const { place } = await codex(packs, { args: ['run', NONE], exitCode: 1 })
    const texts: string[] = []
    for (const format of ['html', 'md', 'junit', 'sarif']) {
      texts.push((await codex(place, { args: ['report', 'latest', '-f', format], exitCode: 0 })).stdout)
    }
    for (const text of texts) expect(text).not.toContain(AWS.secret)
    for (const told of ['harmless', 'It seems to hold a credential.', 'The gate for credentials found one in it.']) {
      expect(texts[0]).toContain(told)
    }
  })
})

describe.concurrent('in GitHub Actions', () => {
  it('adds the report to the summary of the job', async () => {
    const place = placeFor({ ...FAILING, 'summary.md': 'before\n' })
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(place.root, 'summary.md') }
    await codex(place, { args: ['run', NONE], env, exitCode: 1 })
    expect(read(place, 'summary.md')).toBe(`before\n${read(place, `${LATEST}/report.md`)}`)
  })

  it.each([
    ['a file that is not there', (): void => {}],
    ['a folder', (path: string): void => mkdirSync(path)],
    ['a link', (path: string): void => symlinkSync('elsewhere.md', path)],
    ['a file that is full', (path: string): void => writeFileSync(path, FULL)],
  ])('touches nothing but a file with room: %s', async (_, make) => {
    const place = placeFor({ ...pack('a'), 'elsewhere.md': FULL })
    const path = join(place.root, 'summary.md')
    make(path)
    const before = sizeOf(path)
    await codex(place, { args: ['run', NONE], env: { GITHUB_STEP_SUMMARY: path }, exitCode: 0 })
    expect([sizeOf(path), read(place, 'elsewhere.md')]).toEqual([before, FULL])
  })
})

describe.concurrent('for the steps after it', () => {
  it.each([
    ['passed', pack('a'), ['run', NONE], 0],
    ['failed', pack('a', test('exit 1')), ['run', NONE], 1],
    ['failed', pack('a', test('exit 1')), ['run', NONE, '--json'], 1],
    ['refused', pack('a', { constraints: { secrets: ['X'] } }), ['run', NONE], 3],
  ])('sets outputs of the step: %s', async (verdict, files, args, exitCode) => {
    const place = placeFor({ ...files, output: 'before=1\n' })
    await codex(place, { args, env: { GITHUB_OUTPUT: join(place.root, 'output') }, exitCode })
    const outputs = readAssignments(read(place, 'output'))
    expect(outputs).toEqual({
      before: '1',
      verdict,
      'manifest-digest': sha256(manifestText(place)),
      'run-dir': realpathSync(join(place.root, LATEST)),
    })
  })

  it('annotates why it was refused, from the root of the repository', async () => {
    const place = placeFor(pack('a', { constraints: { secrets: ['X'] } }))
    const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: dirname(place.root) }
    const { stderr } = await codex(place, { args: ['run', NONE], env, exitCode: 3 })
    const [command] = readAsRunner(stderr).commands
    expect(command).toMatchObject({ name: 'error', properties: { file: 'workspace/task-packs/a/task.yml' } })
  })
})

const FULL = 'x'.repeat(1024 * 1024)

function sizeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.size
}
