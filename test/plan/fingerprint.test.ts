import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECRET_RULES } from '../../src/model/secrets.ts'
import { treeOf } from '../../src/model/tree.ts'
import { canonicalJson, type Json } from '../../src/model/canonical.ts'
import { sha256 } from '../../src/model/digest.ts'
import { commandFingerprint, gateFingerprint, type CommandParts } from '../../src/plan/fingerprint.ts'
import { commandAction, entry, gateAction } from '../support/actions.ts'
import { ENFORCED } from '../support/guarantees.ts'

const FILES = [entry('p/a.txt'), entry('p/b.txt'), { ...entry('p/run.sh'), executable: true }]
const NODE = { name: 'node', version: '20.19.0', digest: '1'.repeat(64), path: '/usr/bin/node' }
const PYTHON = { name: 'python3', version: '3.11.2', digest: '2'.repeat(64), path: '/usr/bin/python3.11' }
const MODULES = { path: 'node_modules', identity: 'package-lock.json', digest: '3'.repeat(64) }
const VENDOR = { path: 'vendor', identity: 'vendor.lock', digest: '4'.repeat(64) }

const PARTS: CommandParts = {
  action: commandAction('p:steps/a', { argv: ['sh', '-ec', 'make'], cwd: 'p', outputs: ['p/x', 'p/y/', 'p/*.z'] }),
  env: { A: '1', B: '2', C: '3' },
  inputs: treeOf(FILES),
  tools: [NODE, PYTHON],
  mounts: [MODULES, VENDOR],
  guarantees: ENFORCED,
}

const keyOf = (fingerprint: Json): string => sha256(canonicalJson(fingerprint))
const keyOfParts = (parts: CommandParts): string => keyOf(commandFingerprint(parts))
const withAction = (fields: Partial<CommandParts['action']>): CommandParts => ({
  ...PARTS,
  action: { ...PARTS.action, ...fields },
})

