import * as z from 'zod'
import { PILLARS, RISKS } from '../model/pack.ts'
import type { TaskFile } from './task-file.ts'
import {
  count,
  duration,
  endpoint,
  identifier,
  line,
  prose,
  publicVariable,
  size,
  toolName,
  unique,
  variable,
  versionRange,
} from './values.ts'

const MAX_COUNT = 1_000_000_000

const path = (): z.ZodString => prose()

const limits = {
  timeout: duration().optional().describe('Time that one command may take, e.g. 30s, 5m. Default: 5m.'),
  memory: size().optional().describe('Memory of all processes of one command, e.g. 512MiB. Default: 1GiB.'),
  processes: count(1, MAX_COUNT).optional().describe('Processes and threads at one time. Default: 256.'),
  log: size().optional().describe('What one command may print. Default: 10MiB.'),
  output: size().optional().describe('Size of all that one command leaves behind. Default: 256MiB.'),
}

const retries = z
  .strictObject({
    attempts: count(1, 5)
      .optional()
      .describe('How often a command is tried at most, the first time included. Default: 1.'),
    repeat_error_limit: count(1, 5)
      .optional()
      .describe('The same failure this many times ends the attempts early. Default: 2.'),
  })
  .default({})

const environment = z.record(variable(), z.string()).default({})

const command = {
  run: z
    .union([z.string(), z.array(z.string())], { error: 'a string for sh -ec, or a list of strings' })
    .describe('The command: a string goes to `sh -ec`, a list is a program and its arguments.'),
  inputs: z
    .strictObject({
      files: unique(path())
        .optional()
        .describe("Globs of the pack's inputs and of other commands' outputs that it sees."),
    })
    .optional()
    .describe("Narrows the pack's inputs. Default: all of them."),
  outputs: unique(path())
    .default([])
    .describe('Files, folders (with a trailing /) or globs that the command makes; captured whole or it fails.'),
  env: environment.describe("Literal variables, laid over the pack's."),
  limits: z.strictObject(limits).default({}).describe("Limits, laid over the pack's."),
  retries: retries.describe("Retries, laid over the pack's."),
}

const step = z.strictObject({
  id: identifier().describe("The step's name, unique among the steps."),
  ...command,
  needs: unique(identifier()).default([]).describe('Ids of steps that must pass first.'),
})

const check = z.strictObject({
  id: identifier()
    .optional()
    .describe("The command's name, unique in its list. Default: its place in the list, from 1."),
  ...command,
  control: z
    .strictObject({
      replace: z
        .record(path(), path())
        .describe('Files that are put in place, target to source; the command must then fail.'),
    })
    .optional()
    .describe('A negative control, which proves that the command can fail.'),
})

const docs = z.strictObject({
  spec: path().optional().describe('What the work must achieve.'),
  risk: path().optional().describe('What could go wrong.'),
  runbook: path().optional().describe('How to do and undo it.'),
})

const inputs = z.strictObject({
  files: unique(path())
    .default(['**'])
    .describe('Globs of files; a leading ! excludes. Default: every file of the folder that git does not ignore.'),
  artifacts: z
    .array(
      z.strictObject({
        from: identifier().describe('Id of a pack in `needs`.'),
        path: path().describe("Path relative to that pack's folder."),
        as: path().describe('Where it is mounted.'),
      }),
    )
    .default([])
    .describe('Artifacts of other packs.'),
  env: unique(publicVariable()).default([]).describe("Names of the caller's variables to pass through."),
  tools: z
    .record(toolName(), versionRange())
    .default({})
    .describe('Programs that the commands use, each with a range of versions.'),
  mounts: z
    .array(
      z.strictObject({
        path: path().describe('The folder.'),
        identity: path().describe('A file whose digest stands for the whole folder, e.g. a lock file.'),
      }),
    )
    .default([])
    .describe('Large read-only folders.'),
})

const constraints = z.strictObject({
  network: z
    .union([z.literal(false), unique(endpoint())], { error: 'false or a list of host:port' })
    .default(false)
    .describe('Hosts that the commands may reach; false: none.'),
  cloud_mutations: z.boolean().default(false).describe('Whether the commands change resources in a cloud.'),
  secrets: unique(variable()).default([]).describe('Names of secret variables.'),
  scope: unique(path()).default([]).describe('Globs that steps may create, change or delete in the workspace.'),
  limits: z
    .strictObject({
      ...limits,
      changed_files: count(0, MAX_COUNT).optional().describe('Files that the pack may change. Default: 50.'),
      changed_lines: count(0, MAX_COUNT).optional().describe('Lines that the pack may change. Default: 800.'),
    })
    .default({})
    .describe('What each command may use before it is stopped.'),
  retries: retries.describe('How often a failed command is tried again.'),
})

const checks = z.array(check).default([])

const task = z.strictObject({
  version: z.literal(1).describe('Version of the format.'),
  id: identifier().describe('Name of the pack, unique in the workspace.'),
  title: line().describe('What the work is, in one line.'),
  description: prose().optional().describe('What the work is, at length.'),
  owner: line().optional().describe('Who looks after the pack.'),
  tags: unique(line()).default([]).describe('Words to select packs by.'),
  links: unique(line()).default([]).describe('Where to read more.'),
  pillar: z.enum(PILLARS).describe('The field that the pack belongs to.'),
  domain: line().optional().describe('The part of the field.'),
  risk: z.enum(RISKS).describe('How bad a mistake would be.'),
  skills: unique(line()).default([]).describe('Skills that the work needs.'),
  docs: docs.default({}).describe('Documents of the pack; those named must exist.'),
  needs: unique(identifier()).default([]).describe('Ids of packs that must pass first.'),
  inputs: inputs.prefault({}).describe('All that the commands may see.'),
  env: environment.describe('Literal variables of all commands.'),
  constraints: constraints.prefault({}).describe('What the commands may do; what is absent is denied.'),
  steps: z.array(step).default([]).describe('The work.'),
  acceptance: z
    .strictObject({
      format: checks.describe('Commands that check the format.'),
      lint: checks.describe('Commands that check for likely mistakes.'),
      tests: checks.describe('Commands that prove the work.'),
    })
    .describe('The commands that prove the work; at least one.'),
  artifacts: z
    .strictObject({
      required: unique(path()).default([]).describe('Files that must exist at the end and not be empty.'),
      optional: unique(path()).default([]).describe('Globs of files to keep as well.'),
    })
    .prefault({})
    .describe('Files to keep as evidence.'),
  plugin: path().optional().describe('A module that runs only where plugins are enabled.'),
})

export const taskSchema: z.ZodType<TaskFile> = task
