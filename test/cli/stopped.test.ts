// Ctrl-C at random moments of a run with fifty actions, and disks of every size that fill up in the middle of one.
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyRun } from '../../src/evidence/verify/verify.ts'
import { recordedRunAt } from '../../src/host/recorded-run.ts'
import { placeFor, start } from '../support/cli.ts'
import { endedAt, expectSealed, FIFTY, manifestIn, momentsOf, onlyRun } from '../support/killing.ts'

const COUNT = Number(process.env['CODEX_KILLS'] ?? 40) / 4
const SEED = Number(process.env['CODEX_SEED'] ?? 3)

function expectGenuine(run: string): void {
  expect(verifyRun(recordedRunAt(run), { keys: [] }).problems).toEqual([])
  expectSealed(run)
}

/** What a run that was asked to stop may say: it has stopped, it was too late for that, or it had not begun. */
function expectStopped(run: string | null, ended: { readonly exitCode?: number; readonly signal?: string }): void {
  const verdict = run === null ? 'none' : manifestIn(run).verdict
  const told = `${verdict} ${ended.exitCode ?? ended.signal}`
  // Before it watches for signals, and after it has done with everything, a program ends by the signal itself.
  expect(['interrupted 130', 'passed 0', 'passed SIGINT', 'none SIGINT']).toContain(told)
  if (run !== null) expectGenuine(run)
}

describe.concurrent(`Ctrl-C at ${COUNT} moments`, () => {
  it.each(momentsOf(COUNT, SEED))(
    'no. $index ($sandbox, after $events events and $ms ms) leaves whole evidence of an interrupted run',
    async (moment) => {
      const { place, ended } = await endedAt(moment, 'SIGINT')
      expectStopped(onlyRun(place), ended)
      const left = readdirSync(place.root, { recursive: true, encoding: 'utf8' })
      expect(left.filter((path) => path.startsWith('.codex/runs/.'))).toEqual([])
    },
  )
})

/** A run on a small disk, which then is given room, so that the run can be repaired and another one follows. */
const SCRIPT = `
mount -t tmpfs -o "size=$0" small disk || exit 99
"$@"; code=$?
mount -o remount,size=64m small disk || exit 98
cp -a disk full
"$1" "$2" runs repair --out disk/runs >repaired || exit 97
for run in disk/runs/2*; do [ ! -d "$run" ] || "$1" "$2" verify "$run" >verified || exit 96; done
"$@" || exit 95
"$1" "$2" verify disk/runs/latest --passed >verified || exit 94
cp -a disk after
exit "$code"`

describe.concurrent('a disk that fills up', () => {
  // A whole run takes about 650 KiB.
  const moments = momentsOf(Math.ceil(COUNT / 2), SEED + 1)
  const sizes = moments.map(({ index, events }) => Math.floor((index * 580) / moments.length) + ((events ?? 0) % 32))
  it.each(sizes)('at %i KiB lets nothing pass, and what it holds can be repaired when there is room', async (size) => {
    const place = placeFor({ ...FIFTY, disk: 'a folder' })
    const through = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', SCRIPT, `${size}k`]
    const args = ['run', '-q', '-j4', '--sandbox=none', '--out', 'disk/runs']
    const { exitCode, stderr } = await start(place, { args, through })
    expect(exitCode, stderr).toBe(4)
    expect(stderr).toContain('The disk is full. Nothing was accepted.')
    const verdicts = (folder: string): readonly string[] => {
      const runs = join(place.root, folder, 'runs')
      const names = readdirSync(runs).filter((name) => /^\d{8}T/.test(name))
      return names.map((name) => manifestIn(join(runs, name)).verdict)
    }
    expect(verdicts('full').filter((verdict) => verdict !== 'started' && verdict !== 'interrupted')).toEqual([])
    expect(manifestIn(realpathSync(join(place.root, 'after/runs/latest'))).verdict).toBe('passed')
    expect(readFileSync(join(place.root, 'verified'), 'utf8')).toContain('passed')
    expect(readdirSync(place.temporary)).toEqual([])
  })
})
