import type { Command } from 'commander'
import type { Grant } from '../model/grant.ts'
import type { Isolation } from './run-place.ts'
import { withIsolation } from './syntax.ts'

/** How and with what leave actions are run. */
export interface ExecutionOptions extends Isolation {
  readonly jobs?: number
  readonly out?: string
  readonly allow?: readonly Grant[]
}

export function withExecution(command: Command): Command {
  return withIsolation(command.option('-o, --out <dir>', "put the run's folder here instead of .codex/runs"))
}
