import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fileVersions } from '../../src/host/history.ts'
import { sha256 } from '../../src/model/digest.ts'

const base = mkdtempSync(join(tmpdir(), 'codex-history-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
let count = 0
const searchPath = process.env['PATH'] ?? ''

function repository(): {
  readonly root: string
  readonly git: (...args: readonly string[]) => void
  readonly commit: (text: string | null) => void
} {
  const root = join(base, String(count++))
  mkdirSync(join(root, 'sub'), { recursive: true })
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: root })
  git('init', '-q')
  const commit = (text: string | null): void => {
    if (text === null) rmSync(join(root, 'sub/file'))
    else writeFileSync(join(root, 'sub/file'), text)
    git('add', '-A')
    git('commit', '-qm', 'x', '--allow-empty')
  }
  return { root, git, commit }
}

function found(root: string, ...texts: readonly string[]): readonly string[] {
  const digests = new Set(texts.map((text) => sha256(text)))
  return [...fileVersions(root, 'sub/file', { digests, searchPath }).values()].map((bytes) =>
    Buffer.from(bytes).toString(),
  )
}

describe('the versions of a file', () => {
  it('are the one that is there and those that were committed, a file that was deleted included', () => {
    const { root, commit } = repository()
    for (const text of ['one', 'two\n\n', 'three', null, 'five']) commit(text)
    writeFileSync(join(root, 'sub/file'), 'now')
    expect(found(root, 'now', 'two\n\n', 'three', 'never').toSorted()).toEqual(['now', 'three', 'two\n\n'])
    expect(found(root, 'never')).toEqual([])
  })

  it('are found in the workspace alone where there is no git, and no repository', () => {
    const root = join(base, 'plain')
    mkdirSync(join(root, 'sub'), { recursive: true })
    writeFileSync(join(root, 'codex.config.ts'), '')
    writeFileSync(join(root, 'sub/file'), 'now')
    expect(found(root, 'now', 'before')).toEqual(['now'])
    const digests = new Set([sha256('before')])
    expect(fileVersions(root, 'sub/file', { digests, searchPath: '/nowhere' }).size).toBe(0)
  })

  it('are not looked for outside of the workspace', () => {
    const { root } = repository()
    writeFileSync(join(base, 'outside'), 'secret')
    const digests = new Set([sha256('secret')])
    expect(fileVersions(root, '../outside', { digests, searchPath }).size).toBe(0)
  })

  it('run nothing that the repository has set up', () => {
    const { root, git, commit } = repository()
    commit('one')
    commit('two')
    const program = join(root, 'run-me')
    writeFileSync(program, `#!/bin/sh\ntouch ${join(root, 'was-run')}\n`)
    chmodSync(program, 0o755)
    for (const name of ['core.fsmonitor', 'core.pager', 'diff.external', 'diff.x.textconv', 'gpg.program'])
      git('config', name, program)
    git('config', 'log.showSignature', 'true')
    writeFileSync(join(root, '.gitattributes'), '* diff=x\n')
    expect(found(root, 'one')).toEqual(['one'])
    expect(existsSync(join(root, 'was-run'))).toBe(false)
  })
})
