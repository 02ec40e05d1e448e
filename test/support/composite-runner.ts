// Runs a composite action step by step, as GitHub's runner does: conditions and expressions evaluated by its own evaluator, each
// `run` block handed to bash as it stands, with files for its outputs. What it uses of other actions is written down and not run.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { parse } from 'yaml'
import { evaluate, fillIn, type Contexts } from './actions-toolkit.ts'
import { readAssignments } from './workflow-runner.ts'

type Texts = Readonly<Record<string, string>>

interface Step {
  readonly id?: string
  readonly name: string
  readonly if?: string
  readonly shell?: string
  readonly env?: Texts
  readonly run?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
}

export interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>
  readonly outputs: Readonly<Record<string, { readonly value: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly Step[] }
}

export interface Job {
  /** Absolute; the checkout. */
  readonly workspace: string
  /** Absolute; the runner's own folder for files that go with the job. */
  readonly temporary: string
  /** Absolute; where the action lies. */
  readonly actionPath: string
  readonly env: Texts
}

export interface StepRan {
  readonly name: string
  readonly exitCode: number
  /** Both streams. */
  readonly text: string
}

export interface ActionRan {
  readonly failed: boolean
  /** Those that were not left out, in order. */
  readonly steps: readonly StepRan[]
  /** What was used of other actions, with the inputs that they would have got. */
  readonly used: readonly { readonly uses: string; readonly with: Texts }[]
  readonly outputs: Texts
  readonly summary: string
}

export function readAction(text: string): Action {
  return parse(text) as Action
}

export async function runAction(action: Action, given: Texts, job: Job): Promise<ActionRan> {
  const inputs = Object.fromEntries(Object.entries(action.inputs).map(([name, input]) => [name, input.default]))
  const contexts = {
    inputs: { ...inputs, ...given },
    github: { action_path: job.actionPath, token: 'a-token' },
    runner: { os: 'Linux' },
    steps: {} as Record<string, { outputs: Texts }>,
  }
  const ran: StepRan[] = []
  const used: { uses: string; with: Texts }[] = []
  const files = filesOf(job)
  let failed = false
  for (const step of action.runs.steps) {
    const condition = step.if === undefined ? 'success()' : withSuccess(step.if)
    const { steps } = contexts
    if (!(await evaluate(condition, { ...contexts, steps }, { failed }))) continue
    if (step.uses !== undefined) {
      used.push({ uses: step.uses, with: await filled(step.with ?? {}, contexts, failed) })
      continue
    }
    const one = await runStep(step, await filled(step.env ?? {}, contexts, failed), { job, files })
    ran.push({ name: step.name, exitCode: one.exitCode, text: one.text })
    if (step.id !== undefined) steps[step.id] = { outputs: one.outputs }
    failed ||= one.exitCode !== 0
  }
  const values = Object.fromEntries(Object.entries(action.outputs).map(([name, { value }]) => [name, value]))
  const outputs = await filled(values, contexts, failed)
  return { failed, steps: ran, used, outputs, summary: readFileSync(files.summary, 'utf8') }
}

/** A condition without a function that asks how the job stands is met only while nothing has failed. */
function withSuccess(condition: string): string {
  const bare = condition.replace(/^\$\{\{(.*)\}\}$/s, '$1').trim()
  return /\b(?:success|failure|always|cancelled)\(\)/.test(bare) ? bare : `success() && (${bare})`
}

async function filled(texts: Readonly<Record<string, unknown>>, contexts: Contexts, failed: boolean): Promise<Texts> {
  const entries = Object.entries(texts).map(async ([name, text]) => {
    return [name, await fillIn(String(text), contexts, { failed })] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

interface Files {
  readonly folder: string
  readonly path: string
  readonly summary: string
}

function filesOf({ temporary }: Job): Files {
  const folder = join(temporary, '_runner_file_commands')
  mkdirSync(folder, { recursive: true })
  const files = { folder, path: join(folder, 'add_path'), summary: join(folder, 'step_summary') }
  for (const file of [files.path, files.summary]) writeFileSync(file, '')
  return files
}

async function runStep(
  { run = '', shell }: Step,
  env: Texts,
  { job, files }: { readonly job: Job; readonly files: Files },
): Promise<{ readonly exitCode: number; readonly text: string; readonly outputs: Texts }> {
  if (shell !== 'bash')
    throw new Error('a step of a composite action names its shell, and this runner knows bash alone')
  const script = join(files.folder, 'script.sh')
  const output = join(files.folder, 'set_output')
  const exported = join(files.folder, 'set_env')
  writeFileSync(script, run)
  for (const file of [output, exported]) writeFileSync(file, '')
  const added = readFileSync(files.path, 'utf8').split('\n').filter(Boolean).toReversed()
  const { exitCode, all } = await execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
    cwd: job.workspace,
    all: true,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    env: {
      ...job.env,
      ...env,
      PATH: [...added, job.env['PATH']].join(':'),
      ...{ CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: job.workspace, RUNNER_TEMP: job.temporary },
      ...{ GITHUB_OUTPUT: output, GITHUB_ENV: exported, GITHUB_PATH: files.path, GITHUB_STEP_SUMMARY: files.summary },
    },
  })
  if (readFileSync(exported, 'utf8') !== '') throw new Error('a step has changed the environment of those after it')
  return { exitCode: exitCode ?? 128, text: all, outputs: readAssignments(readFileSync(output, 'utf8')) }
}
