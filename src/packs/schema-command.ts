// The shape of a command in task.yml, and what a command has in common with its pack.
import * as z from 'zod'
import { AGENT_PHASES } from '../model/agent.ts'
import type { TaskCommand, TaskConstraints, TaskRetries } from './task-file.ts'
import { count, duration, identifier, prose, size, unique, variable } from './values.ts'

const MAX_COUNT = 1_000_000_000

/** What may be wrong with a path beside its being empty depends on the folder of the pack: `path-checks.ts` looks. */
export const path = (): z.ZodString => prose()

/** Of a pack's limits the defaults are those of `define.ts`; of a command's they are the pack's. */
const LIMIT_DEFAULTS = {
  timeout: '5m',
  memory: '1GiB',
  processes: 256,
  log: '10MiB',
  output: '256MiB',
  changed_files: 50,
  changed_lines: 800,
} as const

const RETRY_DEFAULTS = { attempts: 1, repeat_error_limit: 2 } as const

type Level = 'pack' | 'command'

interface Default {
  readonly default?: string | number
}

type LimitDefault = (name: keyof typeof LIMIT_DEFAULTS) => Default

function limitsOf(level: Level) {
  const withDefault: LimitDefault = (name) => (level === 'pack' ? { default: LIMIT_DEFAULTS[name] } : {})
  return { ...machineLimits(withDefault), ...sizeLimits(withDefault) }
}

function machineLimits(withDefault: LimitDefault) {
  return {
    timeout: duration()
      .optional()
      .meta({
        description: 'How long one command may take. When the time is over, all of its processes are ended.',
        examples: ['30s', '10m', '1h'],
        ...withDefault('timeout'),
      }),
    memory: size()
      .optional()
      .meta({
        description: 'What all processes of one command may use together, shared memory and files in `/tmp` included.',
        examples: ['512MiB', '4GiB'],
        ...withDefault('memory'),
      }),
    processes: count(1, MAX_COUNT)
      .optional()
      .meta({
        description: 'Processes and threads of one command at one time.',
        examples: [64],
        ...withDefault('processes'),
      }),
  }
}

function sizeLimits(withDefault: LimitDefault) {
  return {
    log: size()
      .optional()
      .meta({
        description: 'What one command may print, on both streams together.',
        examples: ['1MiB', '100MiB'],
        ...withDefault('log'),
      }),
    output: size()
      .optional()
      .meta({
        description:
          'Size of all that one command leaves in the workspace, declared or not, and of any file that it writes.',
        examples: ['64MiB', '2GiB'],
        ...withDefault('output'),
      }),
  }
}

/** What a pack may change is limited once for the whole of it. */
export const packLimits: z.ZodType<TaskConstraints['limits']> = z.strictObject({
  ...limitsOf('pack'),
  changed_files: count(0, MAX_COUNT)
    .optional()
    .meta({
      description: 'How many files in `scope` the pack may create, change or delete.',
      examples: [5],
      default: LIMIT_DEFAULTS.changed_files,
    }),
  changed_lines: count(0, MAX_COUNT)
    .optional()
    .meta({
      description: 'How many lines of files in `scope` the pack may add and remove.',
      examples: [200],
      default: LIMIT_DEFAULTS.changed_lines,
    }),
})

export function retriesOf(level: Level): z.ZodType<TaskRetries> {
  const withDefault = (name: keyof typeof RETRY_DEFAULTS): Default =>
    level === 'pack' ? { default: RETRY_DEFAULTS[name] } : {}
  return z.strictObject({
    attempts: count(1, 5)
      .optional()
      .meta({
        description:
          'How often a command is tried at most, the first time included. The variable `MAX_ATTEMPTS` of the caller caps it.',
        examples: [3],
        ...withDefault('attempts'),
      }),
    repeat_error_limit: count(1, 5)
      .optional()
      .meta({
        description: 'The same failure this many times ends the attempts early, because more of them would not help.',
        examples: [2],
        ...withDefault('repeat_error_limit'),
      }),
  })
}

export const environment: z.ZodType<Readonly<Record<string, string>>> = z.record(variable(), z.string())

