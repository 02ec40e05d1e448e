import type { Manifest } from '../model/manifest.ts'
import type { RunRecord } from '../model/record.ts'
import { elapsed } from './duration.ts'
import type { Report } from './report-model.ts'

const COMMAND = 300

/** Under which circumstances it ran; not where, because a report is passed on: neither the machine's name nor a path of it is told. */
export function factsOf({ tool, partial }: Manifest, record: RunRecord | null): Report['facts'] {
  const facts: { name: string; value: string }[] = []
  const tell = (name: string, value: string): void => void facts.push({ name, value })
  if (record) {
    const { host } = record
    tell('Run', record.run)
    tell('Started', record.startedAt.replace(/^(\S{10})T(\S{8}).*$/, '$1 $2 UTC'))
    tell('Took', elapsed(record.durationMs))
    tell('Sandbox', sandboxWords(record.executor))
    tell('At a time', `${record.jobs}`)
    tell('Machine', `${host.platform} ${host.arch}, Node.js ${host.node.replace(/^v/, '')}`)
    tell('Called with', cut(['codex', ...record.argv].join(' ')))
  }
  if (partial) tell('Ended early', 'after the first failure (fail-fast)')
  tell('Tool', `${tool.name} ${tool.version}`)
  return facts
}

function sandboxWords(executor: string | null): string {
  if (executor === null) return 'not opened'
  return executor === 'none' ? 'none' : executor
}

function cut(text: string): string {
  return text.length > COMMAND ? `${text.slice(0, COMMAND)}…` : text
}
