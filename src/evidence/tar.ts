import { err, ok, type Result } from '../model/result.ts'

/** A regular file of an archive. */
export interface TarFile {
  /** Relative, with `/` between parts. */
  readonly path: string
  readonly executable: boolean
  /** In bytes. */
  readonly size: number
  readonly chunks: () => Iterable<Uint8Array>
}

const BLOCK = 512
/** What 11 octal digits can say. */
const LARGEST = 8 ** 11 - 1
/** Bytes of a name that fits into its field. */
const SHORT = 100
const LONG_NAME = '@LongLink'

/**
 * An archive as POSIX has it (ustar, with a pax header for a name of more than 100 bytes), in one form for the same files:
 * nothing but regular files in the order in which they come, of mode 644 or 755, of user and group 0 and of 1970, and two empty
 * blocks at the end.
 *
 * @throws RangeError for a file that is larger than 8 GiB, or is not as large as it was said to be
 */
export function* tarChunks(files: Iterable<TarFile>): Generator<Uint8Array, void> {
  for (const file of files) {
    yield headerOf(file)
    let size = 0
    for (const chunk of file.chunks()) {
      size += chunk.length
      yield chunk
    }
    if (size !== file.size) throw new RangeError(`${file.path} has ${size} bytes, not ${file.size}`)
    yield Buffer.alloc(padding(size))
  }
  yield Buffer.alloc(2 * BLOCK)
}

function headerOf({ path, executable, size }: Omit<TarFile, 'chunks'>): Uint8Array {
  const name = Buffer.from(path)
  const mode = executable ? 0o755 : 0o644
  if (name.length <= SHORT) return block({ name, mode, size, type: '0' })
  const record = paxRecord(name)
  return Buffer.concat([
    block({ name: Buffer.from(LONG_NAME), mode: 0o644, size: record.length, type: 'x' }),
    record,
    Buffer.alloc(padding(record.length)),
    block({ name: Buffer.from(LONG_NAME), mode, size, type: '0' }),
  ])
}

/** `<length> path=<name>\n`, the length counting its own digits. */
function paxRecord(name: Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(' path='), name, Buffer.from('\n')])
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

interface Header {
  readonly name: Uint8Array
  readonly mode: number
  readonly size: number
  readonly type: '0' | 'x'
}

function block({ name, mode, size, type }: Header): Buffer {
  if (size > LARGEST) throw new RangeError(`a file of ${size} bytes is too large for an archive`)
  const bytes = Buffer.alloc(BLOCK)
  bytes.set(name)
  bytes.write(
    `${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(0, 11)}\0        ${type}`,
    100,
  )
  bytes.write('ustar\u000000', 257)
  bytes.write(`${octal(0, 7)}\0${octal(0, 7)}\0`, 329)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${octal(sum, 6)}\0 `, 148)
  return bytes
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

/** Where, in bytes from its beginning, an archive is not what {@link tarChunks} writes. */
export interface TarProblem {
  readonly offset: number
}

/** Receives a file of an archive; its bytes come in pieces until `end`. */
export interface TarSink {
  readonly write: (chunk: Uint8Array) => void
  readonly end: () => void
}

/**
 * Reads what {@link tarChunks} writes, and nothing else that may be called a tar: every header has to be the one that the file
 * would get. So no byte can change but those of the files.
 *
 * @param open called for each file in order, before its bytes; `null`: such a file is not taken
 */
export function readTar(
  chunks: Iterable<Uint8Array>,
  open: (file: Omit<TarFile, 'chunks'>) => TarSink | null,
): Result<void, TarProblem> {
  const source = new Source(chunks)
  for (;;) {
    const { offset } = source
    const first = source.take(BLOCK)
    if (!first) return err({ offset })
    if (first.every((byte) => byte === 0)) {
      const last = source.take(BLOCK)
      return last?.every((byte) => byte === 0) && source.take(1) === null && source.isEmpty()
        ? ok(undefined)
        : err({ offset })
    }
    const file = readHeader(first, source)
    const sink = file && open(file)
    if (!sink || !copy(file.size, source, sink)) return err({ offset })
  }
}

/** The longest name that is read, in bytes. */
const LONGEST_NAME = 16 * 1024

function readHeader(first: Buffer, source: Source): Omit<TarFile, 'chunks'> | null {
  const size = sizeIn(first)
  const isLong = first[156] === 0x78
  if (!isLong) return known({ path: textOf(first.subarray(0, nameEnd(first))), bytes: first, size })
  if (size > LONGEST_NAME) return null
  const record = source.take(size + padding(size))
  const second = record && source.take(BLOCK)
  if (!second) return null
  const start = record.indexOf('=') + 1
  const path = textOf(record.subarray(start, size - 1))
  return known({ path, bytes: Buffer.concat([first, record, second]), size: sizeIn(second) })
}

/** The file, if these are the bytes of its header. */
function known({ path, bytes, size }: { path: string; bytes: Buffer; size: number }): Omit<TarFile, 'chunks'> | null {
  if (!Number.isSafeInteger(size)) return null
  for (const executable of [false, true]) {
    if (bytes.equals(headerOf({ path, executable, size }))) return { path, executable, size }
  }
  return null
}

function sizeIn(header: Buffer): number {
  const digits = header.toString('latin1', 124, 135)
  return /^[0-7]{11}$/.test(digits) ? parseInt(digits, 8) : NaN
}

function nameEnd(header: Buffer): number {
  const end = header.indexOf(0)
  return end === -1 || end > SHORT ? SHORT : end
}

/** Bytes that are no UTF-8 become others, whose header is another. */
function textOf(bytes: Buffer): string {
  return bytes.toString()
}

function copy(size: number, source: Source, { write, end }: TarSink): boolean {
  for (let rest = size; rest > 0;) {
    const chunk = source.some(rest)
    if (!chunk) return false
    write(chunk)
    rest -= chunk.length
  }
  end()
  const after = source.take(padding(size))
  return after !== null && after.every((byte) => byte === 0)
}

/** Bytes that come in pieces. */
class Source {
  readonly #chunks: Iterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array(0)
  offset = 0

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]()
  }

  /** At least one byte and at most `limit`; `null` at the end. */
  some(limit: number): Uint8Array | null {
    while (this.#rest.length === 0) {
      const next = this.#chunks.next()
      if (next.done) return null
      this.#rest = next.value
    }
    const piece = this.#rest.subarray(0, limit)
    this.#rest = this.#rest.subarray(piece.length)
    this.offset += piece.length
    return piece
  }

  /** So many bytes; `null` where there are not so many. */
  take(size: number): Buffer | null {
    const pieces: Uint8Array[] = []
    for (let rest = size; rest > 0;) {
      const piece = this.some(rest)
      if (!piece) return null
      pieces.push(piece)
      rest -= piece.length
    }
    return Buffer.concat(pieces, size)
  }

  isEmpty(): boolean {
    return this.some(1) === null
  }
}
