// A run that passes, and the evidence that it leaves.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/model/canonical.ts'
import {
  codex,
  jsonLinesOf,
  LATEST,
  manifestOf,
  manifestText,
  placeFor,
  read,
  recordOf,
  statusesOf,
  type Files,
} from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

const FILES: Files = {
  ...pack(
    'words',
    {
      steps: [{ id: 'count', run: 'sort -u words.txt | wc -l >out/count.txt', outputs: ['out/count.txt'] }],
      ...test('printf "found %s\\n" "$(cat out/count.txt)"; test "$(cat out/count.txt)" -eq 3'),
      artifacts: { required: ['out/count.txt'] },
    },
    { 'words.txt': 'b\na\nc\na\n', 'tools/x.sh': { text: '#!/bin/sh\n', mode: 0o755 } },
  ),
  ...pack('report', {
    needs: ['words'],
    inputs: { artifacts: [{ from: 'words', path: 'out/count.txt', as: 'data/n.txt' }] },
    ...test('grep -qx 3 data/n.txt'),
  }),
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('a run that passes', () => {
  it('leaves a manifest, whose digest is the last thing it prints', async () => {
    const stderr = [
      /^✓|✓ words:steps\/count/,
      /^PASSED: 7 passed in /m,
      /^Run folder: \.codex\/runs\/\d{8}T\d{6}Z-[0-9a-f]{8} \(unsigned\)$/m,
    ]
    const { place, stdout } = await codex(FILES, { args: ['run'], exitCode: 0, stderr })
    const text = manifestText(place)
    expect(stdout).toBe(`manifest sha256:${sha256(text)}\n`)
    expect(text).toBe(canonicalJson(JSON.parse(text)))
    const manifest = manifestOf(place)
    expect(manifest).toMatchObject({ manifestVersion: 1, verdict: 'passed', tool: { name: 'codex-orchestrator' } })
    expect(statusesOf(manifest)).toEqual({
      'words:steps/count': 'passed',
      'words:tests/1': 'passed',
      'words:gate/artifacts': 'passed',
      'words:gate/secrets': 'passed',
      'report:tests/1': 'passed',
      'report:gate/artifacts': 'passed',
      'report:gate/secrets': 'passed',
    })
    expect(manifest.packs.map(({ id, definition }) => [id, definition])).toEqual([
      ['words', sha256(read(place, 'task-packs/words/task.yml'))],
      ['report', sha256(read(place, 'task-packs/report/task.yml'))],
    ])
    const { guarantees } = manifest
    expect(guarantees).toMatchObject({
      network: 'enforced',
      filesystem: 'enforced',
      processes: 'enforced',
      environment: 'enforced',
    })
  })

  it('leaves lists of inputs that coreutils check', async () => {
    const { place } = await codex(FILES, { args: ['run', 'words'], exitCode: 0 })
    const list = `${LATEST}/inputs/words/steps/count.sha256`
    const checked = execFileSync('sh', ['-c', 'sha256sum --strict -c "$1"', 'sh', list], {
      cwd: place.root,
      encoding: 'utf8',
    })
    expect(checked).toBe(
      ['task.yml', 'tools/x.sh', 'words.txt'].map((path) => `task-packs/words/${path}: OK\n`).join(''),
    )
    const { actions } = manifestOf(place)
    for (const { id, inputs } of actions) {
      expect(sha256(read(place, `${LATEST}/inputs/${id.replace(':', '/')}.sha256`)), id).toBe(inputs)
    }
  })

  it('keeps logs and artifacts, and nothing in the workspace', async () => {
    const { place } = await codex(FILES, { args: ['run', 'words'], exitCode: 0 })
    expect(read(place, `${LATEST}/logs/words/tests/1/1.log`)).toBe('found 3\n')
    const kept = read(place, `${LATEST}/artifacts/words/out/count.txt`)
    expect(kept.trim()).toBe('3')
    const [words] = manifestOf(place).packs
    expect(words?.artifacts).toEqual([
      { path: 'task-packs/words/out/count.txt', digest: sha256(kept), executable: false, size: kept.length },
    ])
    expect(readdirSync(join(place.root, 'task-packs/words')).toSorted()).toEqual(['task.yml', 'tools', 'words.txt'])
    expect(readdirSync(place.root).toSorted()).toEqual(['.codex', 'task-packs'])
    expect(readdirSync(place.temporary)).toEqual([])
    expect(readdirSync(place.home)).toEqual([])
  })

  it('leaves a journal of its events and a record of what differs between runs', async () => {
    const { place } = await codex(FILES, { args: ['run', '-j', '3'], exitCode: 0, out: { '.codex/.gitignore': '*\n' } })
    const events = jsonLinesOf(read(place, `${LATEST}/events.jsonl`))
    expect(events[0]).toMatchObject({ type: 'run-started', jobs: 3 })
    expect(events.at(-1)).toMatchObject({
      type: 'run-finished',
      verdict: 'passed',
      manifest: sha256(manifestText(place)),
    })
    expect(events.filter(({ type }) => type === 'action-finished')).toHaveLength(7)
    const times = events.map(({ at }) => Number(at))
    expect(times).toEqual(times.toSorted((a, b) => a - b))

    const record = recordOf(place)
    expect(record).toMatchObject({
      verdict: 'passed',
      jobs: 3,
      argv: ['run', '-j', '3'],
      workspace: place.root,
      signal: null,
    })
    expect(Date.parse(record.finishedAt) - Date.parse(record.startedAt)).toBe(record.durationMs)
    const [attempt] = record.actions.find(({ id }) => id === 'words:tests/1')?.attempts ?? []
    expect(attempt?.log).toEqual({ path: 'logs/words/tests/1/1.log', totalBytes: 8, digest: sha256('found 3\n') })
  })

  it('is followed by another one that finds the same', async () => {
    const { place, stdout } = await codex(FILES, { args: ['run'], exitCode: 0 })
    await codex(place, { args: ['run', '--jobs=1'], exitCode: 0, stdout })
    const runs = readdirSync(join(place.root, '.codex/runs'))
    expect(runs.filter((name) => name !== 'latest')).toHaveLength(2)
  })
})

describe.concurrent('a run', () => {
  it('at the same time as another in one workspace finds the same', async () => {
    const place = placeFor(FILES)
    const both = await Promise.all([1, 2].map(() => codex(place, { args: ['run'], exitCode: 0 })))
    expect(both[0]?.stdout).toBe(both[1]?.stdout)
    const runs = readdirSync(join(place.root, '.codex/runs')).filter((name) => name !== 'latest')
    expect(runs.map((run) => manifestOf(place, `.codex/runs/${run}`).verdict)).toEqual(['passed', 'passed'])
  })

  it('works in folders of any name, and finds the same', async () => {
    const names = [
      'plain',
      'with spaces',
      `quo'te"s`,
      'žluťoučký 🐎',
      '$(touch x)',
      '-n',
      'a:b,c',
      'back\\slash',
      'per%cent #1',
    ]
    const found = new Set<string>()
    for (const name of names) {
      const { stdout } = await codex(placeFor(FILES, name), { args: ['run'], exitCode: 0, stderr: [/^PASSED/m] })
      found.add(stdout)
    }
    expect(found.size).toBe(1)
  })

  it('puts its folder where --out says', async () => {
    const { place } = await codex(FILES, {
      args: ['run', '--out', 'my runs/here'],
      exitCode: 0,
      stderr: ['Run folder: my runs/here/'],
    })
    expect(manifestOf(place, 'my runs/here/latest').verdict).toBe('passed')
    expect(existsSync(join(place.root, '.codex'))).toBe(false)
  })

  it('takes --out from where it is called', async () => {
    const { place } = await codex(FILES, {
      args: ['run', '-C', '../..', '-o', '../up'],
      cwd: 'task-packs/words',
      exitCode: 0,
    })
    expect(manifestOf(place, 'task-packs/up/latest').verdict).toBe('passed')
  })
})
