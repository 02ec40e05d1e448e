import { pack, type Pages } from './page.ts'

export const yamlPages: Pick<
  Pages,
  | 'yaml-syntax'
  | 'yaml-alias'
  | 'yaml-tag'
  | 'yaml-merge-key'
  | 'yaml-directive'
  | 'yaml-documents'
  | 'yaml-depth'
  | 'yaml-length'
  | 'duplicate-key'
  | 'control-character'
> = {
  'yaml-syntax': {
    what: 'A task.yml is not YAML 1.2. A bracket or quote may be open, the indentation may hold a tab, or a value may hold `: ` without quotes.',
    why: "Where the text can't be read in one way only, codex does not guess.",
    wrong: pack(['title: Report: the numbers']),
    right: pack(["title: 'Report: the numbers'"]),
  },
  'yaml-alias': {
    what: 'An anchor (`&name`) or an alias (`*name`) is used.',
    why: 'A few lines of them can stand for gigabytes, and the reader of a pack would have to look up what a value is.',
    wrong: pack(['env: { FROM: &lang en, TO: *lang }']),
    right: pack(['env: { FROM: en, TO: en }']),
  },
  'yaml-tag': {
    what: 'A tag (`!name`, `!!type`) is used.',
    why: 'Tags make other types of values than a task.yml has, and in some readers run code.',
    wrong: pack(['env: { LEVEL: !!str 3 }']),
    right: pack(["env: { LEVEL: '3' }"]),
  },
  'yaml-merge-key': {
    what: 'The merge key `<<` is used. YAML 1.2 has none.',
    why: 'What a mapping holds should be seen where it stands.',
    wrong: pack(['env:', '  <<: { LEVEL: high }']),
    right: pack(['env:', '  LEVEL: high']),
  },
  'yaml-directive': {
    what: 'A task.yml begins with a directive (`%YAML`, `%TAG`).',
    why: 'Directives change how the rest is read. A task.yml is always YAML 1.2.',
    wrong: pack(['%YAML 1.2', '---', 'tags: [daily]']),
    right: pack(['tags: [daily]']),
  },
  'yaml-documents': {
    what: 'A task.yml holds more than one YAML document.',
    why: 'A pack is one document. Whoever reads only the first would miss the rest.',
    wrong: pack(['tags: [daily]', '---', 'tags: [weekly]']),
    right: pack(['tags: [daily, weekly]']),
  },
  'yaml-depth': {
    what: 'Values are nested more than 64 levels deep.',
    why: 'No task.yml needs that, and readers that call themselves for each level would run out of stack.',
    wrong: pack([`tags: ${'['.repeat(70)}daily${']'.repeat(70)}`]),
    right: pack(['tags: [daily]']),
  },
  'yaml-length': {
    what: 'A task.yml holds more than 20,000 words and signs of YAML.',
    why: 'The time that it takes to read YAML grows faster than its length. A bound keeps every task.yml quick to read, one from a stranger too.',
    wrong: pack([`tags: [${Array.from({ length: 10_001 }, (_, index) => `t${index}`).join(', ')}]`]),
    right: pack(['tags: [t0, t1, t2]']),
  },
  'duplicate-key': {
    what: 'A mapping has the same key twice.',
    why: 'Some readers take the first and some the last, so that two people could read two packs in one file.',
    wrong: pack(['title: The first try', 'title: The second try']),
    right: pack(['title: The second try']),
  },
  'control-character': {
    what: 'A task.yml holds a character that nobody can see. Tabs and ends of lines are fine; control characters, zero-width ones and those that turn the direction of writing are not.',
    why: 'They can make a text look like another one than the machine reads, or move the cursor of whoever prints it.',
    wrong: pack(['owner: "Zoe\u202e"']),
    right: pack(['owner: Zoe']),
  },
}
