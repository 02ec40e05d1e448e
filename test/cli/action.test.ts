// The action of this repository, run step by step with the real program; what it installs is written down by programs that stand in
// for npm, sudo and sysctl.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/model/digest.ts'
import { readRepository } from '../support/actions-toolkit.ts'
import { CLI, codex, manifestText, placeFor, read, type Files, type Place } from '../support/cli.ts'
import { readAction, runAction, type ActionRan } from '../support/composite-runner.ts'
import { commitAll, git } from '../support/git.ts'
import { useGithub } from '../support/github/publishing.ts'
import { addRepository, TOKEN } from '../support/github/state.ts'
import { pack, test } from '../support/tasks.ts'
import { readAsRunner } from '../support/workflow-runner.ts'

const ACTION = readAction(readRepository('.github/actions/codex/action.yml'))

const used = useGithub(false)

const CHANGE = pack('bump', {
  ...test('grep -q 2 ../../version'),
  constraints: { scope: ['/version'] },
  steps: [{ id: 'bump', run: 'echo 2 > ../../version' }],
})

interface Rig extends Place {
  /** What the programs were called with that stand in for others. */
  readonly calls: () => readonly string[]
  readonly run: (inputs: Readonly<Record<string, string>>, env?: Readonly<Record<string, string>>) => Promise<ActionRan>
}

/** `program`: the text of dist/cli.js; otherwise the real one. */
function rigFor(files: Files, program?: string): Rig {
  const place = placeFor(files)
  const [calls, fakes] = [join(place.home, 'calls'), join(place.home, 'fakes')]
  const source = join(place.home, 'action')
  const actionPath = join(source, '.github/actions/codex')
  for (const folder of [fakes, actionPath, join(source, '.ci')]) mkdirSync(folder, { recursive: true })
  writeFileSync(calls, '')
  for (const name of ['npm', 'sudo']) fake(join(fakes, name), `echo "${name} $*" >>${calls}`)
  fake(join(fakes, 'sysctl'), 'echo 1')
  writeFileSync(
    join(source, '.ci/build.mjs'),
    `import { appendFileSync } from 'node:fs'\nappendFileSync('${calls}', 'build\\n')\n`,
  )
  if (program === undefined) symlinkSync(dirname(CLI), join(source, 'dist'))
  else {
    mkdirSync(join(source, 'dist'))
    fake(join(source, 'dist/cli.js'), program, '#!/usr/bin/env node')
    writeFileSync(join(source, 'package.json'), '{ "type": "module" }\n')
  }
  const env = { PATH: `${fakes}:${process.env['PATH']}`, HOME: place.home, LANG: 'C.UTF-8' }
  const job = { workspace: place.root, temporary: place.temporary, actionPath, env }
  return {
    ...place,
    calls: () => readFileSync(calls, 'utf8').split('\n').filter(Boolean),
    run: (inputs, more = {}) => runAction(ACTION, inputs, { ...job, env: { ...env, ...more } }),
  }
}

function fake(path: string, text: string, first = '#!/bin/sh'): void {
  writeFileSync(path, `${first}\n${text}\n`)
  chmodSync(path, 0o755)
}

function exitCodes({ steps }: ActionRan): Readonly<Record<string, number>> {
  return Object.fromEntries(steps.map(({ name, exitCode }) => [name, exitCode]))
}

/** What to show where it is not as it should be. */
function allOf({ steps }: ActionRan): string {
  return steps.map(({ name, text }) => `--- ${name}\n${text}`).join('\n')
}

function textOf({ steps }: ActionRan, step: string): string {
  return steps.find(({ name }) => name === step)?.text ?? ''
}

const SET_UP = { 'Check what is asked for': 0, 'Set up codex': 0 }
const READY = { ...SET_UP, 'Set up the sandbox': 0 }

