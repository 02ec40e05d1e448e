// Runs that are signed, as whoever signs them meets it.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseEnvelope, verifyEnvelope } from '../../src/evidence/sign/dsse.ts'
import type { Provenance, Statement, TestResult } from '../../src/evidence/sign/statement.ts'
import { sha256 } from '../../src/model/digest.ts'
import { codex, LATEST, manifestOf, placeFor, read, recordOf, type Place } from '../support/cli.ts'
import { keyPair, otherKeys } from '../support/keys.ts'
import { pack, test } from '../support/tasks.ts'

const key = keyPair('k')
const base64 = Buffer.from(key.privatePem).toString('base64')

/** A pack that leaves an artifact. */
const MAKER = pack('maker', {
  acceptance: { tests: [{ run: 'mkdir -p out; echo made > out/a.txt', outputs: ['out/a.txt'] }] },
  artifacts: { required: ['out/a.txt'] },
})

function keyFile(place: Place, text: string = key.privatePem, mode = 0o600): string {
  const path = join(place.home, 'signing.pem')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

/** What a file of the newest run states, if the key has signed it. */
function stated<Predicate>(place: Place, name: 'statement' | 'provenance', by = key): Statement<string, Predicate> {
  const envelope = parseEnvelope(readFileSync(join(place.root, LATEST, `${name}.dsse.json`)))
  if (!envelope.ok) throw new Error(envelope.error.kind)
  const verified = verifyEnvelope(envelope.value, [by.publicKey])
  if (!verified.ok) throw new Error(verified.error.kind)
  return JSON.parse(Buffer.from(envelope.value.payload).toString()) as Statement<string, Predicate>
}

function digestOf(place: Place, path: string): string {
  return sha256(readFileSync(join(place.root, LATEST, path)))
}

function isSigned(place: Place): boolean {
  return existsSync(join(place.root, LATEST, 'statement.dsse.json'))
}

describe.concurrent('a signed run', () => {
  it('states what passed and how artifacts were made, about the files that are there', async () => {
    const place = placeFor(MAKER)
    const { stderr } = await codex(place, { args: ['run', '--sandbox=none', `--sign=${keyFile(place)}`], exitCode: 0 })
    expect(stderr).toContain(`(signed by ${key.keyId.slice(0, 16)})`)
    expect(stderr).not.toContain('unsigned')

    const run = ['manifest.json', 'files.sha256'].map((name) => ({ name, digest: { sha256: digestOf(place, name) } }))
    const name = 'artifacts/maker/out/a.txt'
    const artifact = { name, digest: { sha256: digestOf(place, name) } }
    const statement = stated<TestResult>(place, 'statement')
    expect(statement.subject).toEqual([...run, artifact])
    // Without a sandbox, all passed and nothing was held to anything.
    expect(statement.predicate.result).toBe('WARNED')
    expect(statement.predicate.warnedTests).toEqual(manifestOf(place).actions.map(({ id }) => id))

    const provenance = stated<Provenance>(place, 'provenance')
    expect(provenance.subject).toEqual([artifact])
    const { builder, metadata, byproducts } = provenance.predicate.runDetails
    const { startedAt, finishedAt } = recordOf(place)
    expect(builder.id).toBe('pkg:npm/codex-orchestrator?sandbox=none')
    expect(metadata).toMatchObject({ startedOn: startedAt, finishedOn: finishedAt })
    expect(byproducts).toEqual(run)
    const lists = provenance.predicate.buildDefinition.resolvedDependencies.filter((each) =>
      each.name.startsWith('inputs/'),
    )
    expect(lists.map((each) => digestOf(place, each.name))).toEqual(lists.map(({ digest }) => digest.sha256))
  })

  it('in a sandbox has passed', async () => {
    const place = placeFor(MAKER)
    await codex(place, { args: ['run', `--sign=${keyFile(place)}`], exitCode: 0 })
    expect(stated<TestResult>(place, 'statement').predicate.result).toBe('PASSED')
  })

  it('that failed states that, and nothing about artifacts', async () => {
    const place = placeFor(pack('a', test('exit 3')))
    await codex(place, { args: ['run', '--sandbox=none', `--sign=${keyFile(place)}`], exitCode: 1 })
    const { predicate } = stated<TestResult>(place, 'statement')
    expect(predicate).toMatchObject({ result: 'FAILED', failedTests: expect.arrayContaining(['a:tests/1']) })
    expect(existsSync(join(place.root, LATEST, 'provenance.dsse.json'))).toBe(false)
  })

  it('that was refused states that', async () => {
    const place = placeFor(pack('a', { constraints: { network: ['localhost:1'] } }))
    const stderr = [`(signed by ${key.keyId.slice(0, 16)})`]
    await codex(place, {
      args: ['run', '--sandbox=none', `--sign=${keyFile(place)}`],
      exitCode: 3,
      stderr,
    })
    expect(stated<TestResult>(place, 'statement').predicate.result).toBe('FAILED')
  })

  it('has the manifest of one that is not', async () => {
    const place = placeFor(MAKER)
    await codex(place, { args: ['run', '--sandbox=none', `--sign=${keyFile(place)}`], exitCode: 0 })
    const signed = digestOf(place, 'manifest.json')
    await codex(place, { args: ['run', '--sandbox=none'], exitCode: 0, stderr: ['(unsigned)'] })
    expect(digestOf(place, 'manifest.json')).toBe(signed)
    expect(isSigned(place)).toBe(false)
  })

  it('is told to programs', async () => {
    const place = placeFor(MAKER)
    const args = ['run', '--sandbox=none', '--json']
    const signed = await codex(place, { args: [...args, `--sign=${keyFile(place)}`], exitCode: 0 })
    expect(JSON.parse(signed.stdout)).toMatchObject({ signed: key.keyId })
    const unsigned = await codex(place, { args, exitCode: 0 })
    expect(JSON.parse(unsigned.stdout)).toMatchObject({ signed: null })
  })
})

describe.concurrent('a key in CODEX_SIGNING_KEY', () => {
  it.each([
    ['PEM', key.privatePem],
    ['base64', base64],
  ])('signs as %s, and nothing that codex leaves or says holds it', async (_, text) => {
    const place = placeFor(pack('a', test('env; cat /proc/self/environ | tr "\\0" "\\n"')))
    const args = ['run', '--sandbox=none', '--sign', 'a', '-v']
    const { stdout, stderr } = await codex(place, { args, env: { CODEX_SIGNING_KEY: text }, exitCode: 0 })
    expect(stated(place, 'statement').subject).toHaveLength(2)
    const folder = realpathSync(join(place.root, LATEST))
    const everything = execFileSync('cat', [
      ...execFileSync('find', [folder, '-type', 'f'], { encoding: 'utf8' }).trim().split('\n'),
    ])
    for (const where of [stdout, stderr, everything.toString()]) {
      expect(where).not.toContain('CODEX_SIGNING_KEY')
      expect(where).not.toContain(key.privatePem.split('\n')[1])
      expect(where).not.toContain(base64)
    }
  })

  it('signs without being asked, and says so', async () => {
    const place = placeFor(pack('a'))
    const env = { CODEX_SIGNING_KEY: key.privatePem }
    const stderr = ['Signing, because CODEX_SIGNING_KEY is set', '(signed by ']
    await codex(place, { args: ['run', '--sandbox=none'], env, exitCode: 0, stderr })
    expect(isSigned(place)).toBe(true)
  })

  it('that is empty is none', async () => {
    const place = placeFor(pack('a'))
    const env = { CODEX_SIGNING_KEY: '' }
    await codex(place, { args: ['run', '--sandbox=none'], env, exitCode: 0, stderr: ['(unsigned)'] })
    await codex(place, { args: ['run', '--sign'], env, exitCode: 2, stderr: ['CODEX_SIGNING_KEY is not set'] })
  })

  it('can be had by no pack', async () => {
    const asks = { inputs: { env: ['CODEX_SIGNING_KEY'] } }
    const literal = { env: { CODEX_SIGNING_KEY: 'x' } }
    const secret = { constraints: { secrets: ['CODEX_SIGNING_KEY'] } }
    for (const fields of [asks, literal, secret]) {
      await codex(pack('a', fields), { args: ['validate'], exitCode: 2, stderr: ['CODEX_SIGNING_KEY'] })
    }
  })

  it('is like a token of identity, which a pack can have as a secret alone', async () => {
    for (const name of ['SIGSTORE_ID_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_URL']) {
      const stderr = [name, 'belongs in constraints.secrets']
      await codex(pack('a', { inputs: { env: [name] } }), { args: ['validate'], exitCode: 2, stderr })
    }
    await codex(pack('a', { constraints: { secrets: ['SIGSTORE_ID_TOKEN'] } }), { args: ['validate'], exitCode: 0 })
  })

  it('is not seen by a configuration', async () => {
    const config = 'export default { policy: { breakers: { failures: process.env.CODEX_SIGNING_KEY ? "seen" : 1 } } }'
    const place = placeFor({ ...pack('a'), 'codex.config.mjs': config, 'codex.config.ts': config })
    await codex(place, { args: ['validate'], env: { CODEX_SIGNING_KEY: key.privatePem }, exitCode: 2 })
  })
})

describe.concurrent('a key that can not be used', () => {
  const seen = join('ran', 'it')
  const files = pack('a', test(`mkdir -p ran; touch ${seen}`, { outputs: [seen] }))

  it.each([
    ['readable by others', key.privatePem, 0o644, 'can be read or changed by others (mode 0644)'],
    ['public', key.publicKey.pem, 0o600, 'holds a public key'],
    ['for another algorithm', otherKeys('ed448').privatePem, 0o600, 'a key for ed448'],
    ['no key', 'hello', 0o600, 'holds no key in PEM form'],
  ])('because it is %s is refused before anything runs', async (_, text, mode, words) => {
    const place = placeFor(files)
    const args = ['run', '--sandbox=none', `--sign=${keyFile(place, text, mode)}`]
    await codex(place, { args, exitCode: 2, stdout: '', stderr: [/^error: /, words] })
    expect(existsSync(join(place.root, '.codex'))).toBe(false)
  })

  it('because it is not there, a folder or a FIFO is refused', async () => {
    const place = placeFor({ ...files, 'fifo.pem': 'a fifo' })
    const run = async (file: string, words: string): Promise<unknown> =>
      codex(place, { args: ['run', `--sign=${file}`], exitCode: 2, stderr: [words] })
    await run('none.pem', "'none.pem' can't be read: ENOENT")
    await run('fifo.pem', "'fifo.pem' is not a regular file")
    await run('.', "'.' is not a regular file")
  })

  it('in the variable is named by that, and not shown', async () => {
    const env = { CODEX_SIGNING_KEY: 'something-secret' }
    const { stderr } = await codex(files, {
      args: ['run'],
      env,
      exitCode: 2,
      stderr: ["'CODEX_SIGNING_KEY' holds no key"],
    })
    expect(stderr).not.toContain('something')
  })

  it('because it stands where the name of its file belongs is refused, and not repeated', async () => {
    for (const text of [key.privatePem, base64]) {
      const { stderr } = await codex(files, {
        args: ['run', `--sign=${text}`],
        exitCode: 2,
        stderr: ['make a new one'],
      })
      expect(stderr).not.toContain(text.slice(30, 60))
    }
  })

  it.each([
    ['itself', 'signing.pem'],
    ['by a link', 'link.pem'],
  ])('because a pack could read it is refused: %s', async (_, name) => {
    const dir = 'task-packs/a'
    const text = { text: key.privatePem, mode: 0o600 }
    const place = placeFor({ ...files, [`${dir}/signing.pem`]: text, 'link.pem': { link: `${dir}/signing.pem` } })
    const args = ['run', '--sandbox=none', `--sign=${name === 'link.pem' ? name : `${dir}/${name}`}`]
    await codex(place, { args, exitCode: 2, stderr: ["is an input of the pack 'a'"] })
  })

  it('because a pack could read it through a link is refused', async () => {
    const text = { text: key.privatePem, mode: 0o600 }
    const place = placeFor({ ...files, 'signing.pem': text, 'task-packs/a/link': { link: '../../signing.pem' } })
    await codex(place, { args: ['run', '--sign=signing.pem'], exitCode: 2, stderr: ["is an input of the pack 'a'"] })
  })
})

describe.concurrent('codex keys', () => {
  it('makes a key that signs, tells its id, and shows it again', async () => {
    const place = placeFor(pack('a'))
    const made = await codex(place, { args: ['keys', 'generate'], exitCode: 0, stdout: [/^[0-9a-f]{64}\n$/] })
    expect(made.stderr).toBe(
      'Private key: signing.pem (keep it to yourself, and out of version control)\nPublic key:  signing.pem.pub (for whoever verifies)\n',
    )
    expect(statSync(join(place.root, 'signing.pem')).mode & 0o777).toBe(0o600)
    const publicPem = read(place, 'signing.pem.pub')
    const keyId = made.stdout.trim()
    for (const file of ['signing.pem', 'signing.pem.pub']) {
      await codex(place, { args: ['keys', 'show', file], exitCode: 0, stdout: `${keyId}\n${publicPem}`, stderr: '' })
    }
    const shown = await codex(place, { args: ['keys', 'show', '--json', 'signing.pem'], exitCode: 0 })
    expect(JSON.parse(shown.stdout)).toEqual({ keyId, publicKey: publicPem })
    const stderr = [`(signed by ${keyId.slice(0, 16)})`]
    await codex(place, { args: ['run', '--sandbox=none', '--sign=signing.pem'], exitCode: 0, stderr })
  })

  it('tells programs where it put them', async () => {
    const place = placeFor({ keys: 'a folder' })
    const args = ['keys', 'generate', '--json', '--out', 'keys/mine.pem']
    const { stdout, stderr } = await codex(place, { args, exitCode: 0 })
    expect(JSON.parse(stdout)).toEqual({
      keyId: expect.stringMatching(/^[0-9a-f]{64}$/),
      publicKey: read(place, 'keys/mine.pem.pub'),
      privateFile: 'keys/mine.pem',
      publicFile: 'keys/mine.pem.pub',
    })
    expect(stderr).toBe('')
  })

  it('never replaces one', async () => {
    const place = placeFor({ 'signing.pem': 'mine' })
    await codex(place, {
      args: ['keys', 'generate'],
      exitCode: 2,
      stdout: '',
      stderr: "error: There is a 'signing.pem' already, and no key is ever replaced: name another file with --out\n",
      out: { 'signing.pem': 'mine' },
    })
    const elsewhere = ['keys', 'generate', '--out', 'no/such/folder']
    await codex(place, { args: elsewhere, exitCode: 2, stderr: ["can't be written: ENOENT"] })
  })

  it('refuses to show what is no key', async () => {
    const place = placeFor({ 'text.pem': 'hello' })
    await codex(place, { args: ['keys', 'show', 'text.pem'], exitCode: 2, stdout: '', stderr: ['holds no key'] })
    await codex(place, { args: ['keys', 'show', 'none.pem'], exitCode: 2, stdout: '', stderr: ['ENOENT'] })
    await codex(place, { args: ['keys'], exitCode: 2 })
  })
})
