import type { Diagnostic } from '../model/diagnostic.ts'
import { PILLARS } from '../model/pack.ts'
import type { Template, TemplateChoice } from '../model/template.ts'
import { textProblem, valueProblem } from '../packs/choice.ts'
import { wordingOf } from '../report/wording.ts'
import type { PromptChoice, Prompts } from './context-terminal.ts'

export interface Wanted {
  readonly template: Template
  readonly choice: TemplateChoice
}

/** What was said already; `undefined` and `null`: nothing. */
export interface Known extends Omit<TemplateChoice, 'id'> {
  readonly id: string | undefined
  readonly template: Template | undefined
}

interface Offer {
  readonly templates: readonly Template[]
  /** What is wrong with an id. */
  readonly problemsOf: (id: string) => readonly Diagnostic[]
}

/** Asks for all that was not said; `null`: whoever was asked has left. */
export async function askFor(prompts: Prompts, known: Known, { templates, problemsOf }: Offer): Promise<Wanted | null> {
  const id = known.id ?? (await prompts.ask('What is the pack called?', { initial: '', problem: firstOf(problemsOf) }))
  if (id === null) return null
  const template = known.template ?? (await askForTemplate(prompts, templates))
  if (template === null) return null
  const title = known.title ?? (await askForTitle(prompts, template))
  if (title === null) return null
  const values = await askForValues(prompts, template, known.values)
  return values && { template, choice: { id, title, owner: known.owner, values } }
}

/** By pillar and domain; where there is one answer, the question is left out. */
async function askForTemplate(prompts: Prompts, templates: readonly Template[]): Promise<Template | null> {
  const pillars = PILLARS.filter((pillar) => templates.some((template) => template.pillar === pillar))
  const pillar = await choose(
    prompts,
    'Which pillar?',
    pillars.map((value) => ({ value, label: value, hint: domainsOf(templates, value).join(', ') })),
  )
  if (pillar === null) return null
  const domains = domainsOf(templates, pillar)
  const domain = await choose(
    prompts,
    'Which domain?',
    domains.map((value) => ({ value, label: value, hint: titlesOf(templates, pillar, value) })),
  )
  if (domain === null) return null
  const fitting = templates.filter((template) => template.pillar === pillar && template.domain === domain)
  const name = await choose(
    prompts,
    'Which template?',
    fitting.map((template) => ({ value: template.name, label: template.name, hint: template.title })),
  )
  return fitting.find((template) => template.name === name) ?? null
}

function domainsOf(templates: readonly Template[], pillar: string): readonly string[] {
  return [...new Set(templates.filter((template) => template.pillar === pillar).map(({ domain }) => domain))]
}

function titlesOf(templates: readonly Template[], pillar: string, domain: string): string {
  const fitting = templates.filter((template) => template.pillar === pillar && template.domain === domain)
  return fitting.map(({ title }) => title).join('; ')
}

async function choose(prompts: Prompts, message: string, choices: readonly PromptChoice[]): Promise<string | null> {
  const [only, ...others] = choices
  return only && others.length === 0 ? only.value : prompts.choose(message, choices)
}

function askForTitle(prompts: Prompts, { packTitle }: Template): Promise<string | null> {
  const problem = firstOf((text) => [textProblem('title', text)])
  return prompts.ask('What is the work, in one line?', { initial: packTitle, problem })
}

async function askForValues(
  prompts: Prompts,
  { variables }: Template,
  known: TemplateChoice['values'],
): Promise<TemplateChoice['values'] | null> {
  const values: Record<string, string> = { ...known }
  for (const variable of variables) {
    if (Object.hasOwn(known, variable.name)) continue
    const problem = firstOf((text) => [valueProblem(variable, text)])
    const value = await prompts.ask(`${variable.title}?`, { initial: variable.default, problem })
    if (value === null) return null
    values[variable.name] = value
  }
  return values
}

function firstOf(problemsOf: (text: string) => readonly (Diagnostic | null)[]): (text: string) => string | null {
  return (text) => {
    const problem = problemsOf(text).find((one) => one !== null)
    return problem ? wordingOf(problem).message : null
  }
}
