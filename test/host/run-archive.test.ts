import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processName } from '../../src/host/process-id.ts'
import { openArchive } from '../../src/host/run-archive.ts'
import { createRunFolder } from '../../src/host/run-folder.ts'
import type { RunFolder } from '../../src/model/ports.ts'
import { temporaryFolder } from './rig.ts'

const AT = Date.UTC(2026, 0, 2, 3, 4, 5)

let root: string

beforeEach(() => {
  root = temporaryFolder()
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function newRun(seconds = 0): RunFolder {
  return createRunFolder(root, AT + seconds * 1000, () => ({ 'manifest.json': '{}' }))
}

/** A run whose mark names another process. */
function runOf(owner: string, ageSeconds = 0): string {
  const run = newRun()
  run.close()
  const mark = join(root, `.${run.name}.alive`)
  symlinkSync(owner, mark)
  const then = lstatSync(mark).mtimeMs / 1000 - ageSeconds
  lutimesSync(mark, then, then)
  return run.name
}

const own = processName() ?? ''
const [boot = '', namespace = '', pid = '', started = ''] = own.split('-')
const reused = [boot, namespace, pid, Number(started) - 1].join('-')
const container = [boot, '1', pid, started].join('-')
const rebooted = ['0'.repeat(8), namespace, pid, started].join('-')

describe('a run is alive', () => {
  it('from its first moment until it is closed', () => {
    const run = newRun()
    const archive = openArchive(root)
    expect([archive.isAlive(run.name), archive.hold(run.name), archive.remove(run.name)]).toEqual([true, null, false])
    run.close()
    expect(archive.isAlive(run.name)).toBe(false)
    expect(readdirSync(root).toSorted()).toEqual([run.name, 'latest'].toSorted())
  })

  it.each([
    ['not of a process whose number another one has now', reused, 0, false],
    ['of a process in another container', container, 0, true],
    ['of a process on another machine, or before this one was started anew', rebooted, 30, true],
    ['not of one in another container that has not stirred for long', container, 61, false],
    ['not of one on another machine that has not stirred for long', rebooted, 61, false],
    ['of a process without a name', 'unknown', 0, true],
    ['not of one without a name that has not stirred for long', 'unknown', 61, false],
  ])('%s', (_, owner, age, alive) => {
    expect(openArchive(root).isAlive(runOf(owner, age))).toBe(alive)
  })

  it('not of a process that was killed and still waits for its parent', async () => {
    // A shell that has become something else never asks for the end of its child.
    const script = 'sleep 600 & echo $!; kill -9 $!; exec sleep 600'
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      const child = Number((await once(parent.stdout, 'data')).toString())
      let stat = ''
      do stat = readFileSync(`/proc/${child}/stat`, 'latin1')
      while (!stat.includes(') Z '))
      const name = [boot, namespace, child, stat.slice(stat.lastIndexOf(')')).split(' ')[20]].join('-')
      expect(openArchive(root).isAlive(runOf(name))).toBe(false)
    } finally {
      parent.kill('SIGKILL')
    }
  })

  it('as soon as somebody holds it, and nobody else does then', () => {
    const name = runOf(reused)
    const archive = openArchive(root)
    const held = archive.hold(name)
    expect([held?.name, archive.isAlive(name), archive.hold(name)]).toEqual([name, true, null])
    held?.release()
    expect(archive.isAlive(name)).toBe(false)
  })
})

describe('a run that was taken over', () => {
  it('writes no manifest any more, and leaves the mark of the other', () => {
    const run = newRun()
    const mark = join(root, `.${run.name}.alive`)
    unlinkSync(mark)
    symlinkSync(container, mark)
    expect(() => run.writeAtomically('manifest.json', 'x')).toThrow(/taken this run over/)
    run.close()
    expect(readlinkSync(mark)).toBe(container)
  })
})

describe('the runs of a folder', () => {
  it('are those with a manifest, the newest last, and nothing else', () => {
    const names = [2, 0, 1].map((second) => newRun(second).name)
    mkdirSync(join(root, 'notes'))
    mkdirSync(join(root, 'linked'))
    symlinkSync('/etc/passwd', join(root, 'linked/manifest.json'))
    mkdirSync(join(root, '.hidden'))
    writeFileSync(join(root, '.hidden/manifest.json'), '{}')
    writeFileSync(join(root, 'file'), '')
    expect(openArchive(root).names()).toEqual(names.toSorted())
    expect(openArchive(join(root, 'nowhere')).names()).toEqual([])
  })

  it('are removed whole, whatever is in them, and no link is followed', () => {
    const run = newRun()
    run.close()
    mkdirSync(join(root, 'kept'))
    writeFileSync(join(root, 'kept/file'), 'x')
    symlinkSync('../kept', join(run.path, 'link'))
    mkdirSync(join(run.path, 'artifacts/closed'), { recursive: true })
    writeFileSync(join(run.path, 'artifacts/closed/file'), 'x')
    for (const path of ['artifacts/closed', 'artifacts']) chmodSync(join(run.path, path), 0o000)
    expect(openArchive(root).remove(run.name)).toBe(true)
    expect(readdirSync(root)).toEqual(['kept'])
    expect(existsSync(join(root, 'kept/file'))).toBe(true)
  })

  it('have a newest one that latest leads to afterwards', () => {
    const [first, second, third] = [0, 1, 2].map((seconds) => {
      const run = newRun(seconds)
      run.close()
      return run.name
    })
    const archive = openArchive(root)
    archive.remove(second ?? '')
    expect(readlinkSync(join(root, 'latest'))).toBe(third)
    archive.remove(third ?? '')
    expect(readlinkSync(join(root, 'latest'))).toBe(first)
    archive.remove(first ?? '')
    expect(readdirSync(root)).toEqual([])
  })

  it('are not what latest leads to where somebody has put another link in its place', () => {
    const run = newRun()
    run.close()
    mkdirSync(join(root, 'mine'))
    unlinkSync(join(root, 'latest'))
    symlinkSync('mine', join(root, 'latest'))
    openArchive(root).remove(run.name)
    expect(readlinkSync(join(root, 'latest'))).toBe('mine')
  })
})

describe('the next run', () => {
  it('takes away what a killed one left beside the runs, and nothing of one that may be alive', () => {
    const dead = runOf(reused)
    const elsewhere = runOf(container)
    for (const name of [dead, elsewhere]) {
      for (const kind of ['new', 'removed']) mkdirSync(join(root, `.${name}.${kind}/logs`), { recursive: true })
    }
    mkdirSync(join(root, '.mine'))
    const run = newRun()
    run.close()
    const hidden = readdirSync(root).filter((name) => name.startsWith('.'))
    const kept = ['alive', 'new', 'removed'].map((kind) => `.${elsewhere}.${kind}`)
    expect(hidden.toSorted()).toEqual([...kept, '.mine'].toSorted())
    expect(openArchive(root).names()).toEqual([dead, elsewhere, run.name].toSorted())
  })
})
