import type { Diagnostic } from '../model/diagnostic.ts'
import { compareBytes } from '../model/order.ts'
import { PILLARS } from '../model/pack.ts'
import type { Workspace } from '../model/ports.ts'
import type { SourceText } from '../model/source.ts'
import type { Template } from '../model/template.ts'
import { readTemplate } from './template.ts'
import { TEMPLATE_FILE } from './template-file.ts'

export interface FoundTemplates {
  /** By pillar in the order of {@link PILLARS}, then by domain and name. */
  readonly templates: readonly Template[]
  /** Everything that is wrong with any of them. */
  readonly diagnostics: readonly Diagnostic[]
  /** The texts that are complained about, by their paths. */
  readonly sources: ReadonlyMap<string, SourceText>
}

/** Reads all templates: `<pillar>/<name>/template.yml` makes one, and nothing else has to know of it. */
export function findTemplates(folder: Workspace): FoundTemplates {
  const templates: Template[] = []
  const diagnostics: Diagnostic[] = []
  const sources = new Map<string, SourceText>()
  for (const dir of templateFolders(folder)) {
    const read = readTemplate(folder, dir)
    if (read.template) templates.push(read.template)
    diagnostics.push(...read.diagnostics)
    for (const [path, text] of read.sources) sources.set(path, text)
  }
  return { templates: templates.toSorted(inOrder), diagnostics, sources }
}

function inOrder(a: Template, b: Template): number {
  return (
    PILLARS.indexOf(a.pillar) - PILLARS.indexOf(b.pillar) ||
    compareBytes(a.domain, b.domain) ||
    compareBytes(a.name, b.name)
  )
}

/** Names of templates, without reading them. */
export function templateNames(folder: Workspace): readonly string[] {
  return templateFolders(folder).map((dir) => dir.slice(dir.indexOf('/') + 1))
}

function templateFolders(folder: Workspace): readonly string[] {
  return PILLARS.flatMap((pillar) => {
    const listed = folder.list(pillar)
    const dirs = listed.ok ? listed.value.map(({ name }) => `${pillar}/${name}`) : []
    return dirs.filter((dir) => folder.kind(`${dir}/${TEMPLATE_FILE}`) === 'file')
  })
}
