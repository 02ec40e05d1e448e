import { describe, expect, it } from 'vitest'
import type { CommandAction } from '../../src/model/graph.ts'
import type { PreparedAction } from '../../src/model/plan.ts'
import { createPreparer, toolKey } from '../../src/plan/prepare.ts'
import { stepDifference, type TakenStep } from '../../src/plan/taken-step.ts'
import { commandAction } from '../support/actions.ts'
import { UNFILTERED } from '../support/guarantees.ts'
import { memoryStore, type MemoryFile } from '../support/memory-store.ts'

const FILES = { 'a.txt': 'a', 'run.sh': { text: 'b', executable: true }, 'src/x.ts': 'x' }
const TOOL = { name: 'codex', version: '1.0', digest: 'd'.repeat(64), path: '/usr/bin/codex' }

interface Here {
  readonly files?: Readonly<Record<string, string | MemoryFile>>
  readonly action?: Partial<CommandAction>
  readonly caller?: Readonly<Record<string, string>>
}

function prepare({ files = FILES, action = {}, caller = {} }: Here): PreparedAction {
  const tools = new Map([[toolKey('codex', '*'), TOOL]])
  const preparer = createPreparer({ store: memoryStore(files), guarantees: UNFILTERED, tools, callerEnv: caller })
  const fields = {
    sources: Object.keys(files),
    tools: { codex: '*' },
    passEnv: ['FLAVOR'],
    outputs: ['out.txt'],
    ...action,
  }
  const prepared = preparer(commandAction('p:steps/a', fields), new Map())
  if (!prepared.ok) throw new Error(prepared.error.message)
  return prepared.value
}

function recorded(here: Here = {}): TakenStep {
  const { fingerprint, inputs } = prepare(here)
  return { fingerprint, inputs: new Map(inputs.entries.map(({ path, digest }) => [path, digest])) }
}

const everything = (): boolean => true

describe('a step of a recorded run', () => {
  it('is the same with the same files, whoever did it, and with whatever the caller told it', () => {
    const here = prepare({ action: { tools: {} }, caller: { FLAVOR: 'mint' } })
    expect(stepDifference(here, recorded(), everything)).toBeNull()
  })

  it.each<[string, Partial<CommandAction>]>([
    ['arguments', { argv: ['another'] }],
    ['workingDirectory', { cwd: 'elsewhere' }],
    ['outputPaths', { outputs: ['other.txt'] }],
    ['grants', { capabilities: { network: ['a.org:443'], secrets: [], cloud: false } }],
    ['limits', { limits: { timeoutMs: 7, memoryBytes: 1, processes: 1, logBytes: 1, outputBytes: 1 } }],
    ['mounts', { mounts: [{ path: 'node_modules', identity: 'a.txt' }] }],
  ])('is another one with other %s', (member, action) => {
    expect(stepDifference(prepare({ action }), recorded(), everything)).toEqual({
      subject: 'fingerprint',
      names: [member],
    })
  })

  it.each<[string, Readonly<Record<string, string | MemoryFile>>, readonly string[]]>([
    ['changed', { ...FILES, 'a.txt': 'A' }, ['a.txt']],
    ['new', { ...FILES, 'b.txt': '' }, ['b.txt']],
    ['missing', { 'a.txt': 'a' }, ['run.sh', 'src/x.ts']],
    ['executable', { ...FILES, 'a.txt': { text: 'a', executable: true } }, ['a.txt']],
    ['not executable', { ...FILES, 'run.sh': 'b' }, ['run.sh']],
  ])('would see other files: %s', (_, files, names) => {
    expect(stepDifference(prepare({ files }), recorded(), everything)).toEqual({ subject: 'files', names })
  })

  it('is not judged by what it can only see after others', () => {
    const here = prepare({ files: { ...FILES, 'src/x.ts': 'y', 'src/new.ts': '' } })
    expect(stepDifference(here, recorded(), (path) => !path.startsWith('src/'))).toBeNull()
  })
})