describe.concurrent('the action', () => {
  it('validates packs, and annotates what is wrong with them', async () => {
    const rig = rigFor({ ...pack('a'), ...pack('b', { pillar: 'none' }) })
    const good = await rig.run({ mode: 'validate', packs: 'a' })
    expect([good.failed, exitCodes(good)]).toEqual([false, { ...SET_UP, Validate: 0 }])
    const bad = await rig.run({ mode: 'validate' })
    expect([bad.failed, exitCodes(bad)]).toEqual([true, { ...SET_UP, Validate: 2 }])
    const { commands } = readAsRunner(textOf(bad, 'Validate'))
    expect(commands).toMatchObject([{ name: 'error', properties: { file: 'task-packs/b/task.yml' } }])
    expect(bad.outputs).toEqual({ verdict: '', 'manifest-digest': '', 'run-dir': '', 'pull-requests': '' })
    expect(bad.used.map(({ uses }) => uses.split('@')[0])).toEqual(['actions/setup-node'])
  })

  it('runs packs, tells how it ended, and uploads evidence that verifies', async () => {
    const rig = rigFor({ ...pack('a', test('echo all is well')), ...pack('b', test('exit 1')) })
    const ran = await rig.run({ packs: ' a\n', artifact: 'kept' })
    expect([ran.failed, exitCodes(ran)], allOf(ran)).toEqual([false, { ...READY, Run: 0, 'Gather the evidence': 0 }])
    expect(rig.calls()[0]).toMatch(/^npm ci --prefix \S+\/action --ignore-scripts --no-audit --no-fund$/)
    expect(rig.calls()[1]).toBe('build')
    expect(ran.outputs['verdict']).toBe('passed')
    expect(ran.outputs['manifest-digest']).toBe(sha256(manifestText(rig)))
    expect(ran.outputs['run-dir']).toMatch(/\/\.codex\/runs\/\d{8}T\d{6}Z-[0-9a-f]{8}$/)
    expect(ran.summary).toBe(read(rig, '.codex/runs/latest/report.md'))
    const { lines } = readAsRunner(textOf(ran, 'Run'))
    const printed = lines.filter(({ text }) => text.includes('│ all is well'))
    expect(printed.map(({ groups }) => groups)).toEqual([[expect.stringMatching(/^✓ a:tests\/1 /)]])
    const upload = ran.used.at(-1)
    expect(upload).toMatchObject({ uses: expect.stringMatching(/^actions\/upload-artifact@/), with: { name: 'kept' } })
    const evidence = upload?.with['path'] ?? ''
    expect(readdirSync(evidence).toSorted()).toEqual(['report.html', 'run.tar'])
    await codex(rig, { args: ['verify', join(evidence, 'run.tar')], exitCode: 0 })
  })

  it('keeps the evidence of a run that fails, and opens no pull request for it', async () => {
    const rig = rigFor(pack('a', test('echo boom; exit 3')))
    const ran = await rig.run({ mode: 'pr', 'github-token': 'a-token' })
    expect([ran.failed, exitCodes(ran)], allOf(ran)).toEqual([true, { ...READY, Run: 1, 'Gather the evidence': 0 }])
    expect(ran.outputs['verdict']).toBe('failed')
    expect(ran.used.at(-1)?.uses).toMatch(/^actions\/upload-artifact@/)
    const { commands, lines } = readAsRunner(textOf(ran, 'Run'))
    expect(commands.at(-1)).toMatchObject({ name: 'error', properties: { file: 'task-packs/a/task.yml' } })
    expect(lines.filter(({ text }) => text.includes('│ boom')).map(({ groups }) => groups)).toEqual([[]])
  })

  it('keeps what there is of a run that was refused, and grants what it is told to', async () => {
    const asking = pack('a', { ...test('test "$A_KEY" = of-the-step'), constraints: { secrets: ['A_KEY'] } })
    const rig = rigFor(asking)
    const refused = await rig.run({})
    expect([refused.outputs['verdict'], exitCodes(refused)]).toEqual([
      'refused',
      { ...READY, Run: 3, 'Gather the evidence': 0 },
    ])
    const listed = execFileSync('tar', ['-tf', join(refused.used.at(-1)?.with['path'] ?? '', 'run.tar')], {
      encoding: 'utf8',
    })
    expect(listed).toMatch(/\/manifest\.json$/m)
    const granted = await rig.run({ allow: '\nsecret=A_KEY\n' }, { A_KEY: 'of-the-step' })
    expect([granted.failed, granted.outputs['verdict']]).toEqual([false, 'passed'])
  })

  it('opens a pull request with the token, which no other step has', async () => {
    const rig = rigFor(pack('a'), STAND_IN)
    const ran = await rig.run({ mode: 'pr', 'github-token': 'a-token' })
    expect([ran.failed, exitCodes(ran)], allOf(ran)).toEqual([
      false,
      { ...READY, Run: 0, 'Gather the evidence': 0, 'Open the pull request': 0 },
    ])
    const said = {
      args: ['pr', ran.outputs['run-dir'], '-C', '.', '--all', '--json'],
      token: 'a-token',
      title: '##[error]\n::error::',
    }
    expect(JSON.parse(ran.outputs['pull-requests'] ?? '')).toEqual(said)
    expect(readAsRunner(textOf(ran, 'Open the pull request')).commands).toEqual([])
    expect(read(rig, '../home/tokens').split('\n').filter(Boolean)).toEqual([
      'run -',
      'report -',
      'bundle -',
      'pr a-token',
    ])
    expect(ran.steps.every(({ text }) => !text.includes('a-token') || text.includes('"args"'))).toBe(true)
  })

  it('proposes what an accepted run has changed, once', async () => {
    const repository = addRepository(used.github.state, 'acme/action')
    const rig = rigFor({ ...CHANGE, version: '1\n' })
    git(rig.root, 'init', '--quiet', '--initial-branch=main')
    commitAll(rig.root)
    git(rig.root, 'push', '--quiet', repository.store.folder, 'main')
    git(rig.root, 'remote', 'add', 'origin', 'https://github.com/acme/action')
    const inputs = { mode: 'pr', 'github-token': TOKEN }
    for (const outcome of ['opened', 'unchanged']) {
      const ran = await rig.run(inputs, { GITHUB_API_URL: used.github.url })
      expect(ran.failed, allOf(ran)).toBe(false)
      expect(JSON.parse(ran.outputs['pull-requests'] ?? '')).toMatchObject({ proposals: [{ pack: 'bump', outcome }] })
      expect(repository.pulls).toMatchObject([{ branch: 'codex/bump', title: '[bump] Pack bump', state: 'open' }])
    }
    expect(repository.pulls[0]?.body).toContain(sha256(manifestText(rig)))
  })

  it.each([
    ['an unknown mode', { mode: 'publish; touch ../pwned' }],
    ['no token for a pull request', { mode: 'pr' }],
  ])('does nothing with %s', async (_, inputs) => {
    const rig = rigFor(pack('a'))
    const ran = await rig.run(inputs)
    expect([ran.failed, exitCodes(ran), rig.calls()]).toEqual([true, { 'Check what is asked for': 2 }, []])
    expect(readAsRunner(textOf(ran, 'Check what is asked for')).commands.map(({ name }) => name)).toEqual(['error'])
  })

  it.each([
    '--sandbox=none a',
    '$(touch pwned)',
    '`touch pwned`',
    "a' ; touch pwned ; '",
    '##[error]x',
    '; touch pwned',
  ])('takes for a pack what stands for one, and nothing else: %s', async (packs) => {
    const rig = rigFor(pack('a'))
    const ran = await rig.run({ packs, mode: 'validate' })
    expect(exitCodes(ran)['Validate']).toBe(2)
    expect(existsSync(join(rig.root, 'pwned'))).toBe(false)
    expect(
      readAsRunner(textOf(ran, 'Validate')).commands.every(({ name, properties }) => {
        return name === 'error' && properties['title'] === 'unknown-selector'
      }),
    ).toBe(true)
  })

  it('installs bubblewrap where it is missing, and allows user namespaces where they are denied', async () => {
    const rig = rigFor(pack('a'))
    const bare = join(rig.home, 'bare')
    mkdirSync(bare)
    const found = (name: string): string =>
      execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
    for (const name of ['bash', 'sh', 'node', 'realpath', 'mkdir', 'ln', 'dirname'])
      symlinkSync(found(name), join(bare, name))
    const fakes = join(rig.home, 'fakes')
    const steps = ACTION.runs.steps.filter(({ uses, name }) => uses === undefined && name in READY)
    const env = { PATH: `${fakes}:${bare}`, HOME: rig.home }
    const job = {
      workspace: rig.root,
      temporary: rig.temporary,
      actionPath: join(rig.home, 'action/.github/actions/codex'),
      env,
    }
    const ran = await runAction({ ...ACTION, runs: { ...ACTION.runs, steps } }, {}, job)
    expect(exitCodes(ran)).toEqual(READY)
    expect(rig.calls().slice(2)).toEqual([
      'sudo apt-get update -qq',
      'sudo apt-get install -y -qq --no-install-recommends bubblewrap',
      'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    ])
    fake(join(fakes, 'sysctl'), 'exit 255')
    fake(join(fakes, 'bwrap'), 'exit 1')
    await runAction({ ...ACTION, runs: { ...ACTION.runs, steps } }, {}, job)
    expect(
      rig
        .calls()
        .slice(5)
        .filter((call) => call.startsWith('sudo')),
    ).toEqual([])
  })
})

/** Says what it was called with as `codex pr`, and is the real program otherwise; keeps a list of who had the token. */
const STAND_IN = `
import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
const args = process.argv.slice(2)
const token = process.env.GITHUB_TOKEN
appendFileSync(process.env.HOME + '/tokens', args[0] + ' ' + (token ?? '-') + '\\n')
if (args[0] === 'pr') console.log(JSON.stringify({ args, token, title: '##[error]\\n::error::' }, null, 2))
else process.exitCode = spawnSync(process.execPath, [${JSON.stringify(CLI)}, ...args], { stdio: 'inherit' }).status
`
