import type { Json } from '../model/canonical.ts'
import type { FileError } from '../model/ports.ts'
import type { Template } from '../model/template.ts'
import { alignColumns } from './columns.ts'
import { groupBy } from './grouping.ts'
import { printJson } from './json.ts'
import { count, didYouMean, plain, quote, quoteAll } from './phrase.ts'
import { escapeText, styleOf, type StyleOptions } from './style.ts'

/** The templates for people: by pillar and domain, with what can be chosen of each. */
export function renderTemplates(templates: readonly Template[], options: StyleOptions): string {
  const { colors } = styleOf(options)
  const names = alignColumns(templates.map(({ name, title }) => [escapeText(name), escapeText(title)]))
  const rows = new Map(templates.map(({ name }, index) => [name, names[index] ?? '']))
  const lines: string[] = []
  for (const [pillar, members] of groupBy(templates, (template) => template.pillar)) {
    lines.push(colors.bold(pillar))
    for (const [domain, entries] of groupBy(members, (template) => template.domain)) {
      lines.push(`  ${escapeText(domain)}`)
      for (const template of entries) {
        lines.push(`    ${rows.get(template.name) ?? ''}`)
        for (const { name, title, default: value } of template.variables) {
          lines.push(colors.dim(`      --set ${name}=${escapeText(value)}  ${escapeText(title)}`))
        }
      }
    }
  }
  lines.push(`${count(templates.length, 'template')}; codex init <id> --template <name> makes a pack of one`)
  return lines.map((text) => `${text}\n`).join('')
}

/** The same for programs. */
export function renderTemplatesJson(templates: readonly Template[]): string {
  return printJson(
    templates.map(({ name, title, description, pillar, domain, variables }) => ({
      name,
      title,
      description,
      pillar,
      domain,
      variables: variables.map((one): Json => ({
        name: one.name,
        title: one.title,
        default: one.default,
        pattern: one.pattern,
      })),
    })),
  )
}

export interface MadePack {
  readonly id: string
  readonly template: string
  /** As a person in the folder where codex was called would write it. */
  readonly dir: string
  readonly files: readonly string[]
  /** What to put behind `codex run` to be understood there; empty in most cases. */
  readonly flags: readonly string[]
}

export function renderMade({ id, template, dir, files, flags }: MadePack, options: StyleOptions): string {
  const { colors } = styleOf(options)
  const command = ['codex run', ...flags.map(shellWord), id].join(' ')
  const lines = [
    `Made ${colors.bold(escapeText(dir))} of the template ${escapeText(template)}, ${count(files.length, 'file')}:`,
    ...files.map((path) => `  ${escapeText(path)}`),
    '',
    'Next:',
    ...alignColumns([
      [`  ${escapeText(command)}`, 'run it: it passes as it is'],
      [`  ${escapeText(`${dir}/README.md`)}`, 'what it does, and what to make your own'],
    ]),
  ]
  return lines.map((text) => `${text}\n`).join('')
}

export function renderMadeJson({ id, template, dir, files }: MadePack): string {
  return printJson({ id, template, dir, files })
}

function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** @param suggestion the template that was likely meant */
export function wordUnknownTemplate(name: string, suggestion: string | null): string {
  return `There is no template ${quote(name)}. ${didYouMean(suggestion) ?? 'These are there:'}`
}

/** A line each, to stand below a complaint. */
export function templateRows(templates: readonly Template[]): readonly string[] {
  return alignColumns(templates.map(({ name, title }) => [`  ${name}`, title]))
}

export function wordUnknownVariable(name: string, { name: template, variables }: Template): string {
  const known = variables.length === 0 ? 'It has none.' : `It has ${quoteAll(variables.map((one) => one.name))}.`
  return `The template ${quote(template)} has no variable ${quote(name)}. ${known}`
}

/** @param through the link that leads out; `null`: the path itself does */
export function wordOutside(dir: string, through: string | null): string {
  const way = through === null ? '' : `, through the link ${quote(through)}`
  return `${quote(dir)} lies outside of the workspace${way}. Packs are made within; -C starts codex in another one.`
}

/** @param expected what a path should be */
export function wordInvalidPlace(dir: string, expected: string): string {
  return `${quote(dir)} is no folder of the workspace: ${plain(expected)} is needed.`
}

export type PlaceProblem = 'exists' | 'unmatched' | 'ignored' | 'nowhere'

/** @param dir the new folder, as a person would write it */
export function wordPlaceProblem(problem: PlaceProblem, dir: string, patterns: readonly string[]): string {
  const packs = quoteAll(patterns)
  switch (problem) {
    case 'exists':
      return `${quote(dir)} is there already, and nothing in it is overwritten. Take another id, or another --dir.`
    case 'unmatched':
      return `A pack in ${quote(dir)} would not be found: codex looks for packs in ${packs}. Name another --dir, or add it to \`packs\` in codex.config.ts.`
    case 'ignored':
      return `A pack in ${quote(dir)} would not be found: .gitignore names it. Name another --dir, or take it out of .gitignore.`
    case 'nowhere':
      return `Codex looks for packs in ${packs} alone, where there is no place for this one. Add a folder such as \`task-packs/*\` to \`packs\` in codex.config.ts.`
  }
}

export function wordNotMade({ code, path, message }: FileError): string {
  if (code === 'EEXIST') return `${quote(path)} is there already, and nothing in it is overwritten.`
  return `${quote(path)} can't be made: ${plain(message)}. Nothing was written.`
}
