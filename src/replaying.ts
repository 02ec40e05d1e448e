import { applyPatch } from './change/apply.ts'
import { recordedSteps, type RecordedSteps } from './evidence/recorded-steps.ts'
import type { Change, FileBytes, FileState, StepChanges } from './model/change.ts'
import { diagnostic, type Diagnostic } from './model/diagnostic.ts'
import type { Action, ActionId, CommandAction, GateAction, Graph } from './model/graph.ts'
import type { Manifest, ManifestAction } from './model/manifest.ts'
import type { ActionOutcome } from './model/outcome.ts'
import { placeOf, type Pack, type PackId } from './model/pack.ts'
import { matcher, selectionTest } from './model/pattern.ts'
import { ASPECTS, type Guarantees, type PreparedAction } from './model/plan.ts'
import type { ContentStore } from './model/ports.ts'
import type { Replay, ReplaySource, ReplaySubject } from './model/replay.ts'
import { err, ok, type Result } from './model/result.ts'
import { isInside, treeOf, type Tree, type TreeEntry } from './model/tree.ts'
import type { Prepare } from './plan/prepare.ts'
import { stepDifference } from './plan/taken-step.ts'
import type { Project } from './project.ts'

/** What a replay is made with. */
interface Surroundings {
  readonly tool: Manifest['tool']
  readonly guarantees: Guarantees
  readonly prepare: Prepare
  readonly store: ContentStore
}

interface Replaying extends Surroundings {
  readonly graph: Graph
  readonly source: ReplaySource
}

/** Packs whose steps are taken from a recorded run: those that change the workspace. */
function isTaken({ definition }: Pack): boolean {
  return definition.constraints.scope.length > 0
}

/** A project of whose change packs nothing but acceptance is run, and that without what it was granted: they ask for less. */
export function withoutSteps(project: Project): Project {
  return { ...project, packs: project.packs.map(askingLess) }
}

function askingLess<P extends Pack>(pack: P): P {
  if (!isTaken(pack)) return pack
  const { definition } = pack
  const constraints = { ...definition.constraints, network: [], secrets: [], cloudMutations: false }
  return { ...pack, definition: { ...definition, steps: [], constraints } }
}

/**
 * Takes the steps of change packs from a recorded run, as far as that could have been made here: of the same packs, by the same
 * codex, in the same isolation and from the same files. What they have made is in the content store then.
 */
export function takeSteps(
  graph: Graph,
  source: ReplaySource,
  surroundings: Surroundings,
): Result<Replay, readonly Diagnostic[]> {
  const replaying = { graph, source, ...surroundings }
  const whole = wholeDifferences(replaying)
  if (whole.length > 0) return err(whole)
  const taking = new Taking(replaying)
  const packs = graph.packs.filter(isTaken)
  const problems = packs.flatMap((pack) => taking.take(pack) ?? [])
  if (problems.length > 0) return err(problems)
  return ok({ ...taking.replay(), packs: new Set(packs.map(({ definition }) => definition.id)) })
}

interface Difference {
  readonly subject: ReplaySubject
  /** Whom or what it is about. */
  readonly of: string
  readonly names?: readonly string[]
}

function complaint({ run }: ReplaySource, { subject, of, names = [] }: Difference, pack: Pack | null): Diagnostic {
  const facts = { run: run.name, pack: pack?.definition.id ?? null, field: 'replay', subject, of, names } as const
  return diagnostic('replay-differs', pack && placeOf(pack, '/id'), facts)
}

/** What would be another manifest in any case. */
function wholeDifferences({ graph, source, tool, guarantees }: Replaying): readonly Diagnostic[] {
  const { manifest } = source
  const found: Difference[] = []
  const made = `${manifest.tool.name} ${manifest.tool.version}`
  const own = `${tool.name} ${tool.version}`
  if (made !== own) found.push({ subject: 'tool', of: made, names: [own] })
  const aspects = ASPECTS.filter((aspect) => manifest.guarantees?.[aspect] !== guarantees[aspect])
  if (aspects.length > 0) found.push({ subject: 'guarantees', of: '', names: aspects })
  const recorded = new Map(manifest.packs.map(({ id, definition }) => [id, definition]))
  const current = new Map(graph.packs.map(({ definition, digest }) => [definition.id, digest]))
  const ids = [...new Set([...recorded.keys(), ...current.keys()])]
  const others = ids.filter((id) => recorded.get(id) !== current.get(id))
  if (others.length > 0) found.push({ subject: 'packs', of: '', names: others })
  return found.map((difference) => complaint(source, difference, null))
}

