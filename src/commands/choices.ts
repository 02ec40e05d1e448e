/** Words that flags and arguments accept; apart from the commands, so that help and completion load none of them. */

/** How actions are isolated; `auto`: by the strongest means that holds here, or not at all. */
export const SANDBOXES = ['auto', 'bubblewrap', 'unshare', 'none'] as const
export type SandboxChoice = (typeof SANDBOXES)[number]

export const GRAPH_FORMATS = ['tree', 'json', 'mermaid', 'dot', 'svg', 'html'] as const
export type GraphFormat = (typeof GRAPH_FORMATS)[number]

export const COMPLAINT_FORMATS = ['text', 'json', 'sarif', 'github'] as const
export type ComplaintFormat = (typeof COMPLAINT_FORMATS)[number]

export const SCHEMAS = ['task-pack', 'plugin', 'config', 'manifest', 'run', 'event'] as const
export type SchemaName = (typeof SCHEMAS)[number]

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

export const REPORT_FORMATS = ['html', 'md', 'junit', 'sarif'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]
