// Builds the program with one of its guards taken out.
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { CLI } from '../support/cli.ts'
import { PROGRAM } from '../support/bundle.ts'

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url))

/** What to say in place of what the source says, wherever it says it. */
export interface Edit {
  /** Relative to src. */
  readonly file: string
  readonly from: string
  readonly to: string
}

export interface Mutant {
  /** Absolute path of the program. */
  readonly path: string
  remove(): void
}

/** @throws where the source does not say what is to be replaced: the guard is somewhere else now, and so must be the edit */
export async function buildMutant(edits: readonly Edit[]): Promise<Mutant> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'codex-mutant-'))
  const path = join(folder, 'cli.mjs')
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    await bundle(path, edits)
    // What actions see of the program lies beside it, as it was built.
    for (const file of ['plugin-runner.js', 'plugin.js']) copyFileSync(join(dirname(CLI), file), join(folder, file))
  } catch (error) {
    remove()
    throw error
  }
  return { path, remove }
}

async function bundle(path: string, edits: readonly Edit[]): Promise<void> {
  const entryPoints = [join(SOURCES, 'cli.ts')]
  await build({ ...PROGRAM, entryPoints, outfile: path, plugins: [editing(edits)] })
}

function editing(edits: readonly Edit[]): Plugin {
  return {
    name: 'editing',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const here = edits.filter(({ file }) => join(SOURCES, file) === path)
        return here.length > 0 ? { contents: edited(path, here), loader: 'ts' } : null
      })
    },
  }
}

function edited(path: string, edits: readonly Edit[]): string {
  let text = readFileSync(path, 'utf8')
  for (const { from, to } of edits) {
    if (!text.includes(from)) throw new Error(`${path} does not say: ${from}`)
    text = text.replaceAll(from, to)
  }
  return text
}
