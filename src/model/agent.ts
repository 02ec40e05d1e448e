export const AGENT_PHASES = ['plan', 'implement', 'verify'] as const

/**
 * What a step asks of the agent: to write declared outputs (`plan`), to change what is in scope (`implement`), or to look at what
 * was changed (`verify`). Only `implement` may change anything.
 */
export type AgentPhase = (typeof AGENT_PHASES)[number]

/** A step that the operator's agent does. */
export interface AgentUse {
  /** The file that the agent reads on its standard input, as the pack names it. */
  readonly prompt: string
  readonly phase: AgentPhase
  /** `null`: none is named, or the configuration was not looked at. */
  readonly by: AgentCommand | null
}

/** The agent of the configuration. */
export interface AgentCommand {
  /** A string goes to `sh -ec`; a list is an argv. */
  readonly command: string | readonly string[]
  /** What it needs beside the tools of the pack, with ranges of versions. */
  readonly tools: Readonly<Record<string, string>>
}
