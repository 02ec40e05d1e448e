// Command lines that work as they stand in a workspace with packs and runs; a test runs each of them.

interface Example {
  readonly line: string
  readonly does: string
}

const example = (line: string, does: string): Example => ({ line, does })

/** By the words of a command. */
const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  init: [
    example('codex init --list', 'what a pack can be made of'),
    example('codex init my-pack --template platform-minimal', 'task-packs/my-pack, which passes as it is'),
  ],
  import: [
    example('codex import old/tasks --dry-run', 'what would become of earlier packs, and what is to decide'),
    example('codex import old/tasks/web-build', 'task-packs/web-build; the old one stays as it is'),
  ],
  validate: [
    example('codex validate', 'all packs'),
    example('codex validate web-static-site', 'one of them, and what it needs'),
    example('codex validate --fix', 'correct what has one right answer'),
    example('codex validate --since main', 'those that are affected by what has changed'),
  ],
  graph: [
    example('codex graph web-static-site', 'the actions of a pack, as a tree'),
    example('codex graph --format svg --output graph.svg', 'of all packs, as a picture'),
    example('codex graph --format html --run latest > graph.html', 'as a page, with how each action ended'),
  ],
  list: [
    example('codex list', 'all packs'),
    example('codex list --pillar web --tag nightly', 'those of a pillar that have a tag'),
    example('codex list --json', 'for a program'),
  ],
  schema: [
    example('codex schema task-pack > task-pack.json', 'of task.yml, for an editor'),
    example('codex schema event', 'of a line of events.jsonl'),
  ],
  run: [
    example('codex run', 'all packs'),
    example('codex run web-static-site --jobs 4', 'one pack and what it needs, four commands at a time'),
    example('codex run --since main', 'what is affected by what has changed since main'),
    example('codex run --dry-run --pillar web', 'show what would run'),
    example('codex run --check', 'run everything twice, and compare'),
    example('codex run --replay before', 'accept the changes of a run again, without running its steps'),
    example('codex run --report junit=report.xml', 'write a report for another program as well'),
  ],
  apply: [
    example('codex apply latest --dry-run', 'what would be put where'),
    example('codex apply latest', 'what the newest run has changed and made'),
  ],
  explain: [
    example('codex explain web-static-site:steps/build', 'what enters its key'),
    example('codex explain steps/build --against latest', 'what would make it run again'),
  ],
  diff: [example('codex diff before latest', 'two runs by their names, as `codex runs` shows them')],
  runs: [example('codex runs', 'all of them, the newest last')],
  'runs list': [example('codex runs list --json', 'for a program')],
  'runs repair': [example('codex runs repair', 'every run that was killed')],
  'runs prune': [
    example('codex runs prune --keep 10 --dry-run', 'what would go'),
    example('codex runs prune --keep 10 --older-than 30d --yes', 'all but the newest ten, if they are old'),
  ],
  cache: [example('codex cache prune --dry-run', 'what would go')],
  'cache prune': [example('codex cache prune --max-size 1GiB --older-than 30d --yes', 'make it smaller')],
  verify: [
    example('codex verify latest', 'every byte of the newest run'),
    example('codex verify signed --key signing.pem.pub --passed', 'and that it passed, and who signed it'),
  ],
  report: [
    example('codex report latest', 'of the newest run, as Markdown'),
    example('codex report latest --format html --output report.html', 'as a page'),
  ],
  sign: [example('codex sign latest --key signing.pem', 'with a key of your own')],
  keys: [example('codex keys generate', 'a key pair in signing.pem and signing.pem.pub')],
  'keys generate': [example('codex keys generate --out release.pem', 'release.pem and release.pem.pub')],
  'keys show': [example('codex keys show signing.pem.pub', 'its id')],
  bundle: [example('codex bundle latest --out run.tar', 'which `codex verify run.tar --rerun` runs again elsewhere')],
  pr: [example('codex pr latest --dry-run', 'show what would be sent to GitHub, and send nothing')],
  doctor: [example('codex doctor', 'try what runs need')],
  config: [
    example('codex config --print', 'every setting'),
    example('codex config --print --jobs 4 --json', 'with these flags, for a program'),
  ],
  completion: [
    example('source <(codex completion bash)', 'in bash, now; put it into ~/.bashrc for ever'),
    example('codex completion zsh > _codex', 'for a folder of fpath of zsh'),
  ],
  help: [
    example('codex help run', 'all that run understands'),
    example('codex help unknown-key', 'what a complaint means, with an example wrong and right'),
  ],
}

/** The examples of a command as its help shows them; empty where there are none. */
export function examplesText(words: string): string {
  const examples = EXAMPLES[words] ?? []
  if (examples.length === 0) return ''
  const width = Math.max(...examples.map(({ line }) => line.length))
  const lines = examples.map(({ line, does }) => `  ${line.padEnd(width)}  # ${does}`)
  return `\nExamples:\n${lines.join('\n')}`
}
