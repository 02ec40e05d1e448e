// What the commands' arguments have in common.
import { InvalidArgumentError, Option, type Command } from 'commander'
import { PILLARS } from '../model/pack.ts'
import { ASPECTS } from '../model/plan.ts'
import { readGrant } from './allow.ts'
import { SANDBOXES } from './choices.ts'
import type { Context } from './context.ts'

/** Takes the exit code of the command that was named. */
export type Finish = (exitCode: number) => void
export type AddCommand = (program: Command, context: Context, finish: Finish) => void

export function withSelection(command: Command): Command {
  return withCommon(command)
    .argument('[packs...]', 'ids, folders or globs (default: all packs)')
    .addOption(
      new Option('--pillar <name>', 'only packs of this pillar; may be repeated')
        .choices(PILLARS)
        .argParser(oneMore(PILLARS)),
    )
    .addOption(new Option('--tag <name>', 'only packs with this tag; may be repeated').argParser(oneMore(null)))
    .option('--since <ref>', 'only packs that are affected by what has changed since HEAD and this commit parted')
}

export function withCommon(command: Command): Command {
  return command
    .option('-C, --directory <dir>', 'start in this folder')
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'print failures and the verdict only')
    .option('-v, --verbose', 'print more')
    .addOption(new Option('--color <when>', 'use colours').choices(['auto', 'always', 'never']).default('auto'))
}

/** Whether packs' plugins are among what runs. */
export function withPlugins(command: Command): Command {
  return command.option('--enable-plugins', "run packs' plugins (also: ORCH_ENABLE_PLUGINS=1)")
}

export function withCache(command: Command): Command {
  const says = 'reuse what has passed before, from this folder or .codex/cache, and keep there what passes'
  return command.addOption(new Option('--cache [=dir]', says).conflicts(['check', 'dryRun']))
}

/** Instead of once, whenever a file changes. */
export function withWatch(command: Command): Command {
  return command
    .option('-w, --watch', 'do it again whenever a file changes that has a say in it, until Ctrl-C')
    .option('--poll', 'with --watch: look at the files every second, where the system does not tell of changes')
}

/** Steps of change packs that are not run. */
export function replayOption(): Option {
  const says = 'take the changes of this run instead of running steps, and accept them again'
  return new Option('--replay <run>', says).conflicts(['check', 'cache', 'dryRun', 'since', 'pillar', 'tag'])
}

/** How many actions run at once, in which order, how often, and when no more do. */
export function withJobs(command: Command): Command {
  return command.addOption(
    new Option('-j, --jobs <n>', 'commands at once (default: one for each processor)').argParser(positive),
  )
}

export function withSchedule(command: Command): Command {
  return withJobs(command)
    .option('--fail-fast', 'start nothing new after the first failure')
    .addOption(new Option('--check', 'run everything twice, in another order, and compare').conflicts('dryRun'))
    .addOption(
      new Option('--shuffle <seed>', 'start what is ready in the order that belongs to this word')
        .argParser(seed)
        .conflicts('dryRun'),
    )
}

/** What decides how actions are isolated and what they are granted: all of it enters their keys. */
export function withIsolation(command: Command): Command {
  return command
    .addOption(
      new Option('--sandbox <kind>', 'how to isolate; none runs without isolation, and the manifest says so')
        .choices(SANDBOXES)
        .default('auto'),
    )
    .addOption(
      new Option(
        '--accept-weaker <guarantee>',
        'where no sandbox holds all of them, run in one that lacks this guarantee; repeatable',
      )
        .choices(ASPECTS)
        .argParser(oneMore(ASPECTS)),
    )
    .addOption(
      new Option(
        '--allow <capability>',
        'grant what packs ask for: network[=host:port], secret=NAME, cloud; repeatable',
      )
        .argParser(readGrant)
        .default([], 'nothing'),
    )
}

/** An option that takes one word each time, so that it never takes a pack's name for one. */
export function oneMore(
  known: readonly string[] | null,
): (word: string, words: readonly string[] | undefined) => string[] {
  return (word, words = []) => {
    if (known && !known.includes(word)) throw new InvalidArgumentError(`Allowed choices are ${known.join(', ')}.`)
    return [...words, word]
  }
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 to 9999 is needed')
  return Number(text)
}

/** Options of `codex run` whose value, if they have one, stands behind a `=`. */
const LONE_FLAGS: ReadonlySet<string> = new Set(['--cache', '--sign'])

/** Arguments in which such an option without a value can't take the next word, a pack's name, for one. */
export function withLoneFlags(argv: readonly string[]): string[] {
  if (!argv.includes('run')) return [...argv]
  const end = argv.indexOf('--')
  return argv.map((word, index) => (LONE_FLAGS.has(word) && (end === -1 || index < end) ? `${word}=` : word))
}

/** What an order of starting is known by; it is printed and recorded. */
function seed(text: string): string {
  if (!/^[\w.-]{1,64}$/.test(text)) throw new InvalidArgumentError('1 to 64 letters, digits, _, . and - are needed')
  return text
}
