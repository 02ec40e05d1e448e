const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** A measured time for people: `12 ms`, `3.4 s`, `2 m 05 s`, `1 h 02 m`. */
export function elapsed(milliseconds: number): string {
  const ms = Math.max(0, Math.round(milliseconds))
  if (ms < 1000) return `${ms} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`
}

/** A time as a task.yml writes it, in the greatest unit that holds it exactly: `5m`, `1500ms`. */
export function packDuration(milliseconds: number): string {
  const unit = UNITS.find(([, size]) => milliseconds > 0 && milliseconds % size === 0)
  return unit ? `${milliseconds / unit[1]}${unit[0]}` : `${milliseconds}ms`
}

function pad(number: number): string {
  return String(number).padStart(2, '0')
}
