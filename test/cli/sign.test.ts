// Signing a run that has been.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseEnvelope, verifyEnvelope } from '../../src/evidence/sign/dsse.ts'
import { codex, giveAway, LATEST, placeFor, read, UNPRIVILEGED, type Place } from '../support/cli.ts'
import { keyPair, type KeyPair } from '../support/keys.ts'
import { identityToken, sigstoreServices } from '../support/sigstore.ts'
import { pack, test } from '../support/tasks.ts'

const anna = keyPair('a')
const bert = keyPair('b')

const MAKER = pack('maker', {
  acceptance: { tests: [{ run: 'mkdir -p out; echo made > out/a.txt', outputs: ['out/a.txt'] }] },
  artifacts: { required: ['out/a.txt'] },
})

async function ran(
  files = MAKER,
  call: { exitCode: number; env?: Record<string, string> } = { exitCode: 0 },
): Promise<Place> {
  const place = placeFor(files)
  await codex(place, { args: ['run', '--sandbox=none', '-q'], ...call })
  return place
}

function keyFile(place: Place, { privatePem }: KeyPair): string {
  const path = join(place.home, 'signing.pem')
  writeFileSync(path, privatePem, { mode: 0o600 })
  return path
}

const NAMES = ['statement.dsse.json', 'provenance.dsse.json'] as const

/** Key ids of those of the two who have signed all that there is. */
function signersOf(place: Place): readonly string[] {
  const signers = NAMES.map((name) => {
    const envelope = parseEnvelope(readFileSync(join(place.root, LATEST, name)))
    if (!envelope.ok) throw new Error(envelope.error.kind)
    const verified = verifyEnvelope(envelope.value, [anna.publicKey, bert.publicKey])
    return verified.ok ? verified.value.signedBy : []
  })
  expect(signers[0]).toEqual(signers[1])
  return signers[0] ?? []
}

const withKey = ({ privatePem }: KeyPair): Record<string, string> => ({ CODEX_SIGNING_KEY: privatePem })

