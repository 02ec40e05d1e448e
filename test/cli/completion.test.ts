// What shells complete, tried in the shells themselves.
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/commands/context.ts'
import { runProgram } from '../../src/commands/program.ts'
import { openWorkspace, runsAround } from '../../src/host/folders.ts'
import { openTemplates } from '../../src/host/new-packs.ts'
import { openArchive } from '../../src/host/run-archive.ts'
import { CLI, codex, placeFor, putFiles, type Files, type Place } from '../support/cli.ts'
import { PROMPT, typeInto, type Shell } from '../support/terminal.ts'
import { pack } from '../support/tasks.ts'

const FILES: Files = {
  '.git': 'a folder',
  ...pack('alpha', { tags: ['slow'], steps: [{ id: 'make', run: 'touch o', outputs: ['o'] }] }),
  ...pack('beta', { pillar: 'web' }),
  'notes.txt': '',
}
const RUN = '20260102T030405Z-0a1b2c3d'

/** A workspace with a run, and a program `codex` that completes as codex does and otherwise tells its arguments. */
function place(): Place {
  const made = placeFor({ ...FILES, [`.codex/runs/${RUN}/manifest.json`]: '{}' })
  const text = `#!/bin/sh
case $1 in
complete|completion) exec '${process.execPath}' '${CLI}' "$@" ;;
esac
printf 'RAN<'; printf '[%s]' "$@"; printf '>\\n'
`
  putFiles(made.temporary, { codex: { text, mode: 0o755 }, 'codex-orchestrator': { text, mode: 0o755 } })
  return made
}

function environment({ home, temporary }: Place): Record<string, string | undefined> {
  return { PATH: `${temporary}:${process.env['PATH']}`, HOME: home, TERM: 'dumb', LANG: 'C.UTF-8' }
}

const candidates: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['commands', ['va'], ['validate']],
  ['commands of commands', ['keys', 'g'], ['generate']],
  ['packs', ['run', 'al'], ['alpha']],
  ['packs after packs', ['run', 'alpha', ''], ['alpha', 'beta']],
  ['packs after a flag that takes no word', ['run', '--sign', 'al'], ['alpha']],
  ['packs of another folder', ['-C', '..', 'run', 'al'], []],
  ['packs after -C', ['run', '-C', '.', 'al'], ['alpha']],
  ['flags', ['keys', 'generate', '--o'], ['--out']],
  ['values', ['graph', '--format', 'm'], ['mermaid']],
  ['values behind a sign', ['list', '--pillar=w'], ['--pillar=web']],
  ['tags', ['run', '--tag', 's'], ['slow']],
  ['actions', ['explain', 'alpha:s'], ['alpha:steps/make']],
  ['runs', ['verify', '2'], [RUN]],
  ['a second run', ['diff', 'latest', ''], ['latest', RUN]],
  ['runs for a flag', ['explain', 'alpha:tests/1', '--against', 'l'], ['latest']],
  ['several runs', ['runs', 'repair', 'latest', '20'], [RUN]],
  ['shells', ['completion', 'p'], ['powershell']],
  ['schemas', ['schema', 'ma'], ['manifest']],
  ['codes to be explained', ['help', 'missing-'], ['missing-key', 'missing-need', 'missing-file']],
  ['templates', ['init', 'a', '--template', 'web-l'], ['web-links']],
  ['nothing for what is yet to be named', ['init', ''], []],
  ['commands to be explained', ['help', 'val'], ['validate']],
  ['nothing for a command that there is not', ['nothing', ''], []],
]

/** What codex answers a shell, without starting a program for each question. */
async function answered(words: readonly string[], { root }: Place, flags: readonly string[] = []): Promise<string> {
  let text = ''
  const context = {
    cwd: root,
    argv: ['complete', ...flags, '--', ...words],
    tool: { name: 'codex-orchestrator', version: '1.2.3' },
    env: {},
    terminal: { out: false, err: false },
    out: (part: string): void => void (text += part),
    err: (part: string): void => void (text += part),
    absolute: (path: string) => resolve(root, path),
    open: openWorkspace,
    runs: async (folder: string, out: string | null) => openArchive(out ?? runsAround(folder)),
    newPacks: async () => ({ templates: () => openTemplates(new URL('../../templates', import.meta.url)) }),
  }
  expect(await runProgram(context as unknown as Context)).toBe(0)
  return text
}

