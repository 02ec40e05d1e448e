import { printJson } from './json.ts'

interface SarifParts {
  readonly tool: { readonly name: string; readonly version: string }
  readonly rules: readonly object[]
  /** Other members of the run. */
  readonly about: object
  readonly results: readonly object[]
}

/** A log of SARIF 2.1.0 (OASIS) with one run. Locations are relative to `WORKSPACE`, columns are counted in UTF-16 units. */
export function sarifLog({ tool, rules, about, results }: SarifParts): string {
  return withoutCommands(
    printJson({
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: tool.name, semanticVersion: tool.version, rules } },
          ...about,
          columnKind: 'utf16CodeUnits',
          originalUriBaseIds: { WORKSPACE: { description: { text: 'The root of the workspace.' } } },
          results,
        },
      ],
    }),
  )
}

/** RFC 3986, 4.2: a relative reference; a colon in its first part would make it an absolute one. */
export function uriOf(path: string): string {
  return path.toWellFormed().split('/').map(encodeURIComponent).join('/')
}

/** In JSON only strings can hold what a workflow would take for a command. */
function withoutCommands(json: string): string {
  return json.replaceAll('##[', '##\\u005b')
}
