// Credentials in artifacts and logs: found where they are, and shown nowhere.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AWS, CREDENTIALS, GITHUB, SLACK, type Credential } from '../support/credentials.ts'
import {
  actionOf,
  beyondGuarantees,
  codex,
  LATEST,
  manifestOf,
  manifestText,
  placeFor,
  putFiles,
  statusesOf,
  type Files,
  type Ran,
} from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

/** A pack that writes one of its files to an artifact and prints another. Neither is what its commands are called with. */
function leaking(id: string, given: { readonly artifact?: string; readonly log?: string }): Files {
  const files = { 'artifact.txt': given.artifact ?? 'fine\n', 'log.txt': given.log ?? 'fine\n' }
  const steps = [{ id: 'make', run: 'mkdir -p out; cp artifact.txt out/report.txt; cat log.txt', outputs: ['out/'] }]
  return pack(id, { steps, artifacts: { required: ['out/report.txt'], optional: ['out/*.bin'] } }, files)
}

/** All that codex says and writes about a run; the artifact and the log are what somebody else wrote. */
function told({ place, stdout, stderr }: Ran): string {
  const run = join(place.root, LATEST)
  const files = readdirSync(run, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const own = files.filter(({ parentPath }) => !/\/(?:logs|artifacts)(?:\/|$)/.test(parentPath.slice(run.length)))
  expect(own.map(({ name }) => name)).toEqual(expect.arrayContaining(['manifest.json', 'run.json', 'events.jsonl']))
  return [stdout, stderr, ...own.map(({ name, parentPath }) => readFileSync(join(parentPath, name), 'utf8'))].join('\n')
}

function expectUntold(ran: Ran, { secret }: Credential): void {
  const text = told(ran)
  expect(secret.length).toBeGreaterThanOrEqual(12)
  for (const shown of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
    expect(text).not.toContain(shown)
  }
}

const LOG = 'logs/a/steps/make/*.log'
const ARTIFACT = 'task-packs/a/out/report.txt'

describe.concurrent('a credential', () => {
  it.each(CREDENTIALS.map((credential) => [credential.name, credential] as const))(
    'fails its pack, with file, line and rule, and is shown nowhere: %s',
    async (_, credential) => {
      const text = `one\ntwo\n${credential.text}\n`
      const files = leaking('a', { artifact: text, log: `one\n${text}` })
      const ran = await codex(files, { args: ['run', '-v'], exitCode: 1 })
      expectUntold(ran, credential)
      const manifest = manifestOf(ran.place)
      expect(actionOf(manifest, 'a:gate/secrets')).toMatchObject({
        status: 'failed',
        exitCode: null,
        outputs: [],
        reason: {
          kind: 'secrets',
          findings: [
            { path: LOG, line: 4, rule: credential.rule },
            { path: ARTIFACT, line: 3, rule: credential.rule },
          ],
          more: false,
        },
      })
      expect(statusesOf(manifest)).toMatchObject({ 'a:tests/1': 'passed', 'a:gate/artifacts': 'passed' })
      expect(manifest.packs).toMatchObject([{ id: 'a', verdict: 'failed' }])
      for (const part of [
        /^✗ a:gate\/secrets {2}failed/m,
        /Artifacts or logs hold credentials: `logs\/a\/steps\/make\/\*\.log` line 4 \(/,
        new RegExp(`\`${ARTIFACT}\` line 3 \\(\`${credential.rule}\`\\)`),
        /fix: Let no command write or print a credential/,
      ]) {
        expect(ran.stderr).toMatch(part)
      }
    },
  )

  it('is shown neither in the document nor in the events for programs', async () => {
    const files = leaking('a', { artifact: `${GITHUB.text}\n`, log: `${GITHUB.text}\n` })
    for (const format of ['--json', '--jsonl']) {
      const ran = await codex(files, { args: ['run', format], exitCode: 1, stdout: ['"secrets"', GITHUB.rule] })
      expectUntold(ran, GITHUB)
    }
  })

  it('is found where it lies across the border of what is written and read at once', async () => {
    for (const border of [4096, 65_536, 131_072, 262_144]) {
      const log = `${'.'.repeat(border - 30)}\n${AWS.text}\n`
      const ran = await codex(leaking('a', { log, artifact: log }), { args: ['run'], exitCode: 1 })
      expect(actionOf(manifestOf(ran.place), 'a:gate/secrets').reason).toMatchObject({
        findings: [
          { path: LOG, line: 2, rule: AWS.rule },
          { path: ARTIFACT, line: 2, rule: AWS.rule },
        ],
      })
      expectUntold(ran, AWS)
    }
  })

  it('is found in a log of several megabytes without a line break, and in a binary artifact', async () => {
    const log = `${'x'.repeat(5_000_000)} ${SLACK.text} ${'y'.repeat(3_000_000)}`
    const bytes = 'head -c 300000 /dev/zero >out/a.bin; cat log.txt >>out/a.bin; head -c 9 /dev/zero >>out/a.bin'
    const steps = [{ id: 'make', run: `cat log.txt; mkdir -p out; ${bytes}`, outputs: ['out/'] }]
    const files = pack('a', { steps, artifacts: { optional: ['out/*.bin'] } }, { 'log.txt': log })
    const ran = await codex(files, { args: ['run'], exitCode: 1 })
    expect(actionOf(manifestOf(ran.place), 'a:gate/secrets').reason).toEqual({
      kind: 'secrets',
      findings: [
        { path: LOG, line: 1, rule: SLACK.rule },
        { path: 'task-packs/a/out/a.bin', line: 1, rule: SLACK.rule },
      ],
      more: false,
    })
    expectUntold(ran, SLACK)
  })

  it('keeps packs that need its pack from starting, and no others', async () => {
    const files = { ...leaking('a', { log: SLACK.text }), ...pack('b', { needs: ['a'] }), ...pack('c') }
    const { place } = await codex(files, { args: ['run'], exitCode: 1 })
    const manifest = manifestOf(place)
    expect(statusesOf(manifest)).toMatchObject({
      'a:gate/secrets': 'failed',
      'b:tests/1': 'skipped',
      'b:gate/secrets': 'skipped',
      'c:gate/secrets': 'passed',
    })
    expect(actionOf(manifest, 'b:tests/1').reason).toEqual({ kind: 'cause', action: 'a:gate/secrets' })
  })

  it('that only an attempt printed which was tried again is found, without telling which', async () => {
    const place = placeFor({})
    const mark = join(place.temporary, 'tried')
    const run = `if [ -e '${mark}' ]; then echo fine; else touch '${mark}'; cat log.txt; exit 1; fi`
    const constraints = { retries: { attempts: 2 } }
    putFiles(place.root, pack('a', { ...test(run), constraints }, { 'log.txt': `one\n${SLACK.text}\n` }))
    await codex(place, { args: ['run', '--sandbox=none'], exitCode: 1 })
    const manifest = manifestOf(place)
    expect(statusesOf(manifest)).toMatchObject({ 'a:tests/1': 'passed' })
    expect(actionOf(manifest, 'a:gate/secrets').reason).toEqual({
      kind: 'secrets',
      findings: [{ path: 'logs/a/tests/1/*.log', line: 2, rule: SLACK.rule }],
      more: false,
    })
  })

  it('gives the same manifest each time', async () => {
    const files = leaking('a', { log: `${SLACK.text}\n${GITHUB.text}\n`, artifact: AWS.text })
    const first = await codex(files, { args: ['run', '-j1'], exitCode: 1 })
    const second = await codex(files, { args: ['run', '-j8'], exitCode: 1, env: { TZ: 'Asia/Tokyo' } })
    expect(manifestText(second.place)).toBe(manifestText(first.place))
  })
})

describe.concurrent('a pack without credentials', () => {
  it('passes, whichever way it is isolated', async () => {
    const files = leaking('a', { artifact: 'AKIAIOSFODNN7EXAMPLE\n', log: 'https://example.org/a:b@c\n' })
    const runs = ['bubblewrap', 'unshare', 'none'].map((sandbox) => ({ args: ['run', `--sandbox=${sandbox}`] }))
    const seen = []
    for (const run of runs) {
      const { place } = await codex(files, { ...run, exitCode: 0 })
      expect(statusesOf(manifestOf(place))).toMatchObject({ 'a:gate/secrets': 'passed' })
      seen.push(beyondGuarantees(manifestOf(place)))
    }
    expect(seen[1]).toEqual(seen[0])
    expect(seen[2]).toEqual(seen[0])
  })

  it('has the gate in its graph', async () => {
    const { stdout } = await codex(leaking('a', {}), { args: ['graph'], exitCode: 0 })
    expect(stdout).toMatch(
      /└─ gate\n {3}├─ artifacts {2}1 required file\n {3}└─ secrets {4}no credential in artifacts or logs/,
    )
  })
})
