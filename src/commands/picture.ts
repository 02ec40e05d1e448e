// Pictures of graphs, loaded where somebody asks for one.
import { packsWithPlugin, type Graph } from '../model/graph.ts'
import { planProject } from '../pipeline.ts'
import { partOf } from '../graph/part.ts'
import { refusalsOf } from '../plan/policy.ts'
import type { Project } from '../project.ts'
import type { GraphView } from '../report/graph-view.ts'
import type { KnownKey, Knowledge } from '../report/picture/facts.ts'
import { pageOf, svgOf } from '../report/picture/render.ts'
import { namesOf, capabilitiesOf } from '../model/grant.ts'
import { escapeText } from '../report/style.ts'
import type { Context } from './context.ts'
import type { ViewOptions } from './graph-options.ts'
import { lendMachine } from './run-place.ts'

type Compiled = Project & { readonly graph: Graph }

interface Pictured {
  readonly view: GraphView
  readonly project: Compiled
  /** Absolute path of the workspace. */
  readonly root: string
}

export async function picture(
  context: Context,
  { view, project, root }: Pictured,
  { format, fold }: ViewOptions,
): Promise<string> {
  const options = { fold: fold ?? null }
  if (format === 'svg') return svgOf(view, options)
  const { knowledge, note } = view.run
    ? { knowledge: recorded(view), note: null }
    : await planned(context, project, { view, root })
  if (note !== null) context.err(`note: ${note}\n`)
  return pageOf(view, { ...options, ...knowledge, script: context.pageScript() })
}

/** What a run says of the keys. */
function recorded({ run, graph }: GraphView): Knowledge {
  const keys = graph.actions.map(({ id }): [string, KnownKey] => {
    const key = run?.actions.get(id)?.key ?? null
    return [id, key === null ? { note: 'It had none in this run, because it never became ready.' } : { key }]
  })
  return { keys: new Map(keys), grants: null }
}

interface Planned {
  readonly knowledge: Knowledge
  readonly note: string | null
}

/** The keys that `codex run` would find before anything has run: of packs that it would not refuse, on this machine. */
async function planned(
  context: Context,
  project: Compiled,
  { view, root }: Omit<Pictured, 'project'>,
): Promise<Planned> {
  const shown = new Set(view.graph.packs.map(({ definition }) => definition.id))
  const refusals = refusalsOf(project.packs, {
    ...{ grants: project.grants, callerEnv: context.env },
    withPlugin: packsWithPlugin(project.graph.actions),
  })
  const refused = new Set(refusals.map((refusal) => ('pack' in refusal.facts ? refusal.facts.pack : null)))
  const packs = project.packs.filter(({ definition: { id } }) => shown.has(id) && !refused.has(id))
  const own = new Set(packs.map(({ definition }) => definition.id))
  const graph = partOf(view.graph, new Set(view.graph.actions.filter(({ pack }) => own.has(pack)).map(({ id }) => id)))
  const machine = await lendMachine(context, root, {})
  try {
    const found = await planProject({ ...project, packs, graph }, machine, [])
    const grants = new Map(project.packs.map((pack) => [pack.definition.id, grantedTo(pack, refusals)]))
    if (!found.ok) {
      const note = `keys are not known: ${found.error.map(({ code }) => code).join(', ')}; 'codex run -n' says why`
      return { knowledge: { keys: all(view, 'It is not known on this machine: codex run -n says why.'), grants }, note }
    }
    const keys = new Map<string, KnownKey>(
      all(view, 'It is not known, because codex run would refuse this pack: what it asks for is not granted.'),
    )
    for (const { action, key, waitsFor } of found.value) {
      keys.set(
        action.id,
        key === null
          ? { note: `It is not known before these have run: ${waitsFor.map(escapeText).join(', ')}.` }
          : { key },
      )
    }
    return { knowledge: { keys, grants }, note: null }
  } finally {
    machine.release()
  }
}

function all({ graph }: GraphView, note: string): ReadonlyMap<string, KnownKey> {
  return new Map(graph.actions.map(({ id }) => [id, { note }]))
}

/** What a pack asks for, less what nobody grants. */
function grantedTo(
  { definition }: Compiled['packs'][number],
  refusals: ReturnType<typeof refusalsOf>,
): readonly string[] {
  const missing = refusals.flatMap((refusal) => {
    if (refusal.code !== 'not-granted' || !('capability' in refusal.facts)) return []
    const { pack, capability } = refusal.facts
    if (pack !== definition.id) return []
    if (capability.kind === 'network') return [`network:${capability.endpoint}`]
    return capability.kind === 'secret' ? [`secret:${capability.name}`] : ['cloud']
  })
  return namesOf(capabilitiesOf(definition)).filter((name) => !missing.includes(name))
}