describe.concurrent('codex sign', () => {
  it('signs what the run itself would have signed', async () => {
    const place = await ran(MAKER, { exitCode: 0, env: withKey(anna) })
    const [byRun, files] = [
      NAMES.map((name) => read(place, `${LATEST}/${name}`)),
      read(place, `${LATEST}/files.sha256`),
    ]
    const afterwards = await ran()
    await codex(afterwards, { args: ['sign', 'latest'], env: withKey(anna), exitCode: 0 })
    expect(signersOf(afterwards)).toEqual([anna.keyId])
    // Signing again, with the same key, changes nothing.
    await codex(place, { args: ['sign', 'latest'], env: withKey(anna), exitCode: 0 })
    expect(NAMES.map((name) => read(place, `${LATEST}/${name}`))).toEqual(byRun)
    expect(read(place, `${LATEST}/files.sha256`)).toBe(files)
  })

  it('says what it signed and by whom', async () => {
    const place = await ran()
    const key = `--key=${keyFile(place, anna)}`
    const words = `statement.dsse.json and provenance.dsse.json signed by ${anna.keyId.slice(0, 16)}\n`
    await codex(place, { args: ['sign', key, 'latest'], exitCode: 0, stdout: words, stderr: '' })
    const { stdout } = await codex(place, { args: ['sign', key, '--json', 'latest'], exitCode: 0 })
    expect(JSON.parse(stdout)).toEqual({
      run: expect.stringMatching(/^\.codex\/runs\/\d{8}T/),
      signed: anna.keyId,
      files: NAMES,
    })
  })

  it('leaves a run that codex verify accepts', async () => {
    const place = await ran()
    await codex(place, { args: ['sign', 'latest'], env: withKey(anna), exitCode: 0 })
    writeFileSync(join(place.home, 'anna.pub'), anna.publicKey.pem)
    await codex(place, { args: ['verify', `--key=${join(place.home, 'anna.pub')}`, 'latest'], exitCode: 0 })
  })

  it('adds the signature of a second key to that of the first', async () => {
    const place = await ran(MAKER, { exitCode: 0, env: withKey(anna) })
    await codex(place, { args: ['sign', 'latest'], env: withKey(bert), exitCode: 0 })
    expect(signersOf(place)).toEqual([anna.keyId, bert.keyId].toSorted())
  })

  it('signs a run that failed', async () => {
    const place = await ran(pack('a', test('exit 3')), { exitCode: 1 })
    const args = ['sign', 'latest']
    await codex(place, { args, env: withKey(anna), exitCode: 0, stdout: [/^statement\.dsse\.json signed by /] })
    expect(existsSync(join(place.root, LATEST, NAMES[1]))).toBe(false)
  })

  it.each<[string, (folder: string) => void]>([
    ['with a changed artifact', (folder) => appendFileSync(join(folder, 'artifacts/maker/out/a.txt'), 'more')],
    ['with a file too many', (folder) => writeFileSync(join(folder, 'logs.txt'), 'more')],
    ['with a changed manifest', (folder) => edit(folder, 'manifest.json', '"passed"', '"failed"')],
    ['that has not ended', (folder) => edit(folder, 'manifest.json', /"verdict":"passed"/g, '"verdict":"started"')],
    ['with a statement of something else', (folder) => writeFileSync(join(folder, NAMES[0]), '{}')],
  ])('refuses a run %s', async (_, spoil) => {
    const place = await ran()
    spoil(join(place.root, LATEST))
    const before = existsSync(join(place.root, LATEST, NAMES[0]))
    await codex(place, {
      args: ['sign', 'latest'],
      env: withKey(anna),
      exitCode: 5,
      stdout: '',
      stderr: ['not signed'],
    })
    expect(existsSync(join(place.root, LATEST, NAMES[0]))).toBe(before)
    expect(existsSync(join(place.root, LATEST, NAMES[1]))).toBe(false)
  })

  it('refuses what was signed about another run', async () => {
    const [place, other] = [await ran(MAKER, { exitCode: 0, env: withKey(anna) }), await ran()]
    for (const name of NAMES) writeFileSync(join(other.root, LATEST, name), read(place, `${LATEST}/${name}`))
    await codex(other, { args: ['sign', 'latest'], env: withKey(bert), exitCode: 5, stderr: ['not signed'] })
  })

  it('needs a run and a key', async () => {
    const place = await ran()
    await codex(place, { args: ['sign', 'latest'], exitCode: 2, stderr: ['CODEX_SIGNING_KEY is not set'] })
    await codex(place, { args: ['sign', '2020'], env: withKey(anna), exitCode: 2, stderr: ["no run '2020'"] })
    await codex(place, { args: ['sign', '--key=none.pem', 'latest'], exitCode: 2, stderr: ['ENOENT'] })
    const both = ['sign', '--key=none.pem', '--sigstore', 'latest']
    await codex(place, { args: both, exitCode: 2, stderr: ['by --key or by --sigstore'] })
  })

  it('says why where the folder can not be written to', async () => {
    const place = await ran()
    giveAway(place)
    const folder = join(place.root, LATEST)
    const through = [...UNPRIVILEGED, 'sh', '-c', `chmod a-w ${folder}/ && exec "$@"`, 'sh']
    const stderr = ["can't be signed: EACCES"]
    await codex(place, { args: ['sign', 'latest'], env: withKey(anna), through, exitCode: 2, stderr })
  })

  it('signs without a key', async () => {
    const services = await sigstoreServices()
    const place = await ran()
    const env = { ...services.urls, SIGSTORE_ID_TOKEN: identityToken('somebody') }
    await codex(place, { args: ['sign', '--sigstore', 'latest'], env, exitCode: 0, stdout: [/ signed by sigstore\n$/] })
    for (const name of ['statement', 'provenance']) {
      const bundle: unknown = JSON.parse(read(place, `${LATEST}/${name}.sigstore.json`))
      expect(services.verify(bundle).identity?.subjectAlternativeName).toBe('somebody')
    }
    await services.close()
    const gone = 'The run is not signed: '
    await codex(await ran(), { args: ['sign', '--sigstore', 'latest'], env, exitCode: 2, stderr: [gone] })
  })
})

function edit(folder: string, file: string, from: string | RegExp, to: string): void {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  expect(text).toMatch(from)
  writeFileSync(path, text.replace(from, to))
}
