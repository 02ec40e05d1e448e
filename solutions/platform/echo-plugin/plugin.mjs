import { readFileSync, writeFileSync } from 'node:fs'
import { definePlugin } from 'codex-orchestrator/plugin'

const GREETING = 'artifacts/greeting.txt'

export const plugin = definePlugin({
  name: 'echo',
  version: '1.0.0',
  plan: ({ artifacts }) => [`echo ${GREETING} to ${artifacts.join()}`],
  run: ({ pack, artifacts: [echo] }) => {
    const lines = readFileSync(GREETING, 'utf8').trimEnd().split('\n')
    writeFileSync(echo, `${JSON.stringify({ pack, lines })}\n`)
    return { verdict: lines[0] === '' ? 'failed' : 'passed', summary: `${lines.length} line echoed` }
  },
  report: (_, { summary }) => `The greeting was repeated: ${summary}.`,
})
