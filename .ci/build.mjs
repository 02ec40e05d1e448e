// Builds dist/ (of this project, or of the folder that is named): the bundled program and library, their type declarations,
// the JSON Schemas that the program prints, and the licences of what is bundled.
//
// Bundled, because loading zod, yaml, graphology and commander as they are installed costs more than twice the start of
// Node; split, because a command must not pay for the modules that only another one uses.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)))
const dist = join(root, 'dist')

/** As `codex schema` knows them. */
const SCHEMAS = ['task-pack', 'plugin', 'config', 'manifest', 'run', 'event']

/** The folder of a package at the beginning of a path in it. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/

/** Packages that are published without the licence of their repository, and one from there or of the same owner that is not. */
const LICENSED_AS = { '@npmcli/agent': 'make-fetch-happen', '@sigstore/verify': '@sigstore/sign' }

/** What a package holds in a form in which it has no comments. */
const HOLDS = {
  '@hpcc-js/wasm-graphviz':
    'It holds Graphviz 16.1.0 (EPL-2.0), whose source is at https://gitlab.com/graphviz/graphviz/-/tree/16.1.0, compiled to WebAssembly.',
}

/** The program and the library apart: chunks that both share would be many and small, and each costs a start more. */
const bundles = [
  ...(await Promise.all(['src/cli.ts', 'src/index.ts'].map((entry) => bundleOf(entry)))),
  ...(await Promise.all(['src/plugin.ts', 'src/plugin-runner.ts'].map((entry) => visitor(entry)))),
]

/** What actions see of the program: each in one file, and small, because it is copied for every action that runs a plugin. */
function visitor(entry) {
  return build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: 'dist',
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    legalComments: 'none',
    metafile: true,
    write: false,
  })
}

function bundleOf(entry) {
  return build({
    absWorkingDir: root,
    entryPoints: [entry],
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
    plugins: [withoutForge(), withoutUnused()],
    legalComments: 'none',
    // Bundled CommonJS modules call `require` for Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'\nconst require = __createRequire(import.meta.url)",
    },
    metafile: true,
    write: false,
  })
}

/** What runs in the page that `codex graph --format html` makes. */
const page = await build({
  absWorkingDir: root,
  entryPoints: { page: 'src/report/picture/page/main.ts' },
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: ['chrome111', 'firefox115', 'safari16.4'],
  legalComments: 'none',
  metafile: true,
  write: false,
})

/**
 * secretlint's rule for PKCS#12 archives brings a library for cryptography, larger than all the other rules together. It is
 * never asked: src/run/secret-rules.ts says why.
 */
function withoutForge() {
  return {
    name: 'without-forge',
    setup({ onResolve, onLoad, onEnd }) {
      onResolve({ filter: /^\.\/index-/ }, ({ kind, importer }) => {
        const isRule = kind === 'dynamic-import' && importer.includes('/secretlint-rule-preset-recommend/')
        return isRule ? { path: 'forge', namespace: 'without' } : undefined
      })
      onLoad({ filter: /^forge$/, namespace: 'without' }, () => ({ contents: 'export const i = {}' }))
      onEnd(({ metafile }) => {
        if (!Object.hasOwn(metafile?.inputs ?? {}, 'without:forge'))
          throw new Error('the library is called otherwise now')
      })
    },
  }
}

/**
 * Signing with sigstore asks for no list of trusted keys (that is for whoever verifies) and reads no text in old encodings, but
 * loads what would do either.
 */
function withoutUnused() {
  return {
    name: 'without-unused',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(@sigstore\/tuf|iconv-lite)$/ }, ({ path, importer }) =>
        /\/node_modules\/(sigstore|minipass-fetch)\//.test(importer) ? { path, namespace: 'unused' } : undefined,
      )
      onLoad({ filter: /^/, namespace: 'unused' }, () => ({ contents: 'module.exports = {}' }))
    },
  }
}

// Put together aside and then moved file by file, so that a build that fails leaves the last good one in place and
// whoever runs the program meanwhile finds it whole.
const stage = join(dist, `.stage-${process.pid}`)
try {
  for (const file of [...bundles, page].flatMap(({ outputFiles }) => outputFiles))
    write(relative(dist, file.path), program(file))
  write(
    'THIRD-PARTY-LICENSES.txt',
    licences([...new Set([...bundles, page].flatMap(({ metafile }) => bundledFiles(metafile)))].toSorted()),
  )
  chmodSync(join(stage, 'cli.js'), 0o755)
  declarations(join(stage, 'types'))
  for (const name of SCHEMAS) write(`schemas/${name}.json`, schema(name))
  replaceWith(filesIn(stage))
} finally {
  rmSync(stage, { recursive: true, force: true })
}

function write(path, text) {
  mkdirSync(dirname(join(stage, path)), { recursive: true })
  writeFileSync(join(stage, path), text)
}

function program(file) {
  const isCli = relative(dist, file.path) === 'cli.js'
  return isCli && !file.text.startsWith('#!') ? `#!/usr/bin/env node\n${file.text}` : file.text
}

function replaceWith(files) {
  for (const file of files) {
    mkdirSync(dirname(join(dist, file)), { recursive: true })
    renameSync(join(stage, file), join(dist, file))
  }
  const stale = filesIn(dist).filter((file) => !files.includes(file) && !file.startsWith('.stage-'))
  for (const file of stale) rmSync(join(dist, file))
}

function filesIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

/** Files of packages of which at least one byte is in the output. */
function bundledFiles(metafile) {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  return inputs.flatMap(([file, { bytesInOutput }]) => (PACKAGE.test(file) && bytesInOutput > 0 ? [file] : []))
}

function licenceFiles(folder, { name, license }) {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
  if (files.length > 0) return files.toSorted().map((file) => join(folder, file))
  const other = LICENSED_AS[name] && join(root, 'node_modules', LICENSED_AS[name])
  if (!other || packageOf(other).license !== license)
    throw new Error(`${name} has no licence file; it can't be bundled`)
  return licenceFiles(other, packageOf(other))
}

function packageOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

function licences(bundled) {
  const folders = [...new Set(bundled.map((file) => PACKAGE.exec(file)[0]))]
  const sections = folders.map((folder) => {
    const about = packageOf(join(root, folder))
    const { name, version, license } = about
    const texts = licenceFiles(join(root, folder), about).map((file) => readFileSync(file, 'utf8').trim())
    const parts = [
      ...texts,
      ...(HOLDS[name] ? [HOLDS[name]] : []),
      ...notices(bundled.filter((file) => PACKAGE.exec(file)[0] === folder)),
    ]
    return `${name} ${version} (${license})\n\n${parts.join('\n\n')}\n`
  })
  return `The files of this package contain code of the following packages.\n\n${sections.join(`\n${'-'.repeat(80)}\n\n`)}`
}

/** A package may hold the code of others; what those ask to be kept stands in comments. */
function notices(files) {
  const comments = files.flatMap((file) => readFileSync(join(root, file), 'utf8').match(/\/\*[^]*?\*\//g) ?? [])
  return [...new Set(comments.filter((comment) => /copyright/i.test(comment)))]
}

/** Printed by the program that has just been made. */
function schema(name) {
  const args = [join(stage, 'cli.js'), 'schema', name]
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`codex schema ${name} printed none`)
  return stdout
}

/** Types are only written here and not checked: `npm run check:types` does that for all of src and test. */
function declarations(folder) {
  const tsc = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')))
  const args = [tsc, '--project', join(root, '.config', 'tsconfig.build.json'), '--outDir', folder]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) throw new Error('tsc wrote no declarations')
}
