// Every attack, as every user, in every sandbox and without any: stopped there, and seen to get through here.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runBare, runInCodex, type Results } from './arena.ts'
import type { Attack, Seen } from './attack.ts'
import { ATTACKS, THEMES } from './table.ts'
import { USERS } from './users.ts'
import type { Host } from './world.ts'

const hosts: Host[] = []

afterAll(async () => {
  await Promise.all(hosts.map((host) => host.close()))
})

function seen(results: Results | undefined, id: string): Seen {
  const found = results?.get(id)
  if (!found) throw new Error(`${id} was not tried`)
  return found
}

/** What says that a program was not there, or was no program, and so that nothing was attacked. */
const MISFIRE = /: not found$|SyntaxError|ModuleNotFoundError|NameError|IndexError|unrecognized option|invalid option/m

const CASES = Object.entries(THEMES).flatMap(([theme, attacks]) =>
  Object.entries(attacks).map(([id, attack]) => [theme, id, attack.title, attack] as const),
)

describe.each(Object.entries(USERS))('attacked as %s', (_, through) => {
  describe.each(['bubblewrap', 'unshare'] as const)('%s', (sandbox) => {
    let results: Results

    beforeAll(async () => {
      const run = await runInCodex(ATTACKS, { through, sandbox })
      hosts.push(run.host)
      results = run.results
    })

    const promised = CASES.filter(([, , , { only }]) => only === undefined || only === sandbox)
    it.each(promised)('withstands an attack on %s: %s, %s', (_theme, id, _title, attack: Attack) => {
      const after = seen(results, id)
      expect(after.log).not.toMatch(MISFIRE)
      expect(attack.succeeded(after), `${after.status}\n${after.log.slice(0, 2000)}`).toBe(false)
      expect(after).toMatchObject(attack.told ?? {})
    })
  })

  describe('without a sandbox', () => {
    let results: Results

    beforeAll(async () => {
      const none = await runInCodex(ATTACKS, { through, sandbox: 'none' })
      const bare = await runBare(ATTACKS, through)
      hosts.push(none.host, bare.host)
      results = new Map([...none.results, ...bare.results])
    })

    it.each(CASES)('gets through an attack on %s: %s, %s', (_theme, id, _title, { succeeded }: Attack) => {
      const after = seen(results, id)
      expect(succeeded(after), `${after.status}\n${after.log.slice(0, 2000)}`).toBe(true)
    })
  })
})

it('there are enough of them, and each has a name of its own', () => {
  const ids = Object.values(THEMES).flatMap((attacks) => Object.keys(attacks))
  expect(ids.length).toBeGreaterThanOrEqual(60)
  expect(new Set(ids).size).toBe(ids.length)
  const titles = Object.values(ATTACKS).map(({ title }) => title)
  expect(new Set(titles).size).toBe(titles.length)
})
