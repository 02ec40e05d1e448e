// Plugins of packs: off, on, strict, and hostile ones in the real sandbox.
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/model/manifest.ts'
import {
  actionOf,
  codex,
  giveAway,
  LATEST,
  manifestOf,
  manifestText,
  placeFor,
  putFiles,
  read,
  recordOf,
  statusesOf,
  UNPRIVILEGED,
  type Call,
  type Expected,
  type Files,
  type Place,
} from '../support/cli.ts'
import { countWith } from '../support/processes.ts'
import { pack } from '../support/tasks.ts'

const ABOUT = { name: 'x', version: '1' }

interface Plugged {
  /** Of plugin.json. */
  readonly file?: object
  /** Of task.yml. */
  readonly fields?: object
}

/** A pack with a plugin whose `run` has this body. */
function plugged(id: string, body: string, { file, fields }: Plugged = {}): Files {
  const code = `
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import net from 'node:net'
import { definePlugin } from 'codex-orchestrator/plugin'

const about = ${JSON.stringify(ABOUT)}
const passed = { verdict: 'passed', summary: 'All is well' }
const forged = JSON.stringify({ resultVersion: 1, plugin: about, plan: [], report: '', findings: [], ...passed })
const forever = () => new Promise(() => setInterval(() => {}, 1000))

export const plugin = definePlugin({ ...about, run: async ({ artifacts }) => { ${body} } })
`
  const limits = { timeout: '20s', log: '64KiB', output: '1MiB' }
  return pack(
    id,
    { plugin: './plugin.mjs', constraints: { limits }, ...fields },
    { 'plugin.mjs': code, 'plugin.json': JSON.stringify({ ...ABOUT, ...file }) },
  )
}

const GOOD = plugged('good', "fs.writeFileSync(artifacts[0], 'seen\\n'); return passed", {
  file: { artifacts: ['artifacts/deep/seen.txt'] },
})
const ON = ['run', '--enable-plugins'] as const
const BARE = [...ON, '--sandbox=none'] as const

/** Runs, and gives the name of the run. */
async function runIn(place: Place, call: Call & Expected): Promise<string> {
  await codex(place, call)
  return basename(realpathSync(join(place.root, LATEST)))
}

describe.concurrent('a plugin that nobody has enabled', () => {
  it('is disabled: the run, run.json, reports and the manifest say so, and its module is not read', async () => {
    const module = { text: 'throw 1', mode: 0o000 }
    const fields = { inputs: { files: ['task.yml'] }, plugin: './plugin.mjs' }
    const place = placeFor(pack('a', fields, { 'plugin.mjs': module, 'plugin.json': JSON.stringify(ABOUT) }))
    giveAway(place)
    const stderr = [/^task-packs\/a\/task\.yml:\d+:9 warning plugin-disabled The plugin of `a` is disabled/m]
    await codex(place, { args: ['run', '--sandbox=none'], exitCode: 0, stderr, through: UNPRIVILEGED })
    expect(manifestOf(place).packs).toMatchObject([{ id: 'a', plugin: 'disabled', verdict: 'passed' }])
    expect(statusesOf(manifestOf(place))).not.toHaveProperty('a:plugin/run')
    expect(recordOf(place).warnings).toMatchObject([{ code: 'plugin-disabled', severity: 'warning' }])
    for (const report of ['report.md', 'report.html']) {
      expect(read(place, `${LATEST}/${report}`)).toContain('is disabled')
    }
    // That it can't be read shows as soon as somebody reads it.
    await codex(place, { args: BARE, exitCode: 1, through: UNPRIVILEGED })
    const { reason } = actionOf(manifestOf(place), 'a:plugin/run')
    expect(reason).toEqual({ kind: 'input-changed', path: 'task-packs/a/plugin.mjs' })
  })

  it('changes nothing of what its pack does', async () => {
    const place = placeFor(GOOD)
    const without = await runIn(place, { args: ['run', '--sandbox=none'], exitCode: 0 })
    const key = actionOf(manifestOf(place), 'good:tests/1').key
    const enabled = await runIn(place, { args: BARE, exitCode: 0 })
    expect(actionOf(manifestOf(place), 'good:tests/1').key).toBe(key)
    const says = /The plugin of `good` was disabled in the first run, and is enabled in the second run/
    await codex(place, { args: ['diff', without, enabled], exitCode: 1, stdout: [says] })
  })

  it('is enabled by 1, and by no other word', async () => {
    const place = placeFor(GOOD)
    for (const [value, shown] of [
      ['1', true],
      ['0', false],
      ['', false],
    ] as const) {
      const { stdout } = await codex(place, { args: ['graph'], env: { ORCH_ENABLE_PLUGINS: value }, exitCode: 0 })
      expect(stdout.includes('plugin'), value).toBe(shown)
    }
    const env = { ORCH_ENABLE_PLUGINS: 'yes' }
    await codex(place, { args: ['run'], env, exitCode: 2, stderr: [/ORCH_ENABLE_PLUGINS is 'yes': 1 or 0 is needed/] })
  })

  it('is told of among all settings', async () => {
    const env = { ORCH_ENABLE_PLUGINS: '1', ORCH_PLUGINS_STRICT: '1' }
    const { stdout } = await codex(GOOD, { args: ['config', '--print', '--json'], env, exitCode: 0 })
    expect((JSON.parse(stdout) as { readonly settings: unknown }).settings).toEqual(
      expect.arrayContaining([
        { name: 'enable-plugins', value: true, from: 'environment', by: 'ORCH_ENABLE_PLUGINS' },
        { name: 'plugins-strict', value: true, from: 'environment', by: 'ORCH_PLUGINS_STRICT' },
      ]),
    )
  })
})

