/** `30s`, `1500ms`, `5m`, `1h`. */
export const DURATION: RegExp = /^[1-9]\d{0,12}(?:ms|s|m|h)$/
/** `512KiB`, `1GiB`, `10MB`, `4096B`; below 1000 of the largest unit, so that bytes can be counted exactly. */
export const SIZE: RegExp = /^[1-9](?:\d{0,14}|\d{0,11}Ki?|\d{0,8}Mi?|\d{0,5}Gi?|\d{0,2}Ti?)B$/

const DURATIONS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const PREFIXES = ['', 'K', 'M', 'G', 'T']

/** Timers count milliseconds in 31 bits; 24 days is the whole number of days below that. */
export const MAX_DURATION_MS: number = 24 * 24 * 3_600_000

/** Milliseconds; `null` for what is no duration or is longer than {@link MAX_DURATION_MS}. */
export function parseDuration(text: string): number | null {
  if (!DURATION.test(text)) return null
  const unit = text.replace(/^\d+/, '')
  const ms = Number.parseInt(text, 10) * (DURATIONS[unit] ?? Number.NaN)
  return ms <= MAX_DURATION_MS ? ms : null
}

/** Bytes; `null` for what is no size or one of 1000TiB and more. `KiB` counts 1024 bytes, `KB` 1000. */
export function parseSize(text: string): number | null {
  if (!SIZE.test(text)) return null
  const unit = text.replace(/^\d+/, '')
  const base = unit.includes('i') ? 1024 : 1000
  return Number.parseInt(text, 10) * base ** PREFIXES.indexOf(unit === 'B' ? '' : unit.slice(0, 1))
}

/** Whole numbers from 1 to `most`, as a pattern: JSON Schema has no other way to bound a number within a text. */
export function upTo(most: number): string {
  const digits = String(most)
  const below = [...digits].flatMap((digit, place) => {
    const least = place === 0 ? 1 : 0
    if (Number(digit) <= least) return []
    return [`${digits.slice(0, place)}[${least}-${Number(digit) - 1}]${anyDigits(digits.length - place - 1)}`]
  })
  const shorter = digits.length > 1 ? [`[1-9]\\d{0,${digits.length - 2}}`] : []
  return `(?:${[...shorter, ...below, digits].join('|')})`
}

function anyDigits(count: number): string {
  return count === 0 ? '' : `\\d{${count}}`
}

/** Exactly what {@link parseDuration} takes, for JSON Schema. */
export function durationPattern(): string {
  const units = Object.entries(DURATIONS).map(([unit, ms]) => `${upTo(Math.floor(MAX_DURATION_MS / ms))}${unit}`)
  return `^(?:${units.join('|')})$`
}

/** The duration that was likely meant by `300`, `5 min` or `10sec`. */
export function likelyDuration(text: string): string | null {
  const found = /^(\d+)\s*([a-z]*)$/i.exec(text.trim())
  if (!found) return null
  const word = (found[2] ?? '').toLowerCase()
  const unit = /^(?:|s|secs?|seconds?)$/.test(word)
    ? 's'
    : /^(?:m|mins?|minutes?)$/.test(word)
      ? 'm'
      : /^(?:h|hrs?|hours?)$/.test(word)
        ? 'h'
        : 'ms'
  const likely = `${found[1]}${unit}`
  return (unit === 'ms' && !/^m(?:s|secs?|illiseconds?)$/.test(word)) || parseDuration(likely) === null ? null : likely
}

/** The size that was likely meant by `1024`, `10 mb` or `1g`. */
export function likelySize(text: string): string | null {
  const found = /^(\d+)\s*([kmgt]?)(i?)(?:b|bytes?)?$/i.exec(text.trim())
  if (!found) return null
  const prefix = (found[2] ?? '').toUpperCase()
  const likely = `${found[1]}${prefix}${prefix !== '' && !/[a-z]{2}$/i.test(text) ? 'i' : (found[3] ?? '').toLowerCase()}B`
  return parseSize(likely) === null ? null : likely
}

/** A duration whose unit is written in another way, such as `5 min` or `10secs`; without a unit nobody knows which was meant. */
export function respelledDuration(text: string): string | null {
  return /[a-z]/i.test(text) ? likelyDuration(text) : null
}

/** A size whose unit is written in another way, such as `10 mib` or `1 Gb`; a letter alone may stand for two units. */
export function respelledSize(text: string): string | null {
  return /(?:[kmgt]i?)?b(?:ytes?)?\s*$/i.test(text) ? likelySize(text) : null
}
