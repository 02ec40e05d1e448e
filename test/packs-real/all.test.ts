// What README.md promises to whoever clones this repository: its own packs pass as they stand.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { CLI } from '../support/cli.ts'
import { REPOSITORY } from './pack-copy.ts'

it('all packs pass', async () => {
  const out = mkdtempSync(join(tmpdir(), 'codex-packs-'))
  try {
    const { exitCode, all } = await execa(process.execPath, [CLI, 'run', '--out', out], {
      ...{ cwd: REPOSITORY, all: true, reject: false },
    })
    expect(exitCode, all).toBe(0)
    expect(all).toMatch(/^PASSED: \d+ passed in /m)
  } finally {
    rmSync(out, { recursive: true })
  }
}, 600_000)
