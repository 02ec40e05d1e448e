// The table of SECURITY.md is whole, and every row of it turns red where its guard is taken away.
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cacheEntryText, parseCacheEntry } from '../../src/model/cache-entry.ts'
import { AWS } from '../support/credentials.ts'
import {
  CLI,
  LATEST,
  manifestOf,
  placeFor,
  read,
  start,
  statusesOf,
  type Call,
  type Files,
  type Place,
} from '../support/cli.ts'
import { pack, test } from '../support/tasks.ts'
import { bootUml, WITHOUT_UML } from '../support/uml.ts'
import type { InsideResults } from '../host/cgroup-inside.ts'
import { instead, runInCodex, type Fought } from './arena.ts'
import { python, type Attacks } from './attack.ts'
import { FORGERIES, type Forgery } from './forgery.ts'
import { GUARDS, PROBE, TEXT_GUARDS, type Guard } from './guards.ts'
import { INJECTIONS } from './injection.ts'
import { buildMutant, type Edit, type Mutant } from './mutant.ts'
import { BOMBS } from './parser.ts'
import { ATTACKS } from './table.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const ALL: Readonly<Record<string, Guard>> = { ...GUARDS, ...TEXT_GUARDS }

interface Claim {
  readonly promise: string
  readonly says: string
  readonly enforced: string
  readonly file: string
  readonly attack: string
}

const CLAIMS: readonly Claim[] = readFileSync(join(ROOT, '.github/SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [promise = '', says = '', enforced = '', tried = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim())
    const [file = '', attack = ''] = [...tried.matchAll(/`([^`]+)`/g)].map(([, word]) => word)
    return { promise: promise.replaceAll('`', ''), says, enforced, file, attack }
  })

describe('the table of promises', () => {
  it('has a row for each, and each once', () => {
    const promises = CLAIMS.map(({ promise }) => promise)
    expect(promises.toSorted()).toEqual(Object.keys(ALL).toSorted())
    expect(promises).toEqual(expect.arrayContaining(Object.values(ATTACKS).map(({ promise }) => promise)))
  })

  it.each(CLAIMS)('says what is promised, how it is kept, and which test shows it: $promise', (claim) => {
    expect(claim.says.length).toBeGreaterThan(20)
    expect(claim.enforced.length).toBeGreaterThan(20)
    expect(claim.attack).toBe(ALL[claim.promise]?.attack)
    expect(existsSync(join(ROOT, claim.file))).toBe(true)
    expect(readFileSync(join(ROOT, claim.file), 'utf8')).toMatch(
      new RegExp(`^\\s*(const )?'?${claim.attack}'?[:,( ]`, 'm'),
    )
  })
})

const mutants: Mutant[] = []
const fights: Fought[] = []

afterAll(async () => {
  for (const mutant of mutants) mutant.remove()
  await Promise.all(fights.map(({ host }) => host.close()))
})

async function without(edits: readonly Edit[]): Promise<string> {
  const mutant = await buildMutant(edits)
  mutants.push(mutant)
  return mutant.path
}

async function fight(attacks: Attacks, program?: string): Promise<Fought> {
  const fought = await runInCodex(attacks, { through: [], sandbox: 'bubblewrap', ...(program && { program }) })
  fights.push(fought)
  return fought
}

function attackOf(id: string): Attacks[string] {
  const attack = ATTACKS[id]
  if (!attack) throw new Error(`there is no attack ${id}`)
  return attack
}

describe('an action', () => {
  let guarded: Fought

  beforeAll(async () => {
    guarded = await fight(Object.fromEntries(Object.values(GUARDS).map(({ attack }) => [attack, attackOf(attack)])))
  })

  it.each(Object.entries(GUARDS))('is kept from an attack on %s by its guard alone', async (promise, guard) => {
    const { attack: id, edits } = guard
    const attack = attackOf(id)
    expect(attack.promise).toBe(promise)
    const stopped = guarded.results.get(id)
    expect(stopped && attack.succeeded(stopped)).toBe(false)
    const { results } = await fight({ [id]: attack }, await without(edits))
    const seen = results.get(id)
    expect(seen && attack.succeeded(seen), `${seen?.status}\n${seen?.log}`).toBe(true)
  })
})

/** A pack with a plugin whose `run` has this body. */
function plugged(body: string, more: object = {}): Files {
  const about = { name: 'x', version: '1' }
  const code = `
const passed = { verdict: 'passed', summary: '' }
export const plugin = { ...${JSON.stringify(about)}, run: async () => { ${body} } }
`
  const files = { 'plugin.mjs': code, 'plugin.json': JSON.stringify({ ...about, ...more }) }
  return pack('a', { plugin: './plugin.mjs' }, files)
}

