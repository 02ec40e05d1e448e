import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { placeOf } from '../model/pack.ts'
import { scopePatterns } from './changes.ts'
import type { PackDraft } from './draft.ts'
import { overlaps, parsePattern, workspacePattern } from './pattern.ts'

/** What a pack's gate looks for, relative to the workspace. */
export interface RequiredArtifacts {
  readonly required: readonly string[]
  readonly optional: readonly string[]
  /** Required paths that are files of the pack rather than outputs. */
  readonly sources: readonly string[]
  readonly problems: readonly Diagnostic[]
}

export function artifactsOf({ pack, phases, seen }: PackDraft): RequiredArtifacts {
  const { required, optional } = pack.definition.artifacts
  // What must be there can't be what only a plugin makes: it adds to what a pack shows, and proves nothing of it.
  const outputs = phases.flat().flatMap((draft) => (draft.plugin ? [] : draft.outputs))
  const scopes = pack.scope ? scopePatterns(pack) : []
  const sources: string[] = []
  const problems: Diagnostic[] = []
  for (const [place, path] of required.entries()) {
    const pattern = parsePattern(pack.dir, path)
    if (outputs.some((output) => overlaps(pattern, output.pattern))) continue
    if (pattern.kind === 'literal' && seen.includes(pattern.prefix)) sources.push(pattern.prefix)
    else if (!scopes.some((scope) => overlaps(pattern, scope))) {
      const location = placeOf(pack, `/artifacts/required/${place}`)
      problems.push(diagnostic('required-not-produced', location, { path }))
    }
  }
  const relative = (path: string): string => workspacePattern(pack.dir, path)
  return { required: required.map(relative), optional: optional.map(relative), sources, problems }
}
