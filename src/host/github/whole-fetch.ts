/** Far more than any answer that is asked for. */
const MOST_BYTES = 64 * 1024 * 1024

type Fetch = typeof globalThis.fetch

/**
 * Fetches an answer as a whole within a time, so that one that was cut off is an error and never taken for a short one.
 */
export function wholeFetch(timeoutMs: number): Fetch {
  return async (input, init) => {
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(input, { ...init, signal })
      const { status, statusText, headers } = response
      const body = await wholeBody(response)
      return new Response(EMPTY.has(status) ? null : body, { status, statusText, headers })
    } catch (error) {
      throw signal.aborted ? new TypeError(`no answer within ${timeoutMs / 1000} seconds`, { cause: error }) : error
    }
  }
}

/** Answers that have no body. */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304])

async function wholeBody({ body }: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let size = 0
  const chunks: AsyncIterable<Uint8Array> | [] = body ?? []
  for await (const part of chunks) {
    parts.push(part)
    size += part.length
    if (size > MOST_BYTES) throw new TypeError('an answer that is far too long')
  }
  return new Uint8Array(Buffer.concat(parts, size))
}
