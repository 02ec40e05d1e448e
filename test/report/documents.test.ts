import { describe, expect, it } from 'vitest'
import { diagnostic } from '../../src/model/diagnostic.ts'
import type { DoctorCheck, MachineFindings } from '../../src/model/doctor.ts'
import type { Pack, PackDefinition } from '../../src/model/pack.ts'
import type { PlannedAction } from '../../src/model/plan.ts'
import { treeOf } from '../../src/model/tree.ts'
import { checksOf, renderDoctor, renderDoctorJson } from '../../src/report/doctor.ts'
import { renderRunJson } from '../../src/report/json.ts'
import { jsonLines } from '../../src/report/jsonl.ts'
import { renderList, renderListJson } from '../../src/report/list.ts'
import { renderPlan, renderPlanJson } from '../../src/report/plan.ts'
import { commandAction, entry, gateAction, outcome } from '../support/actions.ts'
import { packOf, type PackParts } from '../support/packs.ts'

const PLAIN = { color: false, unicode: true }
const LOG = { path: null, totalBytes: 0, digest: null }

function pack(id: string, fields: Partial<PackDefinition>, parts: PackParts = {}): Pack {
  const made = packOf(id, parts)
  return { ...made, definition: { ...made.definition, ...fields } }
}

describe('the list', () => {
  const packs = [
    pack(
      'site',
      { pillar: 'web', title: 'The site builds', risk: 'medium', needs: ['inventory'] },
      { steps: [{}, {}] },
    ),
    pack(
      'sigma',
      { pillar: 'security', domain: 'detection', title: 'Rules fire' },
      { required: ['a', 'b'], lint: [{}] },
    ),
    pack('inventory', { pillar: 'security', domain: 'assets', title: 'Assets are known' }),
    pack('audit', { pillar: 'security', domain: 'detection', title: 'Logs are clean', risk: 'high' }),
  ]

  it('goes by pillar, domain and id', async () => {
    await expect(renderList(packs, PLAIN)).toMatchFileSnapshot('../golden/report/list.txt')
  })

  it('is the same for programs', async () => {
    await expect(renderListJson(packs)).toMatchFileSnapshot('../golden/report/list.json')
  })

  it('does not depend on the order of discovery', () => {
    expect(renderList(packs.toReversed(), PLAIN)).toBe(renderList(packs, PLAIN))
    expect(renderListJson(packs.toReversed())).toBe(renderListJson(packs))
  })

  it('says that there is nothing', () => {
    expect(renderList([], PLAIN)).toBe('0 packs\n')
  })
})

describe('the plan', () => {
  const key = '0123456789abcdef'.repeat(4)
  const plan: readonly PlannedAction[] = [
    { action: commandAction('web:steps/build', { text: 'node build.mjs' }), key, waitsFor: [] },
    { action: commandAction('web:tests/1', { text: 'node test.mjs' }), key: null, waitsFor: ['web:steps/build'] },
    { action: gateAction('web'), key: null, waitsFor: ['web:tests/1', 'web:tests/2', 'web:tests/3', 'web:tests/4'] },
  ]

  it('shows the order, the known keys and what the others wait for', () => {
    expect(renderPlan(plan, { ...PLAIN, verbose: false })).toBe(
      [
        '1  web:steps/build     sha256:0123456789ab',
        '2  web:tests/1         waits for web:steps/build',
        '3  web:gate/artifacts  waits for web:tests/1, web:tests/2, web:tests/3 and 1 more',
        '3 actions, 1 with a known key; nothing was run',
        '',
      ].join('\n'),
    )
  })

  it('shows whole keys and the commands with -v', () => {
    expect(
      renderPlan(plan, { ...PLAIN, verbose: true })
        .split('\n')
        .slice(0, 3),
    ).toEqual([
      `1  web:steps/build     sha256:${key}`,
      '   $ node build.mjs',
      '2  web:tests/1         waits for web:steps/build',
    ])
  })

  it('is an array for programs', () => {
    expect(JSON.parse(renderPlanJson(plan.slice(0, 1)))).toEqual([
      {
        id: 'web:steps/build',
        pack: 'web',
        phase: 'steps',
        command: ['tool', 'web:steps/build'],
        needs: [],
        key,
        waitsFor: [],
      },
    ])
  })
})

describe('the doctor', () => {
  const checks: readonly DoctorCheck[] = [
    { name: 'node', status: 'ok', detail: '20.20.2', fix: null },
    { name: 'bubblewrap', status: 'failed', detail: 'not installed', fix: 'Install it.\nOr do without.' },
    { name: 'git', status: 'warning', detail: 'not found', fix: null },
  ]

  it('shows each check, the fix of what is not well, and a count', () => {
    expect(renderDoctor(checks, PLAIN)).toBe(
      [
        '✓ node        20.20.2',
        '✗ bubblewrap  not installed',
        '  fix: Install it.',
        '       Or do without.',
        '! git         not found',
        '1 check failed, 1 warning.',
        '',
      ].join('\n'),
    )
    expect(renderDoctor(checks.slice(0, 1), PLAIN)).toBe('✓ node  20.20.2\nEverything is in place.\n')
  })

  it('is well for programs as long as nothing failed', () => {
    expect(JSON.parse(renderDoctorJson(checks))).toEqual({ ok: false, checks })
    expect(JSON.parse(renderDoctorJson([checks[0], checks[2]].flatMap((check) => check ?? [])))).toHaveProperty(
      'ok',
      true,
    )
  })
})

