import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { median, run, type Row } from './measure.ts'
import { addPack, makeWorkspace } from './workspaces.ts'

const PACKS = 1000
const SAVES = 41
/** 50 ms on a machine whose `node -e 0` takes 84. */
const AIM = 0.6

/**
 * From the start of a save to the fresh verdict on a pipe, with a thousand packs that need each other in a chain. Every third save
 * breaks the pack, and the one after it mends it.
 */
export async function watchRows(codex: readonly string[]): Promise<readonly Row[]> {
  const root = makeWorkspace()
  for (let index = 0; index < PACKS; index++) {
    addPack(root, { id: `pack-${index}`, needs: index === 0 ? [] : [`pack-${index - 1}`], commands: 3 })
  }
  const [file = '', ...rest] = codex
  const child = spawn(file, [...rest, 'validate', '--watch', '--jsonl'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<{ readonly type: string; readonly valid?: boolean }> =>
    JSON.parse(String((await lines.next()).value)) as { readonly type: string; readonly valid?: boolean }
  while ((await next()).type !== 'watching');
  const times: number[] = []
  const floors: number[] = []
  for (let save = 0; save < SAVES; save++) {
    const path = join(root, `packs/pack-${400 + Math.floor(save / 3)}/task.yml`)
    const text = readFileSync(path, 'utf8').replace('x: 1\n', '')
    // Nobody saves twice within a moment, and what is still under way is no part of the next save.
    await wait(250)
    const start = performance.now()
    writeFileSync(path, `${text}${save % 3 === 1 ? 'x: 1\n' : `# ${save}\n`}`)
    const { valid } = await next()
    times.push(performance.now() - start)
    if (save % 3 === 0) floors.push(nodeTime())
    if (valid !== (save % 3 !== 1)) throw new Error(`a wrong verdict after save ${save}`)
  }
  child.kill('SIGINT')
  rmSync(root, { recursive: true })
  return [
    {
      name: `a save to its verdict, ${PACKS} packs / node -e 0`,
      ours: median(times),
      floor: median(floors),
      unit: 'ms',
      aim: AIM,
    },
  ]
}

function nodeTime(): number {
  const start = performance.now()
  run([process.execPath, '-e', '0'])
  return performance.now() - start
}
