import { accessSync, constants } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { attempt } from './file-error.ts'

/** The absolute path of git; `null`: there is none. @param searchPath as PATH says it; what is relative there does not count */
export function findGit(searchPath: string): string | null {
  const folders = searchPath.split(':').filter((folder) => isAbsolute(folder))
  const isProgram = (file: string): boolean => attempt(file, () => accessSync(file, constants.X_OK)).ok
  return folders.map((folder) => join(folder, 'git')).find(isProgram) ?? null
}
