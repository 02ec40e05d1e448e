import { createHash } from 'node:crypto'
import type { Answer, GitId, NewCommit, ProposedFile } from '../../model/forge.ts'
import { err, ok } from '../../model/result.ts'
import type { Place } from './place.ts'
import { OBJECT } from './shapes.ts'

/** Stands for what GitHub gives only when something is made, in a dry run. */
export const PLACEHOLDER: GitId = '0'.repeat(40)

/** Texts up to this size go along with the tree, all of them together within the second: a request less for each. In bytes. */
const [TEXT, TEXTS] = [100 * 1024, 2 * 1024 * 1024] as const

/** A commit by the Git Data API, so that GitHub signs it: no author is given. What is made twice is the same, or nobody's. */
export async function makeCommit(place: Place, { message, parents, baseTree, tree, files }: NewCommit): Answer<GitId> {
  const entries: object[] = []
  let room = TEXTS
  for (const file of files) {
    const text = file.content && textOf(file.content.bytes, Math.min(TEXT, room))
    const content = text === null ? await blobOf(place, file) : ok({ content: text })
    if (!content.ok) return content
    room -= text === null ? 0 : (file.content?.bytes.length ?? 0)
    entries.push({
      path: file.path,
      mode: file.content?.executable ? '100755' : '100644',
      type: 'blob',
      ...content.value,
    })
  }
  const parameters = { base_tree: baseTree, tree: entries }
  const made = await place.make('POST', 'git/trees', { parameters, shape: OBJECT, again: true, instead: tree })
  if (!made.ok) return made
  if (made.value !== tree) return err(otherTree(tree, made.value))
  const commit = { message, tree, parents }
  return place.make('POST', 'git/commits', { parameters: commit, shape: OBJECT, again: true, instead: PLACEHOLDER })
}

function otherTree(expected: GitId, found: GitId): ReturnType<typeof errorWith> {
  return errorWith(`the tree that it made is ${found}, and not ${expected}: these are not the files that were accepted`)
}

function errorWith(message: string) {
  return { kind: 'unexpected', method: 'POST', path: '/git/trees', status: 201, message } as const
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What JSON can carry as it is; `null`: it is too much, or no text. */
function textOf(bytes: Uint8Array, most: number): string | null {
  if (bytes.length > most || bytes.includes(0)) return null
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

async function blobOf(place: Place, { content }: ProposedFile): Answer<{ readonly sha: GitId | null }> {
  if (!content) return ok({ sha: null })
  const parameters = { content: Buffer.from(content.bytes).toString('base64'), encoding: 'base64' }
  const id = createHash('sha1').update(`blob ${content.bytes.length}\0`).update(content.bytes).digest('hex')
  const made = await place.make('POST', 'git/blobs', { parameters, shape: OBJECT, again: true, instead: id })
  return made.ok ? ok({ sha: made.value }) : made
}
