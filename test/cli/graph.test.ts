import { execFileSync } from 'node:child_process'
import { DirectedGraph } from 'graphology'
import { hasCycle } from 'graphology-dag'
import type { SerializedGraph } from 'graphology-types'
import { describe, expect, it } from 'vitest'
import { CLI, codex, placeFor, type Files } from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

const FILES: Files = {
  ...pack('base', { steps: [{ id: 'make', run: 'echo x >out/x', outputs: ['out/x'] }] }),
  ...pack('site', {
    needs: ['base'],
    pillar: 'web',
    steps: [
      { id: 'b', run: 'cat a >b', inputs: { files: ['a'] }, outputs: ['b'] },
      { id: 'a', run: 'echo a >a', outputs: ['a'] },
    ],
    acceptance: { lint: [{ run: 'grep -q a a' }], tests: [{ id: 'whole', run: 'cmp a b' }, { run: ['cat', 'b'] }] },
  }),
  ...pack('alone', test('cat "a b"'), { 'a b': 'text' }),
}
const FORMATS = ['tree', 'json', 'mermaid', 'dot'] as const

function shuffled(files: Files): Files {
  return Object.fromEntries(Object.entries(files).toReversed())
}

describe.concurrent('codex graph', () => {
  it.each(FORMATS)('prints the same %s, whatever order the disk has', async (format) => {
    const args = ['graph', `--format=${format}`]
    const first = await codex(FILES, { args, exitCode: 0, stderr: '' })
    const second = await codex(shuffled(FILES), { args, exitCode: 0, stderr: '' })
    expect(second.stdout).toBe(first.stdout)
    for (const text of ['make', 'whole', 'alone']) expect(first.stdout).toContain(text)
  })

  it('prints a tree by default, and JSON where --json asks for it', async () => {
    const [tree, json] = await Promise.all(
      [[], ['--json']].map((args) => codex(FILES, { args: ['graph', ...args], exitCode: 0 })),
    )
    const named = await codex(FILES, { args: ['graph', '--format', 'tree'], exitCode: 0 })
    expect(tree?.stdout).toBe(named.stdout)
    expect(() => JSON.parse(json?.stdout ?? '') as unknown).not.toThrow()
  })

  it('prints JSON that graphology loads as an acyclic graph', async () => {
    const { stdout } = await codex(FILES, { args: ['graph', '--json'], exitCode: 0 })
    const graph = DirectedGraph.from(JSON.parse(stdout) as SerializedGraph)
    expect(hasCycle(graph)).toBe(false)
    expect(graph.nodes()).toHaveLength(14)
    expect(graph.hasEdge('site:steps/a', 'site:steps/b')).toBe(true)
    expect(graph.hasEdge('base:gate/artifacts', 'site:steps/a')).toBe(true)
    expect(graph.hasEdge('base:gate/secrets', 'site:steps/a')).toBe(true)
    expect(graph.inNeighbors('site:tests/whole')).toEqual(['site:lint/1'])
    expect(graph.inDegree('alone:tests/1')).toBe(0)
  })

  it.each(['graph', 'list', 'validate', '--help'])('ends quietly when nobody reads %s any more', (command) => {
    const place = placeFor(FILES)
    const program = `"$1" "$2" ${command}; echo "exit $?" >&2`
    const script = `exec 3>&1; { { ${program}; } 2>&3; } | head -c 1 >/dev/null`
    const said = execFileSync('sh', ['-c', script, 'sh', process.execPath, CLI], { cwd: place.root, encoding: 'utf8' })
    expect(said.replace(/^warning: 5 of 5 acceptance commands have no control.*\n/, '')).toBe('exit 0\n')
  })

  it('ends quietly when its output is closed from the start', () => {
    const place = placeFor(FILES)
    const script = '"$1" "$2" graph | :; "$1" "$2" graph >&- 2>&-; echo "exit $?"'
    const said = execFileSync('sh', ['-c', script, 'sh', process.execPath, CLI], { cwd: place.root, encoding: 'utf8' })
    expect(said.replace(/^warning: 5 of 5 acceptance commands have no control.*\n/, '')).toBe('exit 0\n')
  })
})
