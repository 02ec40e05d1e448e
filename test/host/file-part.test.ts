import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readFilePart } from '../../src/host/file-part.ts'

const root = mkdtempSync(join(realpathSync(tmpdir()), 'codex-part-test-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const run = join(root, 'run')
mkdirSync(join(run, 'logs'), { recursive: true })
writeFileSync(join(root, 'outside'), 'outside')
writeFileSync(join(run, 'logs/1.log'), '0123456789')
writeFileSync(join(run, 'empty'), '')
symlinkSync('../outside', join(run, 'link'))
symlinkSync('..', join(run, 'folder'))
execFileSync('mkfifo', [join(run, 'fifo')])

function part(path: string, head: number, tail: number): readonly (string | number)[] | null {
  const read = readFilePart(run, path, { head, tail })
  return read && [Buffer.from(read.head).toString(), Buffer.from(read.tail).toString(), read.size]
}

describe('both ends of a file', () => {
  it('are what was asked for, or all of it', () => {
    expect(part('logs/1.log', 3, 2)).toEqual(['012', '89', 10])
    expect(part('logs/1.log', 3, 0)).toEqual(['012', '', 10])
    expect(part('logs/1.log', 6, 4)).toEqual(['0123456789', '', 10])
    expect(part('empty', 6, 4)).toEqual(['', '', 0])
  })

  it.each([
    'link',
    'folder/outside',
    '../outside',
    'logs/../../outside',
    'logs',
    '',
    '.',
    'fifo',
    'no',
    'a\0b',
    '/etc/passwd',
  ])('are none of what is no regular file in the folder: %j', (path) => {
    expect(part(path, 10, 10)).toBeNull()
  })
})
