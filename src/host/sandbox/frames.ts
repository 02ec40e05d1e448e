/**
 * Cuts the stream of a slot into what an action printed and the line that ends it: `<nonce> <exit code>\n`. The nonce is new
 * for every action and never shown to it, and the line is written after the action's last process is gone, so nothing that
 * an action prints can end it early.
 */
export interface FrameScanner {
  push(chunk: Uint8Array): void
  /** Gives out what is still held back, when nothing more can come. */
  flush(): void
}

export interface FrameListener {
  /** Hexadecimal digits. */
  readonly nonce: string
  readonly onOutput: (bytes: Uint8Array) => void
  readonly onEnd: (exitCode: number) => void
}

export function createFrameScanner({ nonce, onOutput, onEnd }: FrameListener): FrameScanner {
  let held: Buffer = Buffer.alloc(0)
  let ended = false
  const mark = Buffer.from(`${nonce} `)

  const end = (line: Buffer): void => {
    const newline = line.indexOf('\n')
    if (newline === -1) return
    ended = true
    onEnd(Number(line.subarray(mark.length, newline).toString('latin1')))
  }

  return {
    push: (chunk) => {
      if (ended) return
      const bytes = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk])
      const at = bytes.indexOf(mark)
      const safe = at === -1 ? bytes.length - overlap(bytes, mark) : at
      if (safe > 0) onOutput(bytes.subarray(0, safe))
      held = bytes.subarray(safe)
      if (at !== -1) end(held)
    },
    flush: () => {
      if (!ended && held.length > 0) onOutput(held)
      held = Buffer.alloc(0)
    },
  }
}

/** How many of the last bytes may be the beginning of a mark, which only the next chunk can tell. */
function overlap(bytes: Buffer, mark: Buffer): number {
  let length = Math.min(bytes.length, mark.length - 1)
  while (length > 0 && !bytes.subarray(bytes.length - length).equals(mark.subarray(0, length))) length--
  return length
}
