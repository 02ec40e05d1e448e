/**
 * What an action sees, the same on every machine: the variables that enter its key name these places, and the sandbox
 * makes them.
 */
export const VIEW = {
  workspace: '/workspace',
  home: '/home/codex',
  tools: '/opt/codex/bin',
  temporary: '/tmp',
  hostname: 'sandbox',
  uid: 1000,
  gid: 1000,
} as const

/** Where a command looks for programs: its tools, then the system's. */
export const SEARCH_PATH: string = `${VIEW.tools}:/usr/bin:/bin`

/** Where an action that has a network finds the proxy that leads out of it. */
export const PROXY = { host: '127.0.0.1', port: 3128 } as const

/** 1980-01-01T00:00:00Z in seconds: the time of every input, and the earliest that a zip archive can hold. */
export const SOURCE_DATE_EPOCH = 315532800

/**
 * Of a path in the workspace, in UTF-16 units: so that with three bytes each and a folder of the host before it every file can still be
 * opened (PATH_MAX).
 */
export const LONGEST_PATH = 1024
