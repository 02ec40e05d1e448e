import { chmodSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createToolResolver } from '../../src/host/tools.ts'
import { sha256 } from '../../src/model/digest.ts'
import { treeOf } from '../../src/model/tree.ts'
import type { Execution, ExecutionRequest, Executor, ToolResolver } from '../../src/model/ports.ts'
import { ISOLATIONS, layOut, openRig, temporaryFolder, type Rig } from './rig.ts'

let root: string

beforeEach(() => {
  root = temporaryFolder()
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function script(path: string, text: string): string {
  layOut(root, { [path]: `#!/bin/sh\n${text}\n` })
  chmodSync(join(root, path), 0o755)
  return join(root, path)
}

it('a tool that gives no answer is asked once, and not for long', async () => {
  const path = script('bin/slow', 'sleep 1000')
  const asked: ExecutionRequest[] = []
  const execution = { outputs: treeOf([]), missing: [], unusable: [], altered: [], undeclared: [] }
  const executor = {
    execute: (request: ExecutionRequest): Promise<Execution> => {
      asked.push(request)
      return Promise.resolve({ end: { kind: 'limit', limit: 'timeout' }, ...execution })
    },
  } as unknown as Executor
  const found = await createToolResolver(executor, join(root, 'bin')).resolve('slow', '*')
  expect(found).toEqual({ ok: false, error: { kind: 'no-answer', name: 'slow', path } })
  expect(asked.map(({ limits }) => limits.timeoutMs)).toEqual([10_000])
})

it('a tool that is nowhere may be another that is there, if that can be run', async () => {
  script('bin/python3', 'echo 3.11.2')
  layOut(root, { 'bin/nodes': 'no program' })
  const nobody = {} as unknown as Executor
  const resolver = createToolResolver(nobody, `:${join(root, 'nonesuch')}:${join(root, 'bin')}`)
  const missing = { kind: 'missing', name: 'pyhton3', near: 'python3' }
  expect(await resolver.resolve('pyhton3', '*')).toEqual({ ok: false, error: missing })
  expect(await resolver.resolve('node', '*')).toEqual({ ok: false, error: { kind: 'missing', name: 'node' } })
})

describe.each([...ISOLATIONS, 'none'] as const)('in %s', (isolation) => {
  let rig: Rig

  beforeAll(async () => {
    rig = await openRig(isolation)
  })

  afterAll(() => rig.close())

  function resolver(...folders: string[]): ToolResolver {
    return createToolResolver(rig.executor, folders.map((folder) => join(root, folder)).join(':'))
  }

  it('a tool is known by its version and the digest of its real file, and runs', async () => {
    const path = script('tools/greet', 'echo "greet version 1.2.3 (2026)"')
    symlinkSync('../tools/greet', join(root, 'bin'))
    const found = await resolver('nonesuch', 'tools').resolve('greet', '^1.2')
    const tool = { name: 'greet', version: '1.2.3', digest: sha256(readFileSync(path)), path }
    expect(found).toEqual({ ok: true, value: tool })
    const { output, code } = await rig.run({
      sh: 'greet; command -v greet',
      tools: [tool],
      env: { PATH: '/opt/codex/bin:/usr/bin:/bin' },
    })
    expect(code).toBe(0)
    expect(output).toMatch(/^greet version 1\.2\.3 \(2026\)\n.*\/bin\/greet\n$/)
  })

  it('links are followed to the real file', async () => {
    const path = script('real/tool-2', 'echo 2.0')
    layOut(root, { 'links/keep': '' })
    symlinkSync('../real/tool-2', join(root, 'links/tool'))
    expect(await resolver('links').resolve('tool', '*')).toMatchObject({ ok: true, value: { path, version: '2.0' } })
  })

  it('the first on the path is taken, as a shell does', async () => {
    script('first/tool', 'echo 1.0')
    script('second/tool', 'echo 2.0')
    expect(await resolver('first', 'second').resolve('tool', '*')).toMatchObject({ value: { version: '1.0' } })
    expect(await resolver('second', 'first').resolve('tool', '*')).toMatchObject({ value: { version: '2.0' } })
  })

  it('what is not executable, a folder or broken is passed over', async () => {
    layOut(root, { 'plain/tool': 'echo 1.0', 'folder/tool/x': '' })
    layOut(root, { 'broken/tool': '#!/nonesuch/interpreter\n' })
    chmodSync(join(root, 'broken/tool'), 0o755)
    layOut(root, { 'dangling/keep': '' })
    symlinkSync('nonesuch', join(root, 'dangling/tool'))
    const path = script('good/tool', 'echo 3.1')
    const found = await resolver('plain', 'folder', 'broken', 'dangling', 'good').resolve('tool', '>=3')
    expect(found).toMatchObject({ ok: true, value: { path, version: '3.1' } })
  })

  it('one with another version is passed over, and told when there is none better', async () => {
    script('old/tool', 'echo v18.1.0')
    script('new/tool', 'echo v22.0.0')
    expect(await resolver('old', 'new').resolve('tool', '>=20')).toMatchObject({
      ok: true,
      value: { version: '22.0.0' },
    })
    expect(await resolver('old', 'new').resolve('tool', '>=24')).toEqual({
      ok: false,
      error: { kind: 'version', name: 'tool', range: '>=24', found: '18.1.0' },
    })
  })

  it('a word instead of an option is tried as well', async () => {
    script(
      'bin/words',
      '[ "$1" = version ] && echo "words version go1.21.4 linux" || { echo "unknown option 7" >&2; exit 2; }',
    )
    expect(await resolver('bin').resolve('words', '1.21')).toMatchObject({ ok: true, value: { version: '1.21.4' } })
  })

  it('one that keeps its version to itself is good enough only where any is', async () => {
    const path = script('bin/silent', 'exit 0')
    expect(await resolver('bin').resolve('silent', '*')).toMatchObject({ ok: true, value: { version: 'unknown' } })
    expect(await resolver('bin').resolve('silent', '>=1')).toEqual({
      ok: false,
      error: { kind: 'unknown-version', name: 'silent', path },
    })
  })

  it('one that is nowhere is missing', async () => {
    expect(await resolver('bin').resolve('nonesuch', '*')).toEqual({
      ok: false,
      error: { kind: 'missing', name: 'nonesuch' },
    })
    expect(await createToolResolver(rig.executor, '').resolve('sh', '*')).toMatchObject({ ok: false })
  })

  it('one that never stops printing is stopped', async () => {
    const path = script('bin/chatty', 'exec yes 1.0')
    expect(await resolver('bin').resolve('chatty', '*')).toEqual({
      ok: false,
      error: { kind: 'no-answer', name: 'chatty', path },
    })
  })

  it('Node.js itself is found', async () => {
    const found = await createToolResolver(rig.executor, process.env['PATH'] ?? '').resolve('node', '>=20')
    expect(found).toMatchObject({ ok: true, value: { name: 'node' } })
  })
})

describe.each(ISOLATIONS)('%s', (isolation) => {
  it('does not let a tool that is asked for its version reach the host', async () => {
    const rig = await openRig(isolation)
    const secret = join(rig.workspace, 'secret')
    layOut(rig.workspace, { secret: 'version 9.9' })
    script('bin/thief', `cat "${secret}" 2>/dev/null || echo 1.0; echo x >"${join(root, 'left')}" || exit 0`)
    expect(await createToolResolver(rig.executor, join(root, 'bin')).resolve('thief', '*')).toMatchObject({
      value: { version: '1.0' },
    })
    expect(() => readFileSync(join(root, 'left'))).toThrow(/ENOENT/)
    await rig.close()
  })
})
