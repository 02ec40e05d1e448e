import { didYouMean, plain, quote, quoteAll, type Wording } from './phrase.ts'

/** Complaints about keys and values that are not what the contract of task.yml says. */
export const shapeWording: Pick<
  Wording,
  'unsupported-version' | 'unknown-key' | 'missing-key' | 'wrong-type' | 'not-a-string' | 'invalid-value'
> = {
  'unsupported-version': ({ found }) => ({
    message: `Version ${quote(found)} of task.yml is not known.`,
    fix: 'Write `version: 1`.',
  }),
  'unknown-key': ({ key, parent, suggestion, known }) => ({
    message: `${quote(key)} is not a key of ${parent === '' ? 'a task pack' : quote(parent)}.`,
    fix: didYouMean(suggestion) ?? (known.length > 0 ? `Use one of ${quoteAll(known, 40)}.` : 'Remove it.'),
  }),
  'missing-key': ({ key, parent, example }) => ({
    message: parent === '' ? `The pack has no ${quote(key)}.` : `${quote(parent)} has no ${quote(key)}.`,
    fix: `Add it, for example ${quote(example)}.`,
  }),
  'wrong-type': ({ key, expected, found }) => ({
    message: `${quote(key)} must be ${plain(expected)}, but is ${plain(found)}.`,
    fix: `Write ${plain(expected)} here.`,
  }),
  'not-a-string': ({ key, found, quoted }) => ({
    message: `${quote(key)} must be text, but YAML reads it as ${plain(found)}.`,
    fix: `Put it in quotes: ${quote(quoted)}.`,
  }),
  'invalid-value': ({ key, found, expected, suggestion }) => ({
    message: `${quote(key)} can't be ${quote(found)}: expected ${plain(expected)}.`,
    fix: didYouMean(suggestion) ?? `Write ${plain(expected)}.`,
  }),
}
