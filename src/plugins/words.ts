import type { Driving } from './drive.ts'

/** What came of a plugin, for its log. */
export function logOf({ result, failure }: Driving): string {
  const { name, version } = result.plugin
  const head = `plugin ${name} ${version}: ${result.verdict}`
  if (result.verdict === 'error') {
    const { problem = 'ended', message = '' } = failure ?? {}
    return `${head} (${problem}, when it was asked to ${result.request})\n${message}\n`
  }
  const found = result.findings.map(({ message, file, line }) => `${placeOf(file, line)}${message}`)
  const steps = result.plan.map((step) => `plan: ${step}`)
  const report = result.report === '' ? [] : [result.report]
  return [`${head}: ${result.summary}`, ...steps, ...found, ...report].map((line) => `${line}\n`).join('')
}

function placeOf(file: string | undefined, line: number | undefined): string {
  if (file === undefined) return ''
  return line === undefined ? `${file}: ` : `${file}:${line}: `
}
