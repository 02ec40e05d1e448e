// Builds dist/: the bundled program and library, their type declarations and the licences of what is bundled.
//
// Bundled, because loading zod, yaml, graphology and commander as they are installed costs more than twice the start of
// Node; split, because a command must not pay for the modules that only another one uses.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)))
const dist = join(root, 'dist')

const bundle = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli.ts', 'src/index.ts'],
  outdir: 'dist',
  entryNames: '[name]',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // esbuild finds its own binary beside its package, so it can't be carried along.
  external: ['esbuild'],
  legalComments: 'none',
  // Bundled CommonJS modules call `require` for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'\nconst require = __createRequire(import.meta.url)",
  },
  metafile: true,
  write: false,
})

// Everything is in memory by now, so that a build that fails leaves the last good one in place.
rmSync(dist, { recursive: true, force: true })
for (const file of bundle.outputFiles) write(file.path, program(file))
write(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences(bundledPackages(bundle.metafile)))
chmodSync(join(dist, 'cli.js'), 0o755)
declarations()

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function program(file) {
  const isCli = relative(dist, file.path) === 'cli.js'
  return isCli && !file.text.startsWith('#!') ? `#!/usr/bin/env node\n${file.text}` : file.text
}

/** Folders of the packages of which at least one byte is in the output. */
function bundledPackages(metafile) {
  /** @type {Set<string>} */
  const folders = new Set()
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder)
    }
  }
  return [...folders].toSorted()
}

function licences(folders) {
  const sections = folders.map((folder) => {
    const path = join(root, folder)
    const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
    const files = readdirSync(path).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    if (files.length === 0) throw new Error(`${folder} has no licence file; it can't be bundled`)
    const texts = files.toSorted().map((file) => readFileSync(join(path, file), 'utf8').trim())
    return `${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`
  })
  return `The files of this package contain code of the following packages.\n\n${sections.join(`\n${'-'.repeat(80)}\n\n`)}`
}

/** Types are only written here and not checked: `npm run check:types` does that for all of src and test. */
function declarations() {
  const project = join(root, '.config', 'tsconfig.build.json')
  if (!existsSync(project)) throw new Error(`${project} is missing`)
  const tsc = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')))
  const { status, error } = spawnSync(process.execPath, [tsc, '--project', project], { stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}
