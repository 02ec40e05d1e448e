// GitHub's runner as far as it reads what a step prints: after ActionCommand and ActionCommandManager of github.com/actions/runner.

export interface WorkflowCommand {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

/** What it reads of a step's output. */
export interface Read {
  /** Those that it obeys, in order. */
  readonly commands: readonly WorkflowCommand[]
  /** The other lines, each with the titles of the groups around it. */
  readonly lines: readonly { readonly text: string; readonly groups: readonly string[] }[]
}

const KNOWN = new Set([
  ...['add-mask', 'add-matcher', 'add-path', 'debug', 'echo', 'endgroup', 'error', 'group', 'internal-set-repo-path'],
  ...['notice', 'remove-matcher', 'save-state', 'set-env', 'set-output', 'stop-commands', 'warning'],
])

/** All that a terminal or a browser might take for the end of a line ends one here. */
const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/

export function readAsRunner(text: string): Read {
  const commands: WorkflowCommand[] = []
  const lines: { text: string; groups: readonly string[] }[] = []
  let groups: readonly string[] = []
  let stopped: string | null = null
  for (const line of text.split(LINE_END)) {
    if (stopped !== null) {
      if (line.trim() === `::${stopped}::`) stopped = null
      continue
    }
    const command = commandOf(line)
    if (command === null) lines.push({ text: line, groups })
    else {
      commands.push(command)
      if (command.name === 'group') groups = [...groups, command.data]
      if (command.name === 'endgroup') groups = groups.slice(0, -1)
      if (command.name === 'stop-commands') stopped = command.data
    }
  }
  return { commands, lines }
}

/** `\uFEFF` is no white space to .NET, but it is to JavaScript's `trim`: both are taken here. */
function commandOf(line: string): WorkflowCommand | null {
  const now = /^::(?<name>[^\s:]+)(?: (?<list>.*?))?::(?<data>.*)$/su.exec(line.trim())?.groups
  if (now) return made(now, ',', { '%0D': '\r', '%0A': '\n', '%3A': ':', '%2C': ',', '%25': '%' })
  const then = /##\[(?<name>[^\s\]]+)(?: (?<list>[^\]]*))?\](?<data>.*)$/su.exec(line)?.groups
  return then ? made(then, ';', { '%3B': ';', '%0D': '\r', '%0A': '\n', '%5D': ']', '%25': '%' }) : null
}

type Parts = Readonly<Record<string, string | undefined>>

function made(parts: Parts, separator: string, escapes: Readonly<Record<string, string>>): WorkflowCommand | null {
  const { name = '', list = '', data = '' } = parts
  if (!KNOWN.has(name.toLowerCase())) return null
  const plain = (text: string): string => {
    return Object.entries(escapes).reduce((result, [escape, character]) => result.replaceAll(escape, character), text)
  }
  const pairs = list.split(separator).flatMap((pair) => {
    const at = pair.indexOf('=')
    return at > 0 ? [[pair.slice(0, at).trim(), plain(pair.slice(at + 1))] as const] : []
  })
  return { name: name.toLowerCase(), properties: Object.fromEntries(pairs), data: plain(data) }
}

/** Names and values of a file of the runner (GITHUB_OUTPUT, GITHUB_ENV), read as it does. */
export function readAssignments(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n')
  const values: Record<string, string> = {}
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line === '') continue
    const [, name, end] = /^([^=]*?)<<(.+)$/.exec(line) ?? []
    if (name === undefined || end === undefined) {
      const equals = line.indexOf('=')
      if (equals < 1) throw new Error(`no assignment: ${line}`)
      values[line.slice(0, equals)] = line.slice(equals + 1)
      continue
    }
    const last = lines.indexOf(end, at + 1)
    if (last === -1) throw new Error(`${end} does not come`)
    values[name] = lines.slice(at + 1, last).join('\n')
    at = last
  }
  return values
}

/**
 * What somebody else has put among the commands of a run of the pack `a`: its text without the lines by which codex itself folds
 * actions of that pack and annotates its task.yml.
 */
export function besidesOurs(text: string): string {
  let open = 0
  const others = text.split(/(?<=\n)/).filter((line) => {
    const [command] = line.startsWith('::') ? readAsRunner(line.replace(/\n$/, '')).commands : []
    if (command?.name === 'group' && command.data.startsWith('✓ a:')) open += 1
    else if (command?.name === 'endgroup' && open > 0) open -= 1
    else if (command?.name === 'error') return command.properties['file'] !== 'task-packs/a/task.yml'
    else return true
    return false
  })
  return others.join('')
}
