import type { AgentCommand } from '../model/agent.ts'
import { canonicalJson } from '../model/canonical.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Pack, ResolvedPack } from '../model/pack.ts'
import type { Workspace } from '../model/ports.ts'
import type { SourceText } from '../model/source.ts'
import { withAgent } from './agents.ts'
import type { ResolvedConfig } from './config.ts'
import { claimsOf, crossPackDiagnostics, type Claim, type Loaded } from './cross.ts'
import { discover, type Discovered } from './discover.ts'
import { holds, NotedFiles, type Facts } from './facts.ts'
import { ignoreRules, type Ignores } from './ignore.ts'
import { KeptFiles, parentOf, type FileChanges, type UsedFiles } from './kept-files.ts'
import { readTaskOf, type LoadedTask } from './load-task.ts'
import { producedBy } from './produced.ts'
import { scopePatterns } from './scope.ts'
import { resolvePack } from './resolve.ts'

/** So many are read before any of them is checked. */
const BATCH = 256

/** Something with all that it was made from. */
interface Made<T> {
  readonly value: T
  readonly facts: Facts
}

export interface Resolved {
  readonly pack: ResolvedPack
  /** What was read of it beside its task.yml. */
  readonly source: SourceText | null
  readonly diagnostics: readonly Diagnostic[]
}

/** What a pack was told of the outputs of all. */
interface Produced {
  readonly isProduced: (pattern: string) => boolean
  readonly answers: ReadonlyMap<string, boolean>
}

/**
 * What was made of the files of a workspace, each part with the answers that it was made from: a part whose answers are the
 * same is not made again. Rules of `.gitignore` are the exception, because they are asked for far too often: where one changes,
 * {@link look} forgets whatever may have asked for it.
 */
