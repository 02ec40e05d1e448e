// What a run has made comes into the working tree.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/model/digest.ts'
import { codex, LATEST, placeFor, putFiles, start, type Place } from '../support/cli.ts'
import { commitAll, git } from '../support/git.ts'
import { pack, test } from '../support/tasks.ts'

const WORKSPACE = {
  ...pack('a', {
    ...test('cat out/made.txt'),
    steps: [
      {
        id: 'make',
        run: 'mkdir -p out && echo made > out/made.txt && echo "#!/bin/sh" > out/tool && chmod +x out/tool',
        outputs: ['out/made.txt', 'out/tool'],
      },
    ],
    artifacts: { required: ['out/made.txt', 'out/tool'] },
  }),
}

const RUN = ['run', '--sandbox=none', '-q']
const MADE = 'task-packs/a/out/made.txt'

async function ran(): Promise<Place> {
  return (await codex(WORKSPACE, { args: RUN, exitCode: 0 })).place
}

describe('codex apply', () => {
  let shared: Place
  beforeAll(async () => {
    shared = await ran()
  })

  it('shows what it would put where, and then does it, once', async () => {
    const place = shared
    const stdout = [
      /^ {2}make +task-packs\/a\/out\/made\.txt {2}\(artifact of a\)\n/,
      /WOULD APPLY: 2 artifacts would be put/,
    ]
    await codex(place, { args: ['apply', 'latest', '--dry-run'], exitCode: 0, stdout, stderr: '' })
    expect(existsSync(join(place.root, MADE))).toBe(false)
    const done = await codex(place, {
      args: ['apply', 'latest'],
      exitCode: 0,
      stdout: [/APPLIED: 2 artifacts put into the working tree\n$/],
      out: { [MADE]: 'made\n' },
    })
    expect(done.stderr).toBe('')
    await codex(place, {
      args: ['apply', 'latest'],
      exitCode: 0,
      stdout: 'Nothing to do: the working tree is as the run made it.\n',
    })
    const { stdout: text } = await codex(place, { args: ['apply', 'latest', '--json'], exitCode: 0 })
    expect(JSON.parse(text)).toMatchObject({
      verdict: 'passed',
      exitCode: 0,
      applied: true,
      problems: [],
      files: [{ path: MADE, pack: 'a', what: 'artifact', action: 'none' }, { action: 'none' }],
    })
  })

  it('replaces what is ignored, or committed and not changed, and nothing else', async () => {
    const place = await ran()
    putFiles(place.root, { [MADE]: 'somebody wrote this\n' })
    const stderr = [
      /^error: `task-packs\/a\/out\/made\.txt` is an artifact of the pack `a`, but a file .* may not be an earlier one\n/,
      /fix: Commit the file, let \.gitignore name it/,
      /NOT APPLIED: the working tree is as it was\n$/,
    ]
    await codex(place, {
      args: ['apply', 'latest'],
      exitCode: 1,
      stdout: '',
      stderr,
      out: { [MADE]: 'somebody wrote this\n' },
    })
    expect(existsSync(join(place.root, 'task-packs/a/out/tool'))).toBe(false)
    git(place.root, 'init', '--quiet')
    writeFileSync(join(place.root, '.gitignore'), '.codex\n')
    await codex(place, { args: ['apply', 'latest'], exitCode: 1 })
    commitAll(place.root)
    appendFileSync(join(place.root, MADE), 'and more\n')
    await codex(place, { args: ['apply', 'latest', '--json'], exitCode: 1, stdout: [/"kind": "in-the-way"/] })
    git(place.root, 'checkout', '--quiet', '.')
    await codex(place, { args: ['apply', 'latest'], exitCode: 0, out: { [MADE]: 'made\n' } })
    for (const [args, ignored] of [
      [['--force'], ''],
      [[], 'out/\n'],
    ] as const) {
      writeFileSync(join(place.root, MADE), 'older\n')
      writeFileSync(join(place.root, 'task-packs/a/.gitignore'), ignored)
      await codex(place, { args: ['apply', 'latest', ...args], exitCode: 0, out: { [MADE]: 'made\n' } })
    }
  })

  it('writes through no link', async () => {
    const place = placeFor({ ...WORKSPACE, elsewhere: 'a folder' })
    await codex(place, { args: RUN, exitCode: 0 })
    symlinkSync(join(place.root, 'elsewhere'), join(place.root, 'task-packs/a/out'))
    await codex(place, {
      args: ['apply', 'latest', '--force'],
      exitCode: 1,
      stderr: [/`task-packs\/a\/out` is a link/],
    })
    rmSync(join(place.root, 'task-packs/a/out'))
    mkdirSync(join(place.root, 'task-packs/a/out'))
    symlinkSync('../../../elsewhere/file', join(place.root, MADE))
    await codex(place, {
      args: ['apply', 'latest', '--force'],
      exitCode: 1,
      stderr: [/a link or something else that is no file/],
    })
    expect(existsSync(join(place.root, 'elsewhere/file'))).toBe(false)
  })

  it('takes nothing from a run that did not pass, or is not genuine', async () => {
    const failed = await codex(pack('a', test('exit 3')), {
      args: [...RUN, '--apply'],
      exitCode: 1,
      stderr: [/did not pass, so nothing of it is put/],
    })
    await codex(failed.place, {
      args: ['apply', 'latest'],
      exitCode: 1,
      stderr: [/did not pass, so nothing of it is put into the working tree\.\n$/],
    })
    const { place } = await codex(WORKSPACE, { args: RUN, exitCode: 0 })
    appendFileSync(join(place.root, LATEST, 'artifacts/a/out/made.txt'), 'x')
    await codex(place, { args: ['apply', 'latest'], exitCode: 5, stderr: [/NOT GENUINE/, /so nothing of it is put/] })
    expect(existsSync(join(place.root, MADE))).toBe(false)
  })

  it('asks for a signature only where a key is given', async () => {
    const place = placeFor(WORKSPACE)
    for (const name of ['own', 'other']) {
      await codex(place, { args: ['keys', 'generate', '--out', name], exitCode: 0 })
    }
    await codex(place, { args: [...RUN, '--sign=own'], exitCode: 0 })
    await codex(place, { args: ['apply', 'latest', '-n'], exitCode: 0 })
    await codex(place, { args: ['apply', 'latest', '-n', '--key', 'own.pub'], exitCode: 0 })
    await codex(place, { args: ['apply', 'latest', '-n', '--key', 'other.pub'], exitCode: 5 })
  })

  it('does the same at the end of a run that passed', async () => {
    const { stdout } = await codex(WORKSPACE, {
      args: ['run', '--sandbox=none', '--apply', '--json'],
      exitCode: 0,
      out: { [MADE]: 'made\n' },
    })
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'passed',
      exitCode: 0,
      applying: { applied: true, files: [{ path: MADE, action: 'make' }, {}] },
    })
    const place = placeFor({ ...WORKSPACE, [MADE]: 'mine\n' })
    await codex(place, {
      args: ['run', '--sandbox=none', '--apply'],
      exitCode: 1,
      stderr: [/NOT APPLIED/],
      out: { [MADE]: 'mine\n' },
    })
  })

  const CHANGING = {
    ...pack('bump', {
      constraints: { scope: ['/VERSION', '/docs/**', '/bin/**'] },
      steps: [
        {
          id: 'bump',
          run: 'cd ../..; printf 2.0.0 >VERSION; rm docs/old.md; chmod +x bin/tool; mkdir docs/new; echo ä >docs/new/"a b.md"',
        },
      ],
    }),
    ...pack('logo', {
      needs: ['bump'],
      constraints: { scope: ['/VERSION', '/logo.bin'] },
      steps: [
        {
          id: 'draw',
          run: String.raw`cd ../..; printf '\0\1\377' >logo.bin; printf -- -rc >>VERSION; cp VERSION task-packs/logo/said`,
          outputs: ['said'],
        },
      ],
      artifacts: { required: ['said'] },
    }),
    VERSION: '1.0.0',
    'docs/old.md': 'old\n',
    'bin/tool': '#!/bin/sh\n',
  }
  const CHANGED = ['make    docs/new/a b.md  (bump)', 'change  VERSION  (logo)', 'delete  docs/old.md  (bump)']

  it('changes what packs have changed, one on top of the other, as git would', async () => {
    const { place } = await codex(CHANGING, { args: ['run', '-q'], exitCode: 0 })
    const stdout = [...CHANGED, /APPLIED: 5 changes and 1 artifact put into the working tree\n$/]
    const out = { VERSION: '2.0.0-rc', 'docs/new/a b.md': 'ä\n', 'task-packs/logo/said': '2.0.0-rc' }
    await codex(place, { args: ['apply', 'latest'], exitCode: 0, stdout, out })
    expect(existsSync(join(place.root, 'docs/old.md'))).toBe(false)
    expect(statSync(join(place.root, 'bin/tool')).mode & 0o111).toBe(0o111)
    expect(readFileSync(join(place.root, 'logo.bin'))).toEqual(Buffer.from([0, 1, 255]))
    await codex(place, { args: ['apply', 'latest'], exitCode: 0, stdout: [/^Nothing to do/] })
    writeFileSync(join(place.root, 'VERSION'), 'mine')
    rmSync(join(place.root, 'logo.bin'))
    const stderr = [/^error: `VERSION` is no longer what the pack `logo` was run on/, /NOT APPLIED/]
    await codex(place, { args: ['apply', 'latest'], exitCode: 1, stderr, out: { VERSION: 'mine' } })
    expect(existsSync(join(place.root, 'logo.bin'))).toBe(false)
  })

  it('does that at the end of a run, and not where its patch was exchanged', async () => {
    const { place } = await codex(CHANGING, {
      args: ['run', '--apply'],
      exitCode: 0,
      stdout: [/APPLIED: 5 changes/],
      out: { VERSION: '2.0.0-rc' },
    })
    appendFileSync(join(place.root, LATEST, 'changes/bump.patch'), '\n')
    await codex(place, { args: ['apply', 'latest'], exitCode: 5, stderr: [/changes\/bump\.patch/, /NOT GENUINE/] })
  })

  it('excludes others that do the same at that time', async () => {
    const place = await ran()
    const ended = await Promise.all([1, 2, 3].map(async () => start(place, { args: ['apply', 'latest'] })))
    for (const { exitCode, stderr } of ended)
      expect(`${exitCode} ${stderr}`).toMatch(/^0 $|^1 error: another `codex apply` is at work/)
    expect(ended.some(({ exitCode }) => exitCode === 0)).toBe(true)
    expect(readFileSync(join(place.root, MADE), 'utf8')).toBe('made\n')
  })

  it('settles first what one has left that was killed', async () => {
    const place = await ran()
    const after = { digest: sha256('half\n'), executable: false, size: 5 }
    const steps = ['half', 'other'].map((path) => ({ path, before: null, after }))
    const journal = JSON.stringify({ steps, made: [], folders: [] })
    putFiles(place.root, { half: 'half\n', '.codex/apply/journal.json': journal, '.codex/apply/new/1': 'half\n' })
    await codex(place, {
      args: ['apply', 'latest', '-n'],
      exitCode: 1,
      stderr: [/an earlier `codex apply` was killed/],
      out: { half: 'half\n' },
    })
    writeFileSync(join(place.root, 'half'), 'edited since')
    await codex(place, {
      args: ['apply', 'latest'],
      exitCode: 1,
      stderr: [/since then these were changed: `half`\n/],
      out: { half: 'edited since' },
    })
    writeFileSync(join(place.root, 'half'), 'half\n')
    await codex(place, {
      args: ['apply', 'latest'],
      exitCode: 0,
      stdout: [/^An earlier .* taken back first\.\n/, /APPLIED: 2 artifacts/],
    })
    expect(existsSync(join(place.root, 'half'))).toBe(false)
    putFiles(place.root, { '.codex/apply/journal.json': journal.replace('half', '../half') })
    await codex(place, { args: ['apply', 'latest'], exitCode: 1, stderr: [/journal\.json` is not as codex writes it/] })
  })
})
