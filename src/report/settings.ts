import type { Json } from '../model/canonical.ts'
import { alignColumns } from './columns.ts'
import { printJson } from './json.ts'
import { escapeText, styleOf, type StyleOptions } from './style.ts'

/** Where a value comes from. */
export type Origin =
  | { readonly from: 'flag' | 'environment' | 'file'; /** The flag, the variable or the file. */ readonly by: string }
  | { readonly from: 'default'; readonly by: null }

/** A setting that holds, by the name that it has in the configuration or, without the hyphens, on the command line. */
export interface Setting {
  readonly name: string
  readonly value: Json
  readonly origin: Origin
}

/** One a line: name, value, where it comes from. */
export function renderSettings(settings: readonly Setting[], options: StyleOptions): string {
  const { colors } = styleOf(options)
  const rows = settings.map(({ name, value, origin }) => [name, valueText(value), originText(origin)])
  const names = alignColumns(rows.map(([name = '', value = '']) => [name, value, '.'])).map((row) => row.slice(0, -1))
  return rows.map(([, , origin = ''], index) => `${names[index]}${colors.dim(origin)}\n`).join('')
}

function valueText(value: Json): string {
  if (value === null) return '-'
  return escapeText(typeof value === 'string' ? value : JSON.stringify(value))
}

function originText({ from, by }: Origin): string {
  switch (from) {
    case 'default':
      return 'default'
    case 'environment':
      return `environment: ${escapeText(by)}`
    case 'file':
      return `file: ${escapeText(by)}`
    case 'flag':
      return `flag: ${escapeText(by)}`
  }
}

/** The same for programs. */
export function renderSettingsJson(settings: readonly Setting[]): string {
  return printJson({
    settings: settings.map(({ name, value, origin }) => ({ name, value, from: origin.from, by: origin.by })),
  })
}
