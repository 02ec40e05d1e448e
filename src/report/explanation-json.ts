import type { Json } from '../model/canonical.ts'
import type { Comparison, Explanation } from '../model/explanation.ts'
import { namesOf } from '../model/grant.ts'
import { causeJson } from './difference-json.ts'
import { printJson } from './json.ts'

/** A comparison with the run that it is with. */
export interface NamedComparison extends Comparison {
  readonly run: string
}

/** The one document of `explain --json`. */
export function renderExplanationJson(explanation: Explanation, against: NamedComparison | null): string {
  const { action, prepared, waitsFor, guarantees, inputs, variables, unset, needs } = explanation
  const known = waitsFor.length === 0
  const command = action.kind === 'command' ? action : null
  return printJson({
    id: action.id,
    file: action.place.file,
    line: action.place.start.line,
    key: known ? prepared.key : null,
    fingerprint: known ? (JSON.parse(prepared.fingerprint) as Json) : null,
    waitsFor,
    command: command?.argv ?? null,
    folder: command?.cwd ?? null,
    environment: variables,
    unset,
    inputsSha256: known ? prepared.inputs.digest : null,
    inputs: inputs.map(({ entry, origin }) => ({ ...entry, origin })),
    outputs: command?.outputs ?? [],
    tools: prepared.tools,
    mounts: prepared.mounts,
    limits: command?.limits ?? null,
    grants: command ? namesOf(command.capabilities) : [],
    guarantees: command ? guarantees : null,
    needs: needs.map(({ from, kind }) => ({ action: from, kind })),
    against: against && comparisonJson(against),
  })
}

function comparisonJson({ run, same, recorded, status, causes, unpassed }: NamedComparison): object {
  return { run, same, key: recorded, status, causes: causes.map(causeJson), unpassed }
}
