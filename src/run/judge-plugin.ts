import type { CommandAction } from '../model/graph.ts'
import type { PluginProblem } from '../model/outcome.ts'
import type { PluginRun, PluginVerdict } from '../model/plugin.ts'
import type { Execution } from '../model/ports.ts'
import { treeOf, type Tree, type TreeEntry } from '../model/tree.ts'
import type { Judgement } from './judge.ts'

/** What the result of a plugin says; `null`: it is none. Nothing of it is trusted: it comes out of the sandbox that the plugin was in. */
export type ReadPluginVerdict = (result: TreeEntry, plugin: PluginRun) => PluginVerdict | null

/** How the run of a plugin is judged, with what it leaves behind. */
export interface PluginJudgement extends Judgement {
  readonly outputs: Tree
  /** Whether only the plugin itself is to blame: its pack may pass all the same, where nobody asked for strictness. */
  readonly blame: 'plugin' | null
}

/**
 * Judges the run of a plugin, given how it would be judged as a command. What goes wrong with a plugin by itself is told from what it
 * must not do (write what it did not declare, alter an input), and from what it says of its pack. A result that says `passed` wins
 * nothing: acceptance and the gates decide without it.
 */
export function judgePlugin(
  { plugin }: Pick<CommandAction, 'plugin'>,
  { judgement, execution }: { readonly judgement: Judgement; readonly execution: Execution },
  read: ReadPluginVerdict,
): PluginJudgement {
  const nothing = { outputs: treeOf([]), blame: null }
  if (!plugin || isBeyond(judgement)) return { ...judgement, ...nothing }
  // Whatever a runner that did not end well has left, the plugin may have written.
  if (judgement.exitCode !== 0) return { ...judgement, ...nothing, blame: 'plugin' }
  const result = execution.outputs.entries.find(({ path }) => path === plugin.result)
  const verdict = result ? read(result, plugin) : null
  if (!result || verdict === null) return because('result', { ...nothing, blame: 'plugin' })
  if (verdict === 'error') return because('error', { outputs: treeOf([result]), blame: 'plugin' })
  if (verdict === 'failed') return because('failed', nothing)
  if (judgement.status !== 'passed') return { ...judgement, ...nothing, blame: 'plugin' }
  return { ...judgement, outputs: execution.outputs, blame: null }
}

/** What says nothing about a plugin, and what no plugin is forgiven. */
function isBeyond({ status, reason }: Judgement): boolean {
  return status === 'interrupted' || status === 'violated' || reason?.kind === 'not-started'
}

function because(problem: PluginProblem, rest: Pick<PluginJudgement, 'outputs' | 'blame'>): PluginJudgement {
  return { status: 'failed', reason: { kind: 'plugin', problem }, exitCode: 0, ...rest }
}
