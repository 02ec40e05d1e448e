import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyPack, type PackCopy } from './pack-copy.ts'

interface Report {
  readonly checks: readonly { readonly name: string; readonly subjects: number; readonly failures: number }[]
  readonly chainHead: string
  readonly ticks: number
  readonly score: number
  readonly won: boolean
}

let simulated: PackCopy
const copies: PackCopy[] = []

function fresh(): PackCopy {
  const copy = simulated.copy()
  copies.push(copy)
  return copy
}

describe('game-level-simulation', () => {
  beforeAll(async () => {
    simulated = copyPack('game-level-simulation')
    copies.push(simulated)
    await simulated.pass('simulate', 'resimulate')
  })
  afterAll(() => copies.forEach((copy) => copy.dispose()))

  it('passes, and reports a level that is won after several hundred ticks', async () => {
    const pack = fresh()
    await pack.pass('data', 'whole-numbers', 'replay', 'invariants')
    const report = JSON.parse(pack.read('artifacts/replay.json')) as Report
    expect(report).toMatchObject({ won: true, score: 1220, ticks: 473 })
    expect(pack.read('golden/chain.json')).toContain(`"head": "${report.chainHead}"`)
    expect(pack.read('build/chain.txt').trimEnd().split('\n')).toHaveLength(474)
    expect(report.checks.filter(({ subjects, failures }) => subjects === 0 || failures > 0)).toEqual([])
  })

  it('fails for a changed checkpoint and a changed head', async () => {
    const pack = fresh()
    const lines = pack.read('build/chain.txt').split('\n')
    pack.edit('golden/chain.json', lines[80] ?? '', 'a'.repeat(64))
    pack.edit('golden/chain.json', lines[473] ?? '', 'b'.repeat(64))
    const { exitCode, output } = await pack.run('replay')
    expect(exitCode).toBe(1)
    expect(output.split('\n')).toEqual([
      `tick 80: the chain is ${lines[80]} instead of ${'a'.repeat(64)}`,
      `tick 473: the head is ${lines[473]} instead of ${'b'.repeat(64)}`,
    ])
  })

  it('tells in which stretch two games part when a rule changes', async () => {
    const pack = fresh()
    pack.edit('tools/sim/game.mjs', 'coin: 10', 'coin: 11')
    await pack.pass('simulate', 'resimulate')
    const { exitCode, output } = await pack.run('replay')
    expect(exitCode).toBe(1)
    expect(output).toMatch(/^tick 40: the chain is/)
  })

  it('fails for another seed', async () => {
    const pack = fresh()
    pack.edit('data/input.json', '20240304', '20240305')
    await pack.pass('simulate', 'resimulate')
    const { exitCode, output } = await pack.run('replay')
    expect(exitCode).toBe(1)
    expect(output).toMatch(/^tick 0: the chain is/)
  })

  it('fails when the seed does not matter', async () => {
    const pack = fresh()
    pack.edit('tools/sim/random.mjs', 'let x = state', 'let x = 42')
    await pack.pass('simulate', 'resimulate')
    const { exitCode, output } = await pack.run('replay')
    expect(exitCode).toBe(1)
    expect(output).toContain('the seed 20240305 moves no enemy differently')
  })

  it('fails when the simulation depends on the time zone', async () => {
    const pack = fresh()
    pack.edit('tools/sim/game.mjs', 'score: 0', 'score: new Date(0).getHours()')
    await pack.pass('simulate', 'resimulate')
    const { exitCode, output } = await pack.run('replay')
    expect(exitCode).toBe(1)
    expect(output).toMatch(/^tick 1: another time zone and locale give [0-9a-f]{64} instead of [0-9a-f]{64}$/m)
    expect(await pack.run('whole-numbers')).toEqual({
      exitCode: 1,
      output: expect.stringMatching(/^tools\/sim\/game\.mjs:\d+ uses the machine: Date$/) as string,
    })
  })

  it('fails when two games with the same keys differ in one process', async () => {
    const pack = fresh()
    pack.edit('tools/sim/game.mjs', 'const LIVES = 3', 'let games = 0\nconst LIVES = 3')
    pack.edit('tools/sim/game.mjs', 'score: 0', 'score: games++')
    await pack.pass('simulate', 'resimulate')
    pack.edit('tools/check-replay.mjs', 'const { state, head }', 'replay(recording, () => {})\nconst { state, head }')
    const { exitCode, output } = await pack.run('replay')
    expect(exitCode).toBe(1)
    expect(output).toMatch(/^played once more, the head is [0-9a-f]{64} instead of [0-9a-f]{64}$/m)
  })

  it('fails when the recording does not reach the exit', async () => {
    const pack = fresh()
    pack.edit('data/input.json', /,\n.*\n.*\n {2}\]/, '\n  ]')
    await pack.pass('simulate', 'resimulate', 'data')
    const { exitCode, output } = await pack.run('replay')
    expect(exitCode).toBe(1)
    expect(output).toContain('the game takes 416 ticks instead of 473')
    expect(output).toMatch(/the level is not won: at tick 416 the player has 3 lives and is not at the exit/)
  })

  it.each([
    ['a fraction', 'const GRAVITY = 6', 'const GRAVITY = 6.5', /^seed 20240304, tick 9: 3020\.5 is not a whole number/],
    ['a hole in the walls', 'if (hitWall) {', 'if (hitWall && body.x < 0) {', /the \w+ is inside a wall at \d+,\d+/],
    ['too much speed', 'const RUN_SPEED = 34', 'const RUN_SPEED = 340', /the player is faster than a tile per tick/],
    ['a life too many', 'player.lives -= 1', 'player.lives += 1', /the number of lives has grown/],
    ['a lost point', 'const POINTS = { coin: 10', 'const POINTS = { coin: -10', /the score has fallen/],
  ])('finds %s in the course of a game', async (_name, from, to, message) => {
    const pack = fresh()
    for (const file of ['tools/sim/game.mjs', 'tools/sim/body.mjs']) {
      if (pack.read(file).includes(from)) pack.edit(file, from, to)
    }
    const { exitCode, output } = await pack.run('invariants')
    expect(exitCode).toBe(1)
    expect(output).toMatch(message)
  })

  it('refuses sources that leave whole numbers or read the machine', async () => {
    const pack = fresh()
    const banned = [
      '1 / 2',
      '2 ** 3',
      '0.5',
      '1e3',
      'Math.sqrt(4)',
      'Date.now()',
      'process.pid',
      "'a'.localeCompare('b')",
    ]
    pack.write('tools/sim/leak.mjs', `// 1 / 2\n${banned.map((code) => `export const a = ${code}\n`).join('')}`)
    const { exitCode, output } = await pack.run('whole-numbers')
    expect(exitCode).toBe(1)
    expect(output.split('\n').map((line) => line.slice(0, line.indexOf(' ')))).toEqual(
      banned.map((_code, index) => `tools/sim/leak.mjs:${index + 2}`),
    )
    expect(output).toContain('tools/sim/leak.mjs:2 uses a division, which may leave a fraction: /')
  })

  it('refuses data out of form, all at once', async () => {
    const pack = fresh()
    pack.edit('data/level.txt', '#                                              #\n', '#  #\n')
    pack.edit('data/input.json', '"keys": "RJ"', '"keys": "JR"')
    pack.edit('data/input.json', '  "stretches"', '    "stretches"')
    pack.edit('golden/chain.json', /"[0-9a-f]{64}",\n/, '')
    pack.edit('golden/chain.json', /"[0-9a-f]{64}"/, '"0"')
    const { exitCode, output } = await pack.run('data')
    expect(exitCode).toBe(1)
    expect(output).toContain('data/level.txt: level row 2 has 4 tiles instead of 48')
    expect(output).toMatch(/data\/input\.json, stretch 2: .*"JR".* can't be pressed/)
    expect(output).toContain('data/input.json is not in the form that tools/record.mjs writes')
    expect(output).toContain('golden/chain.json holds something else than SHA-256 digests')
    expect(output).toContain('golden/chain.json has 11 checkpoints instead of 12 for 473 ticks')
  })
})
