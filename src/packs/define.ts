import type { AgentUse } from '../model/agent.ts'
import {
  ACCEPTANCE_PHASES,
  type CommandDefinition,
  type Limits,
  type PackDefinition,
  type Retries,
} from '../model/pack.ts'
import { normalisePath } from './paths.ts'
import type { TaskCommand, TaskConstraints, TaskFile, TaskLimits, TaskRetries } from './task-file.ts'
import { parseDuration, parseSize } from './units.ts'

const MIB = 1024 * 1024
const LIMITS: Limits = {
  timeoutMs: 5 * 60_000,
  memoryBytes: 1024 * MIB,
  processes: 256,
  logBytes: 10 * MIB,
  outputBytes: 256 * MIB,
}
const RETRIES: Retries = { attempts: 1, repeatErrorLimit: 2 }
const CHANGED_FILES = 50
const CHANGED_LINES = 800

/** Fills in every default and writes every path in its normal form. The file has passed all checks of shape and paths. */
export function define(file: TaskFile, dir: string): PackDefinition {
  const path = normaliser(dir)
  const constraints = constraintsOf(file.constraints, path)
  const command = commandReader(constraints, path)
  const commands = (list: readonly TaskCommand[], at: string): CommandDefinition[] =>
    list.map((one, index) => command(one, index, `${at}/${index}`))
  const [format, lint, tests] = ACCEPTANCE_PHASES.map((phase) =>
    commands(file.acceptance[phase], `/acceptance/${phase}`),
  )
  return {
    id: file.id,
    title: file.title,
    description: file.description ?? null,
    owner: file.owner ?? null,
    tags: file.tags,
    links: file.links,
    pillar: file.pillar,
    domain: file.domain ?? null,
    risk: file.risk,
    skills: file.skills,
    docs: mapValues(file.docs, path),
    needs: file.needs,
    inputs: {
      files: file.inputs.files.map(path),
      artifacts: file.inputs.artifacts.map(({ from, path: artifact, as }) => ({ from, path: artifact, as: path(as) })),
      env: file.inputs.env,
      tools: file.inputs.tools,
      mounts: file.inputs.mounts.map((mount) => ({ path: bare(path(mount.path)), identity: path(mount.identity) })),
    },
    env: file.env,
    constraints,
    steps: commands(file.steps, '/steps'),
    acceptance: { format: format ?? [], lint: lint ?? [], tests: tests ?? [] },
    artifacts: { required: file.artifacts.required.map(path), optional: file.artifacts.optional.map(path) },
    plugin: file.plugin === undefined ? null : path(file.plugin),
  }
}

type Normalise = (text: string) => string

function normaliser(dir: string): Normalise {
  return (text) => {
    const exclusion = text.startsWith('!') ? '!' : ''
    const result = normalisePath(text.slice(exclusion.length), { dir, folder: true, glob: true })
    return exclusion + (result.ok ? result.path : text.slice(exclusion.length))
  }
}

/** A mount is a folder anyway. */
function bare(path: string): string {
  return path.replace(/\/$/, '')
}

function constraintsOf(file: TaskConstraints, path: Normalise): PackDefinition['constraints'] {
  return {
    network: file.network === false ? [] : file.network,
    cloudMutations: file.cloud_mutations,
    secrets: file.secrets,
    scope: file.scope.map(path),
    limits: limitsOf(file.limits, LIMITS),
    changes: {
      files: file.limits.changed_files ?? CHANGED_FILES,
      lines: file.limits.changed_lines ?? CHANGED_LINES,
    },
    retries: retriesOf(file.retries, RETRIES),
  }
}

function commandReader(
  constraints: PackDefinition['constraints'],
  path: Normalise,
): (file: TaskCommand, index: number, pointer: string) => CommandDefinition {
  return (file, index, pointer) => ({
    id: file.id ?? String(index + 1),
    run: file.run ?? [],
    ...(file.uses === undefined ? {} : { agent: agentOf(file, path) }),
    needs: file.needs ?? [],
    files: file.inputs?.files?.map(path) ?? null,
    outputs: file.outputs.map(path),
    env: file.env,
    limits: limitsOf(file.limits, constraints.limits),
    retries: retriesOf(file.retries, constraints.retries),
    control: file.control ? controlOf(file.control.replace, path) : null,
    pointer,
  })
}

function agentOf({ prompt = '', phase = 'implement' }: TaskCommand, path: Normalise): AgentUse {
  return { prompt: path(prompt), phase, by: null }
}

function controlOf(replace: Readonly<Record<string, string>>, path: Normalise): Record<string, string> {
  return Object.fromEntries(Object.entries(replace).map(([target, source]) => [path(target), path(source)]))
}

function limitsOf(file: TaskLimits, base: Limits): Limits {
  return {
    timeoutMs: read(file.timeout, parseDuration) ?? base.timeoutMs,
    memoryBytes: read(file.memory, parseSize) ?? base.memoryBytes,
    processes: file.processes ?? base.processes,
    logBytes: read(file.log, parseSize) ?? base.logBytes,
    outputBytes: read(file.output, parseSize) ?? base.outputBytes,
  }
}

function read(text: string | undefined, parse: (text: string) => number | null): number | null {
  return text === undefined ? null : parse(text)
}

function retriesOf(file: TaskRetries, base: Retries): Retries {
  return {
    attempts: file.attempts ?? base.attempts,
    repeatErrorLimit: file.repeat_error_limit ?? base.repeatErrorLimit,
  }
}

function mapValues(record: Readonly<Record<string, string | undefined>>, change: Normalise): Record<string, string> {
  const changed: Record<string, string> = {}
  for (const [key, value] of Object.entries(record)) if (value !== undefined) changed[key] = change(value)
  return changed
}
