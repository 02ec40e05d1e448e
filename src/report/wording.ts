import type { Diagnostic, DiagnosticCode } from '../model/diagnostic.ts'
import type { Worded, Wording } from './phrase.ts'
import { cacheWording } from './wording-cache.ts'
import { fileWording, yamlWording } from './wording-files.ts'
import { meaningWording, pathWording, useWording } from './wording-meaning.ts'
import { pluginWording } from './wording-plugins.ts'
import { replayWording } from './wording-replay.ts'
import { refusalWording } from './wording-refusals.ts'
import { shapeWording } from './wording-shape.ts'

const WORDING: Wording = {
  ...fileWording,
  ...yamlWording,
  ...shapeWording,
  ...meaningWording,
  ...pathWording,
  ...useWording,
  ...refusalWording,
  ...pluginWording,
  ...replayWording,
  ...cacheWording,
}

export function isKnownCode(code: string): code is DiagnosticCode {
  return Object.hasOwn(WORDING, code)
}

export function wordingOf(diagnostic: Pick<Diagnostic, 'code' | 'facts'>): Worded {
  // The union of all codes is one call signature too many for the checker; code and facts belong together by construction.
  const word = WORDING[diagnostic.code] as (facts: Diagnostic['facts']) => Worded
  return word(diagnostic.facts)
}
