import { Writable } from 'node:stream'
import { createLogUpdate } from 'log-update'
import { fit } from './columns.ts'
import { elapsed } from './duration.ts'
import type { RunState } from './run-state.ts'
import { escapeText, type Style, type Write } from './style.ts'

/** Columns and rows of the terminal at this moment. */
export type Size = () => { readonly columns: number; readonly rows: number }

/** A block at the bottom of a terminal, with everything else scrolling above it. */
export interface Live {
  /** Whole lines for above the block; they appear with its next drawing, so that a burst of them costs one. */
  print(text: string): void
  draw(block: string): void
  /** Shows what was printed and removes the block. */
  clear(): void
}

export function liveBlock(write: Write, size: Size): Live {
  // The cursor stays visible: hiding it takes process-wide exit hooks to bring it back.
  const block = createLogUpdate(terminal(write, size), { showCursor: true })
  let shown = false
  let pending = ''
  const clear = (): void => {
    if (shown) block.clear()
    if (pending !== '') write(pending)
    shown = false
    pending = ''
  }
  return {
    clear,
    print: (text) => {
      pending += text
    },
    draw: (text) => {
      if (pending !== '') clear()
      block(text)
      shown = true
    },
  }
}

/** The callback as the stream that log-update asks for. */
function terminal(write: Write, size: Size): Writable {
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      write(chunk)
      done()
    },
  })
  return Object.defineProperties(stream, {
    isTTY: { value: true },
    columns: { get: () => size().columns },
    rows: { get: () => size().rows },
  })
}

const UNICODE_FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const
const ASCII_FRAMES = ['|', '/', '-', '\\'] as const
const FRAME_MS = 100
const MOST_ROWS = 12

/** The block: how far the run is, then each running action with its time, the longest-running first. */
export function renderBlock(
  state: RunState,
  now: number,
  options: { style: Style; size: Size; unicode: boolean },
): string {
  const { columns, rows } = options.size()
  const { colors, glyphs } = options.style
  const frames = options.unicode ? UNICODE_FRAMES : ASCII_FRAMES
  const frame = frames[Math.floor(now / FRAME_MS) % frames.length] ?? ''
  const room = Math.max(1, Math.min(MOST_ROWS, rows - 3))
  const running = [...state.running].slice(0, state.running.size > room ? room - 1 : room)
  const lines = running.map(([id, { since, attempt }]) => {
    const tried = attempt > 1 ? `  attempt ${attempt}` : ''
    const time = `${tried}  ${elapsed(now - since)}`
    return `  ${fit(escapeText(id), columns - 3 - time.length, glyphs.ellipsis)}${colors.dim(time)}`
  })
  const hidden = state.running.size - running.length
  if (hidden > 0) lines.push(colors.dim(`  ${glyphs.ellipsis} and ${hidden} more`))
  return [`${colors.cyan(frame)} ${fit(progress(state, now), columns - 3, glyphs.ellipsis)}`, ...lines].join('\n')
}

function progress(state: RunState, now: number): string {
  const parts = [
    `${state.outcomes.size}/${state.total} done`,
    ...(state.failed > 0 ? [`${state.failed} failed`] : []),
    `${state.running.size} running`,
    elapsed(now - state.startedAt),
  ]
  return parts.join(', ')
}
