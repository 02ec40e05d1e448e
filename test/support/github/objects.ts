// A real repository of git on the disk, read and written as git does it, without starting git for each object.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import { git } from '../git.ts'

export interface TreeEntry {
  readonly mode: string
  readonly name: string
  readonly id: string
}

export interface CommitObject {
  readonly id: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: string
  readonly message: string
}

export interface GitStore {
  /** Absolute: a bare repository. */
  readonly folder: string
  has(id: string, kind?: string): boolean
  blob(bytes: Uint8Array): string
  bytes(id: string): Buffer
  tree(id: string): readonly TreeEntry[]
  makeTree(entries: readonly TreeEntry[]): string
  commit(id: string): CommitObject
  makeCommit(commit: Pick<CommitObject, 'tree' | 'parents' | 'message'>, author: string): string
  /** Every commit that can be reached, itself included. */
  history(id: string): ReadonlySet<string>
}

const known = new Map<string, { readonly kind: string; readonly body: Buffer }>()

export function gitStore(folder: string): GitStore {
  mkdirSync(folder, { recursive: true })
  git(folder, 'init', '--quiet', '--bare')
  for (const [key, value] of [
    ['receive.unpackLimit', '100000'],
    ['gc.auto', '0'],
    ['http.receivepack', 'true'],
    ['uploadpack.allowAnySHA1InWant', 'true'],
  ] as const)
    git(folder, 'config', key, value)
  const read = (id: string): { readonly kind: string; readonly body: Buffer } | null => {
    const cached = known.get(id)
    if (cached) return cached
    const file = join(folder, 'objects', id.slice(0, 2), id.slice(2))
    if (!/^[0-9a-f]{40}$/.test(id) || !existsSync(file)) return null
    const raw = inflateSync(readFileSync(file))
    const end = raw.indexOf(0)
    const object = { kind: raw.toString('latin1', 0, end).split(' ')[0] ?? '', body: raw.subarray(end + 1) }
    known.set(id, object)
    return object
  }
  const demand = (id: string, kind: string): Buffer => {
    const object = read(id)
    if (object?.kind !== kind) throw new Error(`${id} is no ${kind}`)
    return object.body
  }
  const write = (kind: string, body: Uint8Array): string => {
    const raw = Buffer.concat([Buffer.from(`${kind} ${body.length}\0`), body])
    const id = createHash('sha1').update(raw).digest('hex')
    const file = join(folder, 'objects', id.slice(0, 2), id.slice(2))
    if (existsSync(file)) return id
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, deflateSync(raw, { level: 1 }))
    renameSync(`${file}.new`, file)
    return id
  }
  const commit = (id: string): CommitObject => parseCommit(id, demand(id, 'commit').toString())
  return {
    folder,
    has: (id, kind) => {
      const object = read(id)
      return object !== null && (kind === undefined || object.kind === kind)
    },
    blob: (bytes) => write('blob', bytes),
    bytes: (id) => demand(id, 'blob'),
    tree: (id) => parseTree(demand(id, 'tree')),
    makeTree: (entries) => write('tree', treeBody(entries)),
    commit,
    makeCommit: ({ tree, parents, message }, author) => {
      const lines = [
        `tree ${tree}`,
        ...parents.map((parent) => `parent ${parent}`),
        `author ${author}`,
        `committer ${author}`,
      ]
      return write('commit', Buffer.from(`${lines.join('\n')}\n\n${message}`))
    },
    history: (id) => {
      const seen = new Set([id])
      for (const at of seen) for (const parent of commit(at).parents) seen.add(parent)
      return seen
    },
  }
}

function parseTree(body: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = []
  for (let at = 0; at < body.length;) {
    const end = body.indexOf(0, at)
    const [mode = '', ...name] = body.toString('utf8', at, end).split(' ')
    entries.push({ mode, name: name.join(' '), id: body.toString('hex', end + 1, end + 21) })
    at = end + 21
  }
  return entries
}

function treeBody(entries: readonly TreeEntry[]): Buffer {
  const key = ({ name, mode }: TreeEntry): Buffer => Buffer.from(mode === '40000' ? `${name}/` : name)
  const sorted = entries.toSorted((a, b) => Buffer.compare(key(a), key(b)))
  return Buffer.concat(
    sorted.flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
  )
}

function parseCommit(id: string, text: string): CommitObject {
  const end = text.indexOf('\n\n')
  const head = text.slice(0, end).split('\n')
  const all = (name: string): string[] =>
    head.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []))
  return {
    id,
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: all('author')[0] ?? '',
    message: text.slice(end + 2),
  }
}

/** Branches of a repository, by their names. */
export interface Refs {
  get(branch: string): string | null
  /** Names that begin with what is given. */
  beginningWith(prefix: string): readonly string[]
  set(branch: string, id: string): void
  delete(branch: string): void
}

export function refsOf(folder: string): Refs {
  const fileOf = (branch: string): string => join(folder, 'refs/heads', branch)
  return {
    get: (branch) => {
      const file = fileOf(branch)
      return existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'utf8').trim() : null
    },
    beginningWith: (prefix) =>
      git(folder, 'for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads')
        .split('\n')
        .filter((name) => name !== '' && name.startsWith(prefix)),
    set: (branch, id) => {
      mkdirSync(dirname(fileOf(branch)), { recursive: true })
      writeFileSync(fileOf(branch), `${id}\n`)
    },
    delete: (branch) => {
      rmSync(fileOf(branch))
      const parent = dirname(fileOf(branch))
      // An empty folder stands in the way of a branch of its name.
      if (parent !== join(folder, 'refs/heads') && readdirSync(parent).length === 0) rmSync(parent, { recursive: true })
    },
  }
}
