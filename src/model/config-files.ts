/** Names that a configuration may have at the root of a workspace, of which one may be there. */
export const CONFIG_FILES = ['codex.config.ts', 'codex.config.mts', 'codex.config.js', 'codex.config.mjs'] as const
