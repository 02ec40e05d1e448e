// What README.md shows of a terminal is what happens there: its commands are run as they stand, from an empty folder on.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { parseTemplateFile } from '../../src/packs/template-file.ts'
import { CLI, placeFor, putFiles, read, type Place } from '../support/cli.ts'

const README = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')

interface Shown {
  readonly command: string
  readonly output: readonly string[]
}

const shown: readonly Shown[] = [...README.matchAll(/^```console\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
  block
    .split(/^\$ /m)
    .filter((part) => part !== '')
    .map((part) => {
      const [command = '', ...output] = part.trimEnd().split('\n')
      return { command, output }
    }),
)

/** What differs from run to run, and the order of what ran at the same time. */
function settled(lines: readonly string[]): readonly string[] {
  const plain = lines.map((line) =>
    line
      .replaceAll(/\d+(?:\.\d+)? m?s\b/g, '0 ms')
      .replaceAll(/\d{8}T\d{6}Z-[0-9a-f]{8}/g, '<run>')
      .replace(/^manifest sha256:[0-9a-f]{64}$/, 'manifest <digest>')
      .replace(/up to \d+ at a time/, 'up to n at a time')
      .replace(/^\[ *\d+(?=\/)/, '[n'),
  )
  const progress = plain.filter((line) => line.startsWith('[n'))
  const first = plain.findIndex((line) => line.startsWith('[n'))
  return first === -1
    ? plain
    : plain.filter((line) => !line.startsWith('[n')).toSpliced(first, 0, ...progress.toSorted())
}

/** `…` alone in a line stands for any lines. */
function patternOf(lines: readonly string[]): RegExp {
  const parts = lines.map((line) =>
    line === '…' ? '(?:.*\n)*?' : `${line.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}\n`,
  )
  return new RegExp(`^${parts.join('')}$`)
}

/** The program, as it is called by people who have installed it. */
function putProgram({ home }: Place): void {
  putFiles(home, { 'bin/codex': { text: `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, mode: 0o755 } })
}

async function type(place: Place, command: string): Promise<readonly string[]> {
  const { all } = await execa('sh', ['-c', command], {
    cwd: place.root,
    env: {
      PATH: `${place.home}/bin:${process.env['PATH'] ?? ''}`,
      HOME: place.home,
      TMPDIR: place.temporary,
      LANG: 'C.UTF-8',
    },
    extendEnv: false,
    reject: false,
    all: true,
    stdin: 'ignore',
  })
  return all === '' ? [] : all.split('\n')
}

const FORMAT = readFileSync(fileURLToPath(new URL('../../task-packs/README.md', import.meta.url)), 'utf8')

describe('task-packs/README.md', () => {
  const templates = FORMAT.slice(FORMAT.indexOf('## Templates'))

  it('shows a template.yml that is one', () => {
    const [, example = ''] = /^```yaml\n([^]*?)^```$/m.exec(templates) ?? []
    const { file, diagnostics } = parseTemplateFile(new TextEncoder().encode(example), 'template.yml')
    expect(diagnostics).toEqual([])
    expect(file).toMatchObject({ pillar: 'web', variables: { level: { default: 'AA' } }, bad: { reason: 'exit' } })
  })

  it('shows a command that makes a pack', async () => {
    const [, command = ''] = /^```sh\n(codex init .*)\n```$/m.exec(templates) ?? []
    const place = placeFor({})
    putProgram(place)
    expect(await type(place, command)).toContain('Next:')
    expect(read(place, 'task-packs/tide-tables/task.yml')).toMatch(/^owner: Ada$[^]*WCAG_LEVEL: AAA$/m)
  })
})

describe('README.md', () => {
  it('shows how to come from an empty folder to a pack of one’s own', async () => {
    const place = placeFor({})
    putProgram(place)
    for (const { command, output } of shown) {
      const printed = settled(await type(place, command))
      expect(printed.map((line) => `${line}\n`).join(''), command).toMatch(patternOf(settled(output)))
    }
    const commands = shown.map(({ command }) => command.split(' ').slice(0, 2).join(' '))
    expect(commands).toEqual(expect.arrayContaining(['codex init', 'codex run', 'codex validate']))
    expect(README).toContain(`\`\`\`yaml\n${read(place, 'task-packs/greeting/task.yml')}\`\`\``)
  })
})
