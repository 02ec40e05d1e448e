import type { Action, Graph } from '../model/graph.ts'
import { closest } from '../model/suggest.ts'
import { UsageError } from './options.ts'

const SHOWN = 5

/** The action that was named by its id, or by an end or a beginning that no other has. */
export function findAction({ actions }: Graph, name: string): Action {
  if (name === '') throw new UsageError('The action is named by an empty word: is a variable empty?')
  const tests: readonly ((id: string) => boolean)[] = [
    (id) => id === name,
    (id) => id.endsWith(`:${name}`) || id.endsWith(`/${name}`),
    (id) => id.startsWith(name),
  ]
  for (const test of tests) {
    const found = actions.filter(({ id }) => test(id))
    const [only] = found
    if (only && found.length === 1) return only
    if (found.length > 1) throw new UsageError(`'${name}' may be any of ${found.length} actions: ${listed(found)}`)
  }
  throw new UsageError(`There is no action '${name}'.${suggestion(actions, name)} 'codex graph' shows all of them`)
}

function listed(found: readonly Action[]): string {
  const shown = found.slice(0, SHOWN).map(({ id }) => id)
  return `${shown.join(', ')}${found.length > SHOWN ? ' …' : ''}`
}

function suggestion(actions: readonly Action[], name: string): string {
  const ends = actions.flatMap(({ id }) => [id, id.slice(id.indexOf(':') + 1), id.slice(id.indexOf('/') + 1)])
  const near = closest(name, ends)
  return near === null ? '' : ` Did you mean '${near}'?`
}