describe.concurrent('a plugin that is enabled', () => {
  it('adds its result and its artifacts, the same every time, and is reused, verified and run again', async () => {
    const place = placeFor(GOOD)
    await codex(place, { args: [...ON, '--cache', '--check'].filter((word) => word !== '--cache'), exitCode: 0 })
    const first = manifestText(place)
    await codex(place, { args: [...ON, '--cache'], exitCode: 0 })
    const again = await codex(place, { args: [...ON, '--cache'], exitCode: 0, stderr: [/good:plugin\/run .*reused/] })
    expect(manifestText(again.place)).toBe(first)
    const { packs } = manifestOf(place)
    expect(packs).toMatchObject([{ plugin: 'enabled', verdict: 'passed' }])
    const kept = packs[0]?.artifacts.map(({ path }) => path)
    expect(kept).toEqual(['task-packs/good/artifacts/deep/seen.txt', 'task-packs/good/plugin_result.json'])
    const result = JSON.parse(read(place, `${LATEST}/artifacts/good/plugin_result.json`)) as unknown
    expect(result).toMatchObject({ plugin: ABOUT, verdict: 'passed', summary: 'All is well' })
    await codex(place, { args: ['verify', 'latest', '--rerun', '--enable-plugins'], exitCode: 0 })
    const stderr = [/Plugins ran in it: to run it again, say --enable-plugins/]
    await codex(place, { args: ['verify', 'latest', '--rerun'], exitCode: 2, stderr })
    await codex(place, {
      args: ['explain', 'plugin/run', '--enable-plugins'],
      exitCode: 0,
      stdout: [/runner\.mjs +of codex/],
    })
    await codex(place, { args: ['bundle', 'latest', '-o', 'run.tar'], exitCode: 0 })
    await codex(place, { args: ['verify', 'run.tar', '--rerun', '--enable-plugins'], exitCode: 0 })
  })

  it('that uses more than its pack may is refused, at its place, before any of its code is loaded', async () => {
    const capabilities = { network: ['example.org:443'], secrets: ['TOKEN'], cloud: true }
    const place = placeFor(plugged('a', 'return passed', { file: { capabilities } }))
    const at = (uses: string): RegExp =>
      new RegExp(`^task-packs/a/plugin\\.json:1:\\d+ error plugin-capability The plugin of \`a\` uses ${uses}`, 'm')
    const stderr = [at('the network host `example.org:443`'), at('the secret `TOKEN`'), at('leave to change')]
    await codex(place, { args: ON, exitCode: 3, stderr })
    expect(manifestOf(place)).toMatchObject({
      ...{ verdict: 'refused', actions: [] },
      refusals: Array.from({ length: 3 }, () => ({ code: 'plugin-capability', pack: 'a', field: 'plugin' })),
    })
    await codex(place, { args: ['run', '--sandbox=none'], exitCode: 0 })
  })

  it('that declares what another command makes is an error of the pack', async () => {
    const fields = { steps: [{ id: 'a', run: 'echo > out.txt', outputs: ['out.txt'] }] }
    const place = placeFor(plugged('a', 'return passed', { fields, file: { artifacts: ['out.txt'] } }))
    const stderr = [/error output-collision .*a:plugin\/run/]
    await codex(place, { args: ON, exitCode: 2, stderr })
    await codex(place, { args: ['validate', '--enable-plugins'], exitCode: 2 })
  })
})

