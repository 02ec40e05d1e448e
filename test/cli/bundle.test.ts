// A run goes to another machine with all that it has seen, is verified there, and done again.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { unbundle } from '../../src/evidence/bundle.ts'
import { tarChunks, type TarFile } from '../../src/evidence/tar.ts'
import { verifyRun } from '../../src/evidence/verify/verify.ts'
import { sha256 } from '../../src/model/digest.ts'
import { recordedFrom } from '../support/memory-recorded-run.ts'
import { ANOTHER_USER, codex, giveAway, placeFor, type Files, type Place } from '../support/cli.ts'
import { pack, task, test } from '../support/tasks.ts'

const LONG = `${'a-long-name-'.repeat(10)}.txt`

const WORKSPACE: Files = {
  'codex.config.mjs': "export default { packs: ['deep/*/*', 'task-packs/*'], policy: {} }\n",
  '.gitignore': '*.tmp\n',
  'outside.txt': 'outside\n',
  ...pack(
    'maker',
    {
      ...test('touch dropped.tmp; ./tool.sh data.txt', { control: { replace: { 'data.txt': 'controls/bad.txt' } } }),
      docs: { spec: 'spec.md' },
      inputs: { files: ['*.txt', 'tool.sh', '/outside.txt', '!spec.md'] },
      steps: [{ id: 'make', run: 'cat data.txt ../../outside.txt > made.txt', outputs: ['made.txt'] }],
      artifacts: { required: ['made.txt'] },
    },
    {
      'data.txt': 'good\n',
      [LONG]: 'long\n',
      'controls/bad.txt': 'bad\n',
      'spec.md': '# Spec\n',
      'tool.sh': { text: '#!/bin/sh\ngrep good "$1"\n', mode: 0o755 },
    },
  ),
  ...Object.fromEntries(
    Object.entries(pack('failing', test('exit 3'))).map(([path, file]) => [
      path.replace('task-packs', 'deep/er'),
      file,
    ]),
  ),
  'deep/er/behind/task.yml': task('behind', { needs: ['failing'] }),
}

let ran: Place
let bytes: Buffer

beforeAll(async () => {
  ran = (await codex(WORKSPACE, { args: ['run', '--sandbox=none', '-q'], exitCode: 1 })).place
  await codex(ran, {
    args: ['bundle', 'latest', '-o', 'run.tar'],
    exitCode: 0,
    stdout: [/^[0-9a-f]{64} {2}run\.tar\n$/],
  })
  bytes = readFileSync(join(ran.root, 'run.tar'))
})

/** Another machine: nothing but the bundle. */
function elsewhere(content: Uint8Array = bytes): Place {
  return placeFor({ 'run.tar': content })
}

const AGAIN = ['verify', 'run.tar', '--rerun', '--sandbox=none']

describe('codex bundle', () => {
  it('holds what another machine needs to verify the run and to show the same', async () => {
    const place = elsewhere()
    await codex(place, { args: ['verify', 'run.tar'], exitCode: 0, stdout: [/3 packs/, /GENUINE\n$/] })
    await codex(place, { args: AGAIN, exitCode: 0, stdout: [/GENUINE\n/, /THE SAME\n$/] })
    expect(readdirSync(place.root)).toEqual(['run.tar'])
    expect(readdirSync(place.temporary)).toEqual([])
  })

  it('is a tar of nothing but files, without the configuration', () => {
    const listed = execFileSync('tar', ['-tvf', 'run.tar'], { cwd: ran.root, encoding: 'utf8' }).trimEnd().split('\n')
    expect(listed.every((line) => /^-rw(-r--r--|xr-xr-x) 0\/0 .* 1970-01-01 /.test(line))).toBe(true)
    const names = execFileSync('tar', ['-tf', 'run.tar'], { cwd: ran.root, encoding: 'utf8' })
    expect(names).toContain(`workspace/task-packs/maker/${LONG}\n`)
    expect(names).toContain('workspace/.gitignore\n')
    expect(names).toContain('workspace/task-packs/maker/spec.md\n')
    expect(names).not.toContain('codex.config')
  })

  it('is the same, byte for byte, whoever makes it and wherever', async () => {
    const place = placeFor({}, 'somewhere else')
    cpSync(ran.root, place.root, { recursive: true, verbatimSymlinks: true })
    giveAway(place)
    const through = ['sh', '-c', 'umask 077; exec "$@"', 'sh', ...ANOTHER_USER]
    await codex(place, { args: ['bundle', 'latest', '-o', 'again.tar'], exitCode: 0, through })
    expect(readFileSync(join(place.root, 'again.tar')).equals(bytes)).toBe(true)
  })

  it('names what has changed since the run, and is not written', async () => {
    const place = placeFor({})
    cpSync(ran.root, place.root, { recursive: true, verbatimSymlinks: true })
    writeFileSync(join(place.root, 'outside.txt'), 'changed\n')
    await codex(place, {
      args: ['bundle', 'latest', '-o', 'x.tar'],
      exitCode: 5,
      stderr: [/outside\.txt has the SHA-256/],
    })
    expect(existsSync(join(place.root, 'x.tar'))).toBe(false)
    writeFileSync(join(place.root, '.codex/runs/latest/run.json'), '{}')
    await codex(place, { args: ['bundle', 'latest', '-o', 'x.tar'], exitCode: 5, stderr: [/run\.json/, /NOT GENUINE/] })
  })
})

