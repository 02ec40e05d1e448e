import { isFitName } from './tree.ts'

/** What HFS+ leaves out when it compares names (git's utf8.c, next_hfs_char). */
const UNSEEN = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu
/** What some file system takes for `.git` (git's path.c, is_ntfs_dotgit). */
const GIT = /^(?:\.git|git~1)[ .]*(?:[:\\].*)?$/u

/** Whether a change may be to this path: relative, within the workspace, and neither git's nor codex's own on any file system. */
export function isChangePath(path: string): boolean {
  if (!isFitName(path) || Buffer.byteLength(path) > 4096) return false
  return path.split('/').every((name) => {
    if (name === '' || name === '.' || name === '..') return false
    const seen = name.replaceAll(UNSEEN, '').toLowerCase()
    return seen !== '.codex' && !GIT.test(seen)
  })
}