describe('the fingerprint of a command', () => {
  it('is a record in the shape of a Remote Execution action', () => {
    expect(commandFingerprint(PARTS)).toEqual({
      version: 1,
      arguments: ['sh', '-ec', 'make'],
      workingDirectory: '/workspace/p',
      environmentVariables: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
        { name: 'C', value: '3' },
      ],
      inputs: { digest: treeOf(FILES).digest, executables: ['p/run.sh'] },
      outputPaths: ['p/*.z', 'p/x', 'p/y/'],
      tools: [
        { name: 'node', version: '20.19.0', digest: NODE.digest },
        { name: 'python3', version: '3.11.2', digest: PYTHON.digest },
      ],
      mounts: [
        { path: 'node_modules', digest: MODULES.digest },
        { path: 'vendor', digest: VENDOR.digest },
      ],
      limits: { timeoutMs: 1_000, memoryBytes: 2 ** 30, processes: 16, logBytes: 1_024, outputBytes: 2 ** 20 },
      grants: [],
      guarantees: ENFORCED,
      platform: [{ name: 'OSFamily', value: 'linux' }],
    })
    expect(commandFingerprint(withAction({ cwd: '' }))).toMatchObject({ workingDirectory: '/workspace' })
  })

  it('has as its key the SHA-256 of its canonical JSON', () => {
    expect(keyOf({ b: [1, 'x'], a: null })).toBe(createHash('sha256').update('{"a":null,"b":[1,"x"]}').digest('hex'))
  })

  it('has one key whatever the order of inputs, tools, variables, mounts and outputs', () => {
    const key = keyOfParts(PARTS)
    const shuffled = <T>(values: readonly T[]): fc.Arbitrary<T[]> =>
      fc.shuffledSubarray([...values], { minLength: values.length, maxLength: values.length })
    const orders = fc.record({
      files: shuffled(FILES),
      tools: shuffled(PARTS.tools),
      env: shuffled(Object.entries(PARTS.env)),
      mounts: shuffled(PARTS.mounts),
      outputs: shuffled(PARTS.action.outputs),
    })
    fc.assert(
      fc.property(orders, ({ files, tools, env, mounts, outputs }) => {
        const parts = { ...withAction({ outputs }), inputs: treeOf(files), env: Object.fromEntries(env), tools, mounts }
        expect(keyOfParts(parts)).toBe(key)
      }),
    )
  })

  it('does not depend on names, places, retries or where a tool lies on this machine', () => {
    const moved = {
      ...withAction({
        id: 'q:tests/1',
        pack: 'q',
        phase: 'tests',
        text: 'other',
        retries: { attempts: 5, repeatErrorLimit: 5 },
      }),
      tools: [{ ...NODE, path: '/opt/node' }, PYTHON],
      mounts: [{ ...MODULES, identity: 'other.lock' }, VENDOR],
    }
    expect(keyOfParts(moved)).toBe(keyOfParts(PARTS))
  })

  const limits = PARTS.action.limits
  const changes: readonly (readonly [string, CommandParts])[] = [
    ['an argument', withAction({ argv: ['sh', '-ec', 'make '] })],
    ['how arguments are split', withAction({ argv: ['sh', '-ecmake'] })],
    ['the order of arguments', withAction({ argv: ['make', '-ec', 'sh'] })],
    ['the folder', withAction({ cwd: 'p/q' })],
    ['an output', withAction({ outputs: ['p/x', 'p/y', 'p/*.z'] })],
    ['a missing output', withAction({ outputs: ['p/x', 'p/y/'] })],
    ['the value of a variable', { ...PARTS, env: { A: '1', B: '2', C: '4' } }],
    ['the name of a variable', { ...PARTS, env: { A: '1', B: '2', D: '3' } }],
    ['an empty variable', { ...PARTS, env: { ...PARTS.env, D: '' } }],
    ['the bytes of an input', { ...PARTS, inputs: treeOf([entry('p/a.txt', 'other'), ...FILES.slice(1)]) }],
    [
      'the path of an input',
      { ...PARTS, inputs: treeOf([{ ...entry('p/a.txt'), path: 'p/c.txt' }, ...FILES.slice(1)]) },
    ],
    ['the mode of an input', { ...PARTS, inputs: treeOf(FILES.map((file) => ({ ...file, executable: false }))) }],
    ['the version of a tool', { ...PARTS, tools: [{ ...NODE, version: '20.19.1' }, PYTHON] }],
    ['the bytes of a tool', { ...PARTS, tools: [{ ...NODE, digest: '5'.repeat(64) }, PYTHON] }],
    ['the name of a tool', { ...PARTS, tools: [{ ...NODE, name: 'nodejs' }, PYTHON] }],
    ['the set of tools', { ...PARTS, tools: [NODE] }],
    ['the identity of a mount', { ...PARTS, mounts: [{ ...MODULES, digest: '6'.repeat(64) }, VENDOR] }],
    ['the path of a mount', { ...PARTS, mounts: [{ ...MODULES, path: 'modules' }, VENDOR] }],
    ['a guarantee', { ...PARTS, guarantees: { ...ENFORCED, syscalls: 'none' } }],
    ...Object.entries(limits).map(
      ([name, value]) => [`the limit ${name}`, withAction({ limits: { ...limits, [name]: value + 1 } })] as const,
    ),
  ]

  it.each(changes)('has another key for another: %s', (_, changed) => {
    expect(keyOfParts(changed)).not.toBe(keyOfParts(PARTS))
  })

  it('has a key of its own for each of these changes', () => {
    expect(new Set(changes.map(([, parts]) => keyOfParts(parts))).size).toBe(changes.length)
  })
})

describe('the fingerprint of a gate', () => {
  const gate = gateAction('p', { required: ['p/a.txt'], optional: ['p/*.png'] })

  it('covers what it looks for and what it looks through, and nothing else', () => {
    const key = keyOf(gateFingerprint({ action: gate, inputs: treeOf(FILES) }))
    expect(
      keyOf(
        gateFingerprint({ action: { ...gate, needs: ['p:tests/1'], pack: 'q' }, inputs: treeOf(FILES.toReversed()) }),
      ),
    ).toBe(key)
    expect(keyOf(gateFingerprint({ action: { ...gate, required: [] }, inputs: treeOf(FILES) }))).not.toBe(key)
    expect(keyOf(gateFingerprint({ action: { ...gate, optional: [] }, inputs: treeOf(FILES) }))).not.toBe(key)
    expect(keyOf(gateFingerprint({ action: gate, inputs: treeOf(FILES.slice(1)) }))).not.toBe(key)
  })

  it('names the rules by which credentials are known, in the version that is installed', () => {
    const fingerprint = gateFingerprint({ action: { ...gate, gate: 'secrets' }, inputs: treeOf(FILES) })
    const installed = createRequire(import.meta.url)(`${SECRET_RULES.name}/package.json`) as { version: string }
    expect(fingerprint).toEqual({
      ...Object(gateFingerprint({ action: gate, inputs: treeOf(FILES) })),
      gate: 'secrets',
      rules: { name: '@secretlint/secretlint-rule-preset-recommend', version: installed.version },
    })
  })
})
