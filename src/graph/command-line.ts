import { posix } from 'node:path'
import type { AgentUse } from '../model/agent.ts'
import type { CommandAction } from '../model/graph.ts'
import { workspacePath, type CommandDefinition } from '../model/pack.ts'

/** Gives a command a file on its standard input: `$0`. */
const WITH_INPUT = 'exec "$@" <"$0"'

/** How a command is run, and how it is shown. `dir`: the folder of its pack, in which it starts. */
export function commandLineOf({ run, agent }: CommandDefinition, dir: string): Pick<CommandAction, 'argv' | 'text'> {
  if (!agent) return { argv: Object.freeze(argvOf(run)), text: textOf(run) }
  // Without one nothing is put together, because the pack was complained of.
  const command = agent.by?.command ?? []
  const prompt = posix.relative(`/${dir}`, `/${workspacePath(dir, agent.prompt)}`)
  const argv = ['sh', '-ec', WITH_INPUT, prompt, ...argvOf(command)]
  return { argv: Object.freeze(argv), text: `${textOf(command)} <${textOf([prompt])}` }
}

/** What a step of an agent has beside what its pack has. */
export function agentsOwn(
  { phase, by }: AgentUse,
  { tools }: Pick<CommandAction, 'tools'>,
): Pick<CommandAction, 'agent' | 'tools'> {
  return { agent: phase, tools: Object.freeze({ ...tools, ...by?.tools }) }
}

/** Whether a step of a change pack may change what is in its scope: one that plans or verifies may not. */
export function mayChange({ agent }: CommandDefinition): boolean {
  return !agent || agent.phase === 'implement'
}

function argvOf(run: CommandDefinition['run']): readonly string[] {
  return typeof run === 'string' ? ['sh', '-ec', run] : run
}

/** What the author wrote, a list as a POSIX shell would read it. */
function textOf(run: CommandDefinition['run']): string {
  if (typeof run === 'string') return run
  return run.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
}
