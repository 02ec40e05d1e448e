import type { BuildOptions } from 'esbuild'

/** How a program of one file is made from TypeScript, to run where this project's folder is not. */
export const PROGRAM: BuildOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: ['esbuild'],
  banner: { js: "import { createRequire as __make } from 'node:module'\nconst require = __make(import.meta.url)" },
  logLevel: 'error',
}
