import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildFailure } from 'esbuild'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { err, ok, type Result } from '../model/result.ts'

const NAMES = ['codex.config.ts', 'codex.config.mts', 'codex.config.js', 'codex.config.mjs'] as const

export interface ConfigFile {
  /** Relative to the workspace root; `null`: there is none, and every default holds. */
  readonly file: string | null
  readonly value: unknown
}

/** Loads codex.config.ts (or .mts, .js, .mjs) of a workspace. It is the operator's own program and runs with his rights. */
export async function loadConfigFile(root: string): Promise<Result<ConfigFile, Diagnostic>> {
  const present = NAMES.filter((name) => existsSync(join(root, name)))
  const [file] = present
  if (file === undefined) return ok({ file: null, value: {} })
  if (present.length > 1) return err(diagnostic('config-ambiguous', startOf(file), { files: present }))
  try {
    return ok({ file, value: await importDefault(join(root, file)) })
  } catch (error) {
    return err(problemOf(error, file))
  }
}

/** esbuild says where a file can't be read as a program. */
function problemOf(error: unknown, file: string): Diagnostic {
  const [first] = isBuildFailure(error) ? error.errors : []
  if (!first) return diagnostic('config-load', startOf(file), { detail: detailOf(error) })
  const { line = 1, column = 0, length = 0 } = first.location ?? {}
  const start = { line, column: column + 1 }
  return diagnostic(
    'config-load',
    { file, start, end: { line, column: start.column + length } },
    { detail: first.text },
  )
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

async function importDefault(path: string): Promise<unknown> {
  const module: object = await import(await importable(path))
  if (!('default' in module)) throw new Error('it has no default export')
  return module.default
}

/**
 * A configuration imports only `defineConfig`, by the project's own name. Bundling resolves that name to what it is, the
 * identity, so that the file loads the same from a project without node_modules and on a Node.js that knows no types.
 */
async function importable(path: string): Promise<string> {
  if (/\.m?js$/.test(path) && !/codex-orchestrator/.test(readFileSync(path, 'utf8'))) return pathToFileURL(path).href
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
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
  return `data:text/javascript;base64,${Buffer.from(output.text).toString('base64')}`
}
