// Drives the YAML language server as an editor does.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node.js'

interface Position {
  readonly line: number
  readonly character: number
}

export interface Problem {
  readonly message: string
  readonly range: { readonly start: Position; readonly end: Position }
}

export interface Suggestion {
  readonly label: string
  readonly insertText?: string
  readonly documentation?: string | { readonly value: string }
}

export interface Editor {
  /** Opens a text as a file (absolute) and waits for what is wrong with it. */
  open(path: string, text: string): Promise<readonly Problem[]>
  /** What is shown over a place of an open file. */
  hover(path: string, position: Position): Promise<string>
  complete(path: string, position: Position): Promise<readonly Suggestion[]>
  close(): Promise<void>
}

const SERVER = join(
  dirname(createRequire(import.meta.url).resolve('yaml-language-server/package.json')),
  'bin/yaml-language-server',
)

/** What the server may ask an editor for: no schema but those that files name, so that it asks no network. */
const SETTINGS = {
  yaml: { schemaStore: { enable: false }, validate: true, hover: true, completion: true },
}

export async function startEditor(root: string): Promise<Editor> {
  const server = spawn(process.execPath, [SERVER, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const connection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  )
  const waiting = new Map<string, (problems: readonly Problem[]) => void>()
  connection.onRequest('workspace/configuration', ({ items }: { items: readonly { section?: string }[] }) =>
    items.map(({ section = '' }) => Reflect.get(SETTINGS, section) as unknown),
  )
  connection.onRequest('client/registerCapability', () => null)
  connection.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }: Published) => {
    waiting.get(uri)?.(diagnostics)
  })
  connection.listen()
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(root).href,
    capabilities: {
      textDocument: {
        hover: { contentFormat: ['markdown'] },
        completion: { completionItem: { snippetSupport: true } },
      },
      workspace: { configuration: true },
    },
    workspaceFolders: null,
  })
  await connection.sendNotification('initialized', {})
  const at = (path: string, position: Position): object => ({
    textDocument: { uri: pathToFileURL(path).href },
    position,
  })
  return {
    open: async (path, text) => {
      const uri = pathToFileURL(path).href
      const problems = new Promise<readonly Problem[]>((resolve) => waiting.set(uri, resolve))
      const textDocument = { uri, languageId: 'yaml', version: 1, text }
      await connection.sendNotification('textDocument/didOpen', { textDocument })
      return problems
    },
    hover: async (path, position) => {
      const found = await connection.sendRequest<{ contents: { value: string } } | null>(
        'textDocument/hover',
        at(path, position),
      )
      return found?.contents.value ?? ''
    },
    complete: async (path, position) => {
      const found = await connection.sendRequest<{ items: readonly Suggestion[] } | readonly Suggestion[]>(
        'textDocument/completion',
        at(path, position),
      )
      return 'items' in found ? found.items : found
    },
    close: async () => endServer(connection.sendRequest('shutdown'), server, () => connection.sendNotification('exit')),
  }
}

interface Published {
  readonly uri: string
  readonly diagnostics: readonly Problem[]
}

async function endServer(asked: Promise<unknown>, server: ChildProcess, exit: () => Promise<void>): Promise<void> {
  await asked
  const gone = once(server, 'exit')
  await exit()
  await gone
}
