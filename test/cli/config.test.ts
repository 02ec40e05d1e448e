import { describe, expect, it } from 'vitest'
import { codex, placeFor, type Files } from '../support/cli.ts'
import { pack, task } from '../support/tasks.ts'

const HEAD = "import { defineConfig } from 'codex-orchestrator'\n"

function withConfig(text: string): Files {
  return { 'codex.config.ts': text, 'work/one/task.yml': task('one'), ...pack('other') }
}

describe.concurrent('codex.config.ts', () => {
  it('says where packs are, typed and without node_modules', async () => {
    const text = `${HEAD}const packs: readonly string[] = ['work/*']\nexport default defineConfig({ packs })\n`
    const { stdout } = await codex(withConfig(text), { args: ['list', '--json'], exitCode: 0, stderr: '' })
    expect(stdout).toContain('"one"')
    expect(stdout).not.toContain('"other"')
  })

  it('marks the workspace, which is found from below', async () => {
    const place = placeFor(withConfig("export default { packs: ['work/*'] }\n"))
    await codex(place, { args: ['validate'], cwd: 'work/one', exitCode: 0, stdout: ['1 pack valid'] })
  })

  const wrong: readonly (readonly [string, string, string | RegExp])[] = [
    ['a syntax error', `${HEAD}export default defineConfig({ packs: [\n`, /^codex\.config\.ts:3:1 error config-load /m],
    [
      'an error of its own',
      'throw new Error("on purpose")\n',
      /^codex\.config\.ts:1:1 error config-load .*on purpose/m,
    ],
    ['no default export', 'export const packs = []\n', /^codex\.config\.ts:1:1 error config-load .*no default export/m],
    [
      'a wrong type',
      "export default {\n  packs: 'work/*',\n}\n",
      /^codex\.config\.ts:\d+:\d+ error wrong-type .*`packs`/m,
    ],
    [
      'an unknown key',
      "export default {\n  pakcs: ['work/*'],\n}\n",
      /^codex\.config\.ts:\d+:\d+ error unknown-key `pakcs`/m,
    ],
    [
      'a path outside',
      "export default { packs: ['../*'] }\n",
      /^codex\.config\.ts:\d+:\d+ error path-leaves-workspace/m,
    ],
    [
      'an unknown module',
      "import 'no-such-module'\nexport default {}\n",
      /^codex\.config\.ts:1:\d+ error config-load .*no-such-module/m,
    ],
  ]

  it.each(wrong)('with %s is refused with its place', async (_, text, stderr) => {
    await codex(withConfig(text), { args: ['validate'], exitCode: 2, stdout: '', stderr: [stderr, /^ {2}fix: /m] })
  })

  it('may print, but not among the data of a command', async () => {
    const files = withConfig("console.log('loading')\nexport default { packs: ['work/*'] }\n")
    const { stdout } = await codex(files, { args: ['list', '--json'], exitCode: 0, stderr: 'loading\n' })
    expect(JSON.parse(stdout)).toBeTypeOf('object')
  })

  it('without a pattern is told apart from patterns without a pack', async () => {
    const files = withConfig('export default { packs: [] }\n')
    await codex(files, { args: ['validate'], exitCode: 2, stderr: ['The list `packs` of the configuration is empty'] })
  })

  it('gets a suggestion for a misspelt key', async () => {
    const files = withConfig("export default { pakcs: ['work/*'] }\n")
    await codex(files, { args: ['run'], exitCode: 2, stderr: ['fix: Did you mean `packs`?'] })
  })

  it('is refused where there are two', async () => {
    const files = { ...withConfig('export default {}\n'), 'codex.config.mjs': 'export default {}\n' }
    await codex(files, { args: ['validate'], exitCode: 2, stderr: ['config-ambiguous', 'codex.config.mjs'] })
  })
})
