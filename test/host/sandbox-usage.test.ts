import { execa } from 'execa'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createMemoryGauge } from '../../src/host/sandbox/usage.ts'

const MIB = 1024 ** 2

it('does not take what the machine has in memory for that of a process on its way into a sandbox', async () => {
  const folder = mkdtempSync('/dev/shm/codex-test-')
  // As bubblewrap does before it changes the root.
  const script = 'mount -t tmpfs none /tmp && echo up && exec sleep 600'
  const child = execa({ reject: false })`unshare --user --map-root-user --mount sh -c ${script}`
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve))
    writeFileSync(join(folder, 'large'), Buffer.alloc(8 * MIB))
    const held = (bytes: number): boolean => createMemoryGauge().holdsMore([`/proc/${child.pid}`], bytes)
    expect(held(4 * MIB)).toBe(false)
    expect(held(1024)).toBe(true)
  } finally {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  }
})
