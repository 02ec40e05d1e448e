import { diagnostic, type Diagnostic } from '../model/diagnostic.ts'
import type { Locate } from './meaning.ts'
import type { View } from './view.ts'

/** A step is done by a command or by an agent; what is for the one must not stand beside the other. */
export function stepDoers(view: View, locate: Locate): Diagnostic[] {
  return view.indices('steps').flatMap((index) => {
    const step = view.at('steps', index)
    if (typeof step !== 'object' || step === null || Array.isArray(step)) return []
    const has = (key: string): boolean => Object.hasOwn(step, key)
    const name = `steps[${index}]`
    const pointer = `/steps/${index}`
    const missing = (key: string, example: string): Diagnostic[] => [
      diagnostic('missing-key', locate(pointer), { key, parent: name, example }),
    ]
    const others = ['prompt', 'phase'].filter(has)
    if (has('run')) {
      const beside = { parent: `${name} with run`, suggestion: null, known: [] }
      return (has('uses') ? ['uses'] : others).map((key) =>
        diagnostic('unknown-key', locate(`${pointer}/${key}#key`), { key, ...beside }),
      )
    }
    if (has('uses')) return has('prompt') ? [] : missing('prompt', 'prompt: spec.md')
    return others.length > 0 ? missing('uses', 'uses: agent') : missing('run', 'run: node --test')
  })
}
