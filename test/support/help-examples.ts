// Does what an example of `codex help` says: its files on a disk, what is called in this process, the machine made up.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readGrant } from '../../src/commands/allow.ts'
import { openWorkspace } from '../../src/host/folders.ts'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import type { Grant } from '../../src/model/grant.ts'
import { ASPECTS, type Guarantees } from '../../src/model/plan.ts'
import type { PluginMode } from '../../src/model/plugin.ts'
import type { Executor, ToolResolver } from '../../src/model/ports.ts'
import type { ReplaySource } from '../../src/model/replay.ts'
import { err, ok } from '../../src/model/result.ts'
import { treeOf } from '../../src/model/tree.ts'
import { runProject, type Machine } from '../../src/pipeline.ts'
import { loadProject, type Project } from '../../src/project.ts'
import type { Example, ExampleFile } from '../../src/report/help/page.ts'
import { fakeCache } from './fake-cache.ts'
import { fakeClock } from './fake-clock.ts'
import { exited, fakeExecutor } from './fake-executor.ts'
import { recordedFrom } from './memory-recorded-run.ts'
import { memoryRunFolder } from './memory-run-folder.ts'
import { memoryStore } from './memory-store.ts'

/** What every task.yml has; an example shows it only where it is about it. */
const USUAL: Readonly<Record<string, (folder: string) => string>> = {
  version: () => '1',
  id: (folder) => folder,
  title: () => 'An example',
  pillar: () => 'platform',
  risk: () => 'low',
  acceptance: () => '{ tests: [{ run: node test.mjs }] }',
}

/** The whole of a task.yml of which an example shows some lines. */
export function wholeTask(path: string, lines: string): string {
  const folder = path.split('/').at(-2) ?? ''
  const rest = Object.entries(USUAL)
    .filter(([key]) => !new RegExp(`^${key}:`, 'm').test(lines))
    .map(([key, value]) => `${key}: ${value(folder)}\n`)
  // A directive stands before everything else.
  return lines.startsWith('%') ? [lines, ...rest].join('') : [...rest, lines].join('')
}

/** Every complaint that the example leads to, and whether all ended well. */
export async function tellOf(example: Example): Promise<{ readonly codes: readonly string[]; readonly well: boolean }> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'codex-example-')))
  try {
    for (const [path, file] of Object.entries(example.files ?? {})) put(root, path, file)
    const words = (example.command ?? 'codex validate').split(' ')
    const at = words.indexOf('codex')
    const variables = Object.fromEntries(words.slice(0, at).map((word) => word.split('=') as [string, string]))
    const [command = '', ...rest] = words.slice(at + 1)
    const plugins = rest.includes('--enable-plugins') ? 'enabled' : 'disabled'
    const project = await projectOf(root, command === 'validate' ? rest : [], plugins)
    if ('code' in project) return { codes: [project.code], well: false }
    if (command === 'validate') return { codes: codesOf(project.diagnostics), well: project.graph !== null }
    return await run(project, { root, words: rest, variables, example })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function codesOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return [...new Set(diagnostics.map(({ code }) => code))]
}

function put(root: string, path: string, file: ExampleFile): void {
  const at = join(root, path)
  mkdirSync(dirname(at), { recursive: true })
  const whole = (text: string): string => (path.endsWith('task.yml') ? wholeTask(path, text) : text)
  if (typeof file === 'string') writeFileSync(at, whole(file))
  else if ('latin1' in file) writeFileSync(at, Buffer.from(whole(file.latin1), 'latin1'))
  else if ('link' in file) symlinkSync(file.link, at)
  else if (file.is === 'a FIFO') execFileSync('mkfifo', [at])
  else mkdirSync(at)
}

async function projectOf(root: string, words: readonly string[], plugins: PluginMode): Promise<Project | Diagnostic> {
  // A folder of git's, so that nothing above it is taken for the workspace.
  mkdirSync(join(root, '.git'))
  const opened = await openWorkspace(root)
  if (!opened.ok) return opened.error
  const { workspace, config } = opened.value
  if (!config.ok) return config.error
  const names = words.filter((word, at) => !word.startsWith('--') && !words[at - 1]?.startsWith('--'))
  const tags = words.filter((_, at) => words[at - 1] === '--tag')
  return loadProject(workspace, config.value, { names, pillars: [], tags, plugins })
}

