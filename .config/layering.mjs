// What may import what. The picture is in src/README.md; .ci/layering.mjs reads this.

/** Each layer and the layers that it may import, itself apart. Every other folder of src is a room. */
export const LAYERS = {
  model: [],
  room: ['model'],
  host: ['model'],
  pipeline: ['model', 'room'],
  commands: ['model', 'room', 'pipeline'],
  index: ['model', 'room', 'pipeline'],
  cli: ['model', 'room', 'pipeline', 'commands', 'host'],
}

/** The files that stand in src itself, and their layers. */
export const FILES = {
  'applying.ts': 'pipeline',
  'cli.ts': 'cli',
  'explanation.ts': 'pipeline',
  'index.ts': 'index',
  'execute.ts': 'pipeline',
  'keeping.ts': 'pipeline',
  'pipeline.ts': 'pipeline',
  'plugin.ts': 'index',
  'plugin-runner.ts': 'cli',
  'project.ts': 'pipeline',
  'replaying.ts': 'pipeline',
  'reports.ts': 'pipeline',
  'watch-session.ts': 'pipeline',
  'watching.ts': 'pipeline',
}

/** Packages and modules that stay in one place: what is imported, and the layers or rooms that may. */
export const CONFINED = [
  { modules: ['graphology', 'graphology-*'], places: ['graph'] },
  { modules: ['yaml'], places: ['packs'] },
  { modules: ['@secretlint/*'], places: ['run'] },
  {
    modules: ['execa', 'esbuild', 'ipaddr.js', 'sigstore', '@sigstore/*', '@clack/*', 'chokidar', '@octokit/*'],
    places: ['host'],
  },
  { modules: ['diff'], places: ['change', 'report'] },
  { modules: ['@hpcc-js/wasm-graphviz'], places: ['report'] },
  { modules: ['picocolors', 'log-update'], places: ['report', 'cli'] },
  { modules: ['commander'], places: ['cli', 'commands'] },
  {
    // The world is behind the ports of model/ports.ts.
    modules: [
      'node:child_process',
      'node:dgram',
      'node:dns',
      'node:dns/promises',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:https',
      'node:module',
      'node:net',
      'node:os',
      'node:process',
      'node:tls',
      'node:worker_threads',
    ],
    places: ['host', 'cli', 'plugin-runner'],
  },
]
