// Drives the real program: files in; arguments and variables; exit code, streams and files out.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa, type ResultPromise } from 'execa'
import { afterAll, expect } from 'vitest'
import type { Manifest, ManifestAction } from '../../src/model/manifest.ts'
import type { RunRecord } from '../../src/model/record.ts'

export const CLI: string = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** A file by its text or bytes, or something else that can stand at a path. */
export type Content =
  | string
  | Uint8Array
  | { readonly text: string; readonly mode: number }
  | { readonly link: string }
  | 'a folder'
  | 'a fifo'
export type Files = Readonly<Record<string, Content>>

/** A workspace with a home and a folder for temporary files of its own. All paths are absolute. */
export interface Place {
  readonly root: string
  readonly home: string
  readonly temporary: string
}

export interface Call {
  readonly args: readonly string[]
  /** Laid over a clean environment; `undefined` takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Relative to the workspace. */
  readonly cwd?: string
  /** What to start the program through, e.g. `['unshare', '-r']`. */
  readonly through?: readonly string[]
}

type Text = string | RegExp

/** What has to be true afterwards. A stream given as a text is that text; a list holds parts of it. */
export interface Expected {
  readonly exitCode: number
  readonly stdout?: string | readonly Text[]
  readonly stderr?: string | readonly Text[]
  /** Files of the workspace. */
  readonly out?: Readonly<Record<string, Text>>
}

export interface Ran {
  readonly place: Place
  /** `null`: ended by a signal. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

const base = realpathSync(mkdtempSync(join(tmpdir(), 'codex-cli-test-')))
// Another user has to get to the copies that are made for him.
chmodSync(base, 0o755)
let count = 0

afterAll(() => {
  // Some of what was tried may not be written to.
  if (!IS_ROOT) execFileSync('chmod', ['-R', 'u+rwX', base])
  rmSync(base, { recursive: true, force: true })
}, 600_000)

/** Makes a fresh workspace. `name` is that of its folder. */
export function placeFor(files: Files, name = 'workspace'): Place {
  const parent = join(base, String(count++))
  const place = { root: join(parent, name), home: join(parent, 'home'), temporary: join(parent, 'tmp') }
  for (const folder of Object.values(place)) mkdirSync(folder, { recursive: true })
  putFiles(place.root, files)
  return place
}

export function putFiles(root: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) put(join(root, path), content)
}

function put(path: string, content: Content): void {
  mkdirSync(dirname(path), { recursive: true })
  if (content === 'a folder') mkdirSync(path)
  else if (content === 'a fifo') execFileSync('mkfifo', [path])
  else if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(path, content)
  else if ('link' in content) symlinkSync(content.link, path)
  else {
    writeFileSync(path, content.text)
    chmodSync(path, content.mode)
  }
}

/** Runs the program to its end and checks what is expected of it. */
export async function codex(where: Files | Place, call: Call & Expected): Promise<Ran> {
  const place = isPlace(where) ? where : placeFor(where)
  const result = await start(place, call)
  const ran = { place, exitCode: result.exitCode ?? null, stdout: result.stdout, stderr: result.stderr }
  const said = `codex ${call.args.join(' ')}\n${ran.stdout}\n${ran.stderr}`
  expect(ran.exitCode, said).toBe(call.exitCode)
  expectText(ran.stdout, call.stdout, said)
  expectText(ran.stderr, call.stderr, said)
  for (const [path, text] of Object.entries(call.out ?? {})) expectText(read(place, path), [text].flat(), path)
  return ran
}

function isPlace(where: Files | Place): where is Place {
  return 'temporary' in where && typeof where['root'] === 'string'
}

function expectText(actual: string, expected: string | readonly Text[] | undefined, said: string): void {
  if (expected === undefined) return
  if (typeof expected === 'string') return expect(actual, said).toBe(expected)
  for (const part of expected) expect(actual, said).toMatch(part)
}

interface Settings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly extendEnv: false
  readonly reject: false
  readonly stripFinalNewline: false
  readonly stdin: 'ignore'
}

export type Started = ResultPromise<Settings>

/** Starts the program; the promise gives how it ended. */
export function start(place: Place, { args, env, cwd = '', through = [] }: Call): Started {
  const [file = '', ...rest] = [...through, process.execPath, CLI, ...args]
  const settings: Settings = {
    cwd: join(place.root, cwd),
    env: { ...environmentOf(place), ...env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    stdin: 'ignore',
  }
  return execa(file, rest, settings)
}

function environmentOf({ home, temporary }: Place): Record<string, string | undefined> {
  return { PATH: process.env['PATH'], HOME: home, TMPDIR: temporary, LANG: 'C.UTF-8' }
}

export function read({ root }: Place, path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Folder of the newest run, relative to the workspace. */
export const LATEST = '.codex/runs/latest'

export function manifestText(place: Place, run: string = LATEST): string {
  return read(place, `${run}/manifest.json`)
}

export function manifestOf(place: Place, run: string = LATEST): Manifest {
  return JSON.parse(manifestText(place, run)) as Manifest
}

/** What a manifest says apart from how an action was isolated, which differs between sandboxes and enters every key. */
export function beyondGuarantees(manifest: Manifest): unknown {
  return { ...manifest, guarantees: null, actions: manifest.actions.map((action) => ({ ...action, key: null })) }
}

export function recordOf(place: Place, run: string = LATEST): RunRecord {
  return JSON.parse(read(place, `${run}/run.json`)) as RunRecord
}

/** Each action's status, in plan order. */
export function statusesOf(manifest: Pick<Manifest, 'actions'>): Readonly<Record<string, string>> {
  return Object.fromEntries(manifest.actions.map(({ id, status }) => [id, status]))
}

export function actionOf(manifest: Manifest, id: string): ManifestAction {
  const action = manifest.actions.find((candidate) => candidate.id === id)
  if (!action) throw new Error(`no action ${id} among ${manifest.actions.map((each) => each.id).join(', ')}`)
  return action
}

/** The lines of JSON of a text. */
export function jsonLinesOf(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

const IS_ROOT = process.getuid?.() === 0
const NOBODY = 65534

/** What to start a program through so that permissions hold for it: nothing, unless the tests run as root. */
export const UNPRIVILEGED: readonly string[] = IS_ROOT
  ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']
  : []

/** Hands a place to the user that {@link UNPRIVILEGED} stands for. */
export function giveAway({ root }: Place): void {
  if (IS_ROOT) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, '--', dirname(root)])
}

/** What to start a program through so that another user runs it: nobody in place of root, root of a namespace in place of another. */
export const ANOTHER_USER: readonly string[] = IS_ROOT ? UNPRIVILEGED : ['unshare', '--user', '--map-root-user', '--']