const NOTHING: StepChanges = { files: treeOf([]), deleted: [] }

type Test = (path: string) => boolean

type Step = CommandAction & { readonly recorded: ManifestAction }

/** One change pack after the other, in plan order, because each is based on those that it needs. */
class Taking {
  readonly #replaying: Replaying
  readonly #recorded: RecordedSteps
  /** Of everything in the recorded run, so that whatever a step has seen of others is known. */
  readonly #known: Map<ActionId, ActionOutcome>
  readonly #taken = new Map<ActionId, ActionOutcome>()
  readonly #keys: Pick<PreparedAction, 'key' | 'fingerprint'>[] = []

  constructor(replaying: Replaying) {
    const { run, manifest } = replaying.source
    this.#replaying = replaying
    this.#recorded = recordedSteps(run, manifest)
    this.#known = new Map(manifest.actions.map((action) => [action.id, outcomeOf(action, treeOf([]))]))
  }

  replay(): Omit<Replay, 'packs'> {
    return { outcomes: this.#taken, keys: this.#keys }
  }

  /** `null`: all of it fits. */
  take(pack: Pack): Diagnostic | null {
    const own = this.#replaying.graph.actions.filter((action) => action.pack === pack.definition.id)
    const gate = own.find((action): action is GateAction => action.kind === 'gate' && action.gate === 'scope')
    const difference = this.#takeSteps(own, selectionTest(gate?.scope?.patterns ?? [])) ?? this.#takeChange(own, gate)
    return difference && complaint(this.#replaying.source, difference, pack)
  }

  #takeSteps(own: readonly Action[], inScope: Test): Difference | null {
    const steps = own.filter((action): action is CommandAction => action.kind === 'command' && action.phase === 'steps')
    for (const [place, action] of steps.entries()) {
      const recorded = this.#recorded.action(action.id)
      if (recorded?.status !== 'passed') return { subject: 'step', of: action.id }
      // What those before it have made of the files in scope was not kept, but for what came of it in the end.
      const difference = this.#takeStep({ ...action, recorded }, (path) => place === 0 || !inScope(path))
      if (difference) return difference
    }
    return null
  }

  #takeStep({ recorded, ...action }: Step, isKnown: Test): Difference | null {
    const of = action.id
    const fingerprint = this.#recorded.fingerprint(recorded)
    if (fingerprint === null || recorded.key === null) return { subject: 'key', of }
    const inputs = this.#recorded.inputs(recorded)
    if (inputs === null) return { subject: 'files', of }
    const prepared = this.#replaying.prepare({ ...action, tools: {} }, this.#known)
    if (!prepared.ok) return { subject: 'files', of, names: [prepared.error.path] }
    const difference = stepDifference(prepared.value, { fingerprint, inputs }, isKnown)
    if (difference) return { ...difference, of }
    const missing = this.#keepOutputs(action, recorded)
    if (missing) return { subject: 'outputs', of, names: missing }
    const seen = [...inputs].map(([path, digest]) => ({ path, digest, executable: false, size: 0 }))
    const { path: reused } = this.#replaying.source.run
    this.#set({ ...outcomeOf(recorded, treeOf(seen)), inputs: treeOf(seen), changes: NOTHING, reused })
    this.#keys.push({ key: recorded.key, fingerprint })
    return null
  }

