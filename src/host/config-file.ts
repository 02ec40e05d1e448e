import { Console } from 'node:console'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { BuildFailure, Location } from 'esbuild'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { err, ok, type Result } from '../model/result.ts'

const NAMES = ['codex.config.ts', 'codex.config.mts', 'codex.config.js', 'codex.config.mjs'] as const

export interface ConfigFile {
  /** Relative to the workspace root; `null`: there is none, and every default holds. */
  readonly file: string | null
  readonly value: unknown
  /** Files that it was made of, where there are several, relative to the workspace root; not those of packages. */
  readonly inputs?: readonly string[]
}

/** Loads codex.config.ts (or .mts, .js, .mjs) of a workspace. It is the operator's own program and runs with his rights. */
export async function loadConfigFile(root: string): Promise<Result<ConfigFile, Diagnostic>> {
  const present = NAMES.filter((name) => existsSync(join(root, name)))
  const [file] = present
  if (file === undefined) return ok({ file: null, value: {} })
  if (present.length > 1) return err(diagnostic('config-ambiguous', startOf(file), { files: present }))
  try {
    return ok({ file, ...(await onStderr(async () => importDefault(join(root, file)))) })
  } catch (error) {
    return err(problemOf(error, file))
  }
}

/** What a configuration prints is for people: stdout is for data that another program may read. */
async function onStderr<T>(load: () => Promise<T>): Promise<T> {
  const own = globalThis.console
  globalThis.console = new Console(process.stderr)
  try {
    return await load()
  } finally {
    globalThis.console = own
  }
}

/** esbuild says where a file can't be read as a program. */
function problemOf(error: unknown, file: string): Diagnostic {
  const [first] = isBuildFailure(error) ? error.errors : []
  if (!first) return diagnostic('config-load', startOf(file), { detail: detailOf(error) })
  return diagnostic('config-load', locationOf(first.location) ?? startOf(file), { detail: first.text })
}

/** esbuild counts columns in bytes, and names files relative to the folder that it works in. */
function locationOf(found: Location | null): Diagnostic['location'] {
  if (!found) return null
  const { file, line, lineText } = found
  const bytes = Buffer.from(lineText)
  const columnOf = (offset: number): number => bytes.subarray(0, offset).toString().length + 1
  const end = { line, column: columnOf(found.column + found.length) }
  return { file, start: { line, column: columnOf(found.column) }, end }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}

function startOf(file: string): Diagnostic['location'] {
  return { file, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } }
}

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function importDefault(path: string): Promise<Pick<ConfigFile, 'value' | 'inputs'>> {
  const plain = await importPlain(path)
  if (plain) return { value: defaultOf(plain) }
  const { text, inputs } = await bundle(path)
  return { value: defaultOf((await import(dataUrl(text))) as object), inputs }
}

function defaultOf(module: object): unknown {
  if (!('default' in module)) throw new Error('it has no default export')
  return module.default
}

function dataUrl(text: string): string {
  return `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`
}

/** The project's own name is all that most configurations import, and what they import from it is the identity. */
const OWN_IMPORT = /^import\s*\{\s*defineConfig\s*\}\s*from\s*(['"])codex-orchestrator\1;?[ \t]*$/m

/** Most configurations are plain JavaScript but for that import: loading a compiler for them would double a command's time. */
async function importPlain(path: string): Promise<object | null> {
  const text = readFileSync(path, 'utf8').replace(OWN_IMPORT, 'const defineConfig = (config) => config')
  if (/\b(?:import|require)\b/.test(text)) return null
  try {
    return (await import(dataUrl(text))) as object
  } catch (error) {
    // It has types, or a mistake that esbuild tells the place of; nothing of it has run.
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/**
 * Bundling resolves the project's own name and relative imports, so that the file loads the same from a workspace without
 * node_modules and on a Node.js that knows no types.
 */
async function bundle(path: string): Promise<{ readonly text: string; readonly inputs: readonly string[] }> {
  // Node would first search the text of a CommonJS module for its exports, which takes longer than running it.
  const { build } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild')
  const { outputFiles, metafile } = await build({
    metafile: true,
    absWorkingDir: dirname(path),
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
    plugins: [
      {
        name: 'own-name',
        setup: (own) => {
          own.onResolve({ filter: /^codex-orchestrator$/ }, ({ path: name }) => ({ path: name, namespace: 'own' }))
          own.onLoad({ filter: /.*/, namespace: 'own' }, () => ({
            contents: 'export const defineConfig = (config) => config',
          }))
        },
      },
    ],
  })
  const [output] = outputFiles
  if (!output) throw new Error('esbuild gave nothing')
  return {
    text: output.text,
    inputs: Object.keys(metafile.inputs).filter((input) => existsSync(join(dirname(path), input))),
  }
}