interface Call {
  readonly root: string
  readonly words: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly example: Example
}

async function run(
  project: Project,
  call: Call,
): Promise<{ readonly codes: readonly string[]; readonly well: boolean }> {
  const { words, example } = call
  const cache = fakeCache()
  if (example.machine === 'a full disk') {
    cache.refuseWith({ code: 'ENOSPC', path: '/cache', message: 'no space left on device' })
  }
  const options = {
    tool: { name: 'codex', version: '1.2.3' },
    jobs: 1,
    failFast: false,
    maxAttempts: null,
    signal: new AbortController().signal,
    argv: words,
    grants: words.reduce<readonly Grant[]>(
      (all, word, at) => (words[at - 1] === '--allow' ? readGrant(word, all) : all),
      [],
    ),
    attestor: null,
    cache: words.includes('--cache') ? cache : null,
  }
  const go = async (replay: ReplaySource | null = null, folder = memoryRunFolder()): ReturnType<typeof runProject> => {
    const texts = { [SPEC]: example.machine === 'a recorded run of other files' && replay ? 'new' : 'old' }
    return runProject(project, { machine: machineOf(call, texts), folder, listen: () => {} }, { ...options, replay })
  }
  if (words.includes('--replay')) {
    const folder = memoryRunFolder()
    const { manifest, digest } = await go(null, folder)
    const replayed = await go({ run: recordedFrom(folder.files), manifest, digest })
    return { codes: codesOf(replayed.diagnostics), well: replayed.verdict === 'passed' && replayed.digest === digest }
  }
  let result = await go()
  if (example.machine === 'a cache that was altered') {
    for (const [key, entry] of cache.entries) cache.entries.set(key, { ...entry, exitCode: 1 })
    result = await go()
  }
  return { codes: codesOf(result.diagnostics), well: result.verdict === 'passed' }
}

const NOTHING_CHANGED = { files: treeOf([]), deleted: [] }

const SPEC = 'task-packs/demo/spec.md'

function machineOf({ root, words, variables, example }: Call, texts: Readonly<Record<string, string>>): Machine {
  const bare = words.includes('--sandbox=none')
  const guarantees = Object.fromEntries(ASPECTS.map((aspect) => [aspect, bare ? 'none' : 'enforced'])) as Guarantees
  const network = example.machine === 'without a network' ? 'sh: 1: ip: not found' : null
  const executor: Executor = {
    ...fakeExecutor(({ request, end }) => end(exited(0, request.scope ? { changes: NOTHING_CHANGED } : {}))),
    ...{ name: bare ? 'none' : 'bubblewrap', guarantees, tryNetwork: async () => network },
  }
  const holds = bare || example.machine !== 'without a sandbox'
  return {
    store: memoryStore({
      ...Object.fromEntries(FILES.map((file) => [`task-packs/demo/${file}`, 'x'])),
      ...texts,
    }),
    pluginRuntime: () => [{ name: 'runner.mjs', bytes: new Uint8Array() }],
    clock: fakeClock({ skipSleeps: true }),
    facts: { platform: 'linux', arch: 'x64', release: '6', hostname: 'h', node: '20.19.0' },
    variables,
    workspace: root,
    openSandbox: async () =>
      holds ? ok(executor) : err([{ executor: 'bubblewrap', problem: 'not-installed', detail: '' }]),
    resolverFor: () => RESOLVER,
  }
}

const FILES = ['task.yml', 'plugin.mjs', 'plugin.json']

/** Tools of a machine that is made up; `null`: it tells no version. */
const TOOLS: Readonly<Record<string, string | null>> = { node: '22.1.0', 'old-tool': null, 'dev-server': 'waits' }

const RESOLVER: ToolResolver = {
  resolve: async (name, range) => {
    const version = TOOLS[name]
    const path = `/usr/bin/${name}`
    if (version === undefined) return err({ kind: 'missing', name })
    if (version === 'waits') return err({ kind: 'no-answer', name, path })
    if (version === null && range !== '*') return err({ kind: 'unknown-version', name, path })
    if (range === '>=99') return err({ kind: 'version', name, range, found: version ?? '' })
    return ok({ name, version: version ?? '', digest: 'd'.repeat(64), path })
  },
}
