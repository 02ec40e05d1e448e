import { filePages } from './files.ts'
import { meaningPages } from './meaning.ts'
import type { DiagnosticCode } from '../../model/diagnostic.ts'
import type { Pages } from './page.ts'
import { controlPages, pathPages } from './paths.ts'
import { pluginPages } from './plugins.ts'
import { cachePages, refusalPages, replayPages } from './refusals.ts'
import { shapePages } from './shape.ts'
import { usePages } from './use.ts'
import { yamlPages } from './yaml.ts'

/** A page for every code, in the order of model/diagnostic.ts. */
export const PAGES: Pages = {
  ...filePages,
  ...yamlPages,
  ...shapePages,
  ...meaningPages,
  ...pathPages,
  ...controlPages,
  ...usePages,
  ...refusalPages,
  ...pluginPages,
  ...replayPages,
  ...cachePages,
}

/** Every code there is, in the order in which things are checked. */
export const CODES: readonly DiagnosticCode[] = Object.keys(PAGES) as DiagnosticCode[]
