import type { Files } from '../support/cli.ts'
import { pack, task, test } from '../support/tasks.ts'

/** What an action sees of the machine. Some shells export variables of their own. */
const WORLD =
  'umask; pwd; uname -n; id -u; date -r task.yml; env | grep -v -e ^PWD= -e ^OLDPWD= -e ^SHLVL= -e ^_= | sort'

/** Large enough to be shown through an overlay instead of being copied. */
const MANY = Object.fromEntries(
  Array.from({ length: 120 }, (_, index) => [`data/${index % 7}/${index}.txt`, `${index}\n`]),
)

const PASSING: Files = {
  ...pack(
    'words',
    {
      tags: ['text'],
      env: { LEVEL: '3' },
      steps: [
        {
          id: 'sort',
          run: 'sort -u words/*.txt >build/sorted.txt',
          inputs: { files: ['words/*.txt'] },
          outputs: ['build/sorted.txt'],
        },
        {
          id: 'split',
          run: 'cd build/parts; split -l 1 ../sorted.txt',
          inputs: { files: ['build/sorted.txt'] },
          outputs: ['build/parts/'],
        },
        { id: 'note', run: `${WORLD}; stat -c "%a %Y %n" *; date`, outputs: [] },
      ],
      acceptance: {
        format: [{ run: 'tools/check.sh' }],
        lint: [{ id: 'count', run: 'test "$(ls build/parts | wc -l)" -eq 4' }],
        tests: [
          { run: ['sh', '-c', 'test "$(cat "$1")" = "$(cat "$2")"', 'sh', 'build/sorted.txt', 'expected.txt'] },
          {
            run: `{ ${WORLD}; stat -c "%a %Y %n" *; } >"$TMPDIR/world"; cp "$TMPDIR/world" out/world.txt`,
            outputs: ['out/*.txt'],
          },
        ],
      },
      artifacts: { required: ['out/world.txt'], optional: ['build/parts/*'] },
    },
    {
      'words/one.txt': 'b\na\n',
      'words/zwei ü.txt': 'ž\nc\n',
      'expected.txt': 'a\nb\nc\nž\n',
      'tools/check.sh': { text: '#!/bin/sh\ntest "$LEVEL" -eq 3\n', mode: 0o755 },
      '.gitignore': 'build/\n*.log\n',
      'junk.log': 'ignored',
    },
  ),
  ...pack(
    'many',
    { ...test('test "$(cat data/*/*.txt | wc -l)" -eq 120; echo x >data/0/made', { outputs: ['data/0/made'] }) },
    MANY,
  ),
  'solutions/deep/report/task.yml': task('report', {
    needs: ['words', 'many'],
    inputs: { artifacts: [{ from: 'words', path: 'out/world.txt', as: 'in/world.txt' }] },
    ...test('grep -q SOURCE_DATE_EPOCH=315532800 in/world.txt && sha256sum in/world.txt >report.txt', {
      outputs: ['report.txt'],
    }),
    artifacts: { required: ['report.txt'] },
  }),
}

/** One for each way in which an action can fail without a machine's help. */
const FAILING: Files = {
  ...pack('fails', test('cat /proc/sys/kernel/random/uuid; exit 7')),
  ...pack('hangs', test('sleep 600', { limits: { timeout: '400ms' } })),
  ...pack('shouts', test('yes', { limits: { log: '4KiB' } })),
  ...pack('strays', test('echo x >b; echo x >a; rm data'), { data: 'x' }),
  ...pack('forgets', test('echo x >$TMPDIR/a', { outputs: ['out/b', 'out/c'] })),
  ...pack('repeats', { ...test('date +%N; exit 1'), constraints: { retries: { attempts: 3, repeat_error_limit: 2 } } }),
  ...pack('lacks', { ...test('echo x >out/a', { outputs: ['out/*'] }), artifacts: { required: ['out/b'] } }),
  ...pack('waits', { needs: ['fails', 'words'] }),
}

/** Packs that pass and packs that fail, of nothing but a shell and coreutils. */
export const SEVERAL_PACKS: Files = { '.git': 'a folder', ...PASSING, ...FAILING }
