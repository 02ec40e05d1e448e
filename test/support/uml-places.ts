/** Where, in a Linux of its own, a driver finds Node.js, and the folder that the host reads. */
export const INSIDE = { node: '/run/codex/node', host: '/run/host' } as const
