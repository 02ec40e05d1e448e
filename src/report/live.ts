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

// Control sequences of ECMA-48, and the private mode by which a terminal shows an update at once.
const ERASE_BELOW = '\u001B[J'
const BEGIN_UPDATE = '\u001B[?2026h'
const END_UPDATE = '\u001B[?2026l'

/**
 * The block must fit the terminal: no line may wrap. The cursor stays visible, because to hide it takes exit hooks that bring
 * it back. (log-update measures every frame by graphemes, and loading it costs as much as starting Node does.)
 */
export function liveBlock(write: Write): Live {
  let shown = ''
  let pending = ''
  const replace = (block: string): void => {
    if (pending === '' && block === shown) return
    write(`${BEGIN_UPDATE}${erase(shown)}${pending}${block}${END_UPDATE}`)
    shown = block
    pending = ''
  }
  return {
    clear: () => replace(''),
    print: (text) => {
      pending += text
    },
    draw: (block) => replace(`${block}\n`),
  }
}

/** Goes back to where the block began; the cursor is below its last line. */
function erase(block: string): string {
  const lines = block.split('\n').length - 1
  return lines === 0 ? '' : `\r\u001B[${lines}A${ERASE_BELOW}`
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
  const { rehearsed, total } = state
  const rehearsing = rehearsed !== null && rehearsed < total
  const parts = [
    rehearsing ? `${rehearsed}/${total} rehearsed` : `${state.outcomes.size}/${total} done`,
    ...(state.failed > 0 ? [`${state.failed} failed`] : []),
    `${state.running.size} running`,
    elapsed(now - state.startedAt),
  ]
  return parts.join(', ')
}
