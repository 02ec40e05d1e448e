// Runs every check, also after one has failed, and the tests last, so that their summary is what is left on the screen.
import { spawnSync } from 'node:child_process'

const CHECKS = ['format', 'lint', 'types', 'layering', 'unused', 'package', 'tests']

const failed = CHECKS.filter((check) => !passes(check))
if (failed.length > 0) process.stdout.write(`\nFailed: ${failed.map((check) => `npm run check:${check}`).join(', ')}\n`)
process.stdout.write(`\nchecks: ${CHECKS.length - failed.length} passed, ${failed.length} failed\n`)
process.exitCode = failed.length === 0 ? 0 : 1

function passes(check) {
  process.stdout.write(`\n> check:${check}\n`)
  const { status, error } = spawnSync('npm', ['run', '--silent', `check:${check}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (error) process.stderr.write(`${error.message}\n`)
  return status === 0
}