describe('what the findings on a machine mean', () => {
  const findings: MachineFindings = {
    node: { version: '20.20.2', supported: true },
    platform: 'linux x64',
    workspace: { path: '/w', writable: true },
    sandboxes: [
      {
        executor: 'bubblewrap',
        finding: { executor: 'bubblewrap', problem: 'not-installed', detail: '' },
        network: null,
      },
      { executor: 'unshare', finding: null, network: null },
    ],
    cgroups: null,
  }
  const statuses = (found: MachineFindings): readonly string[] =>
    checksOf(found).map(({ name, status }) => `${name} ${status}`)

  it('is well with one sandbox that holds, and warns of the other', () => {
    expect(statuses(findings)).toEqual([
      ...['node ok', 'platform ok', 'workspace ok', 'bubblewrap warning', 'unshare ok', 'limits ok'],
    ])
    expect(checksOf(findings)[3]?.fix).toContain('apt-get install bubblewrap')
  })

  it('fails without any, and with a Node that is too old', () => {
    const blocked = { executor: 'unshare', problem: 'blocked', detail: 'no' } as const
    const sandboxes = [
      ...findings.sandboxes.slice(0, 1),
      { executor: 'unshare', finding: blocked, network: null } as const,
    ]
    const node = { version: '18.0.0', supported: false }
    expect(statuses({ ...findings, node, sandboxes })).toEqual([
      'node failed',
      'platform ok',
      'workspace ok',
      'bubblewrap failed',
      'unshare failed',
    ])
  })

  it.each([
    ['shared', 'warning', 'systemd-run --user --scope'],
    ['not-permitted', 'warning', 'systemd-run --user --scope'],
    ['threaded', 'warning', 'systemd-run --user --scope'],
    ['read-only', 'warning', '--privileged'],
    ['no-controllers', 'ok', ''],
    ['no-hierarchy', 'ok', ''],
  ] as const)('tells why a watchdog has to do, and what can be done about it: %s', (cgroups, status, fix) => {
    const [check] = checksOf({ ...findings, cgroups }).filter(({ name }) => name === 'limits')
    expect(check?.status).toBe(status)
    expect(check?.fix ?? '').toMatch(fix === '' ? /^$/ : fix)
    expect(check?.detail).toMatch(/^A watchdog .*: .*\.$/)
  })

  it('warns of a sandbox in which nothing can be given a network', () => {
    const sandboxes = [{ executor: 'unshare', finding: null, network: 'sh: 1: ip: not found' } as const]
    expect(checksOf({ ...findings, sandboxes })[3]).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining("can't run packs that are granted a network: sh: 1: ip: not found.") as unknown,
      fix: expect.stringContaining('iproute2') as unknown,
    })
  })

  it('warns of a workspace in which no run can be kept', () => {
    const checks = checksOf({ ...findings, workspace: { path: '/w', writable: false } })
    expect(checks[2]).toEqual(expect.objectContaining({ status: 'warning', detail: "/w can't be written to." }))
  })
})

describe('the document of a run', () => {
  const attempts = [
    { number: 1, startedAt: 0, durationMs: 20, status: 'failed', exitCode: 1, log: LOG, connections: [] },
    { number: 2, startedAt: 500, durationMs: 30, status: 'passed', exitCode: 0, log: LOG, connections: [] },
  ] as const

  it('has verdict, exit code, folder, manifest, durations and diagnostics', () => {
    const manifest = {
      manifestVersion: 1,
      tool: { name: 'codex-orchestrator', version: '0.1.0' },
      verdict: 'passed',
      guarantees: null,
      packs: [],
      actions: [],
    } as const
    const text = renderRunJson({
      verdict: 'passed',
      exitCode: 0,
      run: '.codex/runs/r1',
      manifestDigest: 'ab',
      signed: null,
      manifest,
      outcomes: [outcome('web:tests/1', { attempts }), outcome('web:tests/2', { reused: '/cache/x' })],
      diagnostics: [diagnostic('no-acceptance', null, {}, { severity: 'warning' })],
    })
    expect(JSON.parse(text)).toEqual({
      verdict: 'passed',
      exitCode: 0,
      run: '.codex/runs/r1',
      manifestSha256: 'ab',
      signed: null,
      manifest,
      actions: [
        { id: 'web:tests/1', status: 'passed', durationMs: 50, reused: false, attempts: 2 },
        { id: 'web:tests/2', status: 'passed', durationMs: 0, reused: true, attempts: 0 },
      ],
      diagnostics: [expect.objectContaining({ code: 'no-acceptance', severity: 'warning' })],
    })
  })

  it('is one line for each event, with the digest of the inputs only', () => {
    const lines: string[] = []
    const emit = jsonLines((text) => lines.push(text))
    const inputs = treeOf([entry('a\nb'), entry('c')])
    emit({ type: 'action-started', at: 5, action: 'web:tests/1', attempt: 1 })
    emit({
      type: 'action-finished',
      at: 9,
      outcome: outcome('web:tests/1', { inputs, outputs: treeOf([entry('out')]), attempts, key: 'cd' }),
    })
    const warning = diagnostic('cache-unused', null, { missing: ['network'] }, { severity: 'warning' })
    emit({ type: 'warning', at: 10, diagnostic: warning })
    for (const line of lines) expect(line).toMatch(/^\{[^\n]*\}\n$/)
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { type: 'action-started', at: 5, action: 'web:tests/1', attempt: 1 },
      {
        type: 'action-finished',
        at: 9,
        action: 'web:tests/1',
        status: 'passed',
        reason: null,
        exitCode: 0,
        key: 'cd',
        inputs: inputs.digest,
        outputs: [entry('out')],
        durationMs: 50,
        reused: false,
        attempts: 2,
      },
      {
        type: 'warning',
        at: 10,
        warning: expect.objectContaining({ code: 'cache-unused', severity: 'warning', location: null }),
      },
    ])
  })
})
