import { escapeText } from './style.ts'

type Properties = Readonly<Record<string, string | number>>

/**
 * A workflow command as GitHub's runner reads it from a stream (`::error file=a,line=1::message`), with its line break. Nothing of
 * unknown origin in it can end the line, begin another command, or be taken for a property.
 *
 * @param lines the message, line by line
 */
export function workflowCommand(name: string, properties: Properties, lines: readonly string[]): string {
  const listed = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`)
  const head = listed.length > 0 ? `${name} ${listed.join(',')}` : name
  return `::${head}::${lines.map(data).join('%0A')}\n`
}

/** As @actions/core escapes what follows the command; `##[` would begin a command of the older kind anywhere in a line. */
function data(text: string): string {
  return escapeText(text).replaceAll('%', '%25').replaceAll('##[', '## [')
}

function property(value: string | number): string {
  return data(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** A text between lines that end it, where neither can be mistaken: lines of a file of the runner that set one output each. */
export function outputLines(outputs: Readonly<Record<string, string>>, digestOf: (text: string) => string): string {
  return Object.entries(outputs)
    .map(([name, value]) => {
      // No value holds the digest of itself, so that no line of it ends it.
      const end = `codex_${digestOf(value)}`
      return `${name}<<${end}\n${value}\n${end}\n`
    })
    .join('')
}