describe('a bundle is not believed', () => {
  it('with a flipped byte anywhere', async () => {
    const number = (round: number, limit: number): number => parseInt(sha256(`flip ${round}`).slice(0, 12), 16) % limit
    const missed: number[] = []
    for (let round = 0; round < 300; round++) {
      const at = number(round, bytes.length)
      const edited = Buffer.from(bytes)
      edited[at] = (edited[at] ?? 0) ^ (1 + number(-round - 1, 255))
      if (isBelieved(edited)) missed.push(at)
    }
    expect(missed).toEqual([])
    expect(isBelieved(bytes)).toBe(true)
    for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
      const edited = Buffer.from(bytes)
      edited[at] = (edited[at] ?? 0) ^ 1
      await codex(elsewhere(edited), { args: ['verify', 'run.tar', '-q'], exitCode: 5, stdout: [/NOT GENUINE/] })
    }
  })

  function isBelieved(bundle: Uint8Array): boolean {
    const files = new Map<string, Buffer>()
    const unpacked = unbundle([bundle], (path) => {
      const chunks: Uint8Array[] = []
      const end = (): void => void files.set(path, Buffer.concat(chunks))
      return { ok: true, value: { write: (chunk) => void chunks.push(chunk), end } }
    })
    const run = [...files]
      .filter(([path]) => path.startsWith('run/'))
      .map(([path, own]) => [path.slice(4), own] as const)
    return unpacked.ok && verifyRun(recordedFrom(new Map(run)), { keys: [] }).problems.length === 0
  }

  const text = (path: string, content = 'x'): TarFile => {
    const own = Buffer.from(content)
    return { path, executable: false, size: own.length, chunks: () => [own] }
  }

  it.each([
    ['that leaves its folder', [text('run/../../../escaped')]],
    ['with a path of the machine', [text('/tmp/escaped')]],
    ['with other files', [text('other/x')]],
    ['with a file twice', [text('run/a'), text('run/a')]],
    ['in another order', [text('workspace/a'), text('run/a')]],
    ['with a file that is a folder, too', [text('run/a'), text('run/a/b')]],
    ['without its list', [text('run/manifest.json'), text('workspace/a')]],
    ['that is empty', []],
  ])('%s', async (_, files) => {
    const place = elsewhere(Buffer.concat([...tarChunks(files)]))
    const { stdout } = await codex(place, { args: AGAIN, exitCode: 5 })
    expect(stdout).toMatch(/NOT GENUINE/)
    expect(existsSync(join(place.temporary, 'escaped'))).toBe(false)
    expect(readdirSync(place.temporary)).toEqual([])
  })

  it('that is no archive at all', async () => {
    await codex(elsewhere(Buffer.from('not a tar')), {
      args: ['verify', 'run.tar'],
      exitCode: 5,
      stdout: [/from byte 0 on/],
    })
  })
})
