// What src/evidence/README.md says of checking a run without codex, done word for word.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codex, LATEST, placeFor, type Files } from '../support/cli.ts'
import { keyPair } from '../support/keys.ts'
import { pack, test } from '../support/tasks.ts'

const README = new URL('../../src/evidence/README.md', import.meta.url)

/** The first script below the heading. */
function documented(): string {
  const [, below = ''] = readFileSync(README, 'utf8').split('\n## Checking a run by hand\n')
  const script = /^```sh\n([^]*?)^```$/m.exec(below)?.[1]
  if (script === undefined) throw new Error('README.md does not say how a run is checked by hand')
  return script
}

const PASSING: Files = pack('maker', {
  acceptance: {
    tests: [{ run: 'echo making; mkdir -p out; echo made > out/a.txt; echo b > "out/b\\\\c"', outputs: ['out/'] }],
  },
  artifacts: { required: ['out/a.txt'], optional: ['out/*'] },
})

const FAILING: Files = pack('a', test('exit 1'))
const key = keyPair('k')

interface Signed {
  /** Absolute path of the run's folder. */
  readonly folder: string
  /** Checks it as documented: the exit code, and what was printed last. */
  check(publicPem?: string): { readonly status: number | null; readonly last: string | undefined }
}

async function signed(files: Files = PASSING, exitCode = 0): Promise<Signed> {
  const place = placeFor(files)
  const env = { CODEX_SIGNING_KEY: key.privatePem }
  await codex(place, { args: ['run'], env, exitCode })
  const folder = realpathSync(join(place.root, LATEST))
  return {
    folder,
    check: (publicPem = key.publicKey.pem) => {
      const file = join(place.home, 'key.pub')
      writeFileSync(file, publicPem)
      const { status, stdout } = spawnSync('sh', ['-c', documented()], {
        cwd: folder,
        env: { PATH: process.env['PATH'], KEY: file, TMPDIR: place.temporary },
        encoding: 'utf8',
      })
      return { status, last: stdout.trimEnd().split('\n').at(-1) }
    },
  }
}

describe.concurrent('by hand, with sha256sum, openssl and jq', () => {
  it('a run that passed is accepted', async () => {
    const { folder, check } = await signed()
    expect(check()).toEqual({ status: 0, last: 'PASSED' })
    // Leaves nothing behind in it, so that it can be checked again.
    expect(check()).toEqual({ status: 0, last: 'PASSED' })
    expect(readdirSync(folder)).toContain('provenance.dsse.json')
    expect(readdirSync(join(folder, 'artifacts/maker/out'))).toEqual(['a.txt', 'b\\c'])
  })

  it('a run that failed is what it says it is', async () => {
    const { check } = await signed(FAILING, 1)
    expect(check()).toEqual({ status: 0, last: 'FAILED' })
  })

  it.each<[string, (folder: string) => void]>([
    ['a manifest that was changed', (folder) => edit(folder, 'manifest.json', 'passed', 'failed')],
    ['a list that was changed', (folder) => edit(folder, 'files.sha256', /^[^]*?\n/, '')],
    ['a log that was changed', (folder) => writeFileSync(join(folder, 'logs/maker/tests/1/1.log'), 'forged')],
    ['an artifact that was changed', (folder) => writeFileSync(join(folder, 'artifacts/maker/out/a.txt'), 'forged')],
    ['an artifact that is missing', (folder) => rmSync(join(folder, 'artifacts/maker/out/a.txt'))],
    ['a file that was added', (folder) => writeFileSync(join(folder, 'logs/more.log'), 'forged')],
    ['a statement that is missing', (folder) => unlinkSync(join(folder, 'statement.dsse.json'))],
    ['a statement that was changed', (folder) => forge(folder, 'statement')],
    ['a provenance that was changed', (folder) => forge(folder, 'provenance')],
  ])('%s is refused', async (_, spoil) => {
    const { folder, check } = await signed()
    spoil(folder)
    expect(check().status).not.toBe(0)
  })

  it('the key of somebody else is refused', async () => {
    const { check } = await signed()
    expect(check(keyPair('x').publicKey.pem).status).not.toBe(0)
  })
})

function edit(folder: string, file: string, from: string | RegExp, to: string): void {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  expect(text).toMatch(from)
  writeFileSync(path, text.replace(from, to))
}

/** Another payload under the same signature. */
function forge(folder: string, name: string): void {
  const path = join(folder, `${name}.dsse.json`)
  const envelope = JSON.parse(readFileSync(path, 'utf8')) as { payload: string }
  const payload = Buffer.from(envelope.payload, 'base64').toString()
  const forged = Buffer.from(payload.replace('in-toto.io', 'in-t0to.io')).toString('base64')
  writeFileSync(path, JSON.stringify({ ...envelope, payload: forged }))
}