const command = {
  run: z.union([z.string(), z.array(z.string())], { error: 'a string for sh -ec, or a list of strings' }).meta({
    description:
      'The command. A string goes to `sh -ec`; a list is a program and its arguments, without a shell. It starts in the folder of the pack and passes if it exits with 0.',
    examples: ['node tools/check.mjs', ['node', 'tools/check.mjs', 'data/events.json']],
  }),
  inputs: z
    .strictObject({
      files: unique(path())
        .optional()
        .meta({
          description:
            "Globs of the pack's sources, and of outputs of other commands, which it then waits for. A leading `!` excludes.",
          examples: [['src/**', '!src/**/*.test.ts'], ['build/rules.json']],
        }),
    })
    .optional()
    .meta({
      description:
        "What the command sees, where that is less than the pack's `inputs`. The fewer files it sees, the less often its key changes. Default: all of the pack's sources.",
      examples: [{ files: ['rules/**'] }],
    }),
  outputs: unique(path())
    .default([])
    .meta({
      description:
        'What the command makes: files, folders (with a trailing `/`) or globs. All of it is captured, and the command fails if one is missing or if it writes anything else.',
      examples: [['build/rules.json'], ['dist/'], ['artifacts/*.png']],
    }),
  env: environment.default({}).meta({
    description: "Variables with literal values, laid over the pack's `env`.",
    examples: [{ LEVEL: '3' }],
  }),
  limits: z
    .strictObject(limitsOf('command'))
    .default({})
    .meta({
      description: "What the command may use before it is stopped, laid over the pack's `constraints.limits`.",
      examples: [{ timeout: '10m', memory: '2GiB' }],
    }),
  retries: retriesOf('command')
    .default({})
    .meta({
      description: "How often the command is tried, laid over the pack's `constraints.retries`.",
      examples: [{ attempts: 3 }],
    }),
}

/** Instead of a command. */
const agent = {
  uses: z
    .literal('agent')
    .optional()
    .meta({
      description:
        'Who does the step instead of a command: `agent` is what `agent.command` of codex.config.ts names. Default: `run` does.',
      examples: ['agent'],
    }),
  prompt: path()
    .optional()
    .meta({
      description:
        'With `uses: agent`: the file of the pack that the agent reads on its standard input. Default: none, so that `uses` needs one.',
      examples: ['spec.md'],
    }),
  phase: z
    .enum(AGENT_PHASES)
    .optional()
    .meta({
      description:
        'With `uses: agent`: what is asked of it, in `CODEX_AGENT_PHASE`. `plan` and `verify` may write declared outputs and change nothing; `implement` may change what is in `constraints.scope`. Default: `implement`.',
      examples: ['plan'],
      default: 'implement',
    }),
}

/** `agent-checks.ts` says the same. */
const EITHER = {
  oneOf: [
    { required: ['run'], not: { anyOf: ['uses', 'prompt', 'phase'].map((key) => ({ required: [key] })) } },
    { required: ['uses', 'prompt'], not: { required: ['run'] } },
  ],
}

export const step: z.ZodType<TaskCommand> = z
  .strictObject({
    id: identifier().meta({
      description: 'Name of the step, unique among the steps: its action is `<pack>:steps/<id>`.',
      examples: ['build', 'convert-rules'],
    }),
    ...command,
    run: command.run.optional().meta({
      ...command.run.meta(),
      description: `${command.run.meta()?.description} Default: none, so that \`uses: agent\` is needed.`,
    }),
    ...agent,
    needs: unique(identifier())
      .default([])
      .meta({
        description:
          'Steps that must pass first, whose outputs it then sees. Not needed where `inputs.files` matches an output of theirs.',
        examples: [['build']],
      }),
  })
  .meta(EITHER)

export const check: z.ZodType<TaskCommand> = z.strictObject({
  id: identifier()
    .optional()
    .meta({
      description:
        'Name of the command, unique in its list: its action is `<pack>:tests/<id>`. Default: its place in the list, from 1.',
      examples: ['totals'],
    }),
  ...command,
  control: z
    .strictObject({
      replace: z.record(path(), path()).meta({
        description:
          'Which file is put in place of which, as target and source. The target is something that the command sees; the source any file of the workspace, or an output of a step.',
        examples: [{ 'data/events.json': 'test/controls/no-attack.json' }],
      }),
    })
    .optional()
    .meta({
      description:
        'A negative control: with these files put in place the command must fail. It proves that the command can tell wrong from right.',
      examples: [{ replace: { 'data/events.json': 'test/controls/no-attack.json' } }],
    }),
})
