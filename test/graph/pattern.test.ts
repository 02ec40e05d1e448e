import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { covers, overlaps, parsePattern, workspacePattern } from '../../src/graph/pattern.ts'

describe('parsePattern', () => {
  it.each([
    ['a/b', 'x.txt', 'literal', 'a/b/x.txt'],
    ['a/b', '/x.txt', 'literal', 'x.txt'],
    ['a/b', './x.txt', 'literal', 'a/b/x.txt'],
    ['a/b', '../c/x.txt', 'literal', 'a/c/x.txt'],
    ['a/b', '../../c/x.txt', 'literal', 'c/x.txt'],
    ['', 'x/', 'folder', 'x/'],
    ['a', 'x/**', 'folder', 'a/x/'],
    ['a', '**', 'folder', 'a/'],
    ['', '/**', 'folder', ''],
    ['a', '.', 'folder', 'a/'],
    ['a', 'x/*.js', 'glob', 'a/x/'],
    ['a', 'x-*', 'glob', 'a/x-'],
    ['a', '**/*.js', 'glob', 'a/'],
    ['a', 'x**', 'glob', 'a/x'],
  ])('reads %s + %s as a %s that starts with %s', (dir, text, kind, prefix) => {
    expect(parsePattern(dir, text)).toMatchObject({ kind, prefix })
  })

  it('takes the folder literally, whatever characters are in its name', () => {
    const pattern = parsePattern('a [x]/{b}', '*.txt')
    expect(pattern.matches('a [x]/{b}/c.txt')).toBe(true)
    expect(pattern.matches('a x/b/c.txt')).toBe(false)
  })

  it('matches no path that does not start with its prefix', () => {
    fc.assert(
      fc.property(globs, (glob) => {
        const pattern = parsePattern('', glob)
        for (const path of PATHS.filter(pattern.matches)) expect(path.startsWith(pattern.prefix)).toBe(true)
      }),
    )
  })
})

describe('workspacePattern', () => {
  it('escapes the folder of a glob only', () => {
    expect(workspacePattern('a[1]', 'x.txt')).toBe('a[1]/x.txt')
    expect(workspacePattern('a[1]', 'out/')).toBe('a[1]/out/')
    expect(workspacePattern('a[1]', '*.txt')).toBe('a\\[1\\]/*.txt')
    expect(workspacePattern('a[1]', '/*.txt')).toBe('*.txt')
  })
})

const NAMES = ['a', 'b', 'ab', 'abc', '.a', 'b.js']
const IN_FOLDERS = NAMES.flatMap((folder) => NAMES.map((name) => `${folder}/${name}`))
const PATHS = [...NAMES, ...IN_FOLDERS, ...IN_FOLDERS.flatMap((folder) => NAMES.map((name) => `${folder}/${name}`))]

const part = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.constantFrom('*', '**', 'a*', '*b', '?', 'a?c', '*.js', '{a,b}', '[ab]', '{a/b,b}', '@(a|b)', '!(a)', 'a*c'),
)
const globs = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '/'))
  .map(([parts, end]) => `${parts.join('/')}${end}`)

describe('overlaps', () => {
  it('never misses a path that both patterns match', () => {
    fc.assert(
      fc.property(globs, globs, (left, right) => {
        const [one, other] = [parsePattern('', left), parsePattern('', right)]
        if (!PATHS.some((path) => one.matches(path) && other.matches(path))) return
        expect(overlaps(one, other) && overlaps(other, one)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['build/**', 'build/*.json', true],
    ['**/*.json', 'build/', true],
    ['**/*.json', 'build/*.js', false],
    ['rules/**', 'build/*.json', false],
    ['a/*/c', 'a/b/**', true],
    ['a/*', 'a/b/c', false],
    ['*.js', 'src/*.js', false],
    ['x-*.js', 'y-*.js', false],
    ['*-x.js', 'y-*.js', true],
    ['{a,b}/*.js', 'b/', true],
  ])('says of %s and %s: %s', (left, right, expected) => {
    expect(overlaps(parsePattern('', left), parsePattern('', right))).toBe(expected)
  })
})

describe('covers', () => {
  it('holds only where everything is covered', () => {
    fc.assert(
      fc.property(globs, globs, (outer, inner) => {
        const [one, other] = [parsePattern('', outer), parsePattern('', inner)]
        if (!covers(one, other)) return
        expect(PATHS.filter(other.matches).filter((path) => !one.matches(path))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['a/', 'a/b/', true],
    ['a/**', 'a/*.js', true],
    ['a/*.js', 'a/x.js', true],
    ['a/*.js', 'a/*.js', true],
    ['a/*', 'a/b/', false],
    ['a', 'a/', false],
  ])('says of %s and %s: %s', (outer, inner, expected) => {
    expect(covers(parsePattern('', outer), parsePattern('', inner))).toBe(expected)
  })
})

describe('names that are not globs', () => {
  it.each(['(group)/page.ts', 'a(b).txt', '@scope/x.js', '+page.svelte', 'wow!.txt', 'a b/c'])('%s', (name) => {
    const pattern = parsePattern('p', name)
    expect(pattern.kind).toBe('literal')
    expect(pattern.matches(`p/${name}`)).toBe(true)
  })
})