describe('codex knows what may come next:', () => {
  const shared = place()

  it.each(candidates)('%s', async (_, words, expected) => {
    expect(await answered(words, shared)).toBe(expected.map((candidate) => `${candidate}\n`).join(''))
  })

  it('also where a shell has lost an empty word', async () => {
    expect(await answered(['run'], shared, ['--count', '2'])).toBe('alpha\nbeta\n')
    expect(await answered(['ru'], shared, ['--count', '1'])).toBe('run\nruns\n')
  })

  it('and says nothing where a workspace can not be read', async () => {
    expect(await answered(['run', 'a'], placeFor({ 'codex.config.mjs': 'throw new Error("no")' }))).toBe('')
  })
})

/** Typed keys, and the arguments that come of them. */
const typed: readonly (readonly [string, string])[] = [
  ['codex valid\t', '[validate]'],
  ['codex run al\t--dry-run', '[run][alpha][--dry-run]'],
  ['codex explain alpha:s\t', '[explain][alpha:steps/make]'],
  ['codex verify 2026\t', `[verify][${RUN}]`],
  ['codex verify not\t', '[verify][notes.txt]'],
]

const bash: Shell = {
  argv: ['bash', '--norc', '--noprofile', '-i'],
  start: [`source <(codex completion bash); bind 'set bell-style none'; PS1=READ; PS1+='Y>'`],
}
const zsh: Shell = {
  argv: ['zsh', '-f', '-i'],
  start: [
    `unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D; source <(codex completion zsh); PS1=READ; PS1+='Y>'`,
  ],
}

/** Each key that is pressed starts a program. */
describe.concurrent('in a real shell', () => {
  it.each([
    ['bash', bash, [...typed, ['codex list --pillar=w\t', '[list][--pillar=web]'] as const]],
    ['zsh', zsh, typed],
  ] as const)('%s: keys become arguments', async (_, shell, keys) => {
    const made = place()
    const told = await typeInto(
      shell,
      keys.map(([line]) => line),
      { cwd: made.root, env: environment(made) },
    )
    expect(PROMPT).toBe('READY>')
    expect(told).toEqual(keys.map(([, args]) => args))
  })

  it('zsh: also from a folder of fpath', async () => {
    const made = place()
    const script = execFileSync(process.execPath, [CLI, 'completion', 'zsh'], { encoding: 'utf8' })
    putFiles(made.home, { 'functions/_codex': script })
    const start = [
      `unsetopt zle_bracketed_paste; fpath+=(~/functions); autoload -U compinit; compinit -u -D; PS1=READ; PS1+='Y>'`,
    ]
    const env = environment(made)
    expect(await typeInto({ ...zsh, start }, ['codex run al\t'], { cwd: made.root, env })).toEqual(['[run][alpha]'])
  })

  it('fish: completes what is typed', () => {
    const made = place()
    const complete = (line: string): readonly string[] =>
      execFileSync(
        'fish',
        ['--no-config', '--command', `codex completion fish | source; complete --do-complete '${line}'`],
        { cwd: made.root, env: environment(made), encoding: 'utf8' },
      )
        .split('\n')
        .filter((candidate) => candidate !== '')
    expect(complete('codex valid')).toEqual(['validate'])
    expect(complete('codex run al')).toEqual(['alpha'])
    expect(complete('codex explain alpha:s')).toEqual(['alpha:steps/make'])
    expect(complete('codex list --pillar ')).toEqual(expect.arrayContaining(['security', 'web', 'game', 'platform']))
    expect(complete('codex verify 2026')).toEqual([RUN])
    expect(complete('codex-orchestrator run al')).toEqual(['alpha'])
  })

  it('PowerShell is not at hand, but what it is told is complete', async () => {
    const { stdout } = await codex({}, { args: ['completion', 'powershell'], exitCode: 0, stderr: '' })
    expect(stdout).toContain('Register-ArgumentCompleter -Native -CommandName codex, codex-orchestrator -ScriptBlock {')
    expect(stdout).toContain('& $words[0] complete --count $count -- @given')
    for (const [open, close] of ['{}', '()', '[]']) {
      expect(stdout.split(open ?? '').length, open).toBe(stdout.split(close ?? '').length)
    }
  })
})
