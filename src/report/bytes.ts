const BINARY = ['KiB', 'MiB', 'GiB', 'TiB'] as const

/** A measured size for people, to one decimal: `12 B`, `3.4 KiB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  let value = bytes
  let unit = -1
  do {
    value /= 1024
    unit += 1
  } while (value >= 1023.95 && unit < BINARY.length - 1)
  return `${Number(value.toFixed(1))} ${BINARY[unit] ?? ''}`
}

/** A size as a task.yml writes it, in the greatest unit that holds it exactly: `10MiB`, `1GB`, `1000B`. */
export function packSize(bytes: number): string {
  const units = [
    ['GiB', 1024 ** 3],
    ['GB', 1e9],
    ['MiB', 1024 ** 2],
    ['MB', 1e6],
    ['KiB', 1024],
    ['KB', 1e3],
  ] as const
  const unit = units.find(([, size]) => bytes > 0 && bytes % size === 0)
  return unit ? `${bytes / unit[1]}${unit[0]}` : `${bytes}B`
}
