import type { Reason } from '../../src/model/outcome.ts'

/** Every kind of reason; one that is missing does not compile. */
export const REASONS: { readonly [Kind in Reason['kind']]: Extract<Reason, { kind: Kind }> } = {
  exit: { kind: 'exit' },
  'missing-outputs': { kind: 'missing-outputs', paths: ['packs/web/dist/', 'packs/web/x.json'] },
  'unusable-outputs': { kind: 'unusable-outputs', paths: ['packs/web/link'] },
  'altered-inputs': { kind: 'altered-inputs', paths: ['packs/web/src/a.ts'] },
  'undeclared-writes': { kind: 'undeclared-writes', paths: ['packs/web/cache.json'] },
  limit: { kind: 'limit', limit: 'timeout' },
  'repeated-error': { kind: 'repeated-error', times: 2 },
  'not-started': { kind: 'not-started', command: 'jq' },
  'input-changed': { kind: 'input-changed', path: 'packs/web/in.txt' },
  control: { kind: 'control', problem: 'accepted', paths: ['packs/web/data/events.json'] },
  nondeterministic: { kind: 'nondeterministic', paths: ['packs/web/dist/index.html'], more: 3 },
  artifacts: { kind: 'artifacts', missing: ['packs/web/report.json'], empty: ['packs/web/log.txt'] },
  secrets: {
    kind: 'secrets',
    findings: [
      { path: 'logs/web/steps/build/*.log', line: 7, rule: 'github/GITHUB_TOKEN' },
      { path: 'packs/web/report.json', line: 1, rule: 'not-scanned' },
    ],
    more: true,
  },
  scope: {
    kind: 'scope',
    refused: [
      { path: '.github/workflows/ci.yml', problem: 'workflow' },
      { path: 'packs/web/task.yml', problem: 'definition' },
    ],
  },
  changes: { kind: 'changes', limit: 'changed_lines', most: 800, found: 1200 },
  conflict: { kind: 'conflict', pack: 'docs', paths: ['CHANGELOG.md'] },
  plugin: { kind: 'plugin', problem: 'failed' },
  cause: { kind: 'cause', action: 'web:steps/fetch' },
  'run-breaker': { kind: 'run-breaker', breaker: 'failures', limit: 3, action: 'web:tests/2' },
  internal: { kind: 'internal', error: 'TypeError: x is undefined' },
}
