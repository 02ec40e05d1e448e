import type { Command } from 'commander'
import type { Shell } from './choices.ts'
import type { Context } from './context.ts'
import { templateNames } from '../packs/templates.ts'
import { openProject } from './project.ts'

/** Prints a script for the shell to source. It asks codex itself what may come next, so it never has to be made anew. */
export function completion(context: Context, shell: Shell): number {
  context.out(SCRIPTS[shell])
  return 0
}

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# codex completion for bash: source <(codex completion bash)
_codex_complete() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _codex_complete codex codex-orchestrator
`,
  zsh: `#compdef codex codex-orchestrator
# codex completion for zsh: source <(codex completion zsh)
_codex_complete() {
  local -a found
  found=("\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
  (( \${#found} )) || _files
}
compdef _codex_complete codex codex-orchestrator
`,
  fish: `# codex completion for fish: codex completion fish | source
function __codex_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] complete -- $words[2..-1] 2>/dev/null
end
complete -c codex -a '(__codex_complete)'
complete -c codex-orchestrator -a '(__codex_complete)'
`,
}

/** One candidate a line for the last of the words. */
export async function complete(context: Context, program: Command, words: readonly string[]): Promise<number> {
  const candidates = await candidatesFor(context, program, words)
  const typed = words.at(-1) ?? ''
  context.out(
    candidates
      .filter((candidate) => candidate.startsWith(typed))
      .map((candidate) => `${candidate}\n`)
      .join(''),
  )
  return 0
}

async function candidatesFor(context: Context, program: Command, words: readonly string[]): Promise<readonly string[]> {
  const [name = '', ...rest] = words
  const visible = program.createHelp().visibleCommands(program)
  if (rest.length === 0) return [...visible.map((command) => command.name()), ...longOptions(program)]
  const command = visible.find((candidate) => candidate.name() === name)
  if (!command) return []
  if (command.commands.length > 0) return candidatesFor(context, command, rest)
  const before = rest.at(-2)
  const option =
    before === undefined ? undefined : command.options.find(({ long, short }) => before === long || before === short)
  // A value that may be left out stands behind a `=`, in the same word.
  if (option?.required && option.name() === 'template') return templateNames((await context.newPacks()).templates())
  if (option?.required)
    return option.argChoices ?? (option.flags.includes('<action') ? namesFor(context, 'action') : [])
  if (rest.at(-1)?.startsWith('-')) return longOptions(command)
  const [argument] = command.registeredArguments
  if (!argument) return longOptions(command)
  // Files, and a run may be any folder: the shell itself completes them.
  if (argument.name() === 'run' || argument.name() === 'file') return []
  if (argument.name() === 'topic') return [...visible.map((each) => each.name()), ...(await codes())]
  // What is yet to be named.
  if (argument.name() === 'id') return []
  return argument.argChoices ?? namesFor(context, argument.name())
}

/** Of complaints that can be explained. */
async function codes(): Promise<readonly string[]> {
  const { CODES } = await import('../report/help/render.ts')
  return CODES
}

/** What an argument can be, by what it is called in the help. */
async function namesFor(context: Context, argument: string): Promise<readonly string[]> {
  const { project } = await openProject(context, [], {})
  if (argument === 'action') return project.graph?.actions.map(({ id }) => id) ?? []
  return project.packs.map(({ definition }) => definition.id)
}

function longOptions(command: Command): readonly string[] {
  return command.options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : []))
}
