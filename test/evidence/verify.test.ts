// Whatever is done to a run that has been: it is seen, and named.
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseChecksums } from '../../src/evidence/checksums.ts'
import { sealBytes } from '../../src/evidence/seal.ts'
import { artifactsAmong, attestRun, keyAttestor, type AttestedRun } from '../../src/evidence/sign/sign.ts'
import { verifyRun } from '../../src/evidence/verify/verify.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { PublicKey } from '../../src/model/key.ts'
import type { Manifest } from '../../src/model/manifest.ts'
import type { RecordedFile } from '../../src/model/ports.ts'
import type { RunRecord } from '../../src/model/record.ts'
import type { EvidenceProblem, Verification } from '../../src/model/verification.ts'
import { codex, LATEST, type Files } from '../support/cli.ts'
import { keyPair } from '../support/keys.ts'
import { bytesBelow, recordedFrom, type Bytes } from '../support/memory-recorded-run.ts'
import { pack, test } from '../support/tasks.ts'

const KEY = keyPair('k')
const OTHER = keyPair('o')

/** A pack with artifacts in and outside of its folder, one that fails twice, and one that is skipped. */
const WORKSPACE: Files = {
  ...pack('made', {
    ...test('cat deep/down/a.txt'),
    steps: [
      {
        id: 'make',
        run: 'for n in a b c; do echo $n > deep/down/$n.txt; done; echo out > ../../top.txt',
        outputs: ['deep/down/*.txt', '/top.txt'],
      },
    ],
    artifacts: { required: ['deep/down/a.txt', '/top.txt'], optional: ['deep/**'] },
  }),
  ...pack('failing', test('echo no; exit 3', { retries: { attempts: 2, repeat_error_limit: 2 } })),
  ...pack('behind', { needs: ['failing'] }),
}

let RUN: Bytes
let SIGNED: Bytes

async function ranFor(files: Files, exitCode: number, flags: readonly string[] = []): Promise<Bytes> {
  const { place } = await codex(files, { args: ['run', '--sandbox=none', '-q', ...flags], exitCode })
  return bytesBelow(realpathSync(join(place.root, LATEST)))
}

beforeAll(async () => {
  RUN = await ranFor(WORKSPACE, 1)
  SIGNED = await signed(RUN)
})

function parsed(files: Bytes, path: string): unknown {
  return JSON.parse(textIn(files, path))
}

function manifestIn(files: Bytes): Manifest {
  return parsed(files, 'manifest.json') as Manifest
}

function textIn(files: Bytes, path: string): string {
  return Buffer.from(files.get(path) ?? []).toString()
}

async function signed(files: Bytes): Promise<Bytes> {
  const seal = parseChecksums(textIn(files, 'files.sha256'))
  if (!seal.ok) throw new Error('no seal')
  const run: AttestedRun = {
    manifest: manifestIn(files),
    digests: { manifest: sha256(textIn(files, 'manifest.json')), files: sha256(textIn(files, 'files.sha256')) },
    artifacts: artifactsAmong(seal.value),
    facts: parsed(files, 'run.json') as RunRecord,
  }
  const envelopes = await attestRun(run, keyAttestor(KEY))
  if (!envelopes.ok) throw new Error(envelopes.error)
  return replaced(files, ...envelopes.value)
}

function verified(
  files: Bytes,
  { keys = [], others = [] }: { keys?: readonly PublicKey[]; others?: readonly RecordedFile[] } = {},
): Verification {
  return verifyRun(recordedFrom(files, others), { keys })
}

function problemsOf(
  files: Bytes,
  options: Parameters<typeof verified>[1] = {},
): readonly (readonly [string, string])[] {
  return verified(files, options).problems.map(({ path, kind }) => [path, kind] as const)
}

function replaced(files: Bytes, ...edits: readonly (readonly [string, Uint8Array | string])[]): Bytes {
  return new Map([...files, ...edits.map(([path, bytes]) => [path, Buffer.from(bytes as Uint8Array)] as const)])
}

