// The example of a plugin, in the real sandbox: with plugins, without, and with a greeting that there is nothing of to echo.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { actionOf, codex, LATEST, manifestOf, placeFor, putFiles, read, type Place } from '../support/cli.ts'
import { REPOSITORY } from './pack-copy.ts'

const FOLDER = 'solutions/platform/echo-plugin'
const RUN = 'echo-plugin:plugin/run'

function copyOfIt(): Place {
  const place = placeFor({})
  cpSync(join(REPOSITORY, FOLDER), join(place.root, FOLDER), { recursive: true })
  return place
}

it('echoes what was made, as evidence beside it', async () => {
  const place = copyOfIt()
  await codex(place, { args: ['run', '--enable-plugins'], exitCode: 0 })
  const kept = `${LATEST}/artifacts/echo-plugin`
  expect(read(place, `${kept}/artifacts/echo.json`)).toBe('{"pack":"echo-plugin","lines":["Hello, Ada."]}\n')
  expect(JSON.parse(read(place, `${kept}/plugin_result.json`))).toEqual({
    ...{ resultVersion: 1, plugin: { name: 'echo', version: '1.0.0' }, verdict: 'passed', findings: [] },
    plan: ['echo artifacts/greeting.txt to artifacts/echo.json'],
    summary: '1 line echoed',
    report: 'The greeting was repeated: 1 line echoed.',
  })
  expect(manifestOf(place).packs).toMatchObject([{ plugin: 'enabled', verdict: 'passed' }])
})

it('passes by its own acceptance where plugins are disabled', async () => {
  const place = copyOfIt()
  await codex(place, { args: ['run', '--sandbox=none'], exitCode: 0, stderr: ['plugin-disabled'] })
  expect(manifestOf(place).packs).toMatchObject([{ plugin: 'disabled', verdict: 'passed' }])
})

it('fails where there is nothing to echo, although acceptance is content', async () => {
  const place = copyOfIt()
  putFiles(place.root, {
    [`${FOLDER}/tools/greet.mjs`]:
      "import { writeFileSync } from 'node:fs'\nwriteFileSync(process.argv[3], '\\nAda')\n",
  })
  await codex(place, { args: ['run', '--sandbox=none', '--enable-plugins'], exitCode: 1 })
  expect(actionOf(manifestOf(place), 'echo-plugin:tests/1').status).toBe('passed')
  expect(actionOf(manifestOf(place), RUN)).toMatchObject({
    status: 'failed',
    reason: { kind: 'plugin', problem: 'failed' },
  })
})
