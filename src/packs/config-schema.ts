// The shape of what codex.config.ts exports. The descriptions are part of its JSON Schema.
import * as z from 'zod'
import type { AgentCommand } from '../model/agent.ts'
import { count, duration, endpoint, identifier, toolName, unique, variable, versionRange } from './values.ts'

/** Where packs are unless somebody says otherwise. */
export const PACKS: string[] = ['task-packs/*', 'solutions/**']

/** What codex.config.ts exports, with every list and mapping in place. */
export interface ConfigFile {
  readonly packs: readonly string[]
  readonly agent?: AgentCommand | undefined
  readonly policy: {
    readonly grants: Readonly<
      Record<
        string,
        {
          readonly network: readonly string[]
          readonly secrets: readonly string[]
          readonly cloud: boolean
          readonly definition?: string | undefined
        }
      >
    >
    readonly breakers: { readonly failures?: number | undefined; readonly time?: string | undefined }
  }
}

const grant = z.strictObject({
  network: unique(endpoint())
    .default([])
    .meta({
      description: 'What the pack may reach, as a list of `host:port`, as far as it asks for it.',
      examples: [['example.org:443']],
    }),
  secrets: unique(variable())
    .default([])
    .meta({ description: 'Names of secret variables that the pack gets.', examples: [['DEPLOY_TOKEN']] }),
  cloud: z
    .boolean()
    .default(false)
    .meta({
      description: 'Whether the pack may change resources in a cloud.',
      examples: [true],
    }),
  definition: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a SHA-256 of 64 small hexadecimal digits')
    .optional()
    .meta({
      description:
        'SHA-256 of the task.yml that the grant is for: with another one it is void. Default: it holds for any.',
      examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    }),
})

const MOST_FAILURES = 1_000_000_000

const breakers = z.strictObject({
  failures: count(1, MOST_FAILURES)
    .optional()
    .meta({
      description:
        'After so many failed actions, counted in plan order, nothing behind the last of them is accepted. Default: however many.',
      examples: [3],
    }),
  time: duration()
    .optional()
    .meta({
      description: 'When the run has taken so long, whatever has not ended is stopped. Default: however long.',
      examples: ['30m'],
    }),
})

const policy = z.strictObject({
  grants: z
    .record(identifier(), grant)
    .default({})
    .meta({
      description: 'What each pack may use beyond nothing, by its id. What a pack does not ask for has no effect.',
      examples: [{ 'asm-inventory': { network: ['example.org:443'] } }],
    }),
  breakers: breakers
    .default({})
    .meta({ description: 'What ends a whole run early, with exit code 4.', examples: [{ failures: 3, time: '30m' }] }),
})

const FILLED = z.string().regex(/\S/, 'text that is not empty')

const agent = z.strictObject({
  command: z
    .union([FILLED, z.array(z.string()).min(1, 'a program and its arguments')], {
      error: 'a string for sh -ec, or a list of strings',
    })
    .meta({
      description:
        'What is run. A string goes to `sh -ec`; a list is a program and its arguments. It reads the prompt on its standard input.',
      examples: [['codex', 'exec', '-']],
    }),
  tools: z
    .record(toolName(), versionRange())
    .default({})
    .meta({
      description:
        "Programs that it uses, itself among them, each with a range of versions as npm writes them; `'*'` takes any. Steps of the agent get them beside the tools of their pack.",
      examples: [{ codex: '*' }],
    }),
})

export const configSchema: z.ZodType<ConfigFile> = z.strictObject({
  packs: z
    .array(z.string().regex(/\S/, 'text that is not empty'))
    .default(PACKS)
    .meta({
      description: 'Globs of pack folders, relative to the root of the workspace; a leading `!` excludes.',
      examples: [['packs/**', '!packs/drafts/**']],
    }),
  agent: agent.optional().meta({
    description: 'What does the steps that say `uses: agent`. Default: nobody, and such steps are an error.',
    examples: [{ command: ['codex', 'exec', '-'], tools: { codex: '*' } }],
  }),
  policy: policy.prefault({}).meta({
    description: 'What the operator grants, and what ends a run early.',
    examples: [{ breakers: { failures: 3 } }],
  }),
})
