import { TemporaryFolderError } from '../model/temporary-folder.ts'
import { escapeLines } from './style.ts'

/** Refusals of the machine's own resources: nobody's bug, and a run that meets one has hit a limit. */
const RESOURCE_CODES: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'The disk is full.'],
  ['EDQUOT', 'The disk quota is used up.'],
  ['EROFS', 'The file system is read-only.'],
  ['EACCES', 'Permission was denied.'],
  ['EPERM', 'The operation is not permitted.'],
  ['EMFILE', 'Too many files are open.'],
  ['ENFILE', 'Too many files are open on this machine.'],
  ['ENOMEM', 'There is no memory left.'],
  ['EAGAIN', 'No more processes can be started.'],
  ['EIO', 'A device failed.'],
])

/** 2: usage; 4: a limit; 70: EX_SOFTWARE of sysexits.h. */
const USAGE = 2
const LIMIT = 4
const BUG = 70

/** Words an error that nothing expected: of the machine, or a bug of codex. */
export function renderCrash(error: unknown, version: string): { readonly text: string; readonly exitCode: number } {
  if (isLostFolder(error)) return { text: 'error: The folder that codex was called in is gone.\n', exitCode: USAGE }
  if (error instanceof TemporaryFolderError) {
    return { text: `error: ${escapeLines(error.message).join(' ')}\n`, exitCode: USAGE }
  }
  const system = systemError(error)
  if (system) {
    const { meaning, message } = system
    return {
      text: `error: ${meaning} Nothing was accepted.\n  ${escapeLines(message).join('\n  ')}\n`,
      exitCode: LIMIT,
    }
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const cause = error instanceof Error && error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : ''
  const lines = escapeLines(detail + cause)
  return { text: `This is a bug in codex ${version}; nothing was accepted.\n  ${lines.join('\n  ')}\n`, exitCode: BUG }
}

function isLostFolder(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd'
}

/** The error itself, or one that it was caused by. */
function systemError(error: unknown): { readonly meaning: string; readonly message: string } | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const meaning = 'code' in at && typeof at.code === 'string' ? RESOURCE_CODES.get(at.code) : undefined
    if (meaning !== undefined) return { meaning, message: at.message }
  }
  return null
}
