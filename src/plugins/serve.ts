import type { Plugin } from './define.ts'
import { requestSchema, shortened, type Reply, type Request } from './protocol.ts'

/** Answers for a plugin, line by line: what a module exports need not be one. */
export async function replyTo(line: string, plugin: unknown): Promise<string> {
  const request = requestSchema.parse(JSON.parse(line))
  const { id } = request
  let reply: Reply
  try {
    reply = { id, answer: await answerOf(request, pluginIn(plugin)) }
  } catch (error) {
    reply = { id, error: shortened(messageOf(error)) }
  }
  return JSON.stringify(reply)
}

async function answerOf(request: Request, plugin: Plugin): Promise<unknown> {
  const { context } = request
  switch (request.request) {
    case 'describe':
      return { name: plugin.name, version: plugin.version }
    case 'validate':
      return { problems: [...((await plugin.validate?.(context)) ?? [])] }
    case 'plan':
      return { steps: [...((await plugin.plan?.(context)) ?? [])] }
    case 'run':
      // As it comes: whoever asked checks it.
      return await plugin.run(context)
    case 'report':
      return { text: (await plugin.report?.(context, request.outcome)) ?? '' }
  }
}

/** @throws TypeError where it lacks what every plugin has */
function pluginIn(exported: unknown): Plugin {
  if (typeof exported !== 'object' || exported === null || !('run' in exported) || typeof exported.run !== 'function') {
    throw new TypeError('The module exports no plugin: `export const plugin = definePlugin({ … })`')
  }
  return exported as unknown as Plugin
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
