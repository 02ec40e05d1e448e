import { describe, expect, it } from 'vitest'
import { diagnostic } from '../../src/model/diagnostic.ts'
import type { RunEvent } from '../../src/model/event.ts'
import type { ActionId, Graph } from '../../src/model/graph.ts'
import type { ActionOutcome, Attempt } from '../../src/model/outcome.ts'
import type { Guarantees } from '../../src/model/plan.ts'
import { planOf } from '../../src/evidence/manifest.ts'
import { runConsole, type ConsoleOptions, type RunConsole } from '../../src/report/console.ts'
import { commandAction, gateAction, outcome } from '../support/actions.ts'
import { packOf } from '../support/packs.ts'
import { readAsRunner } from '../support/workflow-runner.ts'
import { ENFORCED } from '../support/guarantees.ts'

const MANIFEST = 'ab'.repeat(32)

const PLACE = { file: 'packs/web/task.yml', start: { line: 12, column: 5 }, end: { line: 12, column: 9 } }
const GRAPH: Graph = {
  packs: [packOf('web'), packOf('docs')],
  actions: [
    commandAction('web:steps/build', { place: PLACE, text: 'node build.mjs' }),
    commandAction('docs:tests/1', { text: 'node check.mjs' }),
    commandAction('web:tests/1', { text: 'node test.mjs' }),
    gateAction('web'),
  ],
  edges: [],
}

interface Screen {
  readonly console: RunConsole
  readonly out: () => string
  readonly err: () => string
  time: number
}

function screen(options: Partial<ConsoleOptions> = {}): Screen {
  let out = ''
  let err = ''
  const shown: Screen = {
    time: 0,
    out: () => out,
    err: () => err,
    console: runConsole({
      graph: GRAPH,
      out: (text) => (out += text),
      err: (text) => (err += text),
      live: false,
      verbosity: 'normal',
      github: false,
      color: false,
      unicode: true,
      size: () => ({ columns: 80, rows: 24 }),
      now: () => shown.time,
      readLog: () => null,
      runPath: (run) => `.codex/runs/${run}`,
      ...options,
    }),
  }
  return shown
}

function started(fields: Partial<Extract<RunEvent, { type: 'run-started' }>> = {}): RunEvent {
  const tool = { name: 'codex', version: '1' }
  return {
    type: 'run-started',
    at: 0,
    run: 'r1',
    executor: 'bubblewrap',
    guarantees: ENFORCED,
    jobs: 2,
    tool,
    plan: planOf(GRAPH.packs, GRAPH.actions),
    ...fields,
  }
}

function start(action: ActionId, at: number, number = 1): RunEvent {
  return { type: 'action-started', at, action, attempt: number }
}

function end(at: number, id: ActionId, fields: Partial<ActionOutcome> = {}): RunEvent {
  return { type: 'action-finished', at, outcome: outcome(id, fields) }
}

function attempt(number: number, fields: Partial<Attempt> = {}): Attempt {
  const log = { path: `logs/web/steps/build/${number}.log`, totalBytes: 12, digest: null }
  return { number, startedAt: 0, durationMs: 1200, status: 'failed', exitCode: 1, log, connections: [], ...fields }
}

function finished(at: number, verdict: 'passed' | 'failed' | 'interrupted'): RunEvent {
  return { type: 'run-finished', at, verdict, manifest: MANIFEST, partial: false, interrupted: false }
}

const PASSING: readonly RunEvent[] = [
  started(),
  start('web:steps/build', 10),
  start('docs:tests/1', 12),
  end(1250, 'web:steps/build'),
  start('web:tests/1', 1260),
  end(1300, 'docs:tests/1'),
  end(1900, 'web:tests/1'),
  end(1901, 'web:gate/artifacts'),
  finished(2000, 'passed'),
]

