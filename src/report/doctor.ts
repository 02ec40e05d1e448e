import type { DoctorCheck, MachineFindings } from '../model/doctor.ts'
import { alignColumns } from './columns.ts'
import { fixLines } from './diagnostics.ts'
import { printJson } from './json.ts'
import { count, plain } from './phrase.ts'
import { escapeText, styleOf, type StyleOptions } from './style.ts'
import { NETWORK_FIX, sandboxFix, wordFinding } from './wording-refusals.ts'
import { CGROUP_WORDS } from './wording-machine.ts'

/** What the findings mean for runs: one sandbox that holds is enough. */
export function checksOf({ node, platform, workspace, sandboxes, cgroups }: MachineFindings): readonly DoctorCheck[] {
  const usable = sandboxes.some(({ finding }) => finding === null)
  return [
    {
      name: 'node',
      status: node.supported ? 'ok' : 'failed',
      detail: node.version,
      fix: node.supported ? null : 'Install Node.js 20.19 or newer.',
    },
    { name: 'platform', status: 'ok', detail: platform, fix: null },
    {
      name: 'workspace',
      status: workspace.writable ? 'ok' : 'warning',
      detail: workspace.writable ? workspace.path : `${workspace.path} can't be written to.`,
      fix: workspace.writable ? null : 'Make it writable, or keep runs elsewhere with `codex run --out <dir>`.',
    },
    ...sandboxes.map((sandbox) => sandboxCheck(sandbox, usable)),
    ...(usable ? [limiterCheck(cgroups)] : []),
  ]
}

type Sandbox = MachineFindings['sandboxes'][number]

function sandboxCheck({ executor: name, finding, network }: Sandbox, usable: boolean): DoctorCheck {
  if (!finding && network !== null) {
    const detail = `Isolates, as a canary in it has shown, but can't run packs that are granted a network: ${plain(network)}.`
    return { name, status: 'warning', detail, fix: NETWORK_FIX }
  }
  if (!finding) return { name, status: 'ok', detail: 'Isolates, as a canary in it has shown.', fix: null }
  return { name, status: usable ? 'warning' : 'failed', detail: wordFinding(finding), fix: sandboxFix([finding]) }
}

/** What looks after memory and processes. That the kernel could do it better where nothing can be done about it is no warning. */
function limiterCheck(problem: MachineFindings['cgroups']): DoctorCheck {
  const name = 'limits'
  if (problem === null) {
    const detail = 'The kernel (a cgroup for each action) and a watchdog look after memory and processes.'
    return { name, status: 'ok', detail, fix: null }
  }
  const { because, fix } = CGROUP_WORDS[problem]
  const detail = `A watchdog looks after memory and processes, ten times a second; the kernel can't (cgroup v2): ${because}.`
  return { name, status: fix === null ? 'ok' : 'warning', detail, fix }
}

/** What `codex doctor` found, one check a line, with the fix below what is not well. */
export function renderDoctor(checks: readonly DoctorCheck[], options: StyleOptions): string {
  const style = styleOf(options)
  const { colors, glyphs } = style
  const marks = { ok: colors.green(glyphs.pass), warning: colors.yellow('!'), failed: colors.red(glyphs.fail) }
  const rows = alignColumns(checks.map(({ name, detail }) => [escapeText(name), escapeText(detail)]))
  const lines = checks.map(({ status, fix }, index) => {
    const below = status === 'ok' || fix === null ? null : fix.split('\n').map(escapeText).join('\n')
    return `${marks[status]} ${rows[index] ?? ''}\n${fixLines(below, style)}`
  })
  return `${lines.join('')}${closingLine(checks)}\n`
}

function closingLine(checks: readonly DoctorCheck[]): string {
  const failed = checks.filter(({ status }) => status === 'failed').length
  const warnings = checks.filter(({ status }) => status === 'warning').length
  if (failed + warnings === 0) return 'Everything is in place.'
  const parts = [
    ...(failed > 0 ? [`${count(failed, 'check')} failed`] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ]
  return `${parts.join(', ')}.`
}

export function renderDoctorJson(checks: readonly DoctorCheck[]): string {
  return printJson({ ok: checks.every(({ status }) => status !== 'failed'), checks })
}
