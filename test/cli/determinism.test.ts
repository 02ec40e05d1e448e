import { chmodSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { canonicalJson, type Json } from '../../src/model/canonical.ts'
import type { Manifest } from '../../src/model/manifest.ts'
import {
  ANOTHER_USER,
  beyondGuarantees,
  codex,
  giveAway,
  LATEST,
  manifestOf,
  manifestText,
  placeFor,
  putFiles,
  type Call,
  type Files,
  type Place,
} from '../support/cli.ts'
import { SEVERAL_PACKS } from './several-packs.ts'

/** 4: among the failures are a time-out, a limit and a breaker. */
const EXIT_CODE = 4

interface Variant extends Partial<Call> {
  readonly name?: string
  readonly files?: Files
  /** Done to the workspace before the run. */
  readonly prepare?: (place: Place) => void
  /** Of the run, relative to the workspace. */
  readonly run?: string
}

async function manifestIn({
  name,
  files = SEVERAL_PACKS,
  prepare,
  run = LATEST,
  args = [],
  ...call
}: Variant): Promise<string> {
  const place = placeFor(files, name)
  prepare?.(place)
  await codex(place, { ...call, args: ['run', ...args], exitCode: EXIT_CODE })
  return manifestText(place, run)
}

let first: string
beforeAll(async () => {
  first = await manifestIn({ args: ['-j8'] })
})

function everything(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => join(root, path))
}

const STALE: Files = {
  'task-packs/words/build/sorted.txt': 'stale',
  'task-packs/words/build/parts/stale': 'stale',
  'task-packs/words/out/world.txt': 'stale',
  'task-packs/many/data/0/made': 'stale',
  'solutions/deep/report/report.txt': 'stale',
}

describe.concurrent('the manifest is the same, byte for byte,', () => {
  const cases: readonly (readonly [string, Variant])[] = [
    ['with one job', { args: ['-j1'] }],
    ['in a folder with spaces', { name: 'a clone  elsewhere' }],
    [
      'whatever order the files were made in',
      { files: Object.fromEntries(Object.entries(SEVERAL_PACKS).toReversed()) },
    ],
    [
      'in another environment',
      {
        env: {
          TZ: 'Asia/Kathmandu',
          LANG: 'tr_TR.UTF-8',
          LC_ALL: 'tr_TR.UTF-8',
          HOME: '/',
          LEVEL: '9',
          USER: 'x',
          CI: '',
          NODE_OPTIONS: '--max-old-space-size=500',
          GIT_DIR: '/',
        },
        through: ['env', '-u', 'TMPDIR'],
      },
    ],
    ['with another umask', { through: ['sh', '-c', 'umask 077 && exec "$@"', 'sh'] }],
    ['with low limits of processes and files', { through: ['prlimit', '--nofile=256:512', '--core=0', '--'] }],
    [
      'with other times and modes of files',
      {
        prepare: ({ root }) => {
          for (const path of everything(root)) {
            utimesSync(path, 1_000_000_000, 1_500_000_000)
            if (path.endsWith('.txt')) chmodSync(path, 0o600)
          }
        },
      },
    ],
    ['with what an earlier build left', { prepare: ({ root }) => putFiles(root, STALE) }],
    [
      'through a link, from below, with its folder elsewhere',
      {
        prepare: ({ root, home }) => symlinkSync(root, join(home, 'link')),
        cwd: 'task-packs/words/words',
        args: ['-C', '../../../../home/link/task-packs', '--out', '../../../evidence'],
        run: 'evidence/latest',
      },
    ],
    ['for another user', { prepare: giveAway, through: ANOTHER_USER }],
    ['in bubblewrap', { args: ['--sandbox=bubblewrap'] }],
    ['when asked for each event', { args: ['--jsonl', '-v'] }],
  ]

  it.each(cases)('%s', async (_, variant) => {
    const text = await manifestIn(variant)
    // Says what differs, where the bytes only say that something does.
    expect(JSON.parse(text)).toEqual(JSON.parse(first))
    expect(text === first).toBe(true)
  })

  it('but for guarantees and keys also in a root that util-linux builds', async () => {
    const manifest = JSON.parse(await manifestIn({ args: ['--sandbox=unshare'] })) as Manifest
    const expected = JSON.parse(first) as Manifest
    expect(beyondGuarantees(manifest)).toEqual(beyondGuarantees(expected))
    expect([manifest, expected].map(({ guarantees }) => guarantees?.syscalls)).toEqual(['none', 'enforced'])
  })

  it('in a second run beside the first', async () => {
    const place = placeFor(SEVERAL_PACKS)
    await Promise.all([1, 2].map(() => codex(place, { args: ['run'], exitCode: EXIT_CODE })))
    const runs = readdirSync(join(place.root, '.codex/runs')).filter((name) => name !== 'latest')
    expect(runs.map((run) => manifestText(place, `.codex/runs/${run}`))).toEqual([first, first])
  })
})

describe.concurrent('the manifest', () => {
  it('differs where an input does, and only there', async () => {
    const place = placeFor(SEVERAL_PACKS)
    writeFileSync(join(place.root, 'task-packs/words/words/one.txt'), 'b\na\n\n')
    chmodSync(join(place.root, 'task-packs/many/data/0/0.txt'), 0o755)
    await codex(place, { args: ['run'], exitCode: EXIT_CODE })
    const before = JSON.parse(first) as ReturnType<typeof manifestOf>
    const changed = manifestOf(place)
      .actions.filter(({ key }, index) => key !== before.actions[index]?.key)
      .map(({ id }) => id)
    expect(changed).toEqual(expect.arrayContaining(['words:steps/sort', 'many:tests/1']))
    expect(changed.filter((id) => !/^(?:words|many|report):/.test(id))).toEqual([])
  })

  it('is the one that is kept', async (context) => {
    const { tool, ...rest } = JSON.parse(first) as Record<string, Json>
    expect(tool).toEqual({ name: packageJson.name, version: packageJson.version })
    expect(first).toBe(canonicalJson({ ...rest, tool }))
    const text = `${JSON.stringify(rest, null, 2)}\n`
    await context.expect(text).toMatchFileSnapshot('../golden/runs/several-packs.json')
  })
})
