import { describe, expect, it } from 'vitest'
import { createKeyKeeper, definitionPath, keepDefinitions, KEYS, readKeys } from '../../src/evidence/keys.ts'
import { canonicalJson, type Json } from '../../src/model/canonical.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { PreparedAction } from '../../src/model/plan.ts'
import { commandAction, outcome, prepared } from '../support/actions.ts'
import { memoryRunFolder } from '../support/memory-run-folder.ts'
import { packOf } from '../support/packs.ts'

function ready(id: string, record: Json): PreparedAction {
  const fingerprint = canonicalJson(record)
  return { ...prepared(commandAction(id)), fingerprint, key: sha256(fingerprint) }
}

function keeper(tells: (text: string) => boolean = () => false) {
  const folder = memoryRunFolder()
  return { folder, ...createKeyKeeper(folder, tells) }
}

describe('what entered the keys', () => {
  it('is a line for each key, which is the SHA-256 of its bytes', () => {
    const { folder, prepared: take, ended } = keeper()
    const actions = [ready('a:tests/1', { b: 1, a: 'x\ny' }), ready('a:tests/2', { é: '\u2028' })]
    for (const action of actions) take(action)
    for (const { action, key } of actions.toReversed()) ended(outcome(action.id, { key }))
    const lines = folder.text(KEYS).split('\n')
    expect(lines.slice(0, -1).map((line) => sha256(line))).toEqual(actions.toReversed().map(({ key }) => key))
    expect(lines.at(-1)).toBe('')
    expect(readKeys(folder.text(KEYS))).toEqual(
      new Map(actions.map(({ key, fingerprint }) => [key, JSON.parse(fingerprint)])),
    )
  })

  it('is kept once for actions that have one key', () => {
    const { folder, prepared: take, ended } = keeper()
    const [one, other] = [ready('a:tests/1', { same: true }), ready('b:tests/1', { same: true })]
    take(one)
    ended(outcome('a:tests/1', { key: one.key }))
    take(other)
    ended(outcome('b:tests/1', { key: other.key }))
    expect(folder.text(KEYS)).toBe('{"same":true}\n')
  })

  it('is not kept of an action that was stopped and has no key', () => {
    const { folder, prepared: take, ended } = keeper()
    take(ready('a:tests/1', {}))
    ended(outcome('a:tests/1', { key: null, status: 'breaker' }))
    expect(folder.files.has(KEYS)).toBe(false)
  })

  it('is not kept where it would tell a secret', () => {
    const { folder, prepared: take, ended } = keeper((text) => text.includes('hunter2'))
    const actions = [ready('a:tests/1', { value: 'hunter2' }), ready('a:tests/2', { value: 'other' })]
    for (const action of actions) take(action)
    for (const { action, key } of actions) ended(outcome(action.id, { key }))
    expect(folder.text(KEYS)).toBe('{"value":"other"}\n')
  })

  it('is read without a last line that was cut off', () => {
    expect(readKeys('{"a":1}\n{"a":')).toEqual(new Map([[sha256('{"a":1}'), { a: 1 }]]))
  })
})

describe('the definitions of packs', () => {
  it('are kept at their paths, byte for byte, with a byte order mark where there was one', () => {
    const folder = memoryRunFolder()
    const [plain, marked] = [packOf('plain'), packOf('marked', { dir: '' })]
    const packs = [
      { ...plain, digest: sha256(plain.source.text) },
      { ...marked, digest: sha256(`\uFEFF${marked.source.text}`) },
    ]
    keepDefinitions(folder, packs)
    expect([...folder.files.keys()]).toEqual(['definitions/packs/plain/task.yml', 'definitions/task.yml'])
    for (const { dir, digest } of packs) expect(sha256(folder.files.get(definitionPath(dir)) ?? '')).toBe(digest)
  })
})
