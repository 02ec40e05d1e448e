// Packs as they were written for the layout before this one, turned into packs that run.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { codex, manifestOf, placeFor, read, statusesOf, type Files, type Place, type Ran } from '../support/cli.ts'
import { DOWN, ENTER, CTRL_C, sit } from '../support/terminal-session.ts'

const EARLIER = fileURLToPath(new URL('../fixtures/earlier', import.meta.url))
const IDS = ['bas-attack-simulation', 'detection-rule-test', 'game-replay', 'web-build'] as const

/** Another workspace beside, with the earlier packs in `old/`. */
function placeWithEarlier(files: Files = {}): Place {
  const place = placeFor(files)
  cpSync(EARLIER, join(place.root, 'old'), { recursive: true })
  return place
}

/** Every file below a folder with its bytes. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
  const files = paths.filter((path) => statSync(join(folder, path)).isFile())
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), 'utf8')]))
}

describe('codex import of a folder of earlier packs', () => {
  let ran: Ran

  beforeAll(async () => {
    ran = await codex(placeWithEarlier(), { args: ['import', 'old/tasks'], exitCode: 2 })
  })

  it('tells what it made, what somebody has to decide and why the result is not valid yet', async () => {
    await expect(ran.stdout).toMatchFileSnapshot('../golden/earlier/told.txt')
    expect(ran.stderr).toMatch(/^task-packs\/detection-rule-test\/task\.yml:\d+:\d+ error plugin-undescribed /)
    expect(ran.stderr).toMatch(/^task-packs\/web-build\/task\.yml:\d+:\d+ error required-not-produced /m)
    expect(ran.stderr).toContain('2 errors in 2 packs')
  })

  it.each(IDS)('writes %s', async (id) => {
    await expect(read(ran.place, `task-packs/${id}/task.yml`)).toMatchFileSnapshot(`../golden/earlier/${id}.yml`)
    const words = read(ran.place, `task-packs/${id}/acceptance.md`)
    await expect(words).toMatchFileSnapshot(`../golden/earlier/${id}.md`)
  })

  it('leaves the old packs as they are, and takes their files along as they are', () => {
    expect(contentOf(join(ran.place.root, 'old'))).toEqual(contentOf(EARLIER))
    const [before, after] = ['old/tasks/game-replay', 'task-packs/game-replay'].map((path) =>
      join(ran.place.root, path),
    )
    const { 'task.yml': _task, 'acceptance.yml': _acceptance, ...files } = contentOf(before ?? '')
    expect(contentOf(after ?? '')).toMatchObject(files)
    expect(statSync(join(after ?? '', 'replay.sh')).mode & 0o111).not.toBe(0)
    expect(statSync(join(after ?? '', 'replay.mjs')).mode & 0o111).toBe(0)
  })

  it('makes packs that run and can fail', async () => {
    await codex(ran.place, { args: ['run', '--sandbox=none', 'game-replay'], exitCode: 0 })
    expect(statusesOf(manifestOf(ran.place))).toEqual({
      'game-replay:lint/1': 'passed',
      'game-replay:tests/1': 'passed',
      'game-replay:tests/2': 'passed',
      'game-replay:gate/artifacts': 'passed',
      'game-replay:gate/secrets': 'passed',
    })
    writeFileSync(join(ran.place.root, 'task-packs/game-replay/golden.json'), '{ "state": 1 }\n')
    await codex(ran.place, { args: ['run', '--sandbox=none', 'game-replay'], exitCode: 1 })
  })

  it('overwrites nothing, and says what to do', async () => {
    const before = contentOf(join(ran.place.root, 'task-packs'))
    const stderr = [/^error: A pack|is there already|duplicate-pack-id/]
    await codex(ran.place, { args: ['import', 'old/tasks/detection-rule-test'], exitCode: 2, stdout: '', stderr })
    expect(contentOf(join(ran.place.root, 'task-packs'))).toEqual(before)
  })
})

describe.concurrent('codex import', () => {
  it('shows with --dry-run what it would make, and makes nothing', async () => {
    const place = placeWithEarlier()
    const { stdout } = await codex(place, { args: ['import', 'old/tasks/game-replay', '-n'], exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^Would make task-packs\/game-replay of old\/tasks\/game-replay, 7 files:\n/)
    expect(stdout).toContain(
      readFileSync(new URL('../golden/earlier/game-replay.yml', import.meta.url), 'utf8').trimEnd(),
    )
    expect(existsSync(join(place.root, 'task-packs'))).toBe(false)
  })

  it('takes one pack from another workspace, to a folder of choice, and tells programs', async () => {
    const place = placeFor({ 'codex.config.mjs': "export default { packs: ['packs/**'] }\n" })
    cpSync(EARLIER, join(place.home, 'old'), { recursive: true })
    mkdirSync(join(place.home, 'old/.git'))
    const from = '../home/old/tasks/bas-attack-simulation'
    const args = ['import', from, '--out', 'packs/security', '--json']
    const { stdout } = await codex(place, { args, exitCode: 0, stderr: '' })
    const document = JSON.parse(stdout) as { readonly packs: readonly { readonly findings: readonly object[] }[] }
    expect(document).toMatchObject({
      valid: true,
      diagnostics: [],
      packs: [
        { id: 'bas-attack-simulation', from: resolve(place.root, from), dir: 'packs/security/bas-attack-simulation' },
      ],
    })
    expect(document.packs[0]?.findings[0]).toMatchObject({
      kind: 'network',
      toDecide: true,
      file: `${resolve(place.root, from)}/task.yml`,
      line: 9,
    })
    expect(read(place, 'packs/security/bas-attack-simulation/task.yml')).toMatch(/scope:\n +- scenarios\/\*\*\n/)
  })

  const broken = (task: string): Files => ({ 'old/a/task.yml': task, 'old/a/acceptance.yml': 'must: [node x]\n' })
  const sound = (id: string): string => `id: ${id}\ntitle: T\npillar: web\nrisk: low\n`

  it.each<readonly [string, Files, readonly (string | RegExp)[]]>([
    ['YAML that does not parse', broken('id: [\n'), [/^old\/a\/task\.yml:\d+:\d+ error yaml-syntax/]],
    ['no acceptance.yml', { 'old/a/task.yml': sound('a') }, ['old/a/acceptance.yml', 'it is not there']],
    [
      'one id twice',
      { ...broken(sound('a')), 'old/b/task.yml': sound('a'), 'old/b/acceptance.yml': 'must: [node x]\n' },
      [/^old\/b\/task\.yml:1:5 error duplicate-pack-id/],
    ],
    ['an id that is none', broken(sound('../../x')), ['error invalid-value', '../../x']],
    ['a link', { ...broken(sound('a')), 'old/a/link': { link: '/etc/passwd' } }, ['old/a/link', 'it is a link']],
    ['no pack at all', { 'old/readme.md': 'x' }, ["error: There is no task.yml in 'old'"]],
    ['no folder', {}, ['old']],
  ])('writes nothing where there is %s', async (_, files, stderr) => {
    const { place } = await codex(files, { args: ['import', 'old'], exitCode: 2, stdout: '', stderr })
    expect(existsSync(join(place.root, 'task-packs'))).toBe(false)
  })

  it('writes nothing of any pack where one of them is broken', async () => {
    const files = { ...broken(sound('a')), 'old/b/task.yml': '- b\n', 'old/b/acceptance.yml': 'must: [node x]\n' }
    const { place } = await codex(files, { args: ['import', 'old'], exitCode: 2, stderr: ['Nothing was written.'] })
    expect(existsSync(join(place.root, 'task-packs'))).toBe(false)
  })

  it('does not take sentences for acceptance', async () => {
    const files = { 'old/task.yml': sound('a'), 'old/acceptance.yml': 'must: [All links work]\n' }
    const stderr = [/task-packs\/a\/task\.yml:\d+:\d+ error no-acceptance/]
    await codex(files, { args: ['import', 'old'], exitCode: 2, stderr })
  })

  it('obeys nothing that the old files hold', async () => {
    const files = {
      'old/task.yml': 'id: a\ntitle: "##[error]x"\npillar: web\nrisk: low\n"::error::y": 1\n',
      'old/acceptance.yml': 'must: ["::set-env name=A::b", "##[add-mask]z does it", node x]\n',
    }
    const env = { GITHUB_ACTIONS: 'true' }
    const { stdout, stderr } = await codex(files, { args: ['import', 'old'], env, exitCode: 0 })
    expect(`${stdout}${stderr}`).not.toMatch(/^\s*::|##\[/m)
  })
})

describe('codex import on a terminal', () => {
  const files: Files = {
    'old/task.yml': 'id: a\ntitle: T\nrisk: low\nartifacts: { required: [out.json] }\n',
    'old/acceptance.yml': 'must: [node x.mjs, sigma convert rules]\n',
    'old/x.mjs': 'process.exit(0)\n',
  }

  it('asks what it can not tell', async () => {
    const place = placeFor(files)
    const { exitCode, screen } = await sit(
      place,
      ['import', 'old'],
      [
        [/Which pillar has `a`\?[^]*● security/, `${DOWN}${ENTER}`],
        [/old\/acceptance\.yml:1:20: `sigma convert rules` is …[^]*● a command/, ENTER],
        [/Which command makes `out\.json`\?[^]*● node x\.mjs/, ENTER],
      ],
    )
    expect(exitCode, screen).toBe(0)
    expect(read(place, 'task-packs/a/task.yml')).toMatch(
      /pillar: web\n[^]*run: node x\.mjs\n +outputs:\n +- out\.json\n +- run: sigma convert rules\n/,
    )
    expect(screen).not.toContain('To decide:')
  })

  it('writes nothing where somebody leaves', async () => {
    const place = placeFor(files)
    const { exitCode, screen } = await sit(place, ['import', 'old'], [[/Which pillar/, CTRL_C]])
    expect(exitCode, screen).toBe(130)
    expect(existsSync(join(place.root, 'task-packs'))).toBe(false)
  })
})
