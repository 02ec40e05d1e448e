import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** test/cli drives dist/cli.js, so that has to be what src says. */
export function setup(): void {
  const built = modifiedAt(join(root, 'dist', 'cli.js'))
  if (newestIn(join(root, 'src')) <= built) return
  execFileSync(process.execPath, [join(root, '.ci', 'build.mjs')], { stdio: 'inherit' })
}

function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function newestIn(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Math.max(0, ...entries.map((entry) => modifiedAt(join(folder, entry))))
}
