import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { codex, placeFor, read, type Place } from '../support/cli.ts'

const MINIMAL = ['--template', 'platform-minimal']

const filesOf = ({ root }: Place): readonly string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted()

describe('codex init', () => {
  it('makes a pack in an empty folder, and says what was written and what comes next', async () => {
    const place = placeFor({})
    await codex(place, {
      args: [
        'init',
        'greeting',
        ...MINIMAL,
        '--title',
        "Everybody's greeted",
        '--owner',
        'Ada',
        '--set',
        'greeting=Moin',
      ],
      exitCode: 0,
      stdout: `Made task-packs/greeting of the template platform-minimal, 9 files:
  README.md
  cases/bad/names.txt
  check-greetings.sh
  check-names.sh
  controls/no-order.txt
  controls/one-greeting.txt
  greet.sh
  names.txt
  task.yml

Next:
  codex run greeting             run it: it passes as it is
  task-packs/greeting/README.md  what it does, and what to make your own
`,
      stderr: '',
      out: {
        'task-packs/greeting/task.yml':
          /^id: greeting\ntitle: 'Everybody''s greeted'\nowner: Ada\n[^]*GREETING: Moin\n/m,
      },
    })
    expect(filesOf(place).filter((path) => !path.startsWith('task-packs'))).toEqual([])
    await codex(place, { args: ['run', '--sandbox=none', 'greeting'], exitCode: 0 })
    expect(read(place, '.codex/runs/latest/artifacts/greeting/build/greetings.txt')).toMatch(/^Moin, Ada!\n/)
  })

  it('overwrites nothing', async () => {
    const place = placeFor({ 'task-packs/mine/notes.txt': 'kept\n' })
    await codex(place, {
      args: ['init', 'mine', ...MINIMAL],
      exitCode: 2,
      stdout: '',
      stderr:
        'error: `task-packs/mine` is there already, and nothing in it is overwritten. Take another id, or another --dir.\n',
    })
    expect(filesOf(place)).toEqual(['task-packs', 'task-packs/mine', 'task-packs/mine/notes.txt'])
  })

  it('takes no id that another pack has, wherever that is', async () => {
    const place = placeFor({})
    await codex(place, { args: ['init', 'mine', ...MINIMAL, '--dir', 'solutions/web', '-q'], exitCode: 0, stdout: '' })
    await codex(place, {
      args: ['init', 'mine', ...MINIMAL],
      exitCode: 2,
      stderr: ['error duplicate-pack-id The id `mine` is already taken by `solutions/web/mine/task.yml`.'],
    })
    expect(filesOf(place)).not.toContain('task-packs')
  })

  it('checks the id as that of every pack', async () => {
    const place = placeFor({})
    await codex(place, {
      args: ['init', 'My_Pack', ...MINIMAL],
      exitCode: 2,
      stderr: [
        "error invalid-value `id` can't be `My_Pack`: expected small letters and digits, in words joined by single hyphens.\n",
        'fix: Did you mean `my-pack`?',
      ],
    })
    expect(filesOf(place)).toEqual([])
  })

  it('lists the templates where none is named and nobody can be asked', async () => {
    await codex(
      {},
      {
        args: ['init', 'mine'],
        exitCode: 2,
        stdout: '',
        stderr: [/^error: Which template\? Name one with --template:\n {2}security-inventory-diff {2,}No asset /],
      },
    )
    await codex(
      {},
      {
        args: ['init', 'mine', '-t', 'web-link'],
        exitCode: 2,
        stderr: [
          /^error: There is no template `web-link`\. Did you mean `web-links`\?\n/,
          /\n {2}platform-pipeline {2,}/,
        ],
      },
    )
  })

  it('names the variables that a template has', async () => {
    await codex(
      {},
      {
        args: ['init', 'mine', ...MINIMAL, '--set', 'greting=Moin'],
        exitCode: 2,
        stderr: 'error: The template `platform-minimal` has no variable `greting`. It has `greeting`.\n',
      },
    )
  })

  it('lists templates by pillar and domain, also for programs', async () => {
    await codex(
      {},
      {
        args: ['init', '--list'],
        exitCode: 0,
        stdout: [
          /^security\n {2}asm\n {4}security-inventory-diff {2,}No asset /m,
          / {6}--set greeting=Hello {2}How people are greeted\n/,
          /\n\d+ templates;/,
        ],
      },
    )
    const { stdout } = await codex({}, { args: ['init', '--list', '--json'], exitCode: 0 })
    const listed = JSON.parse(stdout) as readonly object[]
    expect(listed).toHaveLength(readdirSync('templates').flatMap((pillar) => readdirSync(`templates/${pillar}`)).length)
    expect(listed).toContainEqual(
      expect.objectContaining({
        name: 'platform-minimal',
        pillar: 'platform',
        variables: [expect.objectContaining({ name: 'greeting' })],
      }),
    )
  })

  it('makes packs where the configuration looks for them, from any folder of the workspace', async () => {
    const config = "export default { packs: ['work/*', '!work/old'] }\n"
    const place = placeFor({ 'codex.config.mjs': config, 'src/deep/x': '' })
    const { stdout } = await codex(place, {
      args: ['init', 'mine', ...MINIMAL, '--json'],
      cwd: 'src/deep',
      exitCode: 0,
    })
    expect(JSON.parse(stdout)).toMatchObject({
      id: 'mine',
      template: 'platform-minimal',
      files: expect.arrayContaining(['task.yml']) as unknown,
    })
    expect(filesOf(place)).toContain('work/mine/task.yml')
    await codex(place, {
      args: ['init', 'other', ...MINIMAL, '--dir', 'src'],
      exitCode: 2,
      stdout: '',
      stderr:
        'error: A pack in `src/other` would not be found: codex looks for packs in `work/*`, `!work/old`. Name another --dir, or add it to `packs` in codex.config.ts.\n',
    })
    await codex(place, {
      args: ['init', 'other', ...MINIMAL, '--dir', '../../..'],
      cwd: 'src/deep',
      exitCode: 2,
      stderr: ['lies outside of the workspace'],
    })
  })

  it('tells at once when the pack is not valid where it is', async () => {
    await codex(placeFor({ '.gitignore': '*.sh\n' }), {
      args: ['init', 'mine', ...MINIMAL],
      exitCode: 2,
      stdout: ['Made task-packs/mine '],
      stderr: ['task-packs/mine/task.yml:10:22 error glob-matches-nothing'],
    })
  })

  it('works in another folder, and says commands that work from here', async () => {
    const place = placeFor({ 'a folder/x': '' })
    await codex(place, {
      args: ['-C', 'a folder', 'init', 'mine', ...MINIMAL],
      exitCode: 0,
      stdout: ['Made a folder/task-packs/mine ', "codex run -C 'a folder' mine "],
    })
  })

  it('completes templates, and no pack that is there already', async () => {
    const place = placeFor({})
    await codex(place, {
      args: ['complete', '--', 'init', 'x', '--template', 'game-'],
      exitCode: 0,
      stdout: 'game-assets\ngame-replay\n',
    })
    await codex(place, { args: ['complete', '--', 'init', ''], exitCode: 0, stdout: '' })
  })
})
