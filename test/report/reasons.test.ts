import { describe, expect, it } from 'vitest'
import { CAUSES, type Difference, type Judged } from '../../src/model/check.ts'
import type { CommandAction } from '../../src/model/graph.ts'
import type { ActionOutcome, ControlProblem, LimitName, Reason } from '../../src/model/outcome.ts'
import { wordReason, type ReasonContext } from '../../src/report/reasons.ts'
import { commandAction, gateAction, outcome } from '../support/actions.ts'
import { REASONS } from '../support/reasons.ts'

const PLACE = { file: 'packs/web/task.yml', start: { line: 12, column: 5 }, end: { line: 12, column: 9 } }

function command(fields: Partial<CommandAction> = {}): CommandAction {
  return commandAction('web:steps/build', { place: PLACE, argv: ['sh', '-ec', 'node x'], ...fields })
}

function word(reason: Reason, fields: Partial<ActionOutcome> = {}, context: Partial<ReasonContext> = {}): string {
  const failed = outcome('web:steps/build', { status: 'failed', reason, exitCode: 1, ...fields })
  const { message, fix } = wordReason(failed, { action: command(), dir: 'packs/web', logLines: [], ...context })
  return fix === null ? message : `${message}\n${fix}`
}

describe('wordReason', () => {
  it('has words for every kind', async () => {
    const text = Object.values(REASONS).map((reason) => `${word(reason)}\n`)
    await expect(text.join('\n')).toMatchFileSnapshot('../golden/report/reasons.txt')
  })

  it('has words for every breaker of the run', () => {
    const at = { kind: 'run-breaker', breaker: 'failures', limit: 1, action: 'web:tests/2' } as const
    expect(word(at)).toContain("The run's breaker tripped (`failures: 1`): `web:tests/2` failed.")
    const late = { kind: 'run-breaker', breaker: 'time', limit: 1_800_000 } as const
    expect(word(late)).toContain('The run took longer than its breaker allows (`time: 30m`).')
  })

  it('has words for every way in which a control proves nothing', async () => {
    const problems: { readonly [Problem in ControlProblem]: number | null } = {
      ...{ accepted: 0, 'not-run': 127, unseen: null, 'no-source': null, unchanged: null },
    }
    const text = Object.entries(problems).map(([problem, exitCode]) => {
      const paths = ['packs/web/data/a.json', 'packs/web/data/b.json']
      return `${word({ kind: 'control', problem: problem as ControlProblem, paths }, { exitCode })}\n`
    })
    await expect(text.join('\n')).toMatchFileSnapshot('../golden/report/controls.txt')
  })

  it('tells what was not the same twice, byte by byte', async () => {
    const judged = (exitCode: number): Judged => ({
      status: exitCode ? 'failed' : 'passed',
      reason: exitCode ? { kind: 'exit' } : null,
      exitCode,
    })
    const text = (difference: Partial<Difference>): string => {
      const whole = { action: 'web:steps/build', endings: null, log: null, files: [], ...difference }
      return `${word({ kind: 'nondeterministic', paths: [] }, {}, { difference: whole })}\n`
    }
    const content = {
      kind: 'content',
      path: 'packs/web/\u001Bo',
      offset: 7,
      line: 2,
      bytes: [0x33, 0x37],
      causes: ['time'],
    } as const
    const many = Array.from({ length: 12 }, (_, place) => ({ ...content, path: `packs/web/${place}`, causes: CAUSES }))
    const parts = [
      text({ endings: [judged(0), judged(3)] }),
      text({
        endings: [judged(0), { status: 'violated', reason: { kind: 'undeclared-writes', paths: ['x'] }, exitCode: 0 }],
      }),
      text({ files: [content, { ...content, line: null, bytes: [null, 0x0a], causes: [] }] }),
      text({
        files: [
          { kind: 'presence', path: 'x', there: 'later' },
          { kind: 'mode', path: 'y', executable: [true, false] },
        ],
      }),
      text({ files: many }),
    ]
    await expect(parts.join('\n')).toMatchFileSnapshot('../golden/report/differences.txt')
  })

  it('has words for every limit', async () => {
    const limits: readonly LimitName[] = ['timeout', 'memory', 'processes', 'log', 'output']
    const text = limits.map((limit) => `${word({ kind: 'limit', limit })}\n`)
    await expect(text.join('\n')).toMatchFileSnapshot('../golden/report/limits.txt')
  })

  it('gives the lines to add for undeclared writes, as the pack would write them', () => {
    const paths = ['other/x.txt', 'packs/web/a b.txt', 'packs/web/[id].html', 'packs/web/cache/1', 'packs/web/true']
    expect(word({ kind: 'undeclared-writes', paths }).split('\n').slice(1)).toEqual([
      'Declare them at packs/web/task.yml:12, or write them to $TMPDIR instead:',
      'outputs:',
      '  - /other/x.txt',
      '  - "a b.txt"',
      '  - "?id?.html"',
      '  - cache/1',
      '  - "true"',
    ])
  })

  it('lists ten undeclared writes and counts the rest', () => {
    const paths = Array.from({ length: 30 }, (_, index) => `packs/web/cache/${index}`)
    const lines = word({ kind: 'undeclared-writes', paths }).split('\n')
    expect(lines[0]).toMatch(/`packs\/web\/cache\/9` and 20 more\.$/)
    expect(lines.at(-1)).toBe('and 20 more; a folder is declared as a whole with a trailing `/`')
  })

  it('sends the author of a plugin to the file that describes it', () => {
    const action = command({ phase: 'plugin' })
    const said = word({ kind: 'undeclared-writes', paths: ['docs/b'] }, {}, { action })
    expect(said).toContain("List them as `artifacts` in the JSON file beside the plugin's module")
    expect(said).not.toContain('outputs:')
  })

  it('counts those that the manifest does not list, too', () => {
    const paths = Array.from({ length: 12 }, (_, index) => `packs/web/cache/${index}`)
    const lines = word({ kind: 'undeclared-writes', paths, more: 500 }).split('\n')
    expect(lines[0]).toMatch(/ and 502 more\.$/)
    expect(lines.at(-1)).toContain('and 502 more;')
    expect(word({ kind: 'unusable-outputs', paths: ['a'], more: 7 })).toContain('`a` and 7 more.')
  })

  it('tells of too many files as such', () => {
    expect(word({ kind: 'limit', limit: 'output', files: 100_000 })).toMatch(
      /^It left more than 100000 files and folders behind\.\nWrite fewer/,
    )
  })

  it('needs no prefix for a pack at the root of the workspace', () => {
    expect(word({ kind: 'undeclared-writes', paths: ['x.txt'] }, {}, { dir: '' })).toContain('\n  - x.txt')
  })

  describe('for exit code 127', () => {
    const missing = (logLines: readonly string[], argv?: readonly string[]): string =>
      word({ kind: 'exit' }, { exitCode: 127 }, { logLines, action: command(argv ? { argv } : {}) })

    it('names the program that dash, bash, busybox or env missed', () => {
      expect(missing(['working', 'sh: 1: jq: not found'])).toBe(
        [
          'It exited with code 127: `jq` was not found.',
          'Declare it in the pack:',
          'inputs:',
          '  tools: { jq: "*" }',
        ].join('\n'),
      )
      expect(missing(['bash: line 1: clang++: command not found'])).toContain('{ clang++: "*" }')
      expect(missing(['/bin/sh: python3: not found'])).toContain('{ python3: "*" }')
    })

    it('names the first word of an argv', () => {
      expect(missing([], ['make', 'all'])).toContain('{ make: "*" }')
    })

    it('suggests no tool for a path', () => {
      expect(missing([], ['./tools/x.sh'])).toContain('`./tools/x.sh` was not found, or its interpreter was not.')
      expect(missing([], ['./tools/x.sh'])).not.toContain('tools: {')
    })

    it('does not guess where nothing tells', () => {
      expect(missing(['oh no'])).toContain('tools: { name: "*" }')
      expect(missing(['oh no'], ['/bin/bash', '-c', 'x'])).toContain('tools: { name: "*" }')
    })
  })

  it('names the signal that ended a command', () => {
    expect(word({ kind: 'exit' }, { exitCode: 139 })).toBe('It was ended by SIGSEGV (exit code 139).')
    expect(word({ kind: 'exit' }, { exitCode: 126 })).toContain("can't be run")
    expect(word({ kind: 'exit' }, { exitCode: 200 })).toBe('It exited with code 200.')
  })

  it('lists ten credentials and counts the rest as far as it is known', () => {
    const findings = Array.from({ length: 12 }, (_, index) => ({
      path: 'a',
      line: index + 1,
      rule: 'slack/SLACK_TOKEN',
    }))
    const end = (more: boolean, length: number): string =>
      word({ kind: 'secrets', findings: findings.slice(0, length), more })
        .split('\n')[0]
        ?.replace(/^.*, /, '') ?? ''
    expect(end(false, 10)).toBe('`a` line 10 (`slack/SLACK_TOKEN`).')
    expect(end(false, 12)).toBe('`a` line 10 (`slack/SLACK_TOKEN`) and 2 more.')
    expect(end(true, 12)).toBe('`a` line 10 (`slack/SLACK_TOKEN`) and more.')
  })

  it('says only what is so about missing and empty artifacts', () => {
    const action = gateAction('web')
    const reason = (missing: readonly string[], empty: readonly string[]): string =>
      word({ kind: 'artifacts', missing, empty }, {}, { action }).split('\n')[0] ?? ''
    expect(reason(['a'], [])).toBe('Required artifacts are missing: `a`.')
    expect(reason([], ['b'])).toBe('Required artifacts are empty: `b`.')
  })
})
