import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diskWorkspace } from '../../src/host/workspace.ts'
import { checkProject, loadProject, ProjectMemory } from '../../src/project.ts'
import { Editor } from '../support/edits.ts'

/** `CODEX_EDITS=10000` makes so many edits in all. */
const EDITS = Number(process.env['CODEX_EDITS'] ?? 400)
const SEEDS = 4
const NO_CONFIG = { file: null, value: {} }

describe('what is remembered of a project', () => {
  it.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'gives after each of many edits what a first look gives (seed %i)',
    (seed) => {
      const base = realpathSync(mkdtempSync(join(tmpdir(), 'codex-edits-')))
      const root = join(base, 'workspace')
      for (const folder of ['workspace/.git', 'outside']) mkdirSync(join(base, folder), { recursive: true })
      writeFileSync(join(root, '.git/config'), '')
      const workspace = diskWorkspace(root)
      const editor = new Editor(root, Number(process.env['CODEX_SEED'] ?? 0) + seed)
      const memory = new ProjectMemory(workspace)
      const selection = { names: seed === 3 ? ['a', 'b'] : [], pillars: [], tags: [] }
      checkProject(memory, NO_CONFIG, selection)
      const edits: string[] = []
      let valid = 0
      for (let count = 0; count < EDITS / SEEDS; count++) {
        edits.push(editor.edit())
        memory.packs.look(editor.takePlaces())
        const { diagnostics, actions, packs, freeze } = checkProject(memory, NO_CONFIG, selection)
        const cold = loadProject(workspace, NO_CONFIG, selection)
        const said = edits.slice(-3).join('\n')
        expect(diagnostics, said).toEqual(cold.diagnostics)
        expect(packs, said).toEqual(cold.packs)
        expect(actions, said).toBe(cold.graph?.actions.length ?? null)
        // To put it together each time would take most of the time, and leave nothing to be put together late.
        expect(count % 7 === 0 ? freeze() : cold.graph, said).toEqual(cold.graph)
        memory.packs.forgetUnused()
        if (cold.graph) valid++
      }
      rmSync(base, { recursive: true })
      // Edits that leave nothing but errors would compare little.
      expect(valid).toBeGreaterThan(0)
    },
    600_000,
  )
})
