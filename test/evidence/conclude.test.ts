import { describe, expect, it } from 'vitest'
import { conclude, type Conclusion } from '../../src/evidence/conclude.ts'
import { parseEnvelope, verifyEnvelope } from '../../src/evidence/sign/dsse.ts'
import { startedManifest } from '../../src/evidence/manifest.ts'
import { attestRun, keyAttestor, statementsOf } from '../../src/evidence/sign/sign.ts'
import type { ProvenanceFacts } from '../../src/evidence/sign/statement.ts'
import { sha256 } from '../../src/model/digest.ts'
import type { RunEvent } from '../../src/model/event.ts'
import type { Manifest } from '../../src/model/manifest.ts'
import type { Attestor } from '../../src/model/ports.ts'
import { err } from '../../src/model/result.ts'
import { keyPair } from '../support/keys.ts'
import { memoryRunFolder, type MemoryRunFolder } from '../support/memory-run-folder.ts'

const key = keyPair('k')
const tool = { name: 'codex-orchestrator', version: '1.2.3' }

const manifest: Manifest = {
  ...startedManifest({ tool, guarantees: null }),
  verdict: 'passed',
  packs: [{ id: 'p', definition: sha256('p'), needs: [], grants: [], verdict: 'passed', artifacts: [] }],
}

const facts: ProvenanceFacts = {
  run: 'r',
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  executor: 'bubblewrap',
  host: { platform: 'linux', arch: 'x64', node: '20.20.2' },
  tools: [],
}

/** A folder that keeps the order in which files were written. */
function foldersWith(): { readonly folder: MemoryRunFolder; readonly written: string[] } {
  const written: string[] = []
  const memory = memoryRunFolder()
  const folder: MemoryRunFolder = {
    ...memory,
    write: (path, bytes) => {
      written.push(path)
      memory.write(path, bytes)
    },
    writeAtomically: (path, bytes) => {
      written.push(path)
      memory.writeAtomically(path, bytes)
    },
  }
  return { folder, written }
}

function conclusion(attestor: Attestor | null): Conclusion {
  return {
    manifest,
    at: 5,
    interrupted: false,
    addTo: (folder) => {
      folder.write('run.json', '{}')
      folder.write('artifacts/p/a', 'made')
      return facts
    },
    attestor,
  }
}

describe('the end of a run', () => {
  it('signs when all else is known, and only then says that the run has passed', async () => {
    const { folder, written } = foldersWith()
    const journal: RunEvent[] = []
    const { finished, signed } = await conclude(folder, (event) => journal.push(event), conclusion(keyAttestor(key)))
    expect(written).toEqual([
      'run.json',
      'artifacts/p/a',
      'files.sha256',
      'statement.dsse.json',
      'provenance.dsse.json',
      'manifest.json',
    ])
    expect(signed).toBe(key.keyId)
    expect(finished.signed).toBe(key.keyId)
    // The journal is among what is signed, so it can't say it.
    expect(journal).toEqual([expect.not.objectContaining({ signed: expect.anything() })])
    expect(folder.text('files.sha256')).not.toContain('dsse.json')
  })

  it('signs what follows from the folder alone', async () => {
    const { folder } = foldersWith()
    await conclude(folder, () => {}, conclusion(keyAttestor(key)))
    const digests = { manifest: sha256(folder.text('manifest.json')), files: sha256(folder.text('files.sha256')) }
    const artifacts = [{ path: 'artifacts/p/a', digest: sha256('made') }]
    const statements = statementsOf({ manifest, digests, artifacts, facts })
    expect([...statements.keys()]).toEqual(['statement', 'provenance'])
    for (const [name, statement] of statements) {
      const envelope = parseEnvelope(folder.files.get(`${name}.dsse.json`) ?? Buffer.alloc(0))
      expect(envelope.ok && Buffer.from(envelope.value.payload).toString()).toBe(statement)
      expect(envelope.ok && verifyEnvelope(envelope.value, [key.publicKey]).ok).toBe(true)
    }
  })

  it('leaves an unsigned run where nobody signs', async () => {
    const { folder, written } = foldersWith()
    const { signed, signingProblem } = await conclude(folder, () => {}, conclusion(null))
    expect(written).toEqual(['run.json', 'artifacts/p/a', 'files.sha256', 'manifest.json'])
    expect({ signed, signingProblem }).toEqual({ signed: null, signingProblem: null })
  })

  it('leaves an unsigned run, and says why, where whoever should sign does not', async () => {
    const { folder, written } = foldersWith()
    const asked: string[] = []
    const attestor: Attestor = {
      signedBy: 'sigstore',
      form: 'sigstore',
      attest: async (statement) => {
        asked.push(statement)
        return asked.length === 1 ? { ok: true, value: '{}' } : err('the network is down')
      },
    }
    const { signed, signingProblem, finished } = await conclude(folder, () => {}, conclusion(attestor))
    expect({ signed, signingProblem }).toEqual({ signed: null, signingProblem: 'the network is down' })
    expect(finished.signed).toBeNull()
    expect(asked).toHaveLength(2)
    // Neither of the two, not even that which was signed.
    expect(written).toEqual(['run.json', 'artifacts/p/a', 'files.sha256', 'manifest.json'])
  })

  it('does not ask again whoever has refused', async () => {
    let asked = 0
    const attest = async (): Promise<ReturnType<typeof err<string>>> => {
      asked += 1
      return err('no')
    }
    const run = { manifest, digests: { manifest: '', files: '' }, artifacts: [{ path: 'artifacts/p/a', digest: '' }] }
    const signed = await attestRun({ ...run, facts }, { signedBy: 'sigstore', form: 'sigstore', attest })
    expect({ signed, asked }).toEqual({ signed: err('no'), asked: 1 })
  })
})
