import type { Json } from '../model/canonical.ts'
import { compareBytes } from '../model/order.ts'
import { ACCEPTANCE_PHASES, PILLARS, type Pack } from '../model/pack.ts'
import { alignColumns } from './columns.ts'
import { groupBy } from './grouping.ts'
import { printJson } from './json.ts'
import { count } from './phrase.ts'
import { escapeText, styleOf, type Style, type StyleOptions } from './style.ts'

/** The packs for people: by pillar, domain and id, with what each needs and proves. */
export function renderList(packs: readonly Pack[], options: StyleOptions): string {
  const style = styleOf(options)
  const { colors } = style
  const lines: string[] = []
  const byPillar = groupBy(sortPacks(packs), (pack) => pack.definition.pillar)
  for (const [pillar, members] of byPillar) {
    lines.push(colors.bold(escapeText(pillar)))
    for (const [domain, entries] of groupBy(members, (pack) => pack.definition.domain)) {
      lines.push(`  ${domain === null ? colors.dim('no domain') : escapeText(domain)}`)
      const titles = alignColumns(
        entries.map(({ definition }) => [escapeText(definition.id), escapeText(definition.title)]),
      )
      for (const [index, pack] of entries.entries())
        lines.push(`    ${titles[index] ?? ''}`, `      ${facts(pack, style)}`)
    }
  }
  lines.push(count(packs.length, 'pack'))
  return lines.map((line) => `${line}\n`).join('')
}

function sortPacks(packs: readonly Pack[]): readonly Pack[] {
  return packs.toSorted(
    ({ definition: a }, { definition: b }) =>
      PILLARS.indexOf(a.pillar) - PILLARS.indexOf(b.pillar) ||
      compareBytes(a.domain ?? '', b.domain ?? '') ||
      compareBytes(a.id, b.id),
  )
}

function facts({ definition }: Pack, { colors }: Style): string {
  const { risk, steps, artifacts, needs } = definition
  const parts = [
    `${risk} risk`,
    count(steps.length, 'step'),
    count(acceptanceCommands(definition), 'acceptance command'),
    count(artifacts.required.length, 'required artifact'),
    ...(needs.length > 0 ? [`needs ${needs.map(escapeText).join(', ')}`] : []),
  ]
  return colors.dim(parts.join(', '))
}

function acceptanceCommands({ acceptance }: Pack['definition']): number {
  return ACCEPTANCE_PHASES.reduce((total, phase) => total + acceptance[phase].length, 0)
}

/** The same for programs: an array of packs in the same order. */
export function renderListJson(packs: readonly Pack[]): string {
  return printJson(sortPacks(packs).map(packJson))
}

function packJson({ definition, dir }: Pack): Json {
  const { id, title, description, owner, pillar, domain, risk, tags, skills, needs, steps, acceptance, artifacts } =
    definition
  return {
    id,
    title,
    description,
    owner,
    dir,
    pillar,
    domain,
    risk,
    tags,
    skills,
    needs,
    steps: steps.map((step) => step.id),
    acceptance: {
      format: acceptance.format.length,
      lint: acceptance.lint.length,
      tests: acceptance.tests.length,
    },
    artifacts: { required: artifacts.required, optional: artifacts.optional },
  }
}
