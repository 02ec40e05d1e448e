import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfigFile, type ConfigFile } from '../../src/host/config-file.ts'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import { layOut, temporaryFolder } from './rig.ts'

let root: string

beforeEach(() => {
  root = temporaryFolder()
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

async function load(files: Readonly<Record<string, string>>): Promise<ConfigFile> {
  layOut(root, files)
  const loaded = await loadConfigFile(root)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error))
  return loaded.value
}

async function refuse(files: Readonly<Record<string, string>>): Promise<Diagnostic> {
  layOut(root, files)
  const loaded = await loadConfigFile(root)
  if (loaded.ok) throw new Error('it was loaded')
  return loaded.error
}

const TYPED = `import { defineConfig } from 'codex-orchestrator'

interface Own { readonly packs: readonly string[] }
const own: Own = { packs: ['a/*'] as const satisfies readonly string[] }

export default defineConfig({ ...own })
`

describe('codex.config', () => {
  it.each<[string, Record<string, string>, string]>([
    ['with types', { 'codex.config.ts': TYPED }, 'codex.config.ts'],
    ['.mts', { 'codex.config.mts': TYPED }, 'codex.config.mts'],
    ['plain', { 'codex.config.js': `export default { packs: ['a/*'] }\n` }, 'codex.config.js'],
    [
      'plain, by the project’s name',
      {
        'codex.config.mjs': `import { defineConfig } from "codex-orchestrator";\nexport default defineConfig({ packs: ['a/*'] })`,
      },
      'codex.config.mjs',
    ],
    [
      'that imports another file',
      {
        'codex.config.ts': `import { packs } from './settings.ts'\nexport default { packs }\n`,
        'settings.ts': `export const packs: string[] = ['a/*']\n`,
      },
      'codex.config.ts',
    ],
    [
      'that imports what Node.js has',
      { 'codex.config.ts': `import { posix } from 'node:path'\nexport default { packs: [posix.join('a', '*')] }\n` },
      'codex.config.ts',
    ],
    [
      'that waits',
      { 'codex.config.ts': `const packs = await Promise.resolve(['a/*'])\nexport default { packs }\n` },
      'codex.config.ts',
    ],
  ])('is loaded without node_modules: %s', async (_, files, file) => {
    expect(await load(files)).toMatchObject({ file, value: { packs: ['a/*'] } })
  })

  it('comes with the other files that it is made of', async () => {
    const files = {
      'codex.config.ts': `import { packs } from './own/settings.ts'\nexport default { packs }\n`,
      'own/settings.ts': `export { packs } from './more.ts'\n`,
      'own/more.ts': `export const packs: string[] = ['a/*']\n`,
    }
    expect((await load(files)).inputs?.toSorted()).toEqual(['codex.config.ts', 'own/more.ts', 'own/settings.ts'])
  })

  it('need not be there', async () => {
    expect(await load({ 'other.ts': '' })).toEqual({ file: null, value: {} })
  })

  it('is read anew when it has changed', async () => {
    expect(await load({ 'codex.config.js': 'export default { packs: [] }' })).toMatchObject({ value: { packs: [] } })
    expect(await load({ 'codex.config.js': `export default { packs: ['b'] }` })).toMatchObject({
      value: { packs: ['b'] },
    })
  })

  it('is refused where there are two', async () => {
    expect(
      await refuse({ 'codex.config.ts': 'export default {}', 'codex.config.mjs': 'export default {}' }),
    ).toMatchObject({
      code: 'config-ambiguous',
      facts: { files: ['codex.config.ts', 'codex.config.mjs'] },
    })
  })

  it.each([
    ['without a default export', 'export const packs = []', /no default export/],
    ['that is empty', '', /no default export/],
    ['that throws', `throw new TypeError('no such setting')`, /no such setting/],
    ['that throws what is no error', `throw 'just words'`, /just words/],
    ['that throws the error of a parser', `export default JSON.parse('{')`, /JSON/],
    ['that imports what is not there', `import './nonesuch.ts'\nexport default {}`, /nonesuch/],
  ])('is refused with its reason: %s', async (_, text, reason) => {
    const problem = await refuse({ 'codex.config.ts': text })
    expect(problem).toMatchObject({ code: 'config-load', location: { file: 'codex.config.ts' } })
    expect(problem.facts).toMatchObject({ detail: expect.stringMatching(reason) })
  })

  it('is refused with the place of what can not be read', async () => {
    const problem = await refuse({
      'codex.config.ts': `// a comment\nconst text = '\u00e9\u{1f600}' +* 2\nexport default {}\n`,
    })
    expect(problem.location).toMatchObject({ file: 'codex.config.ts', start: { line: 2, column: 21 } })
  })

  it('is refused with the file in which that place is', async () => {
    const problem = await refuse({
      'codex.config.ts': `import { packs } from './config/settings.ts'\nexport default { packs }\n`,
      'config/settings.ts': `\n\nexport const packs = [\n`,
    })
    expect(problem.location).toMatchObject({ file: 'config/settings.ts', start: { line: 4 } })
  })
})