function without(files: Bytes, path: string): Bytes {
  return new Map([...files].filter(([name]) => name !== path))
}

/** With a list of files that names what is there, as a forger would make it. */
function resealed(files: Bytes): Bytes {
  const named = [...files].filter(([path]) => path !== 'files.sha256' && !path.endsWith('.dsse.json'))
  return replaced(files, ['files.sha256', sealBytes(new Map(named.map(([path, bytes]) => [path, sha256(bytes)])))])
}

/** Numbers that are the same each time; `name` and `limit` choose them. */
function numbers(name: string): (limit: number) => number {
  let count = 0
  return (limit) => parseInt(sha256(`${name} ${count++}`).slice(0, 12), 16) % limit
}

describe('a run as it was left', () => {
  it('is genuine, and all of it was looked at', () => {
    const found = verified(RUN)
    expect(found).toMatchObject({ verdict: 'failed', problems: [], more: 0, signatures: [], repaired: false })
    expect(found.manifest).toBe(sha256(textIn(RUN, 'manifest.json')))
    const lists = [...RUN.keys()].filter((path) => path.startsWith('inputs/')).length
    expect(found.checked).toEqual({
      files: RUN.size,
      bytes: [...RUN.values()].reduce((sum, { length }) => sum + length, 0),
      packs: 3,
      actions: 10,
      inputLists: lists,
      artifacts: 4,
      logs: 3,
    })
    expect(lists).toBeGreaterThan(4)
    expect([...RUN.keys()]).toEqual(
      expect.arrayContaining(['artifacts/made/@workspace/top.txt', 'artifacts/made/deep/down/c.txt']),
    )
  })

  it('is read once', () => {
    const run = recordedFrom(SIGNED)
    verifyRun(run, { keys: [KEY.publicKey] })
    expect([...run.reads.values()]).toEqual([...SIGNED].map(() => 1))
  })

  it('is genuine by whoever signed it', () => {
    expect([...SIGNED.keys()]).toContain('provenance.dsse.json')
    const { problems, signatures } = verified(SIGNED, { keys: [OTHER.publicKey, KEY.publicKey] })
    expect(problems).toEqual([])
    expect(signatures.map(({ path, signedBy }) => [path, signedBy])).toEqual([
      ['provenance.dsse.json', [KEY.keyId]],
      ['statement.dsse.json', [KEY.keyId]],
    ])
  })

  it.each([
    ['passed', pack('a'), 0],
    ['refused', pack('a', { constraints: { network: ['localhost:1'] } }), 3],
    ['refused', pack('a', { pillar: 'none' }), 2],
  ] as const)('is genuine where it %s', async (verdict, files, exitCode) => {
    expect(verified(await ranFor(files, exitCode))).toMatchObject({ verdict, problems: [] })
  })

  it('is genuine when it was run twice, in a seeded order', async () => {
    const changing = pack('a', { steps: [{ id: 'make', run: 'date +%s%N >x', outputs: ['x'] }] })
    for (const [files, exitCode] of [
      [pack('a'), 0],
      [changing, 5],
    ] as const) {
      const checked = await ranFor(files, exitCode, ['--check', '--shuffle=7'])
      expect(verified(checked)).toMatchObject({ problems: [] })
    }
  })
})

