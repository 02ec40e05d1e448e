import { defineConfig } from 'codex-orchestrator'

export default defineConfig({ packs: ['task-packs/*', 'solutions/**'] })
