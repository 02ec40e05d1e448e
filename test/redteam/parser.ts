// Packs that are made to bring down whoever reads them, or to mean more than they say.
import { parse, parseDocument } from 'yaml'

export interface Bomb {
  readonly title: string
  readonly text: string
  /** What codex says of it, beside anything else. */
  readonly code: string
  /** Whether it does its work on a reader that is not on its guard. */
  readonly acts: (text: string) => boolean
}

const VALID = `version: 1
id: bomb
title: Bomb
pillar: web
risk: low
acceptance: { tests: [{ run: test -s task.yml }] }
`

/** The library with its guards taken down. */
function read(text: string, merge = false): unknown {
  return parse(text, { maxAliasCount: -1, merge, uniqueKeys: false, logLevel: 'silent' })
}

/** Counts what a value holds, each time that it is held, and gives up where there is no end. */
function size(value: unknown, most = 100_000): number {
  const pending = [value]
  let count = 0
  for (let next = pending.pop(); next !== undefined && count < most; next = pending.pop()) {
    count++
    if (typeof next === 'object' && next !== null) pending.push(...Object.values(next))
  }
  return count
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Readonly<Record<string, unknown>>)[key], value)
}

/** Whether the stack ends before the text, for who reads it or for who has to do with what was read. */
function overflows(text: string): boolean {
  try {
    JSON.stringify(parse(text))
    return false
  } catch (error) {
    return error instanceof RangeError || /stack/i.test(String(error))
  }
}

const throws = (act: () => unknown): boolean => {
  try {
    act()
    return false
  } catch {
    return true
  }
}

/** Six levels, each of ten times the one below: a million of values in some lines. */
const LAUGHS = ['env:', '  A0: &a0 lol']
  .concat(
    [1, 2, 3, 4, 5, 6].map((n) => `  A${n}: &a${n} [${Array.from({ length: 10 }, () => `*a${n - 1}`).join(', ')}]`),
  )
  .join('\n')

const MERGES = Array.from({ length: 14 }, (_, n) =>
  n === 0 ? 'a0: &a0 { k: v }' : `a${n}: &a${n} { <<: [*a${n - 1}, *a${n - 1}], k${n}: v }`,
).join('\n')

const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth)

