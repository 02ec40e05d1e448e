import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import type { Template, TemplateChoice, TemplateVariable } from '../model/template.ts'
import { hiddenCharacter } from './characters.ts'
import { closest } from '../model/suggest.ts'
import { fits } from './template-file.ts'
import { identifier, likelyIdentifier, line } from './values.ts'

/** What is wrong with the id of a new pack, by the rules that hold for all; `null`: nothing. */
export function idProblem(id: string): Diagnostic | null {
  const result = identifier().safeParse(id)
  if (result.success) return null
  const [issue] = result.error.issues
  return invalid('id', id, { expected: issue?.message ?? '', suggestion: likelyIdentifier(id) })
}

/** What is wrong with a text that stands in a task.yml. @param key what it is there */
export function textProblem(key: string, text: string): Diagnostic | null {
  const hidden = hiddenCharacter(text)
  if (hidden !== null) return diagnostic('control-character', null, { codePoint: hidden })
  const result = line().safeParse(text)
  return result.success
    ? null
    : invalid(key, text, { expected: result.error.issues[0]?.message ?? '', suggestion: null })
}

export function valueProblem({ name, pattern }: TemplateVariable, value: string): Diagnostic | null {
  if (fits(value, pattern)) return textProblem(name, value)
  // Most patterns are short lists of words.
  const suggestion = closest(value, pattern.split('|'))
  return invalid(name, value, { expected: `what fits ${pattern}`, suggestion })
}

/** Everything that is wrong with what somebody has chosen. */
export function choiceProblems(
  template: Template,
  { id, title, owner, values }: TemplateChoice,
): readonly Diagnostic[] {
  const problems = [
    idProblem(id),
    title === null ? null : textProblem('title', title),
    owner === null ? null : textProblem('owner', owner),
    ...template.variables.map((variable) => {
      const value = Object.hasOwn(values, variable.name) ? values[variable.name] : undefined
      return value === undefined ? null : valueProblem(variable, value)
    }),
  ]
  return problems.filter((problem) => problem !== null)
}

interface Expectation {
  readonly expected: string
  readonly suggestion: string | null
}

function invalid(key: string, found: string, { expected, suggestion }: Expectation): Diagnostic {
  return diagnostic('invalid-value', null, { key, found, expected, suggestion })
}
