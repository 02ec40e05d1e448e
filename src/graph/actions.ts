import { posix } from 'node:path'
import { compareBytes } from '../model/order.ts'
import type { ActionId, Phase } from '../model/graph.ts'
import { workspacePath, type CommandDefinition, type PackId, type ResolvedPack } from '../model/pack.ts'
import { PLUGIN_RESULT, PLUGIN_RUNNER, PLUGIN_RUNTIME, PLUGIN_TOOL, type PluginMode } from '../model/plugin.ts'
import type { CommandPhase, ControlDraft, Draft, Output, PackDraft } from './draft.ts'
import { parsePattern, workspacePattern } from './pattern.ts'

const COMMAND_PHASES = ['steps', 'format', 'lint', 'tests'] as const satisfies readonly CommandPhase[]

export function draftPack(pack: ResolvedPack, plugins: PluginMode): PackDraft {
  const { steps, acceptance } = pack.definition
  const seen = filesSeen(pack)
  const phases = COMMAND_PHASES.map((phase) =>
    (phase === 'steps' ? steps : acceptance[phase]).map((command) => draftCommand(pack, { phase, command, seen })),
  )
  const { id } = pack.definition
  const gates = {
    artifacts: actionId(id, 'gate', 'artifacts'),
    secrets: actionId(id, 'gate', 'secrets'),
    ...(pack.scope ? { scope: actionId(id, 'gate', 'scope') } : {}),
  }
  const controls = phases.flat().flatMap((draft) => (draft.command.control === null ? [] : [draftControl(draft)]))
  return {
    pack,
    seen,
    phases: [...phases, draftPlugin(pack, { plugins, seen })].filter((drafts) => drafts.length > 0),
    controls,
    gates: controls.length > 0 ? { ...gates, controls: actionId(id, 'gate', 'controls') } : gates,
  }
}

/** No phase has a hyphen in its name, so that ids of commands in different phases stay different. */
function draftControl(of: Draft): ControlDraft {
  return { id: actionId(of.pack.definition.id, 'controls', `${of.phase}-${of.command.id}`), of, replace: [] }
}

function actionId(pack: PackId, phase: Phase, id: string): ActionId {
  return `${pack}:${phase}/${id}`
}

/** What the commands of a pack see of the workspace unless they say otherwise, sorted by bytes. */
function filesSeen({ files, scope }: ResolvedPack): readonly string[] {
  return scope ? [...new Set([...files, ...scope.files])].toSorted(compareBytes) : files
}

interface PluginDrafting {
  readonly plugins: PluginMode
  readonly seen: readonly string[]
}

/** The run of a pack's plugin, behind all that accepts the pack; none where it has no plugin, or plugins are disabled. */
function draftPlugin(pack: ResolvedPack, { plugins, seen }: PluginDrafting): readonly Draft[] {
  const { plugin, definition, dir } = pack
  if (!plugin || plugins === 'disabled') return []
  const { name, version, module, capabilities, artifacts } = plugin
  const fromFolder = (path: string): string => posix.relative(`/${dir}`, `/${path}`)
  const runner = fromFolder(`${PLUGIN_RUNTIME}/${PLUGIN_RUNNER}`)
  const command: CommandDefinition = {
    ...{ id: 'run', needs: [], files: null, env: {}, control: null, pointer: '/plugin' },
    run: [PLUGIN_TOOL.name, runner, fromFolder(module), name, version, ...artifacts],
    outputs: [PLUGIN_RESULT, ...artifacts],
    limits: definition.constraints.limits,
    retries: definition.constraints.retries,
  }
  const result = workspacePath(dir, PLUGIN_RESULT)
  const strict = plugins === 'strict'
  const run = { name, version, module, result, strict, capabilities, text: definition.plugin ?? module }
  return [draftCommand(pack, { phase: 'plugin', command, seen, plugin: run })]
}

interface Drafting extends Pick<Draft, 'phase' | 'command' | 'plugin'> {
  readonly seen: readonly string[]
}

function draftCommand(pack: ResolvedPack, { phase, command, seen, plugin }: Drafting): Draft {
  const outputs: Output[] = []
  const draft: Draft = {
    id: actionId(pack.definition.id, phase, command.id),
    pack,
    phase,
    command,
    outputs,
    sources: seen,
    artifacts: [],
    providers: new Set(),
    predecessors: new Map(),
    ...(plugin ? { plugin } : {}),
  }
  for (const [place, text] of command.outputs.entries()) {
    const pattern = parsePattern(pack.dir, text)
    const path = workspacePattern(pack.dir, text)
    outputs.push({ draft, path, pattern, pointer: `${command.pointer}/outputs/${place}` })
  }
  return draft
}
