import { lstatSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codex, placeFor, read } from '../support/cli.ts'
import { pack } from '../support/tasks.ts'

const TASK = `# Counts words.
id: words
title:   Words   # in one line
pillar: Platform
risk: low

stpes:
  - id: count       # in a moment
    run: node count.mjs
    limits: { timeout: 5 min }
env: { LEVEL: 3 }
needs: [otehr]
acceptance: { tests: [{ run: node test.mjs }] }
`

const FIXED = `# Counts words.
version: 1
id: words
title:   Words   # in one line
pillar: platform
risk: low

steps:
  - id: count       # in a moment
    run: node count.mjs
    limits: { timeout: 5m }
env: { LEVEL: '3' }
needs: [otehr]
acceptance: { tests: [{ run: node test.mjs }] }
`

const FILE = 'task-packs/words/task.yml'
const FILES = { [FILE]: { text: TASK, mode: 0o640 }, ...pack('other') }

const DIFF = [
  `--- ${FILE}\n+++ ${FILE}\n@@ -1,13 +1,14 @@\n # Counts words.\n+version: 1\n id: words\n`,
  '-pillar: Platform\n+pillar: platform\n',
  '-stpes:\n+steps:\n',
  `-    limits: { timeout: 5 min }\n-env: { LEVEL: 3 }\n+    limits: { timeout: 5m }\n+env: { LEVEL: '3' }\n`,
]

const LEFT = [/^task-packs\/words\/task\.yml:13:9 error missing-need /m, /^1 error in 1 pack$/m]

describe.concurrent('codex validate --fix', () => {
  it('corrects what has one right answer, shows it, and tells what is left', async () => {
    const stdout = [...DIFF, /^5 mistakes corrected in 1 file$/m]
    const { place } = await codex(FILES, { args: ['validate', '--fix'], exitCode: 2, stdout, stderr: LEFT })
    expect(read(place, FILE)).toBe(FIXED)
    expect(statSync(join(place.root, FILE)).mode & 0o777).toBe(0o640)
    const again = await codex(place, { args: ['validate', '--fix'], exitCode: 2, stdout: '' })
    expect(read(again.place, FILE)).toBe(FIXED)
  })

  it('only shows it with -n', async () => {
    const stdout = [...DIFF, /^5 mistakes can be corrected in 1 file$/m]
    const { place } = await codex(FILES, { args: ['validate', '--fix', '-n'], exitCode: 2, stdout, stderr: LEFT })
    expect(read(place, FILE)).toBe(TASK)
  })

  it('fails with -n where all could be corrected, because nothing is', async () => {
    const files = pack('a', { stpes: [] })
    const { place } = await codex(files, { args: ['validate', '--fix', '-n'], exitCode: 2, stderr: [/^warning: /] })
    await codex(place, {
      args: ['validate', '--fix'],
      exitCode: 0,
      stdout: [/^1 mistake corrected in 1 file$/m, /^1 pack valid/m],
    })
  })

  it('tells programs what was corrected', async () => {
    const { stdout } = await codex(FILES, { args: ['validate', '--fix', '--json'], exitCode: 2, stderr: DIFF })
    const { fixed, diagnostics } = JSON.parse(stdout) as { fixed: readonly object[]; diagnostics: readonly object[] }
    expect(fixed).toHaveLength(5)
    expect(fixed).toContainEqual({
      file: FILE,
      code: 'unknown-key',
      message: '`stpes` is not a key of a task pack.',
      place: `${FILE}:7:1`,
    })
    expect(diagnostics).toMatchObject([{ code: 'missing-need' }])
  })

  it('writes to the file that a link leads to, and leaves the link', async () => {
    const place = placeFor({
      'shared/task.yml': pack('a', { stpes: [] })['task-packs/a/task.yml'] ?? '',
      [`task-packs/a/task.yml`]: { link: '../../shared/task.yml' },
    })
    await codex(place, { args: ['validate', '--fix'], exitCode: 0 })
    expect(lstatSync(join(place.root, 'task-packs/a/task.yml')).isSymbolicLink()).toBe(true)
    expect(read(place, 'shared/task.yml')).toContain('steps: []')
  })

  it('is named where it would help, and -n alone is no use', async () => {
    const stderr = [/^`codex validate --fix` corrects what has one right answer\.$/m]
    await codex(FILES, { args: ['validate'], exitCode: 2, stderr })
    await codex(FILES, { args: ['validate', '-n'], exitCode: 2, stdout: '', stderr: ['it takes --fix'] })
  })
})
