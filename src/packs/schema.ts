// The shape of task.yml (version 1). The descriptions are what people read in their editors while they write.
import * as z from 'zod'
import { PILLARS, RISKS } from '../model/pack.ts'
import { check, environment, packLimits, path, retriesOf, step } from './schema-command.ts'
import type { TaskFile } from './task-file.ts'
import {
  endpoint,
  identifier,
  line,
  prose,
  publicVariable,
  toolName,
  unique,
  variable,
  versionRange,
} from './values.ts'

const docs = z.strictObject({
  spec: path()
    .optional()
    .meta({ description: 'What the work must achieve: a file of the pack.', examples: ['spec.md'] }),
  risk: path()
    .optional()
    .meta({
      description: 'What could go wrong, and how bad that would be: a file of the pack.',
      examples: ['risk.md'],
    }),
  runbook: path()
    .optional()
    .meta({ description: 'How to do the work and how to undo it: a file of the pack.', examples: ['runbook.md'] }),
})

const artifact = z.strictObject({
  from: identifier().meta({ description: 'Id of a pack that is in `needs`.', examples: ['asm-inventory'] }),
  path: path().meta({
    description: "The file, or with a trailing `/` the folder, relative to that pack's folder.",
    examples: ['artifacts/inventory.json'],
  }),
  as: path().meta({
    description: "Where this pack's commands see it: a path at which nothing else stands.",
    examples: ['data/inventory.json'],
  }),
})

const mount = z.strictObject({
  path: path().meta({ description: 'The folder.', examples: ['/node_modules'] }),
  identity: path().meta({
    description: 'A file whose SHA-256 stands for the whole folder in every key, such as a lock file.',
    examples: ['/package-lock.json'],
  }),
})

const inputs = z.strictObject({
  files: unique(path())
    .default(['**'])
    .meta({
      description:
        'Globs of source files, relative to the folder of the pack; a leading `/` means the root of the workspace, a leading `!` excludes. Default: every file of the folder that `.gitignore` does not name, less declared outputs and packs below it.',
      examples: [
        ['src/**', 'test/**', '!**/*.md'],
        ['**', '/package.json'],
      ],
    }),
  artifacts: z
    .array(artifact)
    .default([])
    .meta({
      description: 'What other packs have made, and where it is seen here.',
      examples: [[{ from: 'asm-inventory', path: 'artifacts/inventory.json', as: 'data/inventory.json' }]],
    }),
  env: unique(publicVariable())
    .default([])
    .meta({
      description:
        "Names of the caller's variables to pass through. Name and value enter every key; one that is not set stays unset. What must not be known belongs in `constraints.secrets`.",
      examples: [['FLAVOR']],
    }),
  tools: z
    .record(toolName(), versionRange())
    .default({})
    .meta({
      description:
        "Programs that the commands use, each with a range of versions as npm writes them; `'*'` takes any. They are looked up on the caller's `PATH` and identified by version and SHA-256.",
      examples: [{ node: '>=20.19', python3: '*' }],
    }),
  mounts: z
    .array(mount)
    .default([])
    .meta({
      description: "Large folders that commands see read-only, each known by another file's SHA-256.",
      examples: [[{ path: '/node_modules', identity: '/package-lock.json' }]],
    }),
})

const constraints = z.strictObject({
  network: z
    .union([z.literal(false), unique(endpoint())], { error: 'false or a list of host:port' })
    .default(false)
    .meta({
      description:
        'What the commands may reach, as a list of `host:port`; `false`: nothing. Whoever runs the pack has to grant it: `--allow network`.',
      examples: [['example.org:443'], ['localhost:8080']],
    }),
  cloud_mutations: z
    .boolean()
    .default(false)
    .meta({
      description: 'Whether the commands change resources in a cloud. Has to be granted: `--allow cloud`.',
      examples: [true],
    }),
  secrets: unique(variable())
    .default([])
    .meta({
      description:
        'Names of variables whose values reach the commands, but no key, manifest or log. Each has to be granted: `--allow secret=NAME`.',
      examples: [['DEPLOY_TOKEN']],
    }),
  scope: unique(path())
    .default([])
    .meta({
      description:
        'Globs of files that steps may create, change or delete in the workspace. The working tree stays as it is: the change is kept in the run, as a patch.',
      examples: [['/src/**', '!/src/generated/**']],
    }),
  limits: packLimits.default({}).meta({
    description: 'What each command may use before it is stopped. A size or duration needs its unit.',
    examples: [{ timeout: '10m', memory: '2GiB' }],
  }),
  retries: retriesOf('pack')
    .default({})
    .meta({
      description: 'How often a failed command is tried again. Default: not at all.',
      examples: [{ attempts: 2 }],
    }),
})