/** What is tried by text, by its name; gives whether it got through. */
const TRIALS: Readonly<Record<string, Forgery>> = {
  ...FORGERIES,
  'deep-flow': async (through) => (await ended(bomb('deep-flow'), { args: ['validate'], through })).exitCode !== 2,
  'bidi-override': async (through) =>
    (await ended(bomb('bidi-override'), { args: ['validate'], through })).exitCode === 0,
  'clear-screen': async (through) => shows('on a screen', 'clear-screen', { args: ['run'], through }),
  'workflow-old': async (through) => {
    const env = { GITHUB_ACTIONS: 'true', NO_COLOR: '1' }
    return shows('in a workflow of GitHub', 'workflow-old', { args: ['run'], env, through })
  },
  'script-in-log': async (through) => {
    const { place } = await ended(pack('a', test("echo '<script>alert(1)</script>'; exit 3")), {
      args: ['run'],
      through,
    })
    const page = read(place, `${LATEST}/report.html`)
    expect(page).toContain('alert(1)')
    return page.includes('<script>alert(1)')
  },
  'mention-in-log': async (through) => {
    const files = pack('a', test("printf '```\\n@everyone\\n'; exit 3"))
    const { place } = await ended(files, { args: ['run'], through })
    const markdown = read(place, `${LATEST}/report.md`)
    expect(markdown).toContain('\n```\n@everyone\n')
    return /^```text\n\$ printf [^\n]*\n```\n@everyone$/m.test(markdown)
  },
  ungranted: async (through) => {
    const files = pack('a', { constraints: { secrets: ['TOKEN'] }, ...test('[ "$TOKEN" = t0p-s3cret ]') })
    return (await ended(files, { args: ['run'], env: { TOKEN: 't0p-s3cret' }, through })).exitCode === 0
  },
  unasked: async (through) => {
    const { place } = await ended(plugged("console.log('hello'); return passed"), { args: ['run'], through })
    return existsSync(join(place.root, LATEST, 'logs/a/plugin/run/1.log'))
  },
  greedy: async (through) => {
    const body = "if (process.env.TOKEN !== 't0p-s3cret') throw 1; return passed"
    const env = { TOKEN: 't0p-s3cret', ORCH_PLUGINS_STRICT: '1' }
    const files = plugged(body, { capabilities: { secrets: ['TOKEN'] } })
    return (await ended(files, { args: ['run', '--enable-plugins'], env, through })).exitCode === 0
  },
  granted: async (through) => {
    const files = pack('a', { constraints: { secrets: ['TOKEN'] }, ...test('echo "it is $TOKEN"; test -s task.yml') })
    const call = { args: ['run', '--allow', 'secret=TOKEN'], env: { TOKEN: 't0p-s3cret' }, through }
    const { place, exitCode } = await ended(files, call)
    const log = read(place, `${LATEST}/logs/a/tests/1/1.log`)
    expect([exitCode, log.startsWith('it is ')]).toEqual([0, true])
    return log.includes('t0p-s3cret')
  },
  unfailing: async (through) => {
    const control = { replace: { 'data.txt': 'bad.txt' } }
    const files = pack('a', test('test -e data.txt', { control }), { 'data.txt': 'good\n', 'bad.txt': 'bad\n' })
    return (await ended(files, { args: ['run'], through })).exitCode === 0
  },
  // On a machine that has no network namespaces to give.
  unaccepted: async (through) => {
    const none = 'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"'
    const there = ['unshare', '--user', '--map-root-user', 'sh', '-c', none, 'sh', ...through]
    const call = { args: ['run', '--accept-weaker=environment'], through: there }
    return (await ended(pack('a', test('test -s task.yml')), call)).exitCode === 0
  },
  // The longest path runs first, but what comes before it in the plan fails.
  behind: async (through) => {
    const steps = [{ id: 'x', run: 'echo x >x', outputs: ['x'] }]
    const config = { 'codex.config.ts': 'export default { policy: { breakers: { failures: 1 } } }\n' }
    const files = { ...config, ...pack('a', test('exit 3')), ...pack('b', { steps }) }
    const { place, exitCode } = await ended(files, { args: ['run', '-j1'], through })
    expect(exitCode).not.toBe(0)
    return statusesOf(manifestOf(place))['b:steps/x'] === 'passed'
  },
  // In memory, where there is a file system in it: some disks take a minute to make so many.
  crowd: async (through) => {
    const many = `import os\nfor i in range(100001): os.close(os.open("cache/%d" % i, os.O_CREAT | os.O_WRONLY))`
    const files = { '.gitignore': 'cache/\n', ...pack('a', test(['sh', '-c', `mkdir cache && python3 -c '${many}'`])) }
    const env = existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {}
    return (await ended(files, { args: ['run'], env, through })).exitCode === 0
  },
  'short-peak': async (through) => {
    const driver = join(ROOT, 'test/host/cgroup-inside.ts')
    const program = through.at(-1) ?? CLI
    const { peak } = await bootUml<InsideResults>({ driver, program, scenarios: ['peak'] })
    expect(peak.limiter, peak.said).toBe('cgroup')
    return peak.ends['peak:steps/short-peak'] === 'passed'
  },
  'undeclared-port': async (through) => {
    const asked: string[] = []
    const servers = await Promise.all(['declared', 'undeclared'].map((name) => serve(() => void asked.push(name))))
    const [declared, undeclared] = servers.map((server) => `localhost:${(server.address() as AddressInfo).port}`)
    const get = (endpoint: string | undefined): string => python(GET, `http://${endpoint}/`)
    const files = pack('a', { constraints: { network: [declared] }, ...test(`${get(declared)}; ${get(undeclared)}`) })
    await ended(files, { args: ['run', '--allow', 'network'], through })
    await Promise.all(servers.map((server) => new Promise((resolve) => void server.close(resolve))))
    expect(asked).toContain('declared')
    return asked.includes('undeclared')
  },
  // Of the same length, so that nothing but the bytes tells.
  'false-log': async (through) => {
    const { place } = await ended(pack('a', test('echo honest; test -s task.yml')), { args: ['run', '--cache'] })
    for (const file of cached(place, 'blobs')) writeFileSync(file, 'forged\n')
    await start(place, { args: ['run', '--cache'], through })
    return read(place, `${LATEST}/logs/a/tests/1/1.log`) === 'forged\n'
  },
  // Nobody declared it, but the bytes are there.
  smuggled: async (through) => {
    const step = { id: 'x', run: 'echo x >out/x', outputs: ['out/x'] }
    const { place } = await ended(pack('a', { steps: [step] }), { args: ['run', '--cache'] })
    for (const file of cached(place, 'actions')) {
      const entry = parseCacheEntry(readFileSync(file, 'utf8'))
      const [output] = entry?.outputs ?? []
      if (!entry || !output) continue
      const more = { ...output, path: 'task-packs/a/out/y' }
      writeFileSync(file, cacheEntryText({ ...entry, outputs: [output, more] }))
    }
    await start(place, { args: ['run', '--cache'], through })
    return manifestOf(place).actions.some(({ outputs }) => outputs.some(({ path }) => path.endsWith('out/y')))
  },
  // A repository that holds outcomes which never were.
  brought: async (through) => {
    const files = pack('a', test('echo honest; test -s task.yml'))
    const { place: origin } = await ended(files, { args: ['run', '--cache'] })
    const place = placeFor(files)
    cpSync(join(origin.root, '.codex'), join(place.root, '.codex'), { recursive: true, verbatimSymlinks: true })
    return /reused/.test((await start(place, { args: ['run', '--cache'], through })).stderr)
  },
  'printed-key': async (through) => {
    const files = pack('a', test('cat key.txt'), { 'key.txt': `${AWS.text}\n` })
    return (await ended(files, { args: ['run'], through })).exitCode === 0
  },
}

