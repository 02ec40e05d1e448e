import { rmSync } from 'node:fs'
import { cpuTime, median, type Row } from './measure.ts'
import { addPack, makeWorkspace } from './workspaces.ts'

const PACKS = 1000
const ROUNDS = 7

/** Reads every task.yml and makes plain values of it, which is what anybody has to do who wants to know what is in them. */
const READER = `
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
for (const name of readdirSync('packs')) parse(readFileSync('packs/' + name + '/task.yml', 'utf8'))
`

/** CPU time of validating packs cold, against parsing the same files with `yaml` alone; both start Node.js and read the files. */
export function yamlRows(codex: readonly string[]): readonly Row[] {
  const root = makeWorkspace()
  for (let index = 0; index < PACKS; index++) {
    addPack(root, { id: `pack-${index}`, needs: index === 0 ? [] : [`pack-${index - 1}`], commands: 3 })
  }
  const reader = [process.execPath, '--input-type=module', '--eval', READER.replace("'yaml'", JSON.stringify(YAML))]
  const ours: number[] = []
  const floor: number[] = []
  // In turns, because the machine may get slower meanwhile.
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(cpuTime([...codex, 'validate'], root))
    floor.push(cpuTime(reader, root))
  }
  rmSync(root, { recursive: true })
  const name = 'CPU: validating 1,000 packs / parsing them with yaml'
  return [{ name, ours: median(ours), floor: median(floor), unit: 'ms', aim: 2 }]
}

/** Outside of the workspace, where the name alone would not be found. */
const YAML = import.meta.resolve('yaml')
