// Every template: a pack made of it passes at once, and with its bad case fails for the reason that its template.yml names. All
// of them are one workspace, so that there is one run of each kind.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { diskWorkspace } from '../../src/host/workspace.ts'
import { PILLARS } from '../../src/model/pack.ts'
import { instantiate } from '../../src/packs/instantiate.ts'
import { findTemplates } from '../../src/packs/templates.ts'
import { codex, LATEST, manifestOf, placeFor, putFiles, statusesOf, type Files, type Place } from '../support/cli.ts'

const folder = diskWorkspace(fileURLToPath(new URL('../../templates', import.meta.url)))
const { templates, diagnostics } = findTemplates(folder)

const REQUIRED = [
  'security-inventory-diff',
  'security-detection-sigma',
  'security-redaction',
  'web-accessibility',
  'web-build-reproducible',
  'web-links',
  'game-assets',
  'game-replay',
  'platform-minimal',
  'platform-pipeline',
  'platform-version-bump',
]

/** Another id than the template's, so that whatever knows its own name by heart is found. */
const idOf = (name: string): string => `my-${name}`

const packs: Files = Object.fromEntries(
  templates.flatMap((template) => {
    const choice = { id: idOf(template.name), title: null, owner: null, values: {} }
    return instantiate(folder, template, choice).map(({ path, bytes }) => [`task-packs/${choice.id}/${path}`, bytes])
  }),
)

/** What is laid over the packs to make all of them fail. */
const bad: Files = Object.fromEntries(
  templates.flatMap(({ name, dir, files, bad: { overlay } }) =>
    files
      .filter((path) => path.startsWith(`${overlay}/`))
      .map((path) => {
        const read = folder.readFile(`${dir}/${path}`)
        return [`task-packs/${idOf(name)}/${path.slice(overlay.length + 1)}`, read.ok ? read.value : '']
      }),
  ),
)

describe('the templates', () => {
  it('are sound, and there is one for each field', () => {
    expect(diagnostics).toEqual([])
    expect(templates.map(({ name }) => name)).toEqual(REQUIRED)
    expect([...new Set(templates.map(({ pillar }) => pillar))]).toEqual(PILLARS)
  })

  it('say in their README.md how they fail', () => {
    for (const {
      dir,
      bad: { overlay, says },
      name,
    } of templates) {
      const text = readFileSync(join(folder.root, dir, 'README.md'), 'utf8').replaceAll(/\s+/g, ' ')
      expect(text, name).toContain(`codex run ${name}`)
      expect(text, name).toContain(overlay)
      expect(text, name).toContain(says)
    }
  })

  it('are packs as they are', async () => {
    const place = placeFor({ 'codex.config.mjs': "export default { packs: ['templates/*/*'] }\n" })
    for (const { dir, name, files } of templates) {
      putFiles(
        place.root,
        Object.fromEntries(
          [...files, 'template.yml'].map((path) => [
            `templates/${dir}/${path}`,
            readFileSync(join(folder.root, dir, path)),
          ]),
        ),
      )
      expect(dir.endsWith(`/${name}`)).toBe(true)
    }
    await codex(place, { args: ['validate'], exitCode: 0, stdout: [`${REQUIRED.length} packs valid, `] })
  })
})

describe('packs made of the templates', () => {
  let place: Place
  beforeAll(async () => {
    place = placeFor(packs)
    await codex(place, { args: ['run', '-q'], exitCode: 0 })
  })

  it('pass at once, in the sandbox, with a negative control each', () => {
    const { packs: ran, actions, guarantees } = manifestOf(place)
    expect(ran.map(({ id, verdict }) => [id, verdict])).toEqual(
      REQUIRED.toSorted().map((name) => [idOf(name), 'passed']),
    )
    expect(guarantees).toMatchObject({ network: 'enforced', filesystem: 'enforced' })
    const controlled = new Set(actions.filter(({ phase }) => phase === 'controls').map(({ pack }) => pack))
    expect(controlled.size).toBe(REQUIRED.length)
  })

  it('fail with their bad case, where and why their template.yml says', async () => {
    putFiles(place.root, bad)
    await codex(place, { args: ['run', '-q', '--sandbox=none'], exitCode: 1 })
    const manifest = manifestOf(place)
    const statuses = statusesOf(manifest)
    for (const {
      name,
      bad: { action, reason, says },
    } of templates) {
      const id = `${idOf(name)}:${action}`
      const failed = Object.keys(statuses).filter(
        (each) => each.startsWith(`${idOf(name)}:`) && statuses[each] === 'failed',
      )
      expect(failed, name).toEqual([id])
      expect(manifest.actions.find((each) => each.id === id)?.reason?.kind, name).toBe(reason)
      expect(readFileSync(join(place.root, LATEST, 'logs', idOf(name), action, '1.log'), 'utf8'), name).toContain(says)
    }
  })
})
