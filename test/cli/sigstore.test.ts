// Signing without a key of one's own, against sigstore's services on loopback.
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Provenance, Statement, TestResult } from '../../src/evidence/sign/statement.ts'
import { sha256 } from '../../src/model/digest.ts'
import { codex, LATEST, manifestOf, placeFor, type Place } from '../support/cli.ts'
import { keyPair } from '../support/keys.ts'
import { identityToken, sigstoreServices, type Services } from '../support/sigstore.ts'
import { pack, test } from '../support/tasks.ts'

let services: Services

beforeAll(async () => {
  services = await sigstoreServices()
})

afterAll(async () => services.close())

const MAKER = pack('maker', {
  acceptance: { tests: [{ run: 'mkdir -p out; echo made > out/a.txt', outputs: ['out/a.txt'] }] },
  artifacts: { required: ['out/a.txt'] },
})

interface Bundle {
  readonly dsseEnvelope: { readonly payload: string; readonly payloadType: string }
}

function bundleOf(place: Place, name: string): Bundle {
  return JSON.parse(readFileSync(join(place.root, LATEST, `${name}.sigstore.json`), 'utf8')) as Bundle
}

function stated<Predicate>({ dsseEnvelope: { payload } }: Bundle): Statement<string, Predicate> {
  return JSON.parse(Buffer.from(payload, 'base64').toString()) as Statement<string, Predicate>
}

const RUN = ['run', '--sandbox=none', '--sign=sigstore']

describe('--sign=sigstore', () => {
  it('leaves bundles that sigstore verifies, made for whoever the token names', async () => {
    const place = placeFor(MAKER)
    const env = { ...services.urls, SIGSTORE_ID_TOKEN: identityToken('https://example.org/somebody') }
    await codex(place, { args: RUN, env, exitCode: 0, stderr: ['(signed by sigstore)'] })
    for (const name of ['statement', 'provenance']) {
      expect(services.verify(bundleOf(place, name)).identity?.subjectAlternativeName).toBe(
        'https://example.org/somebody',
      )
    }
    const statement = stated<TestResult>(bundleOf(place, 'statement'))
    expect(statement.subject.map(({ name }) => name)).toEqual([
      'manifest.json',
      'files.sha256',
      'artifacts/maker/out/a.txt',
    ])
    expect(statement.subject[0]?.digest.sha256).toBe(sha256(readFileSync(join(place.root, LATEST, 'manifest.json'))))
    expect(stated<Provenance>(bundleOf(place, 'provenance')).subject).toHaveLength(1)
    expect(readdirSync(realpathSync(join(place.root, LATEST))).filter((name) => name.includes('dsse'))).toEqual([])
  })

  it('asks GitHub Actions for a token', async () => {
    const place = placeFor(pack('a'))
    await codex(place, { args: RUN, env: { ...services.urls, ...services.action }, exitCode: 0 })
    const { identity } = services.verify(bundleOf(place, 'statement'))
    expect(identity?.subjectAlternativeName).toBe('repo:octocat/hello-world, for sigstore')
    expect(identity?.extensions?.issuer).toBe('https://token.actions.githubusercontent.com')
  })

  it('does not verify with another payload', async () => {
    const place = placeFor(pack('a'))
    await codex(place, { args: RUN, env: { ...services.urls, ...services.action }, exitCode: 0 })
    const bundle = bundleOf(place, 'statement')
    const payload = Buffer.from(JSON.stringify({ ...stated(bundle), subject: [] })).toString('base64')
    const forged = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload } }
    expect(() => services.verify(forged)).toThrow(/mismatch/)
  })

  it('needs a token, and says where there are some, before anything runs', async () => {
    const place = placeFor(pack('a'))
    await codex(place, { args: RUN, exitCode: 2, stdout: '', stderr: ['id-token: write', 'SIGSTORE_ID_TOKEN'] })
    expect(existsSync(join(place.root, '.codex'))).toBe(false)
  })

  it('is asked for: a token alone signs nothing and asks nobody', async () => {
    const own = await sigstoreServices()
    const place = placeFor(pack('a'))
    const env = { ...own.urls, ...own.action, SIGSTORE_ID_TOKEN: identityToken('x') }
    await codex(place, { args: ['run', '--sandbox=none'], env, exitCode: 0, stderr: ['(unsigned)'] })
    expect(own.requests).toEqual([])
    await own.close()
  })

  it('keeps a run that could not be signed, says so, and is no success', async () => {
    const refusing = await sigstoreServices({
      logAnswers: { statusCode: 400, response: '{"message":"the log is closed"}' },
    })
    const place = placeFor(pack('a'))
    const env = { ...refusing.urls, ...refusing.action }
    const stderr = ['PASSED', '(unsigned)', /^error: The run is not signed: .*the log is closed/m]
    await codex(place, { args: RUN, env, exitCode: 2, stderr })
    expect(manifestOf(place).verdict).toBe('passed')
    expect(readdirSync(realpathSync(join(place.root, LATEST))).filter((name) => /dsse|sigstore/.test(name))).toEqual([])
    const { stdout } = await codex(place, { args: [...RUN, '--json'], env, exitCode: 2 })
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'passed', exitCode: 2, signed: null })
    await refusing.close()
  })

  it('says first what is worse', async () => {
    const refusing = await sigstoreServices({ logAnswers: { statusCode: 400, response: '{}' } })
    const env = { ...refusing.urls, ...refusing.action }
    await codex(pack('a', test('exit 3')), { args: RUN, env, exitCode: 1, stderr: ['The run is not signed'] })
    await refusing.close()
  })
})

