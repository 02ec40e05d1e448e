import type { ActionId } from '../../src/model/graph.ts'
import type { Execution, ExecutionRequest, Executor } from '../../src/model/ports.ts'
import { treeOf } from '../../src/model/tree.ts'

/** A command that has started and ends when the test says so. */
export interface FakeCommand {
  readonly id: ActionId
  readonly request: ExecutionRequest
  /** Prints as the command; false if it would be stopped for it. */
  print(text: string): boolean
  end(execution: Execution): void
  /** Ends it by an exception, as a bug or a broken host would. */
  crash(error: Error): void
}

export interface FakeExecutor extends Executor {
  /** Every command in the order of its start. */
  readonly started: readonly FakeCommand[]
  /** Commands that have not ended. */
  readonly running: ReadonlySet<FakeCommand>
  /** Waits until the action's n-th attempt (from 1) has started. */
  command(id: ActionId, attempt?: number): Promise<FakeCommand>
}

const NOTHING = { outputs: treeOf([]), missing: [], unusable: [], altered: [], undeclared: [] }

export function exited(exitCode = 0, rest: Partial<Omit<Execution, 'end'>> = {}): Execution {
  return { end: { kind: 'exited', exitCode }, ...NOTHING, ...rest }
}

export function endedBy(end: Execution['end']): Execution {
  return { end, ...NOTHING }
}

/** Knows an action by the CODEX_ACTION of its environment. An aborted signal ends a command as interrupted. */
export function fakeExecutor(onStart: (command: FakeCommand) => void = () => {}): FakeExecutor {
  const started: FakeCommand[] = []
  const running = new Set<FakeCommand>()
  let waiters: (() => boolean)[] = []
  return {
    name: 'none',
    guarantees: { network: 'none', filesystem: 'none', processes: 'none', environment: 'none', syscalls: 'none' },
    started,
    running,
    close: async () => {},
    limiter: 'none',
    tryNetwork: async () => null,
    command: async (id, attempt = 1) => {
      const find = (): FakeCommand | undefined => started.filter((command) => command.id === id)[attempt - 1]
      return new Promise((resolve) => {
        const wait = (): boolean => {
          const found = find()
          if (found) resolve(found)
          return found !== undefined
        }
        if (!wait()) waiters.push(wait)
      })
    },
    execute: async (request) =>
      new Promise((resolve, reject) => {
        const interrupt = (): void => command.end(endedBy({ kind: 'interrupted' }))
        const leave = (): void => {
          running.delete(command)
          request.signal.removeEventListener('abort', interrupt)
        }
        const command = commandOf(request, {
          end: (execution) => {
            leave()
            resolve(execution)
          },
          crash: (error) => {
            leave()
            reject(error)
          },
        })
        started.push(command)
        running.add(command)
        request.signal.addEventListener('abort', interrupt, { once: true })
        if (request.signal.aborted) interrupt()
        waiters = waiters.filter((wait) => !wait())
        onStart(command)
      }),
  }
}

function commandOf(request: ExecutionRequest, ends: Pick<FakeCommand, 'end' | 'crash'>): FakeCommand {
  return {
    id: request.env['CODEX_ACTION'] ?? '',
    request,
    print: (text) => request.onOutput(Buffer.from(text)),
    ...ends,
  }
}
