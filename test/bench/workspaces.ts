import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A fresh workspace in the system's folder for temporary files. */
export function makeWorkspace(): string {
  const root = mkdtempSync(join(tmpdir(), 'codex-bench-'))
  writeFileSync(join(root, 'codex.config.mjs'), "export default { packs: ['packs/*'] }\n")
  return root
}

export interface PackShape {
  readonly id: string
  readonly needs?: readonly string[]
  /** How many commands of the lint phase; each does nothing. */
  readonly commands: number
}

/** Writes a pack whose commands end at once. */
export function addPack(root: string, { id, needs = [], commands }: PackShape): string {
  const folder = join(root, 'packs', id)
  mkdirSync(folder, { recursive: true })
  const text = [
    'version: 1',
    `id: ${id}`,
    `title: Commands of ${id}`,
    'pillar: platform',
    'risk: low',
    `needs: [${needs.join(', ')}]`,
    'acceptance:',
    '  lint:',
    ...Array.from({ length: commands }, () => '    - run: [test, -f, task.yml]'),
    '',
  ]
  writeFileSync(join(folder, 'task.yml'), text.join('\n'))
  return folder
}

/** Writes a pack of steps that print a line and make a file each, and one test: with the gates three actions more. */
export function addMakers(root: string, { id, steps }: { readonly id: string; readonly steps: number }): void {
  const folder = join(root, 'packs', id)
  mkdirSync(folder, { recursive: true })
  const text = [
    ...['version: 1', `id: ${id}`, `title: Files of ${id}`, 'pillar: platform', 'risk: low', 'steps:'],
    ...Array.from({ length: steps }, (_, step) => [
      `  - id: make-${step}`,
      `    run: echo made ${step}; echo ${id} ${step} >out/${step}.txt`,
      `    outputs: [out/${step}.txt]`,
    ]).flat(),
    ...['acceptance:', '  tests:', '    - run: test -s out/0.txt', ''],
  ]
  writeFileSync(join(folder, 'task.yml'), text.join('\n'))
}

/** Files of 4 KiB, each different, in folders of a hundred. */
export function addFiles(folder: string, count: number): void {
  const bytes = Buffer.alloc(4096, 'x')
  for (let index = 0; index < count; index++) {
    const inside = join(folder, 'data', String(Math.floor(index / 100)))
    if (index % 100 === 0) mkdirSync(inside, { recursive: true })
    bytes.writeUInt32LE(index)
    writeFileSync(join(inside, `${index}.bin`), bytes)
  }
}
