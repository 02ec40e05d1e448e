import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/model/digest.ts'
import type { RunFolder } from '../../src/model/ports.ts'
import { createMasker } from '../../src/run/mask.ts'
import { createLogSink, TAIL_BYTES, type LogSink } from '../../src/run/log.ts'
import { memoryRunFolder } from '../support/memory-run-folder.ts'

function sinkIn(folder: RunFolder, path: string, limit: number): LogSink {
  return createLogSink(folder, path, { limit, masker: createMasker([]) })
}

describe('a log', () => {
  it('keeps what is printed, byte for byte, and closes its file', () => {
    const folder = memoryRunFolder()
    const sink = sinkIn(folder, 'logs/a/1.log', 100)
    expect(sink.write(Buffer.from([0xff, 0x00]))).toBe(true)
    expect(sink.write(Buffer.from('end'))).toBe(true)
    expect(folder.open.has('logs/a/1.log')).toBe(true)
    const bytes = Buffer.from([0xff, 0x00, ...Buffer.from('end')])
    expect(sink.finish()).toEqual({ path: 'logs/a/1.log', totalBytes: 5, digest: sha256(bytes) })
    expect(folder.files.get('logs/a/1.log')).toEqual(bytes)
    expect(folder.open.size).toBe(0)
  })

  it('leaves no file of a command that printed nothing', () => {
    const folder = memoryRunFolder()
    const sink = sinkIn(folder, 'logs/a/1.log', 100)
    sink.write(Buffer.alloc(0))
    expect(sink.finish()).toEqual({ path: null, totalBytes: 0, digest: null })
    expect(folder.files.size).toBe(0)
  })

  it('may be exactly as long as the limit', () => {
    const sink = sinkIn(memoryRunFolder(), 'x', 3)
    expect(sink.write(Buffer.from('abc'))).toBe(true)
    expect(sink.exceeded).toBe(false)
    expect(sink.write(Buffer.from('d'))).toBe(false)
    expect(sink.exceeded).toBe(true)
  })

  it('copies its tail, because the writer uses its buffer again', () => {
    const sink = sinkIn(memoryRunFolder(), 'x', 100)
    const buffer = Buffer.from('one')
    sink.write(buffer)
    buffer.write('two')
    sink.finish()
    expect(Buffer.from(sink.tail().bytes).toString()).toBe('one')
  })

  it('holds at most the limit, counts all, and knows its end, however it comes in pieces', () => {
    const piece = fc.oneof(fc.nat(300), fc.nat(3 * TAIL_BYTES))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(6 * TAIL_BYTES), (sizes, limit) => {
        const folder = memoryRunFolder()
        const sink = sinkIn(folder, 'x', limit)
        const chunks = sizes.map((size, at) => Buffer.alloc(size, at + 1))
        const answers = chunks.map((chunk) => sink.write(chunk))
        const all = Buffer.concat(chunks)
        const kept = all.subarray(0, limit)
        const total = sizes.map((_, at) => sizes.slice(0, at + 1).reduce((sum, size) => sum + size, 0))
        expect(answers).toEqual(total.map((bytes) => bytes <= limit))
        expect(sink.tail().cut).toBe(kept.length > TAIL_BYTES)
        expect(Buffer.compare(sink.tail().bytes, kept.subarray(-TAIL_BYTES))).toBe(0)
        const record = sink.finish()
        expect(record.totalBytes).toBe(all.length)
        expect(record.digest).toBe(kept.length === 0 ? null : sha256(kept))
        expect(Buffer.compare(folder.files.get('x') ?? Buffer.alloc(0), kept)).toBe(0)
      }),
      { numRuns: 50 },
    )
  })
})
