import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { replaceSource } from '../../src/host/source-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'codex-source-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileWith(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('replaceSource', () => {
  it('replaces the whole and keeps the mode', () => {
    const path = fileWith('a', 'before')
    chmodSync(path, 0o751)
    expect(replaceSource(path, Buffer.from('before'), Buffer.from('after'))).toEqual({ ok: true, value: null })
    expect(readFileSync(path, 'utf8')).toBe('after')
    expect(statSync(path).mode & 0o7777).toBe(0o751)
  })

  it('leaves what somebody has changed meanwhile, and nothing beside it', () => {
    const path = fileWith('b', 'saved once more')
    const replaced = replaceSource(path, Buffer.from('before'), Buffer.from('after'))
    expect(replaced).toMatchObject({ ok: false, error: { code: 'ESTALE' } })
    expect(readFileSync(path, 'utf8')).toBe('saved once more')
    expect(readdirSync(folder).filter((name) => name.startsWith('b'))).toEqual(['b'])
  })

  it('makes no file where there is none', () => {
    const path = join(folder, 'c')
    expect(replaceSource(path, Buffer.from(''), Buffer.from('x'))).toMatchObject({
      ok: false,
      error: { code: 'ENOENT' },
    })
    expect(readdirSync(folder).filter((name) => name.startsWith('c'))).toEqual([])
  })
})
