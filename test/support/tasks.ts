import { stringify } from 'yaml'
import type { Files } from './cli.ts'

type Fields = Readonly<Record<string, unknown>>

/** The text of a valid task.yml whose one test is `run`, unless `fields` say otherwise. */
export function task(id: string, fields: Fields = {}): string {
  const acceptance = { tests: [{ run: 'test -s task.yml' }] }
  return stringify({ version: 1, id, title: `Pack ${id}`, pillar: 'platform', risk: 'low', acceptance, ...fields })
}

/** A pack in `task-packs/<id>`, with other files of its folder. */
export function pack(id: string, fields: Fields = {}, files: Files = {}): Files {
  const dir = `task-packs/${id}`
  const others = Object.entries(files).map(([path, content]) => [`${dir}/${path}`, content] as const)
  return { [`${dir}/task.yml`]: task(id, fields), ...Object.fromEntries(others) }
}

/** Fields of a pack with one test. */
export function test(run: string | readonly string[], command: Fields = {}): Fields {
  return { acceptance: { tests: [{ run, ...command }] } }
}