  #set(outcome: ActionOutcome): void {
    this.#known.set(outcome.id, outcome)
    this.#taken.set(outcome.id, outcome)
  }

  /** Gives what is wrong with them; `null`: nothing. */
  #keepOutputs(action: CommandAction, { outputs }: ManifestAction): readonly string[] | null {
    const declared = action.outputs.map((output) => ({ output, matches: matcher(output) }))
    const missing = declared.filter(({ matches }) => !outputs.some(({ path }) => matches(path)))
    const wrong = outputs.filter((entry) => {
      const isDeclared = isInside(entry.path) && declared.some(({ matches }) => matches(entry.path))
      return !isDeclared || !this.#keepOutput(action.pack, entry)
    })
    const names = [...missing.map(({ output }) => output), ...wrong.map(({ path }) => path)]
    return names.length > 0 ? names : null
  }

  #keepOutput(pack: PackId, entry: TreeEntry): boolean {
    const bytes = this.#recorded.output(pack, entry)
    if (bytes === null || bytes.length !== entry.size) return false
    this.#replaying.store.add(entry.path, bytes, entry.executable)
    return true
  }

  /** The change as a whole is taken for that of the last step. */
  #takeChange(own: readonly Action[], gate: GateAction | undefined): Difference | null {
    const change = gate && this.#recorded.action(gate.id)?.change
    if (!gate || !change) return { subject: 'change', of: gate?.id ?? '' }
    const last = own.findLast(({ phase }) => phase === 'steps')
    const outcome = last && this.#taken.get(last.id)
    if (!outcome) return null
    const base = this.#replaying.prepare(gate, this.#known)
    if (!base.ok) return { subject: 'files', of: gate.id, names: [base.error.path] }
    const made = this.#apply(gate, { change, base: base.value.inputs })
    if (!made.ok) return { subject: 'patch', of: gate.id, names: made.error }
    const { files, deleted } = made.value
    const restored = this.#restored(own, { change, base: base.value.inputs })
    this.#set({ ...outcome, changes: { files: treeOf([...files.entries, ...restored]), deleted } })
    return null
  }

  /** Files that one step has changed and a later one has changed back: the gate `secrets` has looked through them as well. */
  #restored(
    own: readonly Action[],
    { change, base }: { readonly change: Change; readonly base: Tree },
  ): readonly TreeEntry[] {
    const gate = own.find((action) => action.kind === 'gate' && action.gate === 'secrets')
    const recorded = gate && this.#recorded.action(gate.id)
    const fingerprint = recorded && this.#recorded.fingerprint(recorded)
    const { changes = [] } = JSON.parse(fingerprint ?? '{}') as {
      readonly changes?: readonly { readonly path: string }[]
    }
    const changed = new Set(change.files.map(({ path }) => path))
    const touched = new Set(changes.flatMap(({ path }) => (changed.has(path) ? [] : path)))
    return base.entries.filter(({ path }) => touched.has(path))
  }

  #apply(
    { pack }: GateAction,
    { change, base }: { readonly change: Change; readonly base: Tree },
  ): Result<StepChanges, readonly string[]> {
    if (change.patch === null)
      return change.files.length === 0 ? ok(NOTHING) : err(change.files.map(({ path }) => path))
    const { store } = this.#replaying
    const before = new Map(base.entries.map((entry) => [entry.path, entry]))
    const read = (path: string): FileBytes | null => {
      const entry = before.get(path)
      return entry ? { bytes: store.read(entry), executable: entry.executable } : null
    }
    const patch = this.#recorded.patch(pack, change.patch)
    const applied = patch && applyPatch(patch, read)
    if (!applied) return err([])
    if (!applied.ok) return err(applied.error.path === null ? [] : [applied.error.path])
    const files: TreeEntry[] = []
    for (const [path, file] of applied.value) if (file) files.push(store.add(path, file.bytes, file.executable))
    const made = treeOf(files)
    const wrong = differingFiles(change, { before, made, paths: [...applied.value.keys()] })
    if (wrong.length > 0) return err(wrong)
    return ok({ files: made, deleted: change.files.flatMap(({ path, after }) => (after ? [] : [path])) })
  }
}

interface Applied {
  readonly before: ReadonlyMap<string, TreeEntry>
  readonly made: Tree
  /** All that the patch names. */
  readonly paths: readonly string[]
}

/** Files of which the manifest tells something else than the patch does. */
function differingFiles({ files }: Change, { before, made, paths }: Applied): readonly string[] {
  const after = new Map(made.entries.map((entry) => [entry.path, entry]))
  const wrong = files.filter(
    (file) => !isState(before.get(file.path), file.before) || !isState(after.get(file.path), file.after),
  )
  const told = new Set(files.map(({ path }) => path))
  return [...wrong.map(({ path }) => path), ...paths.filter((path) => !told.has(path))]
}

function isState(entry: TreeEntry | undefined, state: FileState | null): boolean {
  if (!entry || !state) return !entry && !state
  return entry.digest === state.digest && entry.executable === state.executable && entry.size === state.size
}

function outcomeOf({ id, status, reason, exitCode, key, outputs }: ManifestAction, inputs: Tree): ActionOutcome {
  return { id, status, reason, exitCode, key, inputs, outputs: treeOf(outputs), attempts: [] }
}
