import type { Action, ActionId, CommandAction, GateAction } from '../../src/model/graph.ts'
import type { ActionOutcome } from '../../src/model/outcome.ts'
import { canonicalJson } from '../../src/model/canonical.ts'
import { sha256 } from '../../src/model/digest.ts'
import { NO_CAPABILITIES } from '../../src/model/grant.ts'
import { PHASES, type Phase } from '../../src/model/graph.ts'
import type { PreparedAction } from '../../src/model/plan.ts'
import { treeOf, type Tree, type TreeEntry } from '../../src/model/tree.ts'

const PLACE = { file: 'task.yml', start: { line: 1, column: 1 }, end: { line: 1, column: 1 } }

export const NO_FILES: Tree = treeOf([])

function phaseOf(id: ActionId): Phase {
  const name = id.slice(id.indexOf(':') + 1).split('/')[0]
  return PHASES.find((phase) => phase === name) ?? 'steps'
}

/** A command with usual limits; pack and phase come from its id. */
export function commandAction(id: ActionId, fields: Partial<CommandAction> = {}): CommandAction {
  return {
    kind: 'command',
    id,
    pack: id.slice(0, id.indexOf(':')),
    phase: phaseOf(id),
    needs: [],
    place: PLACE,
    argv: ['tool', id],
    text: `tool ${id}`,
    cwd: '',
    env: {},
    passEnv: [],
    sources: [],
    providers: [],
    artifacts: [],
    outputs: [],
    tools: {},
    mounts: [],
    limits: { timeoutMs: 1_000, memoryBytes: 2 ** 30, processes: 16, logBytes: 1_024, outputBytes: 2 ** 20 },
    retries: { attempts: 1, repeatErrorLimit: 2 },
    capabilities: NO_CAPABILITIES,
    ...fields,
  }
}

export function gateAction(pack: string, fields: Partial<GateAction> = {}): GateAction {
  return {
    kind: 'gate',
    id: `${pack}:gate/artifacts`,
    pack,
    phase: 'gate',
    needs: [],
    place: PLACE,
    gate: 'artifacts',
    required: [],
    optional: [],
    sources: [],
    providers: [],
    logs: [],
    ...fields,
  }
}

export function entry(path: string, text: string = path): TreeEntry {
  return { path, digest: sha256(text), executable: false, size: Buffer.byteLength(text) }
}

export function prepared<A extends Action>(action: A, inputs: Tree = NO_FILES): PreparedAction<A> {
  const fingerprint = canonicalJson({ action: action.id, inputs: inputs.digest })
  const env = { CODEX_ACTION: action.id }
  return { action, inputs, fingerprint, key: sha256(fingerprint), env, tools: [], mounts: [] }
}

export function outcome(id: ActionId, fields: Partial<ActionOutcome> = {}): ActionOutcome {
  const gate = id.includes(':gate/')
  return {
    id,
    status: 'passed',
    reason: null,
    exitCode: gate ? null : 0,
    key: sha256(id),
    inputs: NO_FILES,
    outputs: NO_FILES,
    attempts: [],
    ...fields,
  }
}
