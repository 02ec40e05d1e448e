// What a run leaves behind, as somebody finds it who was not there.
import { execFileSync } from 'node:child_process'
import { readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { manifestBytes } from '../../src/evidence/manifest.ts'
import { replayJournal } from '../../src/evidence/replay.ts'
import { codex, LATEST, manifestOf, read, type Files, type Place } from '../support/cli.ts'
import { sha256 } from '../../src/model/digest.ts'
import { pack, test } from '../support/tasks.ts'

const FAILING: Files = { ...pack('a', test('echo no; exit 3')), ...pack('b', { needs: ['a'] }), ...pack('c') }

function filesOf(place: Place): readonly string[] {
  const found = readdirSync(realpathSync(join(place.root, LATEST)), { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map(({ name }) => name)
}

describe.concurrent.each([
  ['that passed', pack('a'), [], 0],
  ['that failed', FAILING, [], 1],
  ['that stopped early', FAILING, ['--fail-fast', '-j1'], 1],
  ['that was refused', pack('a', { constraints: { network: ['localhost:1'] } }), [], 3],
  ['of a pack that is not valid', pack('a', { pillar: 'none' }), [], 2],
] as const)('a run %s', (_, files, flags, exitCode) => {
  it('leaves a list of all other files, and a journal from which its manifest follows', async () => {
    const { place } = await codex(files, { args: ['run', '--sandbox=none', ...flags], exitCode })
    const folder = join(place.root, LATEST)
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'files.sha256'], { cwd: folder })
    expect(read(place, `${LATEST}/files.sha256`).trimEnd().split('\n')).toHaveLength(filesOf(place).length - 1)
    const replayed = replayJournal(read(place, `${LATEST}/events.jsonl`))
    const written = execFileSync('sha256sum', ['manifest.json'], { cwd: folder, encoding: 'utf8' }).slice(0, 64)
    expect(replayed).toEqual({ ok: true, value: { manifest: manifestOf(place), written, torn: false } })
    expect(replayed.ok && manifestBytes(replayed.value.manifest)).toBe(read(place, `${LATEST}/manifest.json`))
  })
})

describe.concurrent('what decided a run', () => {
  it('is told by lines whose SHA-256 are the keys, and by every task.yml', async () => {
    const { place } = await codex(FAILING, { args: ['run', '--sandbox=none'], exitCode: 1 })
    const lines = read(place, `${LATEST}/keys.jsonl`).trimEnd().split('\n')
    const { actions, packs } = manifestOf(place)
    const keys = actions.flatMap(({ key }) => key ?? [])
    expect(keys).not.toEqual([])
    expect(new Set(lines.map((line) => sha256(line)))).toEqual(new Set(keys))
    for (const { id, definition } of packs) {
      expect(sha256(read(place, `${LATEST}/definitions/task-packs/${id}/task.yml`))).toBe(definition)
    }
  })

  it('tells no secret that a variable holds as well', async () => {
    const fields = { constraints: { secrets: ['TOKEN'] }, inputs: { env: ['COPY'] } }
    const { place } = await codex(pack('a', fields), {
      args: ['run', '--sandbox=none', '--allow', 'secret=TOKEN'],
      env: { TOKEN: 'a-secret-"value"', COPY: 'xa-secret-"value"x' },
      exitCode: 0,
    })
    const keys = read(place, `${LATEST}/keys.jsonl`)
    expect(keys).not.toContain('a-secret')
    expect(keys.trimEnd().split('\n')).toHaveLength(manifestOf(place).actions.length - 1)
  })
})