/** Files of the workspace's cache (absolute). */
function cached({ root }: Place, kind: 'actions' | 'blobs'): readonly string[] {
  const files = readdirSync(join(root, '.codex/cache', kind), { recursive: true, withFileTypes: true })
  return files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
}

/** Through the proxy that the environment names. */
const GET = `import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1], timeout=5).read())`

async function serve(onRequest: () => void): Promise<Server> {
  const server = createServer((_, response) => {
    onRequest()
    response.end('here')
  })
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  return server
}

async function ended(
  files: Files,
  call: Call,
): Promise<{ readonly place: Place; readonly exitCode: number | undefined; readonly text: string }> {
  const place = placeFor(files)
  const { exitCode, stdout, stderr } = await start(place, call)
  return { place, exitCode, text: `${stdout}\n${stderr}` }
}

function bomb(id: string): Files {
  return { 'task-packs/bomb/task.yml': BOMBS[id]?.text ?? '' }
}

async function shows(theme: string, id: string, call: Call): Promise<boolean> {
  const injection = INJECTIONS[theme]?.[id]
  if (!injection) throw new Error(`there is no injection ${id}`)
  const { text } = await ended(pack('a', { steps: [{ id, run: injection.run }] }), call)
  expect(text).toContain('failed')
  return injection.raw.test(text)
}

describe('text', () => {
  const { probe: _, ...guards } = TEXT_GUARDS

  if (WITHOUT_UML !== null) process.stderr.write(`\n${WITHOUT_UML}\n`)

  it.each(Object.entries(guards).filter(([name]) => name !== 'limit-peak' || WITHOUT_UML === null))(
    'is kept from an attack on %s by its guard alone',
    async (_promise, guard) => {
      const trial = TRIALS[guard.attack]
      expect(await trial?.([])).toBe(false)
      expect(await trial?.(instead(await without(guard.edits)))).toBe(true)
    },
    600_000,
  )
})

describe('a sandbox', () => {
  const leaking = 'tcp-loopback'
  const leak = (GUARDS['network']?.edits ?? []).filter((edit) => edit !== PROBE)

  it('that leaks is refused by the probe alone', async () => {
    expect(leak).toHaveLength(1)
    const through = instead(await without(leak))
    const { exitCode, text } = await ended(pack('a'), { args: ['run', '--sandbox=bubblewrap'], through })
    expect(exitCode).toBe(3)
    expect(text).toContain('network')
    const { results } = await fight({ [leaking]: attackOf(leaking) }, await without([...leak, PROBE]))
    expect(results.get(leaking)?.heard).toContain(leaking)
  })
})
