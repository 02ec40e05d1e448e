import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createScratch, removeTree } from '../../src/host/scratch.ts'
import { layOut, temporaryFolder } from './rig.ts'

let root: string

beforeEach(() => {
  root = temporaryFolder()
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('a scratch folder', () => {
  it('is private, really where it says, and goes with all that is in it', () => {
    mkdirSync(join(root, 'real'))
    symlinkSync('real', join(root, 'link'))
    const scratch = createScratch(join(root, 'link'))
    expect(scratch.path.startsWith(join(root, 'real/codex-'))).toBe(true)
    expect([scratch.path, scratch.folder('inner')].map((path) => lstatSync(path).mode & 0o777)).toEqual([0o700, 0o700])
    expect(() => scratch.folder('inner')).toThrow(/EEXIST/)
    scratch.remove()
    expect(existsSync(scratch.path)).toBe(false)
  })
})

describe('removing a tree', () => {
  it('follows no link', () => {
    layOut(root, { 'kept/file': 'x', 'tree/x': 'x' })
    symlinkSync('../kept', join(root, 'tree/link'))
    removeTree(join(root, 'tree'))
    expect(existsSync(join(root, 'kept/file'))).toBe(true)
    expect(existsSync(join(root, 'tree'))).toBe(false)
  })

  it.each([
    ['without permissions', 'mkdir -p a/b/c; echo x >a/b/c/d; chmod a-rwx a/b/c/d a/b/c a/b a'],
    [
      'with names that are not UTF-8',
      'd=$(printf "d\\377"); mkdir -p "$d/$d"; echo x >"$d/$d/f"; chmod 000 "$d/$d" "$d"',
    ],
    [
      'that is too deep to be named',
      'i=0; while [ $i -lt 2100 ]; do mkdir d && cd -P d; i=$((i+1)); done; mkdir x; chmod 000 .',
    ],
    [
      'with long names',
      'n=$(printf %0250d 0); i=0; while [ $i -lt 60 ]; do mkdir $n && cd -P $n; i=$((i+1)); done; echo x >f; chmod 000 .',
    ],
  ])('takes one %s', (_, sh) => {
    const tree = join(root, 'tree')
    mkdirSync(tree)
    execFileSync('sh', ['-c', sh], { cwd: tree })
    removeTree(tree)
    expect(existsSync(tree)).toBe(false)
  })

  it('takes what is not there', () => {
    expect(() => removeTree(join(root, 'nonesuch'))).not.toThrow()
  })
})

describe('what a killed run left', () => {
  const left = (): readonly string[] => readdirSync(root).toSorted()

  it('is removed by the next, whatever permissions it has', () => {
    const made = spawnSync(process.execPath, ['-e', scratchOf(root)], { encoding: 'utf8' })
    expect(made.stderr).toBe('')
    expect(left()).toHaveLength(1)
    const next = createScratch(root)
    expect(left()).toEqual([basename(next.path)])
  })

  it('stays while its process is alive, and where nothing is known of it', () => {
    const alive = createScratch(root)
    const elsewhere = basename(alive.path).replace(/^codex-[0-9a-f]+/, 'codex-00000000')
    for (const name of [elsewhere, 'codex-abc', 'codex-', 'other']) mkdirSync(join(root, name))
    const second = createScratch(root)
    expect(left()).toEqual(
      [basename(alive.path), basename(second.path), elsewhere, 'codex-abc', 'codex-', 'other'].toSorted(),
    )
  })

  /** A process that makes a folder named after itself, as a run does, and ends without removing it. */
  function scratchOf(parent: string): string {
    const stat = `readFileSync('/proc/self/stat', 'latin1')`
    return `
      const { mkdirSync, readFileSync, readlinkSync } = require('node:fs')
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8)
      const namespace = readlinkSync('/proc/self/ns/pid').replace(/\\D/g, '')
      const started = ${stat}.slice(${stat}.lastIndexOf(')')).split(' ')[20]
      const folder = ${JSON.stringify(parent)} + '/codex-' + [boot, namespace, process.pid, started, 'abcdef'].join('-')
      mkdirSync(folder + '/closed', { recursive: true })
      mkdirSync(folder + '/none', { mode: 0 })
    `
  }
})