describe('every corruption is named', () => {
  it('of a single byte, 1,000 times at random', () => {
    const number = numbers('flip')
    const paths = [...SIGNED.keys()]
    const missed: string[] = []
    for (let round = 0; round < 1000; round++) {
      const path = paths[number(paths.length)] ?? ''
      const bytes = Buffer.from(SIGNED.get(path) ?? [])
      if (bytes.length === 0) continue
      const at = number(bytes.length)
      bytes[at] = (bytes[at] ?? 0) ^ (1 + number(255))
      const { problems } = verified(replaced(SIGNED, [path, bytes]), { keys: [KEY.publicKey] })
      if (!problems.some((problem) => names(problem, path))) missed.push(`${path} at ${at}`)
    }
    expect(missed).toEqual([])
  })

  it('of a single bit in every byte of what is not listed', () => {
    for (const path of ['files.sha256', 'statement.dsse.json', 'provenance.dsse.json']) {
      const whole = SIGNED.get(path) ?? Buffer.alloc(0)
      expect(whole.length).toBeGreaterThan(0)
      for (let at = 0; at < whole.length; at += 17) {
        const bytes = Buffer.from(whole)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
        const { problems } = verified(replaced(SIGNED, [path, bytes]), { keys: [KEY.publicKey] })
        expect(
          problems.some((problem) => names(problem, path)),
          `${path} at ${at}`,
        ).toBe(true)
      }
    }
  })

  it('of a signature, also without its key', () => {
    for (const path of ['statement.dsse.json', 'provenance.dsse.json']) {
      expect(problemsOf(SIGNED)).toContainEqual([path, 'unknown-keys'])
    }
  })

  it('by removing any file', () => {
    for (const path of SIGNED.keys()) {
      expect(problemsOf(without(SIGNED, path), { keys: [KEY.publicKey] }), path).toContainEqual([path, 'missing'])
    }
  })

  it('by cutting any file short, or adding to it', () => {
    for (const [path, bytes] of SIGNED) {
      if (bytes.length === 0) continue
      for (const edited of [bytes.subarray(0, -1), Buffer.alloc(0), Buffer.concat([bytes, Buffer.from('\n')])]) {
        const found = verified(replaced(SIGNED, [path, edited]), { keys: [KEY.publicKey] })
        expect(
          found.problems.some((problem) => names(problem, path)),
          path,
        ).toBe(true)
      }
    }
  })

  it('by exchanging any two files', () => {
    const all = [...SIGNED]
    for (const [index, [left, ours]] of all.entries()) {
      const [right, theirs] = all[(index + 3) % all.length] ?? ['', Buffer.alloc(0)]
      if (Buffer.from(ours).equals(theirs)) continue
      const paths = problemsOf(replaced(SIGNED, [left, theirs], [right, ours]), { keys: [KEY.publicKey] })
      // What is only listed is not known to be wrong where the list is.
      const told = [left, right].includes('files.sha256')
        ? [left, right].filter((path) => !isReport(path))
        : [left, right]
      expect(paths.map(([path]) => path)).toEqual(expect.arrayContaining(told))
    }
  })

  it.each([
    'new',
    'logs/made/tests/1/2.log',
    'inputs/x.sha256',
    'artifacts/made/x',
    'a\nb',
    'x.dsse.json',
    'x.sigstore.json',
    'deep/x.dsse.json',
  ])('by adding %j', (path) => {
    expect(problemsOf(replaced(RUN, [path, 'x']))).toEqual([[path, 'unexpected']])
  })

  it.each(['logs/made/tests/1/2.log', 'inputs/x.sha256', 'artifacts/made/x', 'artifacts/nobody/x'])(
    'by adding %j and listing it',
    (path) => {
      expect(problemsOf(resealed(replaced(RUN, [path, 'x'])))).toEqual([[path, 'unexpected']])
    },
  )

  it('by a link or a device in place of a file', () => {
    const others = (['symlink', 'other'] as const).map((kind): RecordedFile => ({ path: 'run.json', kind, size: 1 }))
    for (const other of others) {
      expect(problemsOf(without(RUN, 'run.json'), { others: [other] })).toEqual([['run.json', 'not-a-file']])
    }
    expect(problemsOf(RUN, { others: [{ path: 'logs/x', kind: 'symlink', size: 0 }] })).toEqual([
      ['logs/x', 'not-a-file'],
    ])
  })
})

/** A file that is not listed can only be told by what it says of another. */
function names({ path, kind, facts }: EvidenceProblem, corrupted: string): boolean {
  if (path === corrupted) return true
  if (corrupted !== 'files.sha256') return false
  return 'by' in facts && facts.by.includes(corrupted) && ['changed', 'missing', 'unexpected'].includes(kind)
}

