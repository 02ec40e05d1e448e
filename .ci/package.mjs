// Packs the package, installs the tarball in an empty folder without the network, and uses it there as its users do: the
// library, its types and both programs.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'codex-package-'))

try {
  execFileSync(process.execPath, [join(root, '.ci', 'build.mjs')], { stdio: 'inherit' })
  await lint()
  const packed = pack(root)
  checkFiles(packed.files.map((file) => file.path))
  const consumer = install(packed.filename)
  useLibrary(consumer)
  useSchemas(consumer)
  useTypes(consumer)
  usePrograms(consumer)
  process.stdout.write(`${packed.filename}: ${packed.files.length} files, ${Math.round(packed.size / 1024)} KiB\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function lint() {
  const { messages } = await publint({ pkgDir: root, strict: true, pack: false })
  const complaints = messages.map((message) => formatMessage(message, manifest, { color: false }))
  if (complaints.length > 0) throw new Error(`publint:\n${complaints.join('\n')}`)
}

function pack(path) {
  const args = ['pack', path, '--json', '--ignore-scripts', '--pack-destination', folder]
  return JSON.parse(npm(args, { cwd: folder }))[0]
}

function checkFiles(files) {
  const expected =
    /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|dist\/.*\.(js|d\.ts)|dist\/schemas\/[a-z-]+\.json|dist\/THIRD-PARTY-LICENSES\.txt|templates\/.+)$/
  const unexpected = files.filter((file) => !expected.test(file))
  if (unexpected.length > 0) throw new Error(`These files do not belong in the package: ${unexpected.join(', ')}`)
  const wanted = [
    'package.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    'dist/cli.js',
    'dist/index.js',
    'dist/plugin.js',
    'dist/plugin-runner.js',
  ]
  const missing = [...wanted, 'dist/types/index.d.ts', 'dist/THIRD-PARTY-LICENSES.txt', ...templateFiles()].filter(
    (file) => !files.includes(file),
  )
  if (missing.length > 0) throw new Error(`The package lacks ${missing.join(', ')}`)
}

/** npm leaves some files out, by their names; a template has to come as a whole. */
function templateFiles() {
  const listed = execFileSync('git', ['ls-files', '-z', '--', 'templates'], { cwd: root, encoding: 'utf8' })
  return listed.split('\0').filter((file) => file !== '')
}

/** Dependencies come from this project's node_modules, so that no registry is asked; their optional ones stay away. */
function install(tarball) {
  const consumer = join(folder, 'consumer')
  const dependencies = { [manifest.name]: `file:../${tarball}` }
  for (const name of Object.keys(manifest.dependencies))
    dependencies[name] = `file:../${pack(join(root, 'node_modules', name)).filename}`
  mkdirSync(consumer)
  const { [manifest.name]: _, ...overrides } = dependencies
  write(
    consumer,
    'package.json',
    JSON.stringify({ name: 'consumer', type: 'module', private: true, dependencies, overrides }),
  )
  npm(['install', '--offline', '--ignore-scripts', '--no-package-lock'], { cwd: consumer })
  return consumer
}

function useSchemas(consumer) {
  const names = ['task-pack', 'plugin', 'config', 'manifest', 'run', 'event']
  const imports = names.map((name) => `'${manifest.name}/schemas/${name}.json'`).join(', ')
  write(
    consumer,
    'schemas.js',
    `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const titles = [${imports}].map((path) => require(path).title)
process.stdout.write(String(titles.filter(Boolean).length))
`,
  )
  const found = node(consumer, ['schemas.js'])
  if (found !== String(names.length)) throw new Error(`Of the schemas only ${found} are published`)
}

function useLibrary(consumer) {
  write(
    consumer,
    'use.js',
    `import * as codex from '${manifest.name}'\nprocess.stdout.write(Object.keys(codex).join())\n`,
  )
  const exported = node(consumer, ['use.js'])
  if (!exported.split(',').includes('defineConfig')) throw new Error(`The library exports only: ${exported}`)
  write(
    consumer,
    'plugin.js',
    `import * as all from '${manifest.name}/plugin'\nprocess.stdout.write(Object.keys(all).join())\n`,
  )
  const forPlugins = node(consumer, ['plugin.js'])
  if (forPlugins !== 'definePlugin') throw new Error(`Plugins can import ${forPlugins}`)
}

/** With the strictest options that a user may have, the declarations themselves checked, in both ways of resolving. */
function useTypes(consumer) {
  write(
    consumer,
    'use.ts',
    `import { defineConfig } from '${manifest.name}'\nimport { definePlugin } from '${manifest.name}/plugin'\nexport const config = defineConfig({})\nexport const plugin = definePlugin({ name: 'p', version: '1', run: () => ({ verdict: 'passed', summary: '' }) })\n`,
  )
  const shared = { noEmit: true, strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, types: [] }
  for (const module of ['nodenext', 'preserve']) {
    const compilerOptions = { ...shared, module, target: 'es2022' }
    write(consumer, 'tsconfig.json', JSON.stringify({ compilerOptions, files: ['use.ts'] }))
    const tsc = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')))
    const { status } = spawnSync(process.execPath, [tsc], { cwd: consumer, stdio: ['ignore', 'inherit', 'inherit'] })
    if (status !== 0) throw new Error(`The declarations do not hold where the package is installed (module: ${module})`)
  }
}

function usePrograms(consumer) {
  for (const name of Object.keys(manifest.bin)) {
    const program = join(consumer, 'node_modules', '.bin', name)
    const printed = execFileSync(program, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).trim()
    if (printed !== manifest.version) throw new Error(`${name} --version printed "${printed}", not ${manifest.version}`)
  }
  const program = join(consumer, 'node_modules', '.bin', 'codex')
  const made = execFileSync(program, ['init', 'first', '--template', 'platform-minimal', '--json'], {
    cwd: consumer,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (JSON.parse(made).dir !== 'task-packs/first') throw new Error(`codex init, as installed, said: ${made}`)
  drawGraph(consumer)
}

/** What lays a picture out and what runs in its page come along. */
function drawGraph(consumer) {
  const acceptance = 'acceptance: { tests: [{ run: test -s task.yml }] }'
  mkdirSync(join(consumer, 'task-packs', 'one'), { recursive: true })
  write(
    consumer,
    'task-packs/one/task.yml',
    `version: 1\nid: one\ntitle: One\npillar: platform\nrisk: low\n${acceptance}\n`,
  )
  const drawn = node(consumer, ['node_modules/.bin/codex', 'graph', '--format', 'html'])
  if (!drawn.includes('one:tests/1') || !/<script>[^<]{1000}/.test(drawn))
    throw new Error('No picture of a graph is made')
}

function write(consumer, file, text) {
  writeFileSync(join(consumer, file), text)
}

function node(cwd, args) {
  return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

function npm(args, { cwd }) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
