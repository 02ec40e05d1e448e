// Writing a task.yml in an editor that has the YAML language server.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codex, placeFor, putFiles, type Place } from '../support/cli.ts'
import { startEditor, type Editor, type Problem } from '../support/language-server.ts'

const MODELINE = '# yaml-language-server: $schema=../../schemas/task-pack.json\n'
const HEAD = `${MODELINE}version: 1
id: greeting
title: The greeting is written
pillar: platform
risk: low
`
const ACCEPTANCE = 'acceptance:\n  tests:\n    - run: grep -x hello out.txt\n'

let editor: Editor
let place: Place
let count = 0

beforeAll(async () => {
  place = placeFor({})
  const { stdout } = await codex(place, { args: ['schema', 'task-pack'], exitCode: 0, stderr: '' })
  putFiles(place.root, { 'schemas/task-pack.json': stdout })
  editor = await startEditor(place.root)
})

afterAll(async () => editor.close())

/** Opens a text in which `|` stands for the cursor, as a task.yml. */
async function write(text: string): Promise<{ path: string; cursor: Cursor; problems: readonly Problem[] }> {
  const [before = '', after = ''] = text.split('|')
  const lines = before.split('\n')
  const path = join(place.root, `task-packs/p${count++}/task.yml`)
  const problems = await editor.open(path, before + after)
  return { path, cursor: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 }, problems }
}

interface Cursor {
  readonly line: number
  readonly character: number
}

async function hover(text: string): Promise<string> {
  const { path, cursor } = await write(text)
  return editor.hover(path, cursor)
}

async function complete(text: string): Promise<readonly string[]> {
  const { path, cursor } = await write(text)
  return (await editor.complete(path, cursor)).map(({ label }) => label)
}

describe('over a key', () => {
  it('stands what it means, with its default and examples', async () => {
    const shown = await hover(`${HEAD}${ACCEPTANCE}constraints:\n  limits:\n    time|out: 10m\n`)
    expect(shown).toContain('How long one command may take.')
    expect(shown).toMatch(/30s/)
  })

  it('stands code as code, and examples', async () => {
    const shown = await hover(`${HEAD}acceptance:\n  tests:\n    - r|un: grep -x hello out.txt\n`)
    expect(shown).toContain('A string goes to `sh -ec`; a list is a program')
    expect(shown).toContain('node tools/check.mjs')
  })

  it('stands what a control proves', async () => {
    const shown = await hover(`${HEAD}${ACCEPTANCE}      con|trol: { replace: { a: b } }\n`)
    expect(shown).toContain('with these files put in place the command must fail')
  })

  it.each([
    ['in a step', 'steps:\n  - id: a\n    run: x\n    out|puts: [a]\n', 'What the command makes'],
    ['at the top', 'art|ifacts: {}\n', 'Files that are kept as evidence'],
    ['in inputs', 'inputs:\n  mou|nts: []\n', 'Large folders that commands see read-only'],
  ])('stands the same %s', async (_, text, expected) => {
    expect(await hover(`${HEAD}${ACCEPTANCE}${text}`)).toContain(expected)
  })
})

describe('while one types', () => {
  it('keys are offered that are not there yet', async () => {
    const offered = await complete(`${HEAD}${ACCEPTANCE}|`)
    expect(offered).toEqual(expect.arrayContaining(['steps', 'inputs', 'constraints', 'artifacts', 'needs', 'env']))
    expect(offered).not.toContain('acceptance')
    expect(offered).not.toContain('risk')
  })

  it('keys of a command are offered in a command', async () => {
    const offered = await complete(`${HEAD}acceptance:\n  tests:\n    - run: grep -x hello out.txt\n      |`)
    expect(offered).toEqual(expect.arrayContaining(['control', 'outputs', 'limits', 'retries', 'inputs', 'env', 'id']))
  })

  it('what is offered is explained', async () => {
    const { path, cursor } = await write(`${HEAD}${ACCEPTANCE}constraints:\n  |`)
    const offered = await editor.complete(path, cursor)
    const network = offered.find(({ label }) => label === 'network')
    expect(JSON.stringify(network)).toContain('What the commands may reach')
  })

  it.each([
    ['pillar: |', ['security', 'web', 'game', 'platform']],
    ['risk: |', ['low', 'medium', 'high']],
  ])('values are offered for `%s`', async (line, expected) => {
    expect(await complete(`${MODELINE}version: 1\n${line}\n`)).toEqual(expect.arrayContaining(expected))
  })
})

describe('what is wrong', () => {
  const wrong: readonly (readonly [string, string, RegExp, number])[] = [
    ['an unknown key', `${HEAD}${ACCEPTANCE}stpes: []\n`, /Property stpes is not allowed/, 9],
    ['a key that is missing', `${MODELINE}version: 1\n`, /Missing property "(?:id|title|pillar|risk|acceptance)"/, 1],
    [
      'a wrong word',
      `${HEAD.replace('low', 'lo')}${ACCEPTANCE}`,
      /"low" \| "medium" \| "high"|Accepted values|not accepted/i,
      5,
    ],
    ['a number where text belongs', `${HEAD}${ACCEPTANCE}env: { LEVEL: 3 }\n`, /Incorrect type. Expected "string"/, 9],
    [
      'a duration without its unit',
      `${HEAD}${ACCEPTANCE}constraints: { limits: { timeout: '300' } }\n`,
      /Expected a duration with its unit, such as 30s or 5m/,
      9,
    ],
  ]

  it.each(wrong)('is told as one writes: %s', async (_, text, message, line) => {
    const { problems } = await write(text)
    expect(problems).not.toEqual([])
    for (const problem of problems) expect(problem.message).toMatch(message)
    expect(problems[0]?.range.start.line).toBe(line)
  })

  it('is nothing in a pack that is right', async () => {
    expect((await write(HEAD + ACCEPTANCE)).problems).toEqual([])
  })
})