describe('a forgery whose list of files is right', () => {
  const PASSED = (text: string): string => text.replaceAll('"failed"', '"passed"')
  const edit = (path: string, change: (text: string) => string): Bytes =>
    resealed(replaced(RUN, [path, change(textIn(RUN, path))]))

  it.each([
    ['manifest.json', 'not-journaled', PASSED],
    ['manifest.json', 'not-canonical', (text: string) => text.replace('{', '{ ')],
    ['manifest.json', 'not-canonical', (text: string) => text.replace('"verdict":', '"verdict":"passed","verdict":')],
    ['manifest.json', 'shape', (text: string) => text.replace('{', '{"__proto__":1,')],
    ['manifest.json', 'shape', (text: string) => text.replace('"verdict":', '"Verdict":')],
    ['manifest.json', 'not-json', (text: string) => text.slice(0, -1)],
    ['manifest.json', 'not-json', () => '['.repeat(1_000_000)],
    ['manifest.json', 'shape', () => `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`],
    ['manifest.json', 'unfinished', (text: string) => text.replace(/"failed"}$/, '"started"}')],
    ['events.jsonl', 'journal', (text: string) => text.slice(text.indexOf('\n') + 1)],
    ['events.jsonl', 'journal', (text: string) => text.replace('"type":"action-started"', '"type":"nothing"')],
    ['keys.jsonl', 'not-a-key', (text: string) => text.slice(0, -1)],
    ['keys.jsonl', 'not-a-key', (text: string) => text + text],
    ['keys.jsonl', 'not-a-key', (text: string) => text.replace('{', '{ ')],
    ['definitions/task-packs/made/task.yml', 'unexpected', (text: string) => `${text}# harmless\n`],
    ['run.json', 'disagrees', (text: string) => text.replace('"verdict": "failed"', '"verdict": "passed"')],
    ['run.json', 'disagrees', (text: string) => text.replace('"status": "skipped"', '"status": "passed"')],
    ['run.json', 'disagrees', (text: string) => text.replace('"executor": "none"', '"executor": "bubblewrap"')],
    ['run.json', 'disagrees', (text: string) => text.replace(/"run": "[^"]+"/, '"run": "another"')],
    ['run.json', 'shape', (text: string) => text.replace('"jobs":', '"jobz":')],
    ['run.json', 'not-canonical', (text: string) => text.replace('"jobs":', '"jobs": 9, "jobs":')],
  ])('in %s is %s', (path, kind, change) => {
    expect(textIn(edit(path, change), path)).not.toBe(textIn(RUN, path))
    expect(problemsOf(edit(path, change))).toContainEqual([path, kind])
  })

  it('that is nested deeper than a stack goes is still read to its end', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const record = textIn(RUN, 'run.json').replace('"warnings": []', `"warnings": [${deep}]`)
    const line = textIn(RUN, 'events.jsonl').replace('"at":', `"deep":${deep},"at":`)
    const edited = resealed(replaced(RUN, ['run.json', record], ['events.jsonl', line]))
    expect(new Set(problemsOf(edited).map(([path]) => path))).toEqual(new Set(['run.json', 'events.jsonl']))
  })

  it('of an artifact, a log or a list of inputs is not what the manifest or the record says', () => {
    const said = (path: string, bytes: string): EvidenceProblem | undefined =>
      verified(resealed(replaced(RUN, [path, bytes]))).problems.find((problem) => problem.path === path)
    expect(said('artifacts/made/deep/down/a.txt', 'b\n')).toMatchObject({
      kind: 'changed',
      facts: { by: ['manifest.json'] },
    })
    expect(said('artifacts/made/deep/down/a.txt', 'long\n')).toMatchObject({
      kind: 'resized',
      facts: { expected: 2, found: 5 },
    })
    expect(said('logs/failing/tests/1/1.log', 'fine\n')).toMatchObject({ kind: 'changed', facts: { by: ['run.json'] } })
    expect(said('inputs/made/tests/1.sha256', 'x\n')).toMatchObject({
      kind: 'changed',
      facts: { by: ['manifest.json'] },
    })
  })

  it('of everything is seen only by its signature', async () => {
    const forge = (text: string): string => text.replaceAll(manifestIn(RUN).tool.version, '9.9.9')
    const manifest = forge(textIn(RUN, 'manifest.json'))
    const old = sha256(textIn(RUN, 'manifest.json'))
    const told = (path: string): string => forge(textIn(RUN, path)).replaceAll(old, sha256(manifest))
    const forged = resealed(
      replaced(
        SIGNED,
        ['manifest.json', manifest],
        ['events.jsonl', told('events.jsonl')],
        ['run.json', told('run.json')],
      ),
    )
    const unsigned = [...forged.keys()].filter((path) => path.endsWith('.dsse.json')).reduce(without, forged)
    expect(problemsOf(unsigned)).toEqual([])
    expect(problemsOf(unsigned, { keys: [KEY.publicKey] })).toEqual([['statement.dsse.json', 'unsigned']])
    expect(problemsOf(forged, { keys: [KEY.publicKey] })).toEqual([
      ['provenance.dsse.json', 'statement'],
      ['statement.dsse.json', 'statement'],
    ])
  })

  it('of a signature is not by the key that was given', () => {
    expect(problemsOf(SIGNED, { keys: [OTHER.publicKey] })).toEqual([
      ['provenance.dsse.json', 'unknown-keys'],
      ['statement.dsse.json', 'unknown-keys'],
    ])
    const envelope = parsed(SIGNED, 'statement.dsse.json') as { signatures: { keyid: string }[] }
    const renamed = textIn(SIGNED, 'statement.dsse.json').replace(envelope.signatures[0]?.keyid ?? '', OTHER.keyId)
    expect(problemsOf(replaced(SIGNED, ['statement.dsse.json', renamed]), { keys: [OTHER.publicKey] })).toContainEqual([
      'statement.dsse.json',
      'bad-signature',
    ])
  })
})

