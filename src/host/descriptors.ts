import { closeSync, readdirSync, readFileSync } from 'node:fs'
import { attempt } from './file-error.ts'

const O_CLOEXEC = 0o2000000

/**
 * Closes every descriptor that whoever started codex left open to it beside its three streams. Node.js keeps what it opens
 * itself from its children, but not all of these: an action could read the host's files through an open folder.
 */
export function closeInherited(): void {
  const listed = attempt('/proc/self/fd', () => readdirSync('/proc/self/fd'))
  if (!listed.ok) return
  for (const descriptor of listed.value.map(Number)) {
    if (descriptor > 2 && isInheritable(descriptor)) attempt(`${descriptor}`, () => closeSync(descriptor))
  }
}

/** proc(5): the flags are octal. What can't be read is the listing's own descriptor, closed by now. */
function isInheritable(descriptor: number): boolean {
  const path = `/proc/self/fdinfo/${descriptor}`
  const info = attempt(path, () => readFileSync(path, 'utf8'))
  const flags = info.ok ? /^flags:\s*([0-7]+)$/m.exec(info.value)?.[1] : undefined
  return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0
}