/** In one run: what each does, and what becomes of it. */
const ERRORS: Readonly<Record<string, readonly [body: string, tolerated: object, more?: Plugged]>> = {
  crash: ["throw new Error('oops')", { kind: 'plugin', problem: 'error' }],
  exit: ['process.exit(0)', { kind: 'plugin', problem: 'error' }],
  flood: [
    "for (;;) if (!process.stdin.destroyed) fs.writeSync(1, 'x'.repeat(4096))",
    { kind: 'plugin', problem: 'error' },
  ],
  chatter: [
    "for (;;) { console.log('x'.repeat(4096)); await new Promise(setImmediate) }",
    { kind: 'limit', limit: 'log' },
  ],
  heap: [
    "for (let at = 0; ; at++) fs.writeFileSync('plugin_result.json', 'x'.repeat(65536), { flag: 'a' })",
    { kind: 'plugin', problem: 'error' },
  ],
  hoard: [
    "for (let at = 0; at < 32; at++) fs.writeFileSync(`hoard-${at}`, 'x'.repeat(65536)); return passed",
    { kind: 'limit', limit: 'output' },
  ],
  late: ['for (;;);', { kind: 'limit', limit: 'timeout' }, { fields: { constraints: { limits: { timeout: '3s' } } } }],
  lazy: ['return passed', { kind: 'missing-outputs' }, { file: { artifacts: ['never.txt'] } }],
  // The verdict is forged, and whoever would have written the true one is gone.
  forge: [
    "fs.writeFileSync('plugin_result.json', forged); process.kill(process.ppid, 'SIGKILL'); await forever()",
    { kind: 'exit' },
  ],
}

describe('a plugin that goes wrong by itself', () => {
  const files = Object.assign(
    {},
    ...Object.entries(ERRORS).map(([id, [body, , more]]) => plugged(id, body, more)),
  ) as Files
  let place: Place
  let manifest: Manifest

  beforeAll(async () => {
    place = placeFor(files)
    await codex(place, { args: ON, exitCode: 0, stderr: [/warning plugin-error .*`crash:plugin\/run`/] })
    manifest = manifestOf(place)
  })

  it.each(Object.entries(ERRORS))('does not fail its pack, and is told of: %s', (id, [, tolerated]) => {
    expect(actionOf(manifest, `${id}:plugin/run`)).toMatchObject({ status: 'passed', reason: null, tolerated })
    expect(manifest.packs.find((each) => each.id === id)).toMatchObject({ plugin: 'enabled', verdict: 'passed' })
    expect(recordOf(place).warnings).toContainEqual(
      expect.objectContaining({
        code: 'plugin-error',
        facts: expect.objectContaining({ action: `${id}:plugin/run`, reason: expect.objectContaining(tolerated) }),
      }),
    )
  })

  it('leaves nothing but what its runner has said', () => {
    const kept = Object.fromEntries(manifest.packs.map(({ id, artifacts }) => [id, artifacts.map(({ path }) => path)]))
    const result = (id: string): readonly string[] => [`task-packs/${id}/plugin_result.json`]
    expect(kept).toEqual({
      ...Object.fromEntries(Object.keys(ERRORS).map((id) => [id, []])),
      ...{ crash: result('crash'), exit: result('exit'), flood: result('flood'), heap: result('heap') },
    })
  })

  it('is the same a second time, whatever chance does', async () => {
    const ids = ['crash', 'flood', 'forge', 'lazy']
    await codex(place, { args: [...ON, '--check', ...ids], exitCode: 0 })
    for (const id of ids) {
      const [one, other] = [manifest, manifestOf(place)].map((each) => actionOf(each, `${id}:plugin/run`))
      expect(other).toEqual(one)
    }
  })

  it('fails its pack where that is asked for', async () => {
    const strict = placeFor({})
    putFiles(strict.root, files)
    await codex(strict, {
      args: [...BARE, 'crash', 'forge', 'lazy'],
      ...{ env: { ORCH_PLUGINS_STRICT: '1' }, exitCode: 1, stderr: [/again: codex run --enable-plugins crash/] },
    })
    for (const id of ['crash', 'forge', 'lazy']) {
      const action = actionOf(manifestOf(strict), `${id}:plugin/run`)
      expect(action).toMatchObject({ status: 'failed', reason: ERRORS[id]?.[1], outputs: [] })
      expect(action).not.toHaveProperty('tolerated')
    }
    expect(manifestOf(strict).packs.map(({ plugin, verdict }) => [plugin, verdict])).toEqual(
      Array.from({ length: 3 }, () => ['strict', 'failed']),
    )
  })
})

