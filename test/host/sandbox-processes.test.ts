import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processesOf } from './driver-process.ts'
import { ISOLATIONS, openRig, type Attempt, type Rig } from './rig.ts'

let count = 0

/** A number of seconds that nobody else sleeps. */
function newMarker(): string {
  return `9${process.pid}.${1000 + count++}`
}

/** Every way to leave a process behind; each says `up` once it has. $1 is how long to sleep. */
const ESCAPES: Readonly<Record<string, string>> = {
  'a child in the background': 'sleep "$1" & echo up',
  'a child that ignores signals': 'sh -c \'trap "" TERM HUP INT QUIT; while :; do sleep "$1"; done\' sh "$1" & echo up',
  'a child that hung up': 'nohup sleep "$1" >/dev/null 2>&1 & echo up',
  'a child with its streams closed': 'sleep "$1" <&- >&- 2>&- & echo up',
}

const SESSIONS: Readonly<Record<string, string>> = {
  'a session of its own': 'setsid sleep "$1" & until [ -n "$(pgrep -x sleep)" ]; do :; done; echo up',
  'a grandchild whose parent is gone': '(setsid sh -c \'sleep "$1" & sleep "$1" &\' sh "$1"); echo up',
  'a stopped process': 'sleep "$1" & kill -STOP $!; echo up',
  'many of them': 'for i in 1 2 3 4 5 6 7 8 9; do setsid sleep "$1" & done; echo up',
}

function waiting(sh: string, marker: string): Attempt {
  return { argv: ['sh', '-c', `${sh}; exec sleep "$1"`, 'sh', marker] }
}

const ALL = { ...ESCAPES, ...SESSIONS }

const CASES = [...ISOLATIONS.map((isolation) => [isolation, ALL] as const), ['none', ESCAPES] as const]

describe.each(CASES)('when an action of %s is over,', (isolation, escapes) => {
  let rig: Rig

  beforeAll(async () => {
    rig = await openRig(isolation)
  })

  afterAll(() => rig.close())

  it.each(Object.entries(escapes))('nothing is left: %s', async (_, sh) => {
    const marker = newMarker()
    const { output, code } = await rig.run({ argv: ['sh', '-c', sh, 'sh', marker] })
    expect(output).toBe('up\n')
    expect(code).toBe(0)
    expect(processesOf(marker)).toEqual([])
  })

  it.each(Object.entries(escapes))('nothing is left after its time is up: %s', async (_, sh) => {
    const marker = newMarker()
    const { output, code, outputs, undeclared } = await rig.run({ ...waiting(sh, marker), limits: { timeoutMs: 700 } })
    expect(code).toBe('timeout')
    expect(output).toBe('up\n')
    expect([outputs.entries, undeclared]).toEqual([[], []])
    expect(processesOf(marker)).toEqual([])
  })

  it.each(Object.entries(escapes))('nothing is left after it was aborted: %s', async (_, sh) => {
    const marker = newMarker()
    const stop = new AbortController()
    const onOutput = (): boolean => {
      expect(processesOf(marker)).not.toEqual([])
      stop.abort()
      return true
    }
    const { code } = await rig.run({ ...waiting(sh, marker), onOutput, signal: stop.signal })
    expect(code).toBe('interrupted')
    expect(processesOf(marker)).toEqual([])
  })

  it('nothing is left when what receives its output fails', async () => {
    const marker = newMarker()
    const onOutput = (): boolean => {
      throw new Error('disk full')
    }
    await expect(rig.run({ ...waiting('echo up', marker), onOutput })).rejects.toThrow('disk full')
    expect(processesOf(marker)).toEqual([])
  })

  it('and one that was aborted before it began never starts', async () => {
    const marker = newMarker()
    const { code, output } = await rig.run({ ...waiting('echo up', marker), signal: AbortSignal.abort() })
    expect([code, output]).toEqual(['interrupted', ''])
  })

  it('the next one runs as if it were the first', async () => {
    const first = await rig.run({ sh: 'sleep 100 & ulimit -n 100; umask 000; echo x >/tmp/left; exit 7' })
    const second = await rig.run({ sh: 'umask; ulimit -n; [ -e /tmp/left ]; exit 0' })
    expect(first.code).toBe(7)
    expect(second.output).toBe('0022\n4096\n')
  })
})

describe.each(ISOLATIONS)('%s', (isolation) => {
  it('ends what runs when it is closed, and leaves nothing on disk', async () => {
    const rig = await openRig(isolation)
    const marker = newMarker()
    const closed: Promise<void>[] = []
    const running = rig.run({
      ...waiting('echo up', marker),
      onOutput: () => {
        closed.push(rig.executor.close())
        return true
      },
    })
    expect((await running).code).toMatch(/^not-started/)
    await Promise.all(closed)
    expect(closed).toHaveLength(1)
    expect(processesOf(marker)).toEqual([])
    expect(existsSync(join(rig.scratch.path, `${isolation}-run`))).toBe(false)
    await rig.close()
    expect(existsSync(rig.scratch.path)).toBe(false)
  })

  it.each([
    ['TERM', 'trap "" TERM; kill -TERM 0; echo survived', 0],
    ['KILL', 'kill -KILL 0', 137],
  ])('lets an action end its own group by SIG%s, and nothing else', async (_, sh, code) => {
    const rig = await openRig(isolation)
    const [killed, other] = await Promise.all([rig.run({ sh }), rig.run({ sh: 'sleep 0.2; echo alive' })])
    expect(killed.code).toBe(code)
    expect(other.output).toBe('alive\n')
    expect((await rig.run({ sh: 'echo again' })).output).toBe('again\n')
    await rig.close()
  })

  it('keeps actions that run at once apart', async () => {
    const rigs = await Promise.all([openRig(isolation), openRig(isolation)])
    const numbers = Array.from({ length: 24 }, (_, index) => index)
    const all = await Promise.all(
      numbers.map((number) => {
        const rig = rigs[number % 2] as Rig
        const sh = `cat in.txt; for i in 1 2 3 4 5 6 7 8; do echo ${number}; done; echo ${number} >out.txt; echo ${number} >/tmp/x; cat /tmp/x >>out.txt; exit ${number}`
        return rig.run({ sh, files: { 'in.txt': `in ${number}\n` }, outputs: ['out.txt'] })
      }),
    )
    for (const [number, ran] of all.entries()) {
      expect(ran.code).toBe(number)
      expect(ran.output).toBe(`in ${number}\n${`${number}\n`.repeat(8)}`)
      expect((rigs[number % 2] as Rig).text(ran, 'out.txt')).toBe(`${number}\n${number}\n`)
      expect(ran.undeclared).toEqual([])
    }
    await Promise.all(rigs.map((rig) => rig.close()))
  })
})