const FAILING: readonly RunEvent[] = [
  started(),
  start('web:steps/build', 10),
  start('docs:tests/1', 12),
  end(1300, 'docs:tests/1'),
  end(1400, 'web:steps/build', { status: 'failed', reason: { kind: 'exit' }, exitCode: 1, attempts: [attempt(1)] }),
  end(1400, 'web:tests/1', skip('web:steps/build')),
  end(1400, 'web:gate/artifacts', skip('web:tests/1')),
  finished(1500, 'failed'),
]

function skip(cause: ActionId): Partial<ActionOutcome> {
  return { status: 'skipped', reason: { kind: 'cause', action: cause }, exitCode: null }
}

function play(events: readonly RunEvent[], options: Partial<ConsoleOptions> = {}): Screen {
  const shown = screen(options)
  for (const event of events) {
    shown.time = event.at
    shown.console.listen(event)
  }
  return shown
}

const log = (text: string) => (): Uint8Array => new TextEncoder().encode(text)

describe('the plain console', () => {
  it('prints a line for each finished action, then the verdict; the digest alone goes to out', () => {
    const { err, out } = play(PASSING)
    expect(err()).toBe(
      [
        '4 actions of 2 packs, up to 2 at a time, in bubblewrap',
        '[1/4] ✓ web:steps/build  1.2 s',
        '[2/4] ✓ docs:tests/1  1.3 s',
        '[3/4] ✓ web:tests/1  640 ms',
        '[4/4] ✓ web:gate/artifacts',
        '',
        'Run folder: .codex/runs/r1 (unsigned)',
        'PASSED: 4 passed in 2.0 s',
        '',
      ].join('\n'),
    )
    expect(out()).toBe(`manifest sha256:${MANIFEST}\n`)
  })

  it('ends with the failure: place, command, end of the log, reason, what it took along, log and how to run it again', () => {
    const { err, out } = play(FAILING, { readLog: log('compiling\nboom\n') })
    expect(err()).toBe(
      [
        '4 actions of 2 packs, up to 2 at a time, in bubblewrap',
        '[1/4] ✓ docs:tests/1  1.3 s',
        '[2/4] ✗ web:steps/build  failed (exit code 1)  1.4 s',
        '[3/4] - web:tests/1  skipped: web:steps/build did not pass',
        '[4/4] - web:gate/artifacts  skipped: web:tests/1 did not pass',
        '',
        '✗ web:steps/build  failed (exit code 1)  1.4 s',
        '  packs/web/task.yml:12:5',
        '  $ node build.mjs',
        '  │ compiling',
        '  │ boom',
        '  It exited with code 1.',
        '  2 actions were skipped because of it.',
        '  log: .codex/runs/r1/logs/web/steps/build/1.log (12 B)',
        '  again: codex run web',
        '',
        'Run folder: .codex/runs/r1 (unsigned)',
        'FAILED: 1 passed, 1 failed, 2 skipped in 1.5 s',
        '',
      ].join('\n'),
    )
    expect(out()).toBe(`manifest sha256:${MANIFEST}\n`)
  })

  it('is silent with -q but for failures, the verdict and the digest', () => {
    const passing = play(PASSING, { verbosity: 'quiet' })
    expect(passing.err()).toBe('PASSED: 4 passed in 2.0 s\n')
    expect(passing.out()).toBe(`manifest sha256:${MANIFEST}\n`)
    const failing = play(FAILING, { verbosity: 'quiet' }).err().split('\n')
    expect(failing[0]).toBe('✗ web:steps/build  failed (exit code 1)  1.4 s')
    expect(failing.at(-2)).toMatch(/^FAILED: /)
    expect(failing.join()).not.toContain('docs:tests/1')
  })

  it('adds starts, attempts and keys with -v', () => {
    const events: readonly RunEvent[] = [
      started(),
      start('docs:tests/1', 10),
      { type: 'attempt-finished', at: 20, action: 'docs:tests/1', attempt: attempt(1), retryInMs: 250 },
      start('docs:tests/1', 270, 2),
      {
        type: 'attempt-finished',
        at: 300,
        action: 'docs:tests/1',
        attempt: attempt(2, { status: 'passed', exitCode: 0 }),
        retryInMs: null,
      },
      end(300, 'docs:tests/1', { key: 'cd'.repeat(32) }),
    ]
    expect(play(events, { verbosity: 'verbose' }).err().split('\n').slice(1, -1)).toEqual([
      '• docs:tests/1  started',
      '↻ docs:tests/1  attempt 1 failed (exit code 1) after 1.2 s; trying again in 250 ms',
      '• docs:tests/1  started',
      '↻ docs:tests/1  attempt 2 passed (exit code 0) after 1.2 s',
      `[1/4] ✓ docs:tests/1  290 ms  sha256:${'cd'.repeat(32)}`,
    ])
    expect(play(events).err().split('\n').slice(1, -1)).toEqual([
      '↻ docs:tests/1  attempt 1 failed (exit code 1) after 1.2 s; trying again in 250 ms',
      '[1/4] ✓ docs:tests/1  290 ms',
    ])
  })

  it('says plainly what was not enforced, also with -q', () => {
    const guarantees: Guarantees = { ...ENFORCED, network: 'none', syscalls: 'none' }
    const { err } = play([started({ executor: 'none', guarantees }), finished(10, 'passed')], { verbosity: 'quiet' })
    expect(err()).toContain('Not enforced in this run: network, syscalls. The manifest says so.\n')
  })

  it('marks what was reused, counts it, and says what a cache could not do', () => {
    const { console, err } = screen()
    const facts = { action: 'web:tests/1', key: 'a'.repeat(64), problem: { kind: 'other-key' } } as const
    const warning = diagnostic('cache-entry-dropped', null, facts, { severity: 'warning' })
    const events: readonly RunEvent[] = [
      started(),
      end(20, 'web:steps/build', { reused: '/cache/x' }),
      { type: 'warning', at: 30, diagnostic: warning },
      end(40, 'docs:tests/1', { reused: '/cache/y' }),
      end(50, 'web:tests/1'),
      end(60, 'web:gate/artifacts'),
      finished(100, 'passed'),
    ]
    for (const event of events) console.listen(event)
    expect(err()).toContain('[1/4] ✓ web:steps/build  reused\nwarning cache-entry-dropped What the cache holds for')
    expect(err()).toContain('belongs to another key.\n[2/4] ✓ docs:tests/1  reused\n[3/4] ✓ web:tests/1\n')
    expect(err()).toContain('\nPASSED: 4 passed (2 reused) in 100 ms\n')
  })

  it('tells an interruption, and counts what it kept from starting', () => {
    const events: readonly RunEvent[] = [
      started(),
      start('web:steps/build', 10),
      { type: 'run-interrupted', at: 50, signal: 'SIGINT' },
      end(60, 'web:steps/build', { status: 'interrupted', reason: null, exitCode: null }),
      finished(70, 'interrupted'),
    ]
    const lines = play(events).err().split('\n')
    expect(lines).toContain('SIGINT: stopping what runs')
    expect(lines.at(-2)).toBe('INTERRUPTED by SIGINT: 1 interrupted, 3 not started in 70 ms')
    expect(lines.filter((line) => line.includes('again:'))).toEqual([])
  })

  it('shows failures in plan order, whatever the order in which they came', () => {
    const failed = { status: 'failed', reason: { kind: 'exit' }, exitCode: 2 } as const
    const { err } = play([
      started(),
      end(1, 'web:tests/1', failed),
      end(2, 'docs:tests/1', failed),
      finished(3, 'failed'),
    ])
    const summary = err().slice(err().indexOf('\n\n'))
    expect(summary.indexOf('docs:tests/1')).toBeLessThan(summary.indexOf('web:tests/1'))
  })

  it('shows ten failures in full and the rest as lines', () => {
    const actions = Array.from({ length: 80 }, (_, index) => commandAction(`web:steps/s${index}`))
    const failed = { status: 'failed', reason: { kind: 'exit' }, exitCode: 2 } as const
    const events = [
      started({ plan: planOf([], actions) }),
      ...actions.map(({ id }) => end(1, id, failed)),
      finished(3, 'failed'),
    ]
    const text = play(events, { graph: { ...GRAPH, actions }, verbosity: 'quiet' }).err()
    expect(text.match(/again: codex run web/g)).toHaveLength(10)
    expect(text.match(/^✗ web:steps/gm)).toHaveLength(60)
    expect(text).toContain('and 20 more failures\n')
  })
})

