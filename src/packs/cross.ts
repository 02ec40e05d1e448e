import { isPattern, matcher } from '../model/pattern.ts'
import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { placeOf, workspacePath, type Pack } from '../model/pack.ts'
import type { Location } from '../model/source.ts'
import { cyclesOf } from '../model/cycle.ts'
import { cycleDiagnostic } from './meaning.ts'
import { asWritten } from './missing.ts'
import { declaredOutputs, type DeclaredOutput } from './outputs.ts'
import { normalisePath } from './paths.ts'
import type { ParsedPack } from './parse.ts'
import { closest } from '../model/suggest.ts'

/** A task.yml that was found, with what came of it. */
export interface Loaded {
  readonly dir: string
  readonly file: string
  /** `null` where the file can't be read. */
  readonly parsed: ParsedPack | null
}

/** So many missing needs get a suggestion: each compares with every id. */
const SUGGESTIONS = 100

/** Packs whose id an earlier one has, by the bytes of their folders; broken ones count too. */
export function duplicateIds(loaded: readonly Loaded[]): { diagnostics: Diagnostic[]; files: ReadonlySet<string> } {
  const first = new Map<string, Loaded>()
  const diagnostics: Diagnostic[] = []
  const files = new Set<string>()
  for (const one of loaded) {
    const id = one.parsed?.id
    if (id === null || id === undefined) continue
    const other = first.get(id.toLowerCase())
    if (!other) {
      first.set(id.toLowerCase(), one)
      continue
    }
    files.add(one.file)
    const place = other.parsed?.idPlace
    const facts = { id, other: other.file, caseOnly: id !== other.parsed?.id }
    const related = place ? [{ location: place, note: other.parsed?.id ?? '' }] : []
    diagnostics.push(diagnostic('duplicate-pack-id', one.parsed?.idPlace ?? null, facts, { related }))
  }
  return { diagnostics, files }
}

/**
 * What is wrong between packs: needs, artifacts and outputs.
 *
 * @param claims of each pack, see {@link claimsOf}
 */
export function crossPackDiagnostics(
  packs: readonly Pack[],
  loaded: readonly Loaded[],
  claims: readonly (readonly Claim[])[],
): Diagnostic[] {
  const byId = new Map(packs.map((pack) => [pack.definition.id, pack]))
  return [
    ...missingNeeds(packs, knownIds(loaded)),
    ...cycles(packs, byId),
    ...packs.flatMap((pack) => missingArtifacts(pack, byId)),
    ...collidingOutputs(claims.flat()),
  ]
}

/** Ids that somebody may need although their pack is broken; of a file that can't be read, likely the folder's name. */
function knownIds(loaded: readonly Loaded[]): ReadonlySet<string> {
  return new Set(loaded.map(({ parsed, dir }) => parsed?.id ?? dir.slice(dir.lastIndexOf('/') + 1)))
}

function missingNeeds(packs: readonly Pack[], known: ReadonlySet<string>): Diagnostic[] {
  const found: Diagnostic[] = []
  for (const pack of packs) {
    const { id, needs } = pack.definition
    for (const [index, need] of needs.entries()) {
      if (known.has(need)) continue
      const suggestion =
        found.length < SUGGESTIONS
          ? closest(
              need,
              [...known].filter((other) => other !== id),
            )
          : null
      found.push(diagnostic('missing-need', placeOf(pack, `/needs/${index}`), { need, suggestion, scope: 'pack' }))
    }
  }
  return found
}

function cycles(packs: readonly Pack[], byId: ReadonlyMap<string, Pack>): Diagnostic[] {
  const needsOf = (id: string): readonly string[] => byId.get(id)?.definition.needs ?? []
  const place = (from: string, to: string): Location => {
    const pack = byId.get(from)
    if (!pack) throw new TypeError(`a cycle through an unknown pack ${from}`)
    return placeOf(pack, `/needs/${needsOf(from).indexOf(to)}`)
  }
  return cyclesOf(
    packs.map(({ definition }) => definition.id),
    needsOf,
  ).map((cyclic) => cycleDiagnostic(cyclic, place))
}

function missingArtifacts(pack: Pack, byId: ReadonlyMap<string, Pack>): Diagnostic[] {
  return pack.definition.inputs.artifacts.flatMap(({ from, path }, index) => {
    const producer = byId.get(from)
    if (!producer) return []
    const place = placeOf(pack, `/inputs/artifacts/${index}/path`)
    const normal = normalisePath(path, { dir: producer.dir, folder: true })
    if (!normal.ok) return [diagnostic('path-leaves-workspace', place, { path, through: null })]
    const produced = [
      ...declaredOutputs(producer).map((output) => output.path),
      ...producer.definition.artifacts.required,
      ...producer.definition.artifacts.optional,
    ]
    const wanted = workspacePath(producer.dir, normal.path)
    if (produced.some((one) => provides(workspacePath(producer.dir, one), wanted))) return []
    const facts = { from, path, produced: [...new Set(produced)].map((one) => shown(one, producer.dir)) }
    return [diagnostic('artifact-not-produced', place, facts)]
  })
}

function shown(path: string, dir: string): string {
  return asWritten(workspacePath(dir, path), dir)
}

/** Whether what is declared holds the wanted file, or something below the wanted folder. */
function provides(declared: string, wanted: string): boolean {
  if (!wanted.endsWith('/')) return matcher(declared)(wanted)
  return (
    declared.startsWith(wanted) ||
    (declared.endsWith('/') && wanted.startsWith(declared)) ||
    matcher(declared)(`${wanted}x`)
  )
}

/** An output that a pack declares, with where it is. */
export interface Claim extends DeclaredOutput {
  readonly pack: Pack
  /** Relative to the workspace. */
  readonly produced: string
  /** The same without a trailing `/`. */
  readonly whole: string
  readonly pattern: boolean
}

export function claimsOf(pack: Pack): readonly Claim[] {
  return declaredOutputs(pack).map((output) => {
    const produced = workspacePath(pack.dir, output.path)
    return { ...output, pack, produced, whole: produced.replace(/\/$/, ''), pattern: isPattern(output.path) }
  })
}

/** Files and folders that two packs declare, and files that one declares in the other's folder. Globs are the graph's to compare. */
function collidingOutputs(all: readonly Claim[]): Diagnostic[] {
  const claims = all.filter(({ pattern }) => !pattern)
  const byPath = new Map<string, Claim>()
  for (const claim of claims) if (!byPath.has(claim.whole)) byPath.set(claim.whole, claim)
  return claims.flatMap((claim) => {
    const other = claimAbove(claim, byPath)
    if (!other) return []
    const facts = { path: claim.whole, first: other.action, second: claim.action }
    const related = [{ location: placeOf(other.pack, other.pointer), note: other.action }]
    return [diagnostic('output-collision', placeOf(claim.pack, claim.pointer), facts, { related })]
  })
}

function claimAbove(claim: Claim, byPath: ReadonlyMap<string, Claim>): Claim | null {
  for (let path = claim.whole; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
    const other = byPath.get(path)
    if (other && other.pack !== claim.pack) return other
  }
  return null
}
