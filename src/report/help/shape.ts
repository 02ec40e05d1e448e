import { pack, type Pages } from './page.ts'

export const shapePages: Pick<
  Pages,
  'unsupported-version' | 'unknown-key' | 'missing-key' | 'wrong-type' | 'not-a-string' | 'invalid-value'
> = {
  'unsupported-version': {
    what: 'The version of a task.yml is another than 1.',
    why: 'A later version may mean something else by the same keys, so it is not read as if it were this one.',
    wrong: pack(['version: 2']),
    right: pack(['version: 1']),
  },
  'unknown-key': {
    what: 'A key is none that stands in this place. Most often it is misspelt, or indented too much or too little.',
    why: 'A key that codex does not know would be left out in silence, and with it a limit or a test that somebody relies on.',
    wrong: pack(['stpes:', '  - { id: build, run: node build.mjs }']),
    right: pack(['steps:', '  - { id: build, run: node build.mjs }']),
  },
  'missing-key': {
    what: 'A key that must be there is not.',
    why: 'Nothing can stand for it: neither a default nor a guess would be what was meant.',
    wrong: pack(['steps:', '  - id: build']),
    right: pack(['steps:', '  - id: build', '    run: node build.mjs']),
  },
  'wrong-type': {
    what: 'A value is of another kind than it must be: text where a list belongs, a list where a mapping belongs, and so on.',
    why: 'One spelling for one meaning keeps packs alike, and their readers from guessing.',
    wrong: pack(['tags: daily']),
    right: pack(['tags: [daily]']),
  },
  'not-a-string': {
    what: 'A value must be text, but YAML reads it as a number, as true or false, or as nothing.',
    why: 'Written back, `1.20` would become `1.2` and `0x10` would become `16`. In quotes a value stays what was written. `codex validate --fix` puts them there.',
    wrong: pack(['env: { LEVEL: 3 }']),
    right: pack(["env: { LEVEL: '3' }"]),
  },
  'invalid-value': {
    what: 'A value is of the right kind, but none of those that are allowed.',
    why: 'Whatever codex would make of it, it might not be what was meant.',
    wrong: pack(['constraints: { limits: { timeout: 5 minutes } }']),
    right: pack(['constraints: { limits: { timeout: 5m } }']),
  },
}