describe('a plugin that does what it must not', () => {
  const made = { steps: [{ id: 'make', run: 'echo true > made.txt', outputs: ['made.txt'] }] }
  const MARKER = '4242.4242'
  let server: Server
  let asked = 0
  let place: Place
  let manifest: Manifest

  beforeAll(async () => {
    server = createServer((_, response) => {
      asked += 1
      response.end()
    }).listen(0, '127.0.0.1')
    server.on('connection', () => (asked += 1))
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    place = placeFor({
      ...plugged(
        'network',
        `const socket = net.connect(${port}, '127.0.0.1')
         const found = await new Promise((tell) => { socket.once('connect', () => tell('open')); socket.once('error', ({ code }) => tell(code)) })
         fs.writeFileSync(artifacts[0], found); return passed`,
        { file: { artifacts: ['found.txt'] } },
      ),
      ...plugged(
        'background',
        `spawn('sleep', ['${MARKER}'], { detached: true, stdio: 'inherit' }).unref(); return passed`,
      ),
      ...plugged('altering', "fs.writeFileSync('made.txt', 'false'); return passed", { fields: made }),
      ...plugged(
        'foreign',
        "fs.mkdirSync('../network'); fs.writeFileSync('../network/found.txt', 'open'); return passed",
      ),
      ...plugged('undeclared', "fs.writeFileSync('more.txt', 'x'); return passed"),
      ...plugged('linked', "fs.symlinkSync('/etc/passwd', 'plugin_result.json'); return passed"),
      ...plugged('refusing', "return { verdict: 'failed', summary: 'Not like this' }"),
      // It would like to make up for what acceptance did not find.
      ...plugged('forging', "fs.writeFileSync('plugin_result.json', forged); return passed", {
        fields: { acceptance: { tests: [{ run: 'test -s nothing' }] } },
      }),
    })
    await codex(place, { args: ON, exitCode: 1 })
    manifest = manifestOf(place)
  })

  afterAll(() => server.close())

  it('reaches no network', () => {
    expect(read(place, `${LATEST}/artifacts/network/found.txt`)).toBe('ECONNREFUSED')
    expect(asked).toBe(0)
  })

  it('leaves nothing in the background', () => {
    expect(actionOf(manifest, 'background:plugin/run').status).toBe('passed')
    expect(countWith(MARKER)).toBe(0)
  })

  it.each([
    ['altering', { kind: 'altered-inputs', paths: ['task-packs/altering/made.txt'] }],
    ['foreign', { kind: 'undeclared-writes', paths: ['task-packs/network/found.txt'] }],
    ['undeclared', { kind: 'undeclared-writes', paths: ['task-packs/undeclared/more.txt'] }],
  ])('fails its pack by what it writes: %s', (id, reason) => {
    expect(actionOf(manifest, `${id}:plugin/run`)).toMatchObject({ status: 'violated', reason, outputs: [] })
    expect(actionOf(manifest, `${id}:gate/artifacts`).status).toBe('skipped')
  })

  it('finds nothing where a result of its would lead out', () => {
    expect(actionOf(manifest, 'linked:plugin/run').outputs).toEqual([])
    expect(manifest.packs.find(({ id }) => id === 'linked')?.artifacts).toEqual([])
  })

  it('fails its pack by its word', () => {
    const reason = { kind: 'plugin', problem: 'failed' }
    expect(actionOf(manifest, 'refusing:plugin/run')).toMatchObject({ status: 'failed', reason })
    expect(manifest.packs.find(({ id }) => id === 'refusing')?.verdict).toBe('failed')
    expect(read(place, `${LATEST}/logs/refusing/plugin/run/1.log`)).toBe('plugin x 1: failed: Not like this\n')
  })

  it('never lets a pack pass', () => {
    expect(actionOf(manifest, 'forging:plugin/run').status).toBe('skipped')
    const verdicts = Object.fromEntries(manifest.packs.map(({ id, verdict }) => [id, verdict]))
    expect(verdicts).toMatchObject({ forging: 'failed', network: 'passed', background: 'passed' })
  })
})
