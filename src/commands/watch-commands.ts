// Loaded as one: what both share with the commands themselves would be cut into more pieces otherwise, and each costs a start more.
export { watchGraph } from './watch-graph.ts'
export { watchPacks } from './watch-packs.ts'