describe('what is too much', () => {
  it('is told by its number', () => {
    const many = Array.from({ length: 3000 }, (_, index) => [`x${index}`, 'x'] as const)
    const found = verified(replaced(RUN, ...many))
    expect([found.problems.length, found.more]).toEqual([1000, 2000])
  })

  it('is refused at its first bad element', () => {
    const hostile = `{"actions":[${'0,'.repeat(2_000_000)}0],"guarantees":null,"manifestVersion":1,"packs":[],"tool":{"name":"","version":""},"verdict":"passed"}`
    expect(problemsOf(replaced(RUN, ['manifest.json', hostile]))).toContainEqual(['manifest.json', 'shape'])
  })

  it('is not waited for', () => {
    const run = recordedFrom(RUN)
    const endless = {
      ...run,
      *chunks(path: string): Generator<Uint8Array> {
        if (path !== 'run.json') yield* run.chunks(path)
        else for (;;) yield Buffer.from('x')
      },
    }
    expect(verifyRun(endless, { keys: [] }).problems).toContainEqual({ kind: 'growing', path: 'run.json', facts: {} })
    const huge = {
      ...run,
      list: () => ({ ok: true as const, value: [{ path: 'manifest.json', kind: 'file' as const, size: 2 ** 40 }] }),
    }
    expect(verifyRun(huge, { keys: [] }).problems.map(({ kind }) => kind)).toContain('too-large')
  })

  it('nor what can not be read', () => {
    const run = recordedFrom(RUN)
    const locked = {
      ...run,
      *chunks(path: string): Generator<Uint8Array> {
        if (path.startsWith('logs/')) throw Object.assign(new Error('EACCES'), { code: 'EACCES', syscall: 'open' })
        yield* run.chunks(path)
      },
    }
    expect(verifyRun(locked, { keys: [] }).problems).toHaveLength(3)
    const closed = {
      ...run,
      list: () => ({ ok: false as const, error: { code: 'EILSEQ', path: '', message: 'a name' } }),
    }
    expect(verifyRun(closed, { keys: [] })).toMatchObject({
      verdict: null,
      problems: [{ path: '', kind: 'unreadable' }],
    })
  })
})

function isReport(path: string): boolean {
  return path === 'report.html' || path === 'report.md'
}