describe('the end of a log', () => {
  const tailOf = (text: string, options: Partial<ConsoleOptions> = {}, totalBytes = text.length): readonly string[] => {
    const failure = end(10, 'web:steps/build', {
      status: 'failed',
      reason: { kind: 'exit' },
      exitCode: 1,
      attempts: [attempt(1, { log: { path: 'x.log', totalBytes, digest: null } })],
    })
    const lines = play([started(), failure, finished(20, 'failed')], { readLog: log(text), ...options })
      .err()
      .split('\n')
    return lines.filter((line) => line.startsWith('  │'))
  }

  it('is cut to its last lines, and says so', () => {
    const text = Array.from({ length: 50 }, (_, index) => `line ${index}\n`).join('')
    const lines = tailOf(text)
    expect(lines).toHaveLength(21)
    expect(lines[0]).toBe('  │ … the end of 390 B')
    expect(lines.at(-1)).toBe('  │ line 49')
  })

  it('drops the line that the bound cut in two', () => {
    const text = `${'a'.repeat(16_377)}\nwhole\n`
    expect(tailOf(text, {}, 50_000)).toEqual(['  │ … the end of 48.8 KiB', '  │ whole'])
  })

  it('is cut to the width of the screen', () => {
    const [line = ''] = tailOf('a'.repeat(500), { size: () => ({ columns: 40, rows: 24 }) })
    expect(line).toBe(`  │ ${'a'.repeat(35)}…`)
  })

  it('shows what a terminal would obey as escapes, without colours', () => {
    expect(tailOf('\u001B[31mred\u001B[0m\t.\n\u001B]0;title\u0007\u009B2J\n\u202Eevil\rover\n')).toEqual([
      '  │ red     .',
      '  │ \\e]0;title\\x07\\x9b2J',
      '  │ \\u{202e}evil',
      '  │ over',
    ])
  })

  it('asks for a bounded part of the log of the last attempt', () => {
    const asked: unknown[] = []
    const readLog = (path: string, bytes: number): null => {
      asked.push(path, bytes)
      return null
    }
    play(
      [
        started(),
        end(1, 'web:steps/build', { status: 'failed', attempts: [attempt(1), attempt(2)] }),
        finished(2, 'failed'),
      ],
      { readLog },
    )
    expect(asked).toEqual(['logs/web/steps/build/2.log', 16_384])
  })

  it('gives GitHub Actions no workflow command to obey but its own annotation', () => {
    const { err } = play(FAILING, {
      github: true,
      readLog: log('::set-env name=A::b\n  ::stop-commands::x\r::error::y\n##[add-mask]z\nx ##[group]\n'),
    })
    expect(readAsRunner(err()).commands.map(({ name }) => name)).toEqual(['error'])
    expect(err()).not.toContain('##[')
    expect(err()).toContain('  │ ::set-env name=A::b\n')
  })
})

