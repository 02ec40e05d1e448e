// A part of a graph, a run laid over it, and pictures, through the real program.
import { describe, expect, it } from 'vitest'
import { codex, placeFor, read, type Files, type Place } from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'

const FILES: Files = {
  '.git': 'a folder',
  ...pack('base', { steps: [{ id: 'make', run: 'echo x >out/x', outputs: ['out/x'] }] }),
  ...pack(
    'site',
    {
      needs: ['base'],
      pillar: 'web',
      title: 'A site </script><script>alert(1)</script>',
      steps: [
        { id: 'a', run: 'cat page.txt >a', inputs: { files: ['page.txt'] }, outputs: ['a'] },
        { id: 'b', run: 'cat a >b', inputs: { files: ['a'] }, outputs: ['b'] },
      ],
      acceptance: { lint: [{ run: 'grep -q text a' }], tests: [{ id: 'whole', run: 'cmp a b' }] },
    },
    { 'page.txt': 'text' },
  ),
  ...pack('alone', test('exit 3')),
}

async function graph(
  where: Files | Place,
  args: readonly string[],
  exitCode = 0,
): Promise<{ stdout: string; stderr: string }> {
  return codex(where, { args: ['graph', ...args], exitCode })
}

describe.concurrent('codex graph', () => {
  it('shows what comes before and after an action or a pack, no further than it is told', async () => {
    const place = placeFor(FILES)
    const all = (await graph(place, ['--focus', 'site:steps/b'])).stdout
    for (const name of ['make', 'whole', 'lint']) expect(all).toContain(name)
    expect(all).not.toContain('alone')
    const near = (await graph(place, ['--focus', 'site:steps/b', '--depth=1', '--json'])).stdout
    const nodes = (JSON.parse(near) as { readonly nodes: readonly { readonly key: string }[] }).nodes
    expect(nodes.map(({ key }) => key)).toEqual(['site:steps/a', 'site:steps/b', 'site:lint/1'])
    expect((await graph(place, ['--focus', 'base', '--format=mermaid'])).stdout).toContain('site')
  })

  it('says why one comes after the other, whichever is named first, and where that is written', async () => {
    const place = placeFor(FILES)
    const { stdout } = await graph(place, ['--why', 'base:steps/make', 'site:steps/b'])
    expect(stdout).toMatch(/^base:steps\/make\n.*\nbase:tests\/1\n/)
    expect(stdout).toMatch(/the pack `site` needs the pack `base` to have passed {2}task-packs\/site\/task\.yml:\d+/)
    expect(stdout).toContain('`steps/b` reads what `steps/a` makes: `task-packs/site/a`')
    const back = await graph(place, ['--why', 'site:steps/b', 'base:steps/make'])
    expect(back.stdout).toBe(stdout)
    expect(back.stderr).toContain('base:steps/make comes before site:steps/b')
    const none = await graph(place, ['--why', 'alone:tests/1', 'site:steps/b'], 1)
    expect([none.stdout, none.stderr]).toEqual(['', expect.stringContaining('neither waits for the other')])
  })

  it('shows what a file affects: who reads it, and who reads what those make', async () => {
    const place = placeFor(FILES)
    const { stdout } = await graph(place, ['--affected-by', 'task-packs/site/page.txt', '--format=dot'])
    for (const id of ['steps/a', 'steps/b', 'lint/1', 'tests/whole']) expect(stdout).toContain(`"site:${id}"`)
    expect(stdout).not.toContain('base')
    const below = await codex(place, {
      args: ['graph', '--affected-by=page.txt', '-f', 'dot'],
      cwd: 'task-packs/site',
      exitCode: 0,
    })
    expect(below.stdout).toBe(stdout)
    const none = await graph(place, ['--affected-by', 'README.md'], 1)
    expect([none.stdout, none.stderr]).toEqual(['', expect.stringContaining("no action takes in 'README.md'")])
  })

  it.each([
    ['half of a way', ['--why', 'site:steps/b'], 'takes two actions'],
    ['an action that is not there', ['--focus', 'sites'], "There is no action 'sites'"],
    ['how far, but not from where', ['--depth', '2'], '--focus names it'],
    ['no number', ['--focus', 'site', '--depth', '0'], 'a whole number from 1 to 9999'],
    ['two parts at once', ['--focus', 'site', '--why', 'a', 'b'], 'cannot be used with'],
    ['a file of elsewhere', ['--affected-by', '/etc/passwd'], 'is not a file of the workspace'],
    ['a run that is not there', ['--run', 'latest'], 'There is no run'],
    ['a folder that is not there', ['-f', 'svg', '-o', 'no/graph.svg'], "can't be written to 'no/graph.svg'"],
  ])('answers %s with exit code 2 and words on stderr', async (_, args, said) => {
    const { stdout, stderr } = await graph(FILES, args, 2)
    expect([stdout, stderr]).toEqual(['', expect.stringContaining(said)])
  })

  it('lays a run over the graph, in every format', async () => {
    const place = placeFor(FILES)
    await codex(place, { args: ['run', '--sandbox=none', '-q'], exitCode: 1 })
    const tree = (await graph(place, ['--run', 'latest'])).stdout
    expect(tree).toMatch(/└─ 1 {2}✗ failed \(exit code 3\) \d/)
    expect(tree).toMatch(/make {2}✓ [\d.]+ m?s/)
    const json = JSON.parse((await graph(place, ['--run=latest', '--json'])).stdout) as {
      readonly attributes: { readonly run: { readonly verdict: string; readonly critical: readonly string[] } }
      readonly nodes: readonly {
        readonly key: string
        readonly attributes: { readonly run?: { readonly status: string } }
      }[]
    }
    expect(json.attributes.run.verdict).toBe('failed')
    expect(json.nodes.find(({ key }) => key === 'alone:gate/secrets')?.attributes.run?.status).toBe('skipped')
    expect(json.attributes.run.critical.length).toBeGreaterThan(0)
    expect((await graph(place, ['--run=latest', '-f', 'mermaid'])).stdout).toContain('class a_alone_3a_tests_2f_1 bad')
    expect((await graph(place, ['--run=latest', '-f', 'dot'])).stdout).toContain('fillcolor="#fcebe9"')
    const page = (await graph(place, ['--run=latest', '-f', 'html'])).stdout
    expect(page).toContain('<title>failed: ')
    // The keys of the run, which needed no sandbox to be told.
    expect(page.match(/"key":"[0-9a-f]{64}"/g)?.length).toBeGreaterThan(5)
  })

  it('makes pictures that need nothing else, the same each time, on stdout or in a file', async () => {
    const place = placeFor(FILES)
    for (const format of ['svg', 'html'] as const) {
      const { stdout } = await graph(place, ['-f', format])
      await graph(place, ['-f', format, '-o', `graph.${format}`])
      expect(read(place, `graph.${format}`)).toBe(stdout)
      expect(stdout).not.toMatch(/(?:src|href)="(?!data:,")/)
      expect(stdout).not.toContain('<script>alert')
    }
    expect((await graph(place, ['-f', 'svg', '--fold'])).stdout).not.toContain('class="action')
    expect((await graph(place, ['-f', 'svg'])).stdout.match(/class="action/g)).toHaveLength(13)
  })

  it('tells keys that are known before anything has run, and why others are not', async () => {
    const asking = pack('asking', { ...test('cat a'), constraints: { network: ['example.org:443'] } }, { a: 'text' })
    const { stdout } = await graph({ ...FILES, ...asking }, ['-f', 'html'])
    expect(stdout).toMatch(/"key":"[0-9a-f]{64}"/)
    expect(stdout).toContain('It is not known before these have run: site:steps/a.')
    expect(stdout).toContain('codex run would refuse this pack')
    expect(stdout).toContain('network:example.org:443: not granted')
  })
})