export class PackMemory {
  readonly files: KeptFiles
  #ignores: Ignores
  #found: (Made<Discovered> & { readonly patterns: readonly string[] }) | null = null
  #tasks = new Map<string, Made<LoadedTask>>()
  #resolved = new Map<Pack, Made<Resolved> & Produced>()
  #outputs: { readonly patterns: readonly string[]; readonly isProduced: (pattern: string) => boolean } = {
    patterns: [],
    isProduced: () => false,
  }
  #equipped = new WeakMap<Resolved, Resolved>()
  #agent: string | null = null
  readonly #claims = new WeakMap<Pack, readonly Claim[]>()
  #cross: { readonly packs: readonly Pack[]; readonly ids: readonly string[]; readonly found: Diagnostic[] } | null =
    null

  constructor(workspace: Workspace) {
    this.files = new KeptFiles(workspace)
    this.#ignores = ignoreRules(this.files)
  }

  get ignores(): Ignores {
    return this.#ignores
  }

  /** Asks the disk again, about some places or everywhere. */
  look(places: Parameters<KeptFiles['look']>[0]): FileChanges {
    const changes = this.files.look(places)
    for (const folder of changes.rules) this.#forgetBelow(folder)
    // The rules are kept by folder, for folders that are gone as well.
    if (changes.rules.size + changes.folders.size > 0) this.#ignores = ignoreRules(this.files)
    return changes
  }

  discover({ packs: patterns }: Pick<ResolvedConfig, 'packs'>): Discovered {
    const known = this.#found
    if (known && sameItems(known.patterns, patterns) && holds(known.facts, this.files)) return known.value
    const facts = new NotedFiles(this.files)
    const value = discover(facts, { packs: patterns }, this.#ignores)
    this.#found = { value, facts, patterns }
    return value
  }

  /** In batches, because reading YAML and checking what it says evict each other's code from the processor: a quarter of the time. */
  load(dirs: readonly string[]): readonly LoadedTask[] {
    const loaded: LoadedTask[] = []
    for (let at = 0; at < dirs.length; at += BATCH) {
      const batch = dirs.slice(at, at + BATCH).map((dir) => this.#read(dir))
      for (const check of batch) loaded.push(check())
    }
    return loaded
  }

  #read(dir: string): () => LoadedTask {
    const known = this.#tasks.get(dir)
    if (known && holds(known.facts, this.files)) return () => known.value
    const facts = new NotedFiles(this.files)
    const check = readTaskOf(facts, dir)
    return () => {
      const value = check()
      this.#tasks.set(dir, { value, facts })
      return value
    }
  }

  /**
   * @param packs all of them: what one makes another may take
   * @param agent what does their steps that are for an agent
   */
  resolve(packs: readonly Pack[], agent: AgentCommand | null): readonly Resolved[] {
    // A pack that was made with another agent is another pack.
    const asked = canonicalJson(agent && { ...agent })
    if (this.#agent !== asked) this.#equipped = new WeakMap()
    this.#agent = asked
    return this.#resolve(packs).map((resolved) => this.#equip(resolved, agent))
  }

  #equip(resolved: Resolved, agent: AgentCommand | null): Resolved {
    const known = this.#equipped.get(resolved)
    if (known) return known
    const { pack, diagnostics } = withAgent(resolved.pack, agent)
    const same = pack === resolved.pack && diagnostics.length === 0
    const equipped = same ? resolved : { ...resolved, pack, diagnostics: [...resolved.diagnostics, ...diagnostics] }
    this.#equipped.set(resolved, equipped)
    return equipped
  }

  #resolve(packs: readonly Pack[]): readonly Resolved[] {
    const patterns = packs.flatMap((pack) => [
      ...this.#claimsOf(pack).map(({ produced }) => produced),
      ...scopePatterns(pack),
    ])
    if (!sameItems(patterns, this.#outputs.patterns)) this.#outputs = { patterns, isProduced: producedBy(patterns) }
    const { isProduced } = this.#outputs
    const walks: Parameters<typeof resolvePack>[1]['walks'] = new Map()
    return packs.map((pack) => {
      const known = this.#resolved.get(pack)
      if (known && tellsTheSame(known, isProduced) && holds(known.facts, this.files)) return known.value
      const workspace = new NotedFiles(this.files)
      const answers = new Map<string, boolean>()
      const asked = (pattern: string): boolean => {
        const answer = isProduced(pattern)
        answers.set(pattern, answer)
        return answer
      }
      const value = resolvePack(pack, { workspace, ignores: this.#ignores, isProduced: asked, walks })
      this.#resolved.set(pack, { value, facts: workspace, isProduced, answers })
      return value
    })
  }

  cross(packs: readonly Pack[], loaded: readonly Loaded[]): readonly Diagnostic[] {
    const ids = loaded.map(({ parsed, dir }) => parsed?.id ?? dir)
    const known = this.#cross
    if (known && sameItems(known.packs, packs) && sameItems(known.ids, ids)) return known.found
    const claims = packs.map((pack) => this.#claimsOf(pack))
    const found = crossPackDiagnostics(packs, loaded, claims)
    this.#cross = { packs, ids, found }
    return found
  }

  /** Forgets what is of no pack any more, so that a workspace that changes for long takes no more memory. */
  forgetOthers(dirs: readonly string[], packs: readonly Pack[]): void {
    const [folders, live] = [new Set(dirs), new Set(packs)]
    for (const dir of this.#tasks.keys()) if (!folders.has(dir)) this.#tasks.delete(dir)
    for (const pack of this.#resolved.keys()) if (!live.has(pack)) this.#resolved.delete(pack)
  }

  /** Forgets what was read of the disk and is needed neither for what is remembered nor by others; gives what is. */
  forgetUnused(others: readonly string[] = []): Pick<UsedFiles, 'folders' | 'files'> {
    const used = { folders: new Set(['']), files: new Set(others), links: new Set<string>() }
    for (const path of others) addWithParents(parentOf(path), used.folders)
    for (const { facts } of this.#everything()) {
      for (const path of facts.folders.keys()) addWithParents(path, used.folders)
      for (const path of facts.files.keys()) used.files.add(path)
      for (const path of facts.links.keys()) used.links.add(path)
    }
    this.files.keepOnly(used)
    return { folders: used.folders, files: new Set(this.files.files) }
  }

  #claimsOf(pack: Pack): readonly Claim[] {
    let claims = this.#claims.get(pack)
    if (!claims) this.#claims.set(pack, (claims = claimsOf(pack)))
    return claims
  }

  *#everything(): Generator<Made<unknown>> {
    if (this.#found) yield this.#found
    yield* this.#tasks.values()
    yield* this.#resolved.values()
  }

  #forgetBelow(folder: string): void {
    const concerns = ({ facts }: Made<unknown>): boolean =>
      [...facts.folders.keys()].some((path) => folder === '' || path === folder || path.startsWith(`${folder}/`))
    this.#found = null
    for (const [pack, made] of this.#resolved) if (concerns(made)) this.#resolved.delete(pack)
  }
}

function tellsTheSame(known: Produced, isProduced: (pattern: string) => boolean): boolean {
  if (known.isProduced === isProduced) return true
  for (const [pattern, answer] of known.answers) if (isProduced(pattern) !== answer) return false
  return true
}

function addWithParents(path: string, folders: Set<string>): void {
  for (let at = path; !folders.has(at); at = parentOf(at)) folders.add(at)
}

function sameItems<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at])
}
