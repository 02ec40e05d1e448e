// Changes to be proposed, on commits of a repository that is on the disk.
import type { GitId, ProposedFile } from '../../../src/model/forge.ts'
import type { Proposal } from '../../../src/model/publication.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { treeWith, type GitEntry } from '../../../src/publish/git-tree.ts'
import type { GitStore } from './objects.ts'
import { identity, moveRef, type Repository, type State } from './state.ts'

/** Files by their paths; `null`: there is none. */
export type Texts = Readonly<Record<string, string | null>>

function filesOf(texts: Texts): readonly ProposedFile[] {
  return Object.entries(texts).map(([path, text]) => ({
    path,
    content: text === null ? null : { bytes: Buffer.from(text), executable: false },
  }))
}

/** Somebody's commit on a branch, or the first of one. */
export function commitOn(state: State, { store, refs, ...rest }: Repository, branch: string, texts: Texts): GitId {
  const head = refs.get(branch)
  const tree = treeIn(store, head, filesOf(texts))
  const parents = head === null ? [] : [head]
  const id = store.makeCommit({ tree, parents, message: 'By hand\n' }, identity(state, 'Somebody'))
  moveRef(state, { store, refs, ...rest }, branch, id)
  return id
}

/** Also writes the tree. */
function treeIn(store: GitStore, head: GitId | null, files: readonly ProposedFile[]): GitId {
  const all = new Map(head === null ? [] : filesAt(store, store.commit(head).tree))
  for (const { path, content } of files) {
    if (content) all.set(path, store.blob(content.bytes))
    else all.delete(path)
  }
  return folderOf(store, [...all])
}

function folderOf(store: GitStore, files: readonly (readonly [string, string])[]): GitId {
  const entries = new Map<string, GitEntry>()
  const below = new Map<string, (readonly [string, string])[]>()
  for (const [path, id] of files) {
    const [name = '', ...rest] = path.split('/')
    if (rest.length === 0) entries.set(name, { name, mode: '100644', id })
    else below.set(name, [...(below.get(name) ?? []), [rest.join('/'), id]])
  }
  for (const [name, inner] of below) entries.set(name, { name, mode: '40000', id: folderOf(store, inner) })
  return store.makeTree([...entries.values()])
}

/** Every file of a tree, with the id of its bytes. */
export function filesAt(store: GitStore, tree: GitId, prefix = ''): readonly (readonly [string, string])[] {
  return store.tree(tree).flatMap(({ name, mode, id }) => {
    const path = `${prefix}${name}`
    return mode === '40000' ? filesAt(store, id, `${path}/`) : [[path, id] as const]
  })
}

/** The change of the pack `bump` on a commit, as a run would have accepted it. */
export function proposalOn(store: GitStore, base: GitId, texts: Texts, run = 'run'): Proposal {
  const baseTree = store.commit(base).tree
  const files = filesOf(texts)
  const list = (path: string): readonly GitEntry[] | null => {
    let tree = baseTree
    for (const name of path.split('/').filter((part) => part !== '')) {
      const entry = store.tree(tree).find((each) => each.name === name)
      if (entry?.mode !== '40000') return null
      tree = entry.id
    }
    return store.tree(tree)
  }
  const tree = treeWith(list, files)
  const evidence = `## Evidence of ${run}\n\nIts files are ${tree}.\n`
  return {
    ...{ pack: 'bump', run: sha256(run), base, baseTree, tree, files },
    words: {
      ...{
        title: '[bump] Bump the version',
        message: '[bump] Bump the version',
        evidence,
        evidenceInShort: 'In short.\n',
      },
      check: { name: 'codex/bump', title: 'Accepted', summary: evidence, annotations: [] },
      foreign: (commit) => `There is a commit of somebody else: ${commit}`,
    },
  }
}