const checks = z.array(check).default([])

const acceptance = z.strictObject({
  format: checks.meta({
    description: 'Commands that check how files are written. They run after the steps.',
    examples: [[{ run: 'npx prettier --check .' }]],
  }),
  lint: checks.meta({
    description: 'Commands that look for likely mistakes. They run after those of `format`.',
    examples: [[{ run: 'npx eslint src' }]],
  }),
  tests: checks.meta({
    description: 'Commands that prove the work. They run after those of `lint`.',
    examples: [[{ run: 'node --test' }]],
  }),
})

const artifacts = z.strictObject({
  required: unique(path())
    .default([])
    .meta({
      description:
        'Files that must be there at the end, each regular and not empty: outputs of commands of the pack, or sources. The pack fails without them.',
      examples: [['artifacts/report.json']],
    }),
  optional: unique(path())
    .default([])
    .meta({
      description: 'Globs of files that are kept as well if they are there.',
      examples: [['artifacts/*.png']],
    }),
})

const about = {
  version: z.literal(1).meta({ description: 'Version of the format.', examples: [1] }),
  id: identifier().meta({
    description:
      'Name of the pack: small letters and digits, in words joined by single hyphens, at most 64 characters. Unique in the workspace.',
    examples: ['detect-sigma-ci'],
  }),
  title: line().meta({
    description: 'What the work is, in one line.',
    examples: ['Sigma rules fire on recorded telemetry'],
  }),
  description: prose()
    .optional()
    .meta({
      description: 'What the work is, at length.',
      examples: ['Converts every rule and replays a recorded attack against it.'],
    }),
  owner: line()
    .optional()
    .meta({ description: 'Who looks after the pack.', examples: ['security-engineering'] }),
  tags: unique(line())
    .default([])
    .meta({ description: 'Words to select packs by: `--tag`.', examples: [['nightly', 'slow']] }),
  links: unique(line())
    .default([])
    .meta({ description: 'Where to read more.', examples: [['https://sigmahq.io/docs/']] }),
  pillar: z.enum(PILLARS).meta({
    description: 'The field that the pack belongs to; `--pillar` selects by it.',
    examples: ['security'],
  }),
  domain: line()
    .optional()
    .meta({ description: 'The part of that field, in words of your own.', examples: ['detection'] }),
  risk: z.enum(RISKS).meta({ description: 'How bad a mistake in this work would be.', examples: ['low'] }),
  skills: unique(line())
    .default([])
    .meta({ description: 'Skills that the work needs.', examples: [['security-detection-rule-testing']] }),
  docs: docs.default({}).meta({
    description: 'Documents of the pack. Each that is named must exist.',
    examples: [{ spec: 'spec.md', risk: 'risk.md', runbook: 'runbook.md' }],
  }),
}

const task = z.strictObject({
  ...about,
  needs: unique(identifier())
    .default([])
    .meta({ description: 'Ids of packs that must pass first.', examples: [['asm-inventory']] }),
  inputs: inputs.prefault({}).meta({
    description: 'All that the commands may see. What is not named here is not there when they run.',
    examples: [{ tools: { node: '>=20.19' } }],
  }),
  env: environment.default({}).meta({
    description: 'Variables with literal values, for all commands. Numbers need quotes.',
    examples: [{ LEVEL: '3' }],
  }),
  constraints: constraints.prefault({}).meta({
    description: 'What the commands may do and use. What is absent is denied.',
    examples: [{ limits: { timeout: '10m' } }],
  }),
  steps: z
    .array(step)
    .default([])
    .meta({
      description: 'The work, as commands that make files. They run in parallel where none waits for another.',
      examples: [[{ id: 'build', run: 'node build.mjs', outputs: ['dist/'] }]],
    }),
  acceptance: acceptance.meta({
    description: 'The commands that prove the work, at least one in all. Each must be able to fail.',
    examples: [{ tests: [{ run: 'node --test' }] }],
  }),
  artifacts: artifacts.prefault({}).meta({
    description: 'Files that are kept as evidence, in `artifacts/` of the run.',
    examples: [{ required: ['artifacts/report.json'] }],
  }),
  plugin: path()
    .optional()
    .meta({
      description:
        'A module of the pack that looks at what was made before the gates do. It runs only where the operator has enabled plugins: `--enable-plugins`. A JSON file of the same name beside it says what it is.',
      examples: ['./plugin.mjs'],
    }),
})

export const taskSchema: z.ZodType<TaskFile> = task
