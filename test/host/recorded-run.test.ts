import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rmSync } from 'node:fs'
import { findRun } from '../../src/host/recorded-run.ts'
import type { RecordedRun } from '../../src/model/ports.ts'
import { temporaryFolder } from './rig.ts'

function runsWith(...names: readonly string[]): string {
  const runs = temporaryFolder()
  onTestFinished(() => rmSync(runs, { recursive: true, force: true }))
  for (const name of names) {
    mkdirSync(join(runs, name))
    writeFileSync(join(runs, name, 'manifest.json'), '{}')
  }
  return runs
}

function open(text: string, runs: string): RecordedRun {
  const found = findRun(text, { runs, path: join(runs, text) })
  if (!found.ok) throw new Error(found.error.kind)
  return found.value
}

describe('a run is found', () => {
  const NAMES = ['20260101T000000Z-aaaaaaaa', '20260101T000000Z-bbbbbbbb', '20260102T000000Z-cccccccc'] as const

  it.each([
    ['by its name', NAMES[0], NAMES[0]],
    ['by a beginning that no other has', '20260102', NAMES[2]],
    ['as the latest', 'latest', NAMES[1]],
    ['by a path', `./${NAMES[0]}`, NAMES[0]],
    ['by the path of a link', './latest', NAMES[1]],
  ])('%s', (_, text, name) => {
    const runs = runsWith(...NAMES)
    symlinkSync(NAMES[1], join(runs, 'latest'))
    expect(open(text, runs)).toMatchObject({ name, path: join(runs, name) })
  })

  it.each([
    ['not by a beginning of several', '20260101', { kind: 'ambiguous', known: NAMES.slice(0, 2) }],
    ['not where there is none', 'nothing', { kind: 'missing', known: NAMES }],
    ['not by an empty name', '', { kind: 'no-run', known: NAMES }],
    ['not where latest leads nowhere', 'latest', { kind: 'missing', known: NAMES }],
  ])('%s', (_, text, error) => {
    const runs = runsWith(...NAMES)
    symlinkSync('gone', join(runs, 'latest'))
    expect(findRun(text, { runs, path: join(runs, text) })).toEqual({ ok: false, error })
  })

  it('nowhere where there are no runs', () => {
    const runs = runsWith()
    expect(findRun('x', { runs: join(runs, 'none'), path: join(runs, 'x') })).toEqual({
      ok: false,
      error: { kind: 'missing', known: [] },
    })
  })
})

describe('a recorded run', () => {
  it('lists all that is in it, whatever it is, sorted by bytes', () => {
    const runs = runsWith('r')
    const run = join(runs, 'r')
    mkdirSync(join(run, 'logs/p'), { recursive: true })
    mkdirSync(join(run, 'empty'))
    writeFileSync(join(run, 'logs/p/1.log'), 'log')
    writeFileSync(join(run, 'logs/ä'), '')
    symlinkSync('/etc/passwd', join(run, 'link'))
    execFileSync('mkfifo', [join(run, 'fifo')])
    expect(open('r', runs).list()).toMatchObject({
      ok: true,
      value: [
        { path: 'fifo', kind: 'other' },
        { path: 'link', kind: 'symlink' },
        { path: 'logs/p/1.log', kind: 'file', size: 3 },
        { path: 'logs/ä', kind: 'file', size: 0 },
        { path: 'manifest.json', kind: 'file', size: 2 },
      ],
    })
  })

  it('reads regular files only, and through no link', () => {
    const runs = runsWith('r', 'other')
    const run = join(runs, 'r')
    symlinkSync(join(runs, 'other'), join(run, 'folder'))
    symlinkSync('manifest.json', join(run, 'link'))
    execFileSync('mkfifo', [join(run, 'fifo')])
    const recorded = open('r', runs)
    expect(recorded.read('manifest.json')).toEqual({ ok: true, value: Buffer.from('{}') })
    for (const path of ['link', 'folder/manifest.json', 'fifo', 'folder']) {
      expect(recorded.read(path)).toMatchObject({ ok: false, error: { code: 'EINVAL' } })
    }
    expect(recorded.read('gone')).toMatchObject({ ok: false, error: { code: 'ENOENT' } })
  })

  it('is told where it can not be listed', () => {
    const runs = runsWith('r')
    writeFileSync(Buffer.concat([Buffer.from(`${join(runs, 'r')}/`), Buffer.from([0x61, 0xff])]), '')
    expect(open('r', runs).list()).toMatchObject({ ok: false, error: { code: 'EILSEQ' } })
    chmodSync(join(runs, 'r'), 0o755)
  })
})
