import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it, onTestFinished } from 'vitest'

const check = (...args: string[]) => execa(process.execPath, ['.ci/layering.mjs', ...args], { reject: false })

const BREACHES = [
  'commands/run.ts:2 layer: commands imports host/disk.ts; it may import model, room, pipeline',
  'commands/run.ts:3 layer: commands imports cli.ts; it may import model, room, pipeline',
  'helpers.ts:1 place: belongs to no layer',
  'host/disk.ts:2 layer: host imports report/draw.ts; it may import model',
  'index.ts:2 layer: index imports host/disk.ts; it may import model, room, pipeline',
  'index.ts:3 layer: index imports commands/run.ts; it may import model, room, pipeline',
  'model/order.ts:1 layer: model imports plan/plan.ts; it may import nothing',
  'packs/types.ts:1 sibling-room: packs/ imports its sibling plan/plan.ts',
  'packs/types.ts:2 sibling-room: packs/ imports its sibling graph/compile.ts',
  'pipeline.ts:2 layer: pipeline imports host/disk.ts; it may import model, room',
  'pipeline.ts:3 layer: pipeline imports commands/run.ts; it may import model, room',
  'plan/plan.ts:2 sibling-room: plan/ imports its sibling graph/compile.ts',
  'report/broken.ts:1 syntax: Expected `)` but found `EOF`',
  'report/draw.ts:1 confined: imports graphology-types, which belongs in graph',
  'report/draw.ts:2 confined: imports node:fs, which belongs in host or cli or plugin-runner',
  'report/draw.ts:6 sibling-room: report/ imports its sibling plan/plan.ts',
  'report/draw.ts:7 dynamic: imports a module that is only known when it runs; only host/ may',
  'report/lost.ts:1 missing: imports report/gone.ts, which is not there',
  'report/lost.ts:2 outside: imports ../package.json, outside of src',
  'util/helpers.ts:1 place: belongs to no layer',
]

it('reports every breach of a tree that breaks every rule, and nothing that is allowed', async () => {
  const { exitCode, stdout } = await check('test/fixtures/layering')

  expect(stdout.split('\n')).toEqual([...BREACHES, `15 modules, 31 imports, ${BREACHES.length} breaches`])
  expect(exitCode).toBe(1)
})

it('reads the modules of src and finds them in order', async () => {
  const { exitCode, stdout } = await check()
  const [, modules, imports] = /^(\d+) modules, (\d+) imports, 0 breaches$/.exec(stdout) ?? []

  expect(stdout).toMatch(/ 0 breaches$/)
  expect(Number(modules)).toBeGreaterThan(10)
  expect(Number(imports)).toBeGreaterThan(10)
  expect(exitCode).toBe(0)
})

it('fails where there is nothing to read', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'layering-'))
  onTestFinished(() => rmSync(empty, { recursive: true }))

  const { exitCode, stdout } = await check(empty)

  expect(stdout).toBe('0 modules, 0 imports, 0 breaches')
  expect(exitCode).toBe(1)
})
