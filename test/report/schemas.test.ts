import { readFileSync } from 'node:fs'
import Ajv from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import { FOR_PROGRAMS } from '../../src/report/build-report.ts'
import { renderJunit } from '../../src/report/junit.ts'
import { markup } from '../../src/report/markup.ts'
import { renderSarif } from '../../src/report/sarif.ts'
import { commandAction } from '../support/actions.ts'
import { hostileReport } from '../support/hostile-run.ts'
import { ALL_HOSTILE } from '../support/hostile.ts'
import { gates, oneTest, packWith, reportOf, type Ending } from '../support/reports.ts'

const SCHEMAS = new URL('../fixtures/schemas/', import.meta.url)
const junitSchema = readFileSync(new URL('jenkins-junit.xsd', SCHEMAS), 'utf8')
const ajv = new Ajv.default({ strict: false, unicodeRegExp: false, allErrors: true })
addFormats.default(ajv)
const isSarif = ajv.compile(JSON.parse(readFileSync(new URL('sarif-2.1.0-rtm.5.json', SCHEMAS), 'utf8')) as object)

/** Messages of libxml2; none for what is valid. */
async function junitErrors(documents: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const xml = Object.entries(documents).map(([fileName, contents]) => ({ fileName, contents }))
  const { errors } = await validateXML({ xml, schema: [junitSchema] })
  return errors.map(({ rawMessage }) => rawMessage)
}

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string
      readonly level: string
      readonly message: { readonly text: string }
      readonly locations?: readonly {
        readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: object }
      }[]
    }[]
  }[]
}

function sarifResults(text: string): Sarif['runs'][number]['results'] {
  const document: unknown = JSON.parse(text)
  expect(isSarif(document), JSON.stringify(isSarif.errors, null, 1)).toBe(true)
  return (document as Sarif).runs[0]?.results ?? []
}

const PLACE = { file: 'packs/p/a task.yml', start: { line: 12, column: 5 }, end: { line: 12, column: 9 } }

describe('the schemas', () => {
  it('refuse what is not of their form', async () => {
    expect(await junitErrors({ 'a.xml': '<testsuites><testsuite/></testsuites>' })).not.toEqual([])
    expect(isSarif({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false)
  })
})

describe('the report as JUnit', () => {
  it('is valid, and has a suite for each pack and a case for each action', async () => {
    const { packs, endings } = oneTest({
      status: 'failed',
      reason: { kind: 'exit' },
      exitCode: 3,
      log: 'boom ]]> \u001b[1m\n',
    })
    const more: Ending[] = [{ action: commandAction('q:tests/1') }, ...gates('q')]
    const junit = renderJunit(
      await reportOf({ packs: [...packs, packWith('q')], endings: [...endings, ...more], bounds: FOR_PROGRAMS }),
    )
    expect(await junitErrors({ 'junit.xml': junit })).toEqual([])
    expect(junit).toContain('tests="6" failures="1" errors="0" time="61.500"')
    expect(junit).toContain(
      '<testsuite name="p" tests="3" failures="1" errors="0" skipped="2" time="1.500" timestamp="1970-01-01T00:00:00">',
    )
    expect(junit).toContain(
      '<failure type="failed" message="It exited with code 3.">task.yml:1:1\nIt exited with code 3.</failure>',
    )
    expect(junit).toContain('<system-out>boom ]]&gt; </system-out>')
    expect(junit.match(/<skipped>It was skipped, because `p:tests\/1` did not pass\.<\/skipped>/g)).toHaveLength(2)
  })

  it('is no success where nothing was run', async () => {
    const junit = renderJunit(await reportOf({ packs: [], endings: [] }))
    expect(await junitErrors({ 'junit.xml': junit })).toEqual([])
    expect(junit).toContain('errors="1"')
  })

  it('leaves no action out, however many there are', async () => {
    const endings = Array.from({ length: 1500 }, (_, at): Ending => ({ action: commandAction(`p:tests/${at}`) }))
    const junit = renderJunit(
      await reportOf({ packs: [packWith('p')], endings: [...endings, ...gates('p')], bounds: FOR_PROGRAMS }),
    )
    expect(junit.match(/<testcase /g)).toHaveLength(1502)
  })

  it('is valid whatever the strings', async () => {
    const samples = fc.sample(fc.string({ unit: 'binary', minLength: 1 }), { numRuns: 60, seed: 1 })
    const texts = [...ALL_HOSTILE, ...samples]
    const documents = await Promise.all(
      texts.map(async (text, at) => [`${at}.xml`, renderJunit(await hostileReport(text))] as const),
    )
    expect(await junitErrors(Object.fromEntries(documents))).toEqual([])
  })

  it('holds no character that XML does not allow', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // XML 1.0, production 2.
        expect(markup`${text}`.text).toMatch(/^[\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u)
      }),
    )
  })
})

describe('the report as SARIF', () => {
  it('is valid, and shows a failed action at the line that declares it', async () => {
    const parts = oneTest({ status: 'failed', reason: { kind: 'exit' }, exitCode: 3 })
    const endings = parts.endings.map(({ action, ...rest }) => ({ ...rest, action: { ...action, place: PLACE } }))
    const [result, ...rest] = sarifResults(renderSarif(await reportOf({ ...parts, endings, bounds: FOR_PROGRAMS })))
    expect(rest).toEqual([])
    expect(result).toMatchObject({
      ruleId: 'action/failed',
      level: 'error',
      message: { text: 'p:tests/1 failed (exit code 3).\nIt exited with code 3.' },
    })
    expect(result?.locations?.[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'packs/p/a%20task.yml', uriBaseId: 'WORKSPACE' },
      region: { startLine: 12, startColumn: 5 },
    })
  })

  it('shows each place of a credential: in an artifact, or where the command is declared that printed it', async () => {
    const findings = [
      { path: 'packs/p/out.txt', line: 7, rule: 'aws/AWSSecretAccessKey' },
      { path: 'logs/p/tests/1/*.log', line: 2, rule: 'github/GITHUB_TOKEN' },
    ]
    const [artifacts, secrets] = gates('p')
    const failed: Ending = { ...secrets, status: 'failed', reason: { kind: 'secrets', findings, more: false } }
    const parts = { packs: [packWith('p')], endings: [{ action: commandAction('p:tests/1') }, artifacts, failed] }
    const results = sarifResults(renderSarif(await reportOf({ ...parts, bounds: FOR_PROGRAMS })))
    expect(results.map(({ ruleId }) => ruleId)).toEqual([
      'action/failed',
      'secret/aws/AWSSecretAccessKey',
      'secret/github/GITHUB_TOKEN',
    ])
    expect(results[1]?.locations?.[0]?.physicalLocation).toMatchObject({
      artifactLocation: { uri: 'packs/p/out.txt' },
      region: { startLine: 7 },
    })
    expect(results[2]?.locations?.[0]?.physicalLocation).toMatchObject({ artifactLocation: { uri: 'task.yml' } })
    expect(results[2]?.message.text).toContain('logs/p/tests/1/*.log')
  })

  it('is valid whatever the strings, and shows every complaint', async () => {
    for (const text of ALL_HOSTILE) {
      const results = sarifResults(renderSarif(await hostileReport(text)))
      expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
        ['unknown-key', 'error'],
        ['yaml-syntax', 'warning'],
        ['action/failed', 'error'],
        ['action/violated', 'error'],
      ])
    }
  })
})
