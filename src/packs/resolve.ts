import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import { placeOf, workspacePath, type CommandDefinition, type Pack, type ResolvedPack } from '../model/pack.ts'
import { ACCEPTANCE_PHASES } from '../model/pack.ts'
import { PLUGIN_RESULT, type ResolvedPlugin } from '../model/plugin.ts'
import type { Workspace } from '../model/ports.ts'
import type { Location, SourceText } from '../model/source.ts'
import { find, linkOutside } from './files.ts'
import { asWritten, likelyPath } from './missing.ts'
import { declaredOutputs } from './outputs.ts'
import { resolvePlugin } from './plugin-file.ts'
import { dotted } from './shape.ts'
import { resolveScope } from './scope.ts'
import { isState, selectFiles, type FileContext } from './select-files.ts'
import { pointerPart } from './yaml-value.ts'

/** Finds the files that a pack selects, and checks that those it names exist. */
export function resolvePack(
  pack: Pack,
  context: FileContext,
): {
  readonly pack: ResolvedPack
  /** What was read of it beside its task.yml. */
  readonly source: SourceText | null
  readonly diagnostics: readonly Diagnostic[]
} {
  const selected = selectFiles(pack, context)
  const missing = namedFiles(pack).flatMap((named) => checkNamed(pack, named, context))
  const found = missing.length > 0 ? null : resolvePlugin(pack, context)
  const plugin = found?.plugin ?? null
  const outputs = outputsOutside(pack, context)
  const covered = artifactsInTheWay(pack, selected.files)
  const { scope, diagnostics: unscoped } = resolveScope(pack, context)
  return {
    pack: { ...withPlugin(pack, plugin, selected.files), ...(scope ? { scope } : {}) },
    source: found?.source ?? null,
    diagnostics: [
      ...selected.diagnostics,
      ...unscoped,
      ...missing,
      ...outputs,
      ...covered,
      ...(found?.diagnostics ?? []),
    ],
  }
}

/** What a plugin makes is no source, like all that is made; with plugins and without, so that commands see the same. */
function withPlugin(pack: Pack, plugin: ResolvedPlugin | null, files: readonly string[]): ResolvedPack {
  if (plugin === null) return { ...pack, files }
  const made = new Set([PLUGIN_RESULT, ...plugin.artifacts].map((path) => workspacePath(pack.dir, path)))
  return { ...pack, plugin, files: files.filter((path) => !made.has(path)) }
}

/** A file or folder that must stand somewhere, and where in task.yml it says so. */
interface Named {
  readonly path: string
  readonly at: readonly (string | number)[]
  readonly kind: 'file' | 'dir'
  /** Whether it may be made by a command instead, or be an artifact. */
  readonly made?: boolean
}

function namedFiles({ definition }: Pack): Named[] {
  const { docs, inputs, plugin, steps } = definition
  return [
    ...Object.entries(docs).map(([name, path]): Named => ({ path, at: ['docs', name], kind: 'file' })),
    ...inputs.mounts.flatMap(({ path, identity }, index): Named[] => [
      { path, at: ['inputs', 'mounts', index, 'path'], kind: 'dir' },
      { path: identity, at: ['inputs', 'mounts', index, 'identity'], kind: 'file' },
    ]),
    ...steps.flatMap(({ agent }, index): Named[] =>
      agent ? [{ path: agent.prompt, at: ['steps', index, 'prompt'], kind: 'file' }] : [],
    ),
    ...ACCEPTANCE_PHASES.flatMap((phase) =>
      definition.acceptance[phase].flatMap((command, index) => controls(command, ['acceptance', phase, index])),
    ),
    ...(plugin === null ? [] : [{ path: plugin, at: ['plugin'], kind: 'file' } as const]),
  ]
}

function controls({ control }: CommandDefinition, at: readonly (string | number)[]): Named[] {
  return Object.entries(control ?? {}).map(([target, path]) => ({
    path,
    at: [...at, 'control', 'replace', target],
    kind: 'file',
    made: true,
  }))
}

function checkNamed(pack: Pack, { path, at, kind, made = false }: Named, context: FileContext): Diagnostic[] {
  const { workspace } = context
  const whole = workspacePath(pack.dir, path)
  // What stands there now is only left from an earlier build.
  if (made && (context.isProduced(whole) || isArtifact(pack, whole))) return []
  const place = placeOf(pack, at.map((part) => `/${pointerPart(part)}`).join(''))
  const found = find(workspace, whole)
  switch (found.at) {
    case kind:
      return kind === 'file' ? linkedState(path, { workspace, whole, place }) : []
    case 'outside':
      return [diagnostic('path-leaves-workspace', place, { path, through: found.through })]
    case 'broken':
      return [diagnostic('unsupported-file', place, { path, kind: 'broken-symlink' })]
    case 'other':
      return [diagnostic('unsupported-file', place, { path, kind: 'fifo-socket-or-device' })]
    case 'unreadable':
      return [diagnostic('unreadable', place, { path, reason: found.reason })]
    default: {
      const key = dotted(at)
      if (found.at !== 'missing') {
        const expected = kind === 'dir' ? 'a folder' : 'a file'
        return [diagnostic('invalid-value', place, { key, found: path, expected, suggestion: null })]
      }
      const likely = likelyPath(workspace, whole)
      const suggestion = likely === null ? null : asWritten(likely, pack.dir)
      return [diagnostic('missing-file', place, { key, path, suggestion })]
    }
  }
}

function isArtifact({ dir, definition }: Pack, path: string): boolean {
  return definition.inputs.artifacts.some(({ as }) =>
    `${path}/`.startsWith(`${workspacePath(dir, as).replace(/\/$/, '')}/`),
  )
}

/** A link is taken as the file that it leads to, which must not be what git and codex keep for themselves. */
function linkedState(
  path: string,
  { workspace, whole, place }: { workspace: Workspace; whole: string; place: Location },
): Diagnostic[] {
  const real = workspace.resolve(whole)
  if (!real.ok || !isState(real.value)) return []
  return [diagnostic('unsupported-file', place, { path, kind: 'linked-state' })]
}

function outputsOutside(pack: Pack, { workspace }: FileContext): Diagnostic[] {
  return declaredOutputs(pack).flatMap(({ path, pointer }) => {
    const through = linkOutside(workspace, workspacePath(pack.dir, path).replace(/\/$/, ''))
    return through === null ? [] : [diagnostic('path-leaves-workspace', placeOf(pack, pointer), { path, through })]
  })
}

/** An artifact must not stand where a file, an output or another artifact does, nor below or above one. */
function artifactsInTheWay(pack: Pack, files: readonly string[]): Diagnostic[] {
  const { artifacts } = pack.definition.inputs
  const places = artifacts.map(({ as }) => workspacePath(pack.dir, as).replace(/\/$/, ''))
  const outputs = declaredOutputs(pack).map(({ path }) => workspacePath(pack.dir, path).replace(/\/$/, ''))
  return artifacts.flatMap(({ as }, index) => {
    const place = places[index] ?? ''
    const others = [...places.slice(0, index), ...outputs, ...(as.endsWith('/') ? [] : files)]
    if (!others.some((other) => meets(place, other))) return []
    const expected = 'a path at which no file, output or other artifact stands'
    const location = placeOf(pack, `/inputs/artifacts/${index}/as`)
    const key = `inputs.artifacts[${index}].as`
    return [diagnostic('invalid-value', location, { key, found: as, expected, suggestion: null })]
  })
}

function meets(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)
}