describe('the live console', () => {
  const live = { live: true } as const
  const visible = (text: string): readonly string[] => replay(text, 80)

  it('draws what runs with its time below what is finished', () => {
    const shown = screen(live)
    shown.console.listen(started())
    shown.time = 100
    shown.console.listen(start('web:steps/build', 10))
    shown.time = 200
    shown.console.listen(start('docs:tests/1', 150))
    expect(visible(shown.err())).toEqual([
      '4 actions of 2 packs, up to 2 at a time, in bubblewrap',
      '⠹ 0/4 done, 2 running, 200 ms',
      '  web:steps/build  190 ms',
      '  docs:tests/1  50 ms',
      '',
    ])
    shown.time = 1300
    shown.console.listen(end(1300, 'docs:tests/1', { status: 'failed', reason: { kind: 'exit' }, exitCode: 3 }))
    expect(visible(shown.err())).toEqual([
      '4 actions of 2 packs, up to 2 at a time, in bubblewrap',
      '[1/4] ✗ docs:tests/1  failed (exit code 3)  1.1 s',
      '⠸ 1/4 done, 1 failed, 1 running, 1.3 s',
      '  web:steps/build  1.3 s',
      '',
    ])
  })

  it('moves its times with each tick', () => {
    const shown = screen(live)
    shown.console.listen(started())
    shown.console.listen(start('web:steps/build', 0))
    shown.time = 4200
    shown.console.tick()
    expect(visible(shown.err()).slice(1)).toEqual(['⠹ 0/4 done, 1 running, 4.2 s', '  web:steps/build  4.2 s', ''])
  })

  it('leaves the same lines behind as the plain one', () => {
    for (const events of [PASSING, FAILING]) {
      expect(visible(play(events, live).err())).toEqual(play(events).err().split('\n'))
    }
  })

  it('never is higher than the terminal, nor wider', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `web:steps/${'long-'.repeat(20)}${index}`)
    const shown = screen({ ...live, size: () => ({ columns: 40, rows: 8 }) })
    shown.console.listen(
      started({
        plan: planOf(
          [],
          ids.map((id) => commandAction(id)),
        ),
      }),
    )
    for (const id of ids) shown.console.listen(start(id, 0))
    shown.time = 100
    shown.console.tick()
    const block = visible(shown.err()).slice(1)
    expect(block).toHaveLength(7)
    expect(block.at(-2)).toBe('  … and 36 more')
    for (const line of block) expect(line.length).toBeLessThan(40)
  })

  it('draws once for a burst of events', () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `web:steps/${index}`)
    const shown = screen(live)
    shown.time = 1000
    shown.console.listen(
      started({
        plan: planOf(
          [],
          ids.map((id) => commandAction(id)),
        ),
      }),
    )
    for (const id of ids) shown.console.listen(end(1000, id))
    expect(shown.err().match(/running/g)).toHaveLength(1)
    shown.console.close()
    expect(visible(shown.err())).toHaveLength(1002)
  })

  it('removes its block when it is closed early', () => {
    const shown = screen(live)
    shown.console.listen(started())
    shown.console.listen(start('web:steps/build', 0))
    shown.console.close()
    expect(visible(shown.err())).toEqual(['4 actions of 2 packs, up to 2 at a time, in bubblewrap', ''])
  })
})

/** The lines that a terminal shows after this text: cursor movements and erasures are carried out, colours dropped. */
function replay(text: string, columns: number): readonly string[] {
  const lines: string[] = ['']
  let row = 0
  let column = 0
  const parts = text.match(/\u001B\[\??\d*[A-Za-z]|\n|\r|[^\u001B\n\r]+/g) ?? []
  for (const part of parts) {
    const line = lines[row] ?? ''
    const number = Number(/\d+/.exec(part)?.[0] ?? 1)
    if (part === '\n') {
      row += 1
      column = 0
      if (row === lines.length) lines.push('')
    } else if (part === '\r') column = 0
    else if (!part.startsWith('\u001B')) {
      lines[row] = line.slice(0, column).padEnd(column) + part + line.slice(column + part.length)
      column += part.length
      if (column > columns) throw new Error(`a line of ${column} columns`)
    } else if (part.endsWith('A')) row = Math.max(0, row - number)
    else if (part === '\u001B[J') {
      lines.length = row + 1
      lines[row] = line.slice(0, column)
    } else if (!/[hlm]$/.test(part)) throw new Error(`unknown sequence ${JSON.stringify(part)}`)
  }
  while (row < lines.length - 1) lines.pop()
  return lines
}
