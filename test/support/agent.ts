import type { Files } from './cli.ts'

/**
 * An agent as a program on PATH: it does what its prompt says, one order a line, and nothing else it is asked is understood.
 * `write <path> <text>`, `append <path> <text>`, `delete <path>`, `say <text>`, `tell <VARIABLE>`, `babble` without end.
 */
const AGENT = `#!/usr/bin/env node
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

if (process.argv[2] === '--version') {
  console.log('scripted-agent 1.2.3')
  process.exit()
}
const orders = {
  write: (path, text) => (mkdirSync(dirname(path), { recursive: true }), writeFileSync(path, text + '\\n')),
  append: (path, text) => appendFileSync(path, text + '\\n'),
  delete: (path) => rmSync(path),
  say: (...words) => console.log(words.join(' ')),
  tell: (name) => console.log(name + '=' + (process.env[name] ?? 'nothing')),
  babble: () => {
    for (;;) {
      try {
        writeSync(1, 'and so on, '.repeat(1000))
      } catch (error) {
        // Whoever reads is slower.
        if (error.code !== 'EAGAIN') throw error
      }
    }
  },
}
console.log('asked to ' + process.env.CODEX_AGENT_PHASE + ' with ' + process.argv.slice(2).join(' '))
for (const line of readFileSync(0, 'utf8').split('\\n').filter((each) => each.trim() !== '')) {
  const [order, path = '', ...words] = line.split(' ')
  console.log('> ' + line)
  orders[order](path, words.join(' '))
}
`

function config(agent: object): string {
  const tools = { 'scripted-agent': '>=1.2', node: '*' }
  return `export default ${JSON.stringify({ agent: { tools, ...agent } })}\n`
}

/** Files with an agent, whose command may be another one. */
export function withAgent(files: Files, agent: object = {}): Files {
  const command = ['scripted-agent', 'exec', '-']
  return {
    ...files,
    'bin/scripted-agent': { text: AGENT, mode: 0o755 },
    'codex.config.mjs': config({ command, ...agent }),
  }
}

/** With the agent on PATH, in a workspace at `root`. */
export function pathWithAgent(root: string): string {
  return `${root}/bin:${process.env['PATH'] ?? ''}`
}
