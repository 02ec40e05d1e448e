import type { Answer, ForgeError, ForgeRepository } from '../../model/forge.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Asked, Client } from './client.ts'
import * as shapes from './shapes.ts'

/** A repository, under the name that it has now: it may have been given another one. */
export interface Place {
  about(): Answer<ForgeRepository>
  find<T>(below: string, parameters: Asked<T>['parameters'], shape: Asked<T>['shape']): Answer<T | null>
  findAll<T>(below: string, asked: Asked<readonly T[]>): Answer<readonly T[]>
  make<T>(method: 'POST' | 'PATCH', below: string, asked: Asked<T>): Answer<T>
  write(method: 'POST' | 'PATCH', below: string, asked: Pick<Asked<unknown>, 'parameters'>): Answer<null>
}

export function placeOf(client: Client, named: string): Place {
  let known: ForgeRepository | null = null
  const about = async (): Answer<ForgeRepository> => {
    if (known) return ok(known)
    const [owner, repo] = named.split('/')
    const answer = await client.ask('GET /repos/{owner}/{repo}', {
      parameters: { owner, repo },
      shape: shapes.REPOSITORY,
    })
    if (answer.ok) known = answer.value
    return answer
  }
  const within = async <T>(ask: (place: { owner: string; repo: string }) => Answer<T>): Answer<T> => {
    const answer = await about()
    if (!answer.ok) return answer
    const [owner = '', repo = ''] = answer.value.name.split('/')
    return ask({ owner, repo })
  }
  const place: Place = {
    about,
    find: async (below, parameters, shape) =>
      within(async (repository) =>
        orNull(await client.ask(`GET ${BELOW}/${below}`, { parameters: { ...repository, ...parameters }, shape })),
      ),
    findAll: async (below, asked) =>
      within(async (repository) =>
        client.askAll(`GET ${BELOW}/${below}`, { ...asked, parameters: { ...repository, ...asked.parameters } }),
      ),
    make: async (method, below, asked) =>
      within(async (repository) =>
        client.ask(`${method} ${BELOW}/${below}`, { ...asked, parameters: { ...repository, ...asked.parameters } }),
      ),
    write: async (method, below, asked) => {
      const answer = await place.make(method, below, { ...asked, shape: shapes.NOTHING, instead: null })
      return answer.ok ? ok(null) : answer
    },
  }
  return place
}

const BELOW = '/repos/{owner}/{repo}'

function orNull<T>(answer: Result<T, ForgeError>): Result<T | null, ForgeError> {
  return answer.ok || answer.error.kind !== 'missing' ? answer : ok(null)
}
