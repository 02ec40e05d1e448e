import picomatch from 'picomatch/posix.js'
import { isPattern } from './paths.ts'

/** Tests paths against one pattern, both relative to the same folder: a path, a folder (trailing `/`) or a glob; dot files match. */
export function matcher(pattern: string): (path: string) => boolean {
  if (pattern === '**') return () => true
  const folder = pattern.endsWith('/')
  if (!isPattern(pattern)) return folder ? (path) => path.startsWith(pattern) : (path) => path === pattern
  return picomatch(folder ? `${pattern}**` : pattern, { dot: true, nonegate: true })
}

/** The folders at the start of a pattern that hold no wildcard: `src/a` of `src/a/*.ts`; of a path, the folder it is in. */
export function baseOf(pattern: string): string {
  const parts = pattern.split('/')
  const wild = parts.findIndex(isPattern)
  return parts.slice(0, wild === -1 ? -1 : wild).join('/')
}
