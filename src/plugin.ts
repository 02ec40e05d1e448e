// What a plugin of a Task Pack imports.
export { definePlugin, type Finding, type Outcome, type Plugin, type PluginContext } from './plugins/define.ts'