export const BOMBS: Readonly<Record<string, Bomb>> = {
  'alias-bomb': {
    title: 'aliases that stand for a million of values',
    text: `${VALID}${LAUGHS}\n`,
    code: 'yaml-alias',
    acts: (text) => size(read(text)) >= 100_000,
  },
  'alias-cycle': {
    title: 'a list that holds itself',
    text: `${VALID}tags: &a [x, *a]\n`,
    code: 'yaml-alias',
    acts: (text) => size(read(text)) >= 100_000,
  },
  'merge-bomb': {
    title: 'merge keys that merge each other',
    text: `${VALID}${MERGES}\n`,
    code: 'yaml-alias',
    acts: (text) => size(at(read(text, true), 'a13'), 20) > 10,
  },
  'merge-key': {
    title: 'a merge key that brings in what nobody wrote there',
    text: `${VALID}env: { <<: { SECRET: x } }\n`,
    code: 'yaml-merge-key',
    acts: (text) => at(read(text, true), 'env', 'SECRET') === 'x',
  },
  'deep-flow': {
    title: 'brackets in brackets, 9,000 times',
    text: `${VALID}tags: ${nested('[', ']', 9000)}\n`,
    code: 'yaml-depth',
    acts: overflows,
  },
  'deep-mapping': {
    title: 'mappings in mappings, 20,000 times',
    text: `${VALID}env: ${nested('{a: ', '}', 20_000)}\n`,
    code: 'yaml-length',
    acts: overflows,
  },
  'deep-block': {
    title: 'a list in a list, 5,000 times in a line',
    text: `${VALID}tags:\n  ${'- '.repeat(5000)}x\n`,
    code: 'yaml-depth',
    acts: overflows,
  },
  tag: {
    title: 'a tag that makes text of a number',
    text: VALID.replace('title: Bomb', 'title: !!str 1e3'),
    code: 'yaml-tag',
    acts: (text) => at(read(text), 'title') === '1e3',
  },
  'tag-binary': {
    title: 'a tag that hides text',
    text: VALID.replace('title: Bomb', 'title: !!binary aGlkZGVu'),
    code: 'yaml-tag',
    acts: (text) => Buffer.from(parse(text, { customTags: ['binary'] }).title as Uint8Array).toString() === 'hidden',
  },
  directive: {
    title: 'a directive that changes what is true',
    text: `%YAML 1.1\n---\n${VALID.replace('title: Bomb', 'title: yes')}`,
    code: 'yaml-directive',
    acts: (text) => at(read(text), 'title') === true,
  },
  'duplicate-key': {
    title: 'a key that is there twice, of which readers take one or the other',
    text: `${VALID}risk: high\n`,
    code: 'duplicate-key',
    acts: (text) => at(read(text), 'risk') === 'high',
  },
  'second-document': {
    title: 'a second document behind the first',
    text: `${VALID}---\nrisk: high\n`,
    code: 'yaml-documents',
    acts: (text) => at(read(text), 'risk') === 'low',
  },
  'giant-file': {
    title: 'a file of two megabytes',
    text: `${VALID}# ${'x'.repeat(2 ** 21)}\n`,
    code: 'file-too-large',
    acts: (text) => at(read(text), 'id') === 'bomb',
  },
  'giant-key': {
    title: 'a key of an eighth of a megabyte',
    text: `${VALID}${'k'.repeat(1000)}: x\n? ${'k'.repeat(2 ** 17)}\n: x\n`,
    code: 'unknown-key',
    acts: (text) => Object.keys(read(text) as object).some((key) => key.length === 2 ** 17),
  },
  'many-keys': {
    title: 'twenty thousand keys',
    text: `${VALID}env:\n${Array.from({ length: 20_000 }, (_, n) => `  k-${n}: x\n`).join('')}`,
    code: 'yaml-length',
    acts: (text) => Object.keys(at(read(text), 'env') as object).length === 20_000,
  },
  commas: {
    title: 'signs without anything between them, each of which is an error that is compared with the others',
    text: `${VALID}tags: [${','.repeat(2 ** 17)}]\n`,
    code: 'yaml-length',
    acts: (text) => parseDocument(text.replace(/,{8}/g, ',')).errors.length > 10_000,
  },
  prototype: {
    title: "a key that is every object's",
    text: `${VALID}env: { __proto__: { polluted: "yes" } }\n`,
    code: 'invalid-value',
    acts: (text) => at(read(text), 'env', '__proto__', 'polluted') === 'yes',
  },
  'bidi-override': {
    title: 'a command that reads otherwise than it runs',
    text: VALID.replace('test -s', 'test \u202e-s'),
    code: 'control-character',
    acts: (text) => JSON.stringify(read(text)).includes('\u202e'),
  },
  'escape-sequence': {
    title: 'a title that clears the screen',
    text: VALID.replace('title: Bomb', String.raw`title: "a\e[2Jb"`),
    code: 'control-character',
    acts: (text) => at(read(text), 'title') === 'a\u001b[2Jb',
  },
  'control-flood': {
    title: 'control characters by the hundred thousand, each of which is told',
    text: `${VALID}# ${'\u0007'.repeat(250_000)}\n`,
    code: 'control-character',
    acts: (text) => throws(() => Math.max(...[...text].map((letter) => letter.codePointAt(0) ?? 0))),
  },
  'path-above': {
    title: 'inputs from above the workspace',
    text: `${VALID}inputs: { files: ["../../../../etc/passwd"] }\n`,
    code: 'path-leaves-workspace',
    acts: (text) => JSON.stringify(read(text)).includes('../etc/passwd'),
  },
  vacuous: {
    title: 'a proof that proves nothing',
    text: VALID.replace('test -s task.yml', '"true"'),
    code: 'vacuous-command',
    acts: (text) => JSON.stringify(read(text)).includes('"run":"true"'),
  },
  unproved: {
    title: 'a pack that proves nothing at all',
    text: VALID.replace(/^acceptance.*$/m, 'acceptance: { tests: [] }'),
    code: 'no-acceptance',
    acts: (text) => Array.isArray(at(read(text), 'acceptance', 'tests')),
  },
}
