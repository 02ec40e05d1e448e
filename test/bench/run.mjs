// `npm run bench`: bundles the benchmarks, which are TypeScript, and runs them. Needs a build in dist/.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
// Inside node_modules, so that what stays unbundled is found.
const folder = mkdtempSync(join(root, 'node_modules', '.bench-'))
const outfile = join(folder, 'main.mjs')
try {
  await build({
    entryPoints: [join(root, 'test/bench/main.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  })
  const { main } = await import(pathToFileURL(outfile).href)
  await main({ root, only: process.argv[2] ?? '' })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
