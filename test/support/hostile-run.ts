// A run in which every text that somebody else can choose is one and the same.
import { diagnostic } from '../../src/model/diagnostic.ts'
import { sourceText, locationOf } from '../../src/model/source.ts'
import type { Connection } from '../../src/model/outcome.ts'
import { buildReport } from '../../src/report/build-report.ts'
import type { Report } from '../../src/report/report-model.ts'
import { commandAction } from './actions.ts'
import { gates, packWith, reportInput, type RunParts } from './reports.ts'

/** Of packs that failed and passed, with artifacts, warnings, connections and a log. */
export async function hostileReport(text: string): Promise<Report> {
  const input = reportInput(hostileParts(text))
  const { manifest, record } = input
  const told = record && { ...record, run: text, executor: text, argv: [text], startedAt: '2026-01-01T00:00:00.000Z' }
  const packs = manifest.packs.map((pack) => ({ ...pack, grants: [text], needs: [text] }))
  return buildReport({ ...input, record: told, manifest: { ...manifest, packs, tool: { name: text, version: text } } })
}

function hostileParts(text: string): RunParts {
  const place = locationOf(sourceText(text, ''), { start: 0, end: 0 })
  const bytes = Buffer.concat([Buffer.from(text), Buffer.from([0x0a, 0xff, 0xfe, 0x00, 0x1b, 0x0a])])
  const id = `p:tests/${text}`
  const connection: Connection = {
    at: 0,
    host: text,
    port: 80,
    address: text,
    verdict: 'refused',
    reason: text,
    sent: 0,
    received: 0,
  }
  const log = { path: null, totalBytes: 0, digest: null }
  const attempt = { number: 1, startedAt: 0, durationMs: 1, status: 'violated', exitCode: 1, log } as const
  // With it, a file is none that is shown.
  const content = text.replaceAll('\0', '')
  const reason = { kind: 'undeclared-writes', paths: [text, `dir/${text}`] } as const
  return {
    packs: [packWith('p', { title: text, domain: text }), packWith('q', { title: text })],
    endings: [
      { action: commandAction('p:steps/write', { argv: ['sh', '-ec', text], place }), log: bytes },
      {
        action: commandAction('p:steps/fail', { argv: [text], place }),
        status: 'failed',
        reason: { kind: 'exit' },
        exitCode: 127,
        log: bytes,
      },
      {
        action: commandAction(id, { argv: [text, text], needs: [text], place }),
        status: 'violated',
        reason,
        attempts: [{ ...attempt, connections: [connection] }],
      },
      ...gates('p'),
      { action: commandAction('q:tests/1', { argv: [text] }), log: bytes },
      ...gates('q'),
    ],
    artifacts: { 'q:gate/artifacts': { [`packs/q/${text}`]: content, 'packs/q/picture.svg': `<svg>${content}</svg>` } },
    warnings: [
      diagnostic('unknown-key', place, { key: text, parent: text, suggestion: text, known: [text] }),
      diagnostic('yaml-syntax', null, { detail: text }, { severity: 'warning' }),
    ],
  }
}