describe('codex verify of a run that was signed through sigstore', () => {
  const identity = 'https://example.org/somebody'
  const issuer = 'https://token.actions.githubusercontent.com'

  /** A signed run, what to say to believe its signer, and the public key of another. */
  async function signed(): Promise<{ readonly place: Place; readonly believe: (who?: string) => readonly string[] }> {
    const place = placeFor({ ...MAKER, 'trusted_root.json': services.trustedRoot })
    const env = { ...services.urls, SIGSTORE_ID_TOKEN: identityToken(identity) }
    await codex(place, { args: RUN, env, exitCode: 0 })
    const believe = (who = identity): readonly string[] => [
      ...['--trusted-root', 'trusted_root.json', '--identity', who, '--issuer', issuer],
    ]
    return { place, believe }
  }

  it('accepts it for whoever says whom to believe', async () => {
    const { place, believe } = await signed()
    const stdout = [`statement.sigstore.json is signed by ${identity}.`, /GENUINE\n$/]
    await codex(place, { args: ['verify', 'latest', ...believe()], exitCode: 0, stdout })
  })

  it('does not for anybody else', async () => {
    const { place, believe } = await signed()
    const verify = async (args: readonly string[], words: string): Promise<unknown> =>
      codex(place, { args: ['verify', 'latest', ...args], exitCode: 5, stdout: [words] })
    await verify([], 'was signed through sigstore, which nobody can check without its trusted root')
    await verify(believe('https://example.org/somebody-else'), 'was signed by `https://example.org/somebody`')
    const others = await sigstoreServices()
    writeFileSync(join(place.root, 'trusted_root.json'), others.trustedRoot)
    await others.close()
    await verify(believe(), 'holds a signature that sigstore does not accept')
    writeFileSync(join(place.root, 'key.pub'), keyPair('k').publicKey.pem)
    await verify(['--key', 'key.pub'], 'statement.dsse.json is missing')
  })

  it('names a bundle that is about something else, and one that is missing', async () => {
    const { place, believe } = await signed()
    const folder = join(place.root, LATEST)
    const statement = readFileSync(join(folder, 'statement.sigstore.json'))
    writeFileSync(join(folder, 'statement.sigstore.json'), readFileSync(join(folder, 'provenance.sigstore.json')))
    const args = ['verify', 'latest', ...believe()]
    await codex(place, { args, exitCode: 5, stdout: ['statement.sigstore.json states something else'] })
    writeFileSync(join(folder, 'statement.sigstore.json'), statement)
    rmSync(join(folder, 'provenance.sigstore.json'))
    await codex(place, { args, exitCode: 5, stdout: ['provenance.sigstore.json is missing'] })
    await codex(place, { args: ['verify', 'latest', '--issuer', issuer], exitCode: 2, stderr: ['all three of'] })
    const nobody = ['verify', 'latest', '--trusted-root', 'none', '--identity', identity, '--issuer', issuer]
    await codex(place, { args: nobody, exitCode: 2, stderr: ["'none' can't be taken for a trusted root: ENOENT"] })
  })

  it('believes a key beside it as well', async () => {
    const { place, believe } = await signed()
    const key = keyPair('k')
    await codex(place, { args: ['sign', 'latest'], env: { CODEX_SIGNING_KEY: key.privatePem }, exitCode: 0 })
    writeFileSync(join(place.root, 'key.pub'), key.publicKey.pem)
    await codex(place, { args: ['verify', 'latest', '--key', 'key.pub'], exitCode: 0 })
    await codex(place, { args: ['verify', 'latest', ...believe()], exitCode: 0 })
    await codex(place, { args: ['verify', 'latest', '--key', 'key.pub', ...believe()], exitCode: 0 })
    await codex(place, { args: ['verify', 'latest'], exitCode: 5 })
  })
})
