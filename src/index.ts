// The public API: what a program needs to read packs, look at their graph and check what a run left behind.
export { canonicalJson, type Json } from './model/canonical.ts'
export type { Diagnostic, DiagnosticCode, DiagnosticFacts, Severity } from './model/diagnostic.ts'
export { sha256, type Digest } from './model/digest.ts'
export type { Emit, RunEvent } from './model/event.ts'
export type { Action, ActionId, CommandAction, Edge, EdgeKind, GateAction, Graph, Phase } from './model/graph.ts'
export { MANIFEST_VERSION, type Manifest, type ManifestAction, type ManifestPack } from './model/manifest.ts'
export type { ActionOutcome, Attempt, Reason, Status, Verdict } from './model/outcome.ts'
export type { CommandDefinition, Pack, PackDefinition, PackId, ResolvedPack } from './model/pack.ts'
export type { Guarantees, PlannedAction, PreparedAction, Tool } from './model/plan.ts'
export type {
  Clock,
  ContentStore,
  Execution,
  ExecutionRequest,
  Executor,
  RunFolder,
  ToolResolver,
  Workspace,
} from './model/ports.ts'
export { err, ok, type Result } from './model/result.ts'
export type { Location, Position, SourceText } from './model/source.ts'
export { checksums, treeOf, type Tree, type TreeEntry } from './model/tree.ts'
export { eventJsonSchema, manifestJsonSchema, recordJsonSchema } from './evidence/json-schema.ts'
export { exportGraph } from './graph/export.ts'
export { defineConfig, type AgentConfig, type Config } from './packs/config.ts'
export { configJsonSchema, taskPackJsonSchema } from './packs/json-schema.ts'
export type { Selection } from './packs/select.ts'
export { planProject, runProject, type Machine, type RunOptions, type RunResult } from './pipeline.ts'
export { loadProject, type LoadedConfig, type Project } from './project.ts'
export { diagnosticsJson, renderDiagnostics } from './report/diagnostics.ts'
