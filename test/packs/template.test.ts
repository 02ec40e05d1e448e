import { describe, expect, it } from 'vitest'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import { findTemplates } from '../../src/packs/templates.ts'
import { renderDiagnostics } from '../../src/report/diagnostics.ts'
import { memoryWorkspace, type MemoryNode } from '../support/memory-workspace.ts'

const TEMPLATE = `title: Things
description: Of all kinds
pillar: web
domain: things
variables:
  level:
    title: How good
    default: AA
    pattern: A{1,3}
    at: [task.yml#/env/LEVEL]
bad:
  overlay: cases/bad
  action: tests/1
  says: it is not good
`
const TASK = `version: 1
id: web-thing
title: A thing
pillar: web
domain: things
risk: low
env: { LEVEL: AA }
acceptance: { tests: [{ run: sh check.sh }] }
`

interface Found {
  readonly names: readonly string[]
  readonly complaints: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
  readonly shown: string
}

function find(template: string, others: Readonly<Record<string, MemoryNode>> = {}): Found {
  const files = {
    'template.yml': template,
    'task.yml': TASK,
    'check.sh': 'false\n',
    'cases/bad/check.sh': 'false\n',
    ...others,
  }
  const placed = Object.fromEntries(Object.entries(files).map(([path, node]) => [`web/web-thing/${path}`, node]))
  const { templates, diagnostics, sources } = findTemplates(memoryWorkspace(placed))
  return {
    names: templates.map(({ name }) => name),
    complaints: diagnostics.map(
      ({ code, location }) => `${code} ${location?.file ?? ''}:${location?.start.line ?? ''}`,
    ),
    diagnostics,
    shown: renderDiagnostics(diagnostics, sources, { color: false, unicode: true, width: 100 }),
  }
}

describe('a template', () => {
  it('is a folder with a template.yml and a task.yml', () => {
    expect(find(TEMPLATE)).toMatchObject({ names: ['web-thing'], complaints: [] })
  })

  it('needs neither variables nor anything else that it does not use', () => {
    const lines = TEMPLATE.split('\n')
    expect(find([...lines.slice(0, 4), ...lines.slice(10)].join('\n')).names).toEqual(['web-thing'])
  })

  it('is complained about as packs are, all at once', () => {
    const { names, shown } = find(
      TEMPLATE.replace('title: Things', 'tittle: Things').replace('pillar: web', 'pillar: wab'),
    )
    expect(names).toEqual([])
    expect(shown).toBe(`web/web-thing/template.yml:1:1 error missing-key \`template.yml\` has no \`title\`.
  1 │ tittle: Things
    │ ^^^^^^^^^^^^^^
  fix: Add it, for example \`title: What the work is\`.

web/web-thing/template.yml:1:1 error unknown-key \`tittle\` is not a key of \`template.yml\`.
  1 │ tittle: Things
    │ ^^^^^^
  fix: Did you mean \`title\`?

web/web-thing/template.yml:3:9 error invalid-value \`pillar\` can't be \`wab\`: expected one of security, web, game, platform.
  2 │ description: Of all kinds
  3 │ pillar: wab
    │         ^^^
  fix: Did you mean \`web\`?

3 errors in 1 file
\`codex help <code>\` tells more about each.
`)
  })

  it.each<[string, string, string]>([
    [
      'another pillar than its folder',
      TEMPLATE.replace('pillar: web', 'pillar: game'),
      'invalid-value web/web-thing/template.yml:3',
    ],
    [
      'another domain than its pack',
      TEMPLATE.replace('domain: things', 'domain: else'),
      'invalid-value web/web-thing/template.yml:4',
    ],
    ['a default that does not fit', TEMPLATE.replace('A{1,3}', 'B'), 'invalid-value web/web-thing/template.yml:8'],
    ['a pattern that is none', TEMPLATE.replace('A{1,3}', "'('"), 'invalid-value web/web-thing/template.yml:9'],
    [
      'a default that does not stand there',
      TEMPLATE.replace('LEVEL]', 'OTHER]'),
      'invalid-value web/web-thing/template.yml:10',
    ],
    [
      'a value in a program',
      TEMPLATE.replace('task.yml#/env/LEVEL', 'check.sh#/1'),
      'invalid-value web/web-thing/template.yml:10',
    ],
    [
      'a value outside of its folder',
      TEMPLATE.replace('task.yml#/env', '../x.yml#/env'),
      'invalid-value web/web-thing/template.yml:10',
    ],
    [
      'a bad case without files',
      TEMPLATE.replace('cases/bad', 'cases/none'),
      'invalid-value web/web-thing/template.yml:12',
    ],
    ['a variable called id', TEMPLATE.replace('level:', 'id:'), 'invalid-value web/web-thing/template.yml:6'],
    ['an alias', TEMPLATE.replace('Things', '*things'), 'yaml-alias web/web-thing/template.yml:1'],
  ])('is refused for %s', (_, template, complaint) => {
    const { names, complaints } = find(template)
    expect(names).toEqual([])
    expect(complaints).toContain(complaint)
  })

  it('never lets a value become a part of a command', () => {
    const template = TEMPLATE.replace('default: AA', 'default: sh check.sh').replace('A{1,3}', "'.*'")
    const { complaints } = find(template.replace('#/env/LEVEL', '#/acceptance/tests/0/run'))
    expect(complaints).toEqual(['invalid-value web/web-thing/template.yml:10'])
  })

  it('is refused with its pack, for what is wrong with that', () => {
    expect(find(TEMPLATE, { 'task.yml': TASK.replace('risk: low', 'risk: lo') })).toMatchObject({
      names: [],
      complaints: ['invalid-value web/web-thing/task.yml:6'],
    })
    expect(find(TEMPLATE, { 'task.yml': TASK.replace('web-thing', 'web-other') }).complaints).toEqual([
      'invalid-value web/web-thing/template.yml:1',
    ])
  })

  it('is refused for what can not be copied, and for a pack within it', () => {
    expect(find(TEMPLATE, { link: { link: 'check.sh' } }).complaints).toEqual(['unsupported-file :'])
    expect(find(TEMPLATE, { 'cases/bad/task.yml': TASK }).complaints).toEqual([
      'invalid-value web/web-thing/template.yml:1',
    ])
  })
})
