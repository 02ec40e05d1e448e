import { parsePack, type ParsedPack } from '../../src/packs/parse.ts'
import type { Diagnostic } from '../../src/model/diagnostic.ts'

/** The shortest valid task.yml: six lines. */
export const LINES: readonly string[] = [
  'version: 1',
  'id: demo',
  'title: Demo',
  'pillar: web',
  'risk: low',
  'acceptance: { tests: [{ run: node test.mjs }] }',
]

/** The shortest valid task.yml with more lines, from line 7 on. */
export function more(...lines: readonly string[]): string {
  return [...LINES, ...lines, ''].join('\n')
}

/** The shortest valid task.yml with one of its lines (1 to 6) replaced. */
export function instead(line: number, text: string): string {
  return [...LINES.map((old, index) => (index + 1 === line ? text : old)), ''].join('\n')
}

/** The shortest valid task.yml for an id, with more lines. */
export function task(id: string, ...lines: readonly string[]): string {
  return [...LINES.map((line) => (line.startsWith('id:') ? `id: ${id}` : line)), ...lines, ''].join('\n')
}

export function parse(text: string | Uint8Array, dir = 'packs/demo'): ParsedPack {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return parsePack({ bytes, file: `${dir}/task.yml`, dir })
}

/** `7:3 unknown-key` */
export function brief({ location, code }: Diagnostic): string {
  return location === null ? code : `${location.start.line}:${location.start.column} ${code}`
}
