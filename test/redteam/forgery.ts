// Recorded runs that somebody has made look otherwise than they were.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LATEST, manifestOf, placeFor, start, type Files, type Place } from '../support/cli.ts'
import { keyPair } from '../support/keys.ts'
import { pack, test } from '../support/tasks.ts'

/** Through a program, tries to have something believed that is not so; gives whether it was. */
export type Forgery = (through: readonly string[]) => Promise<boolean>

const SIGNER = keyPair('s')
const STRANGER = keyPair('x')

export const FORGERIES: Readonly<Record<string, Forgery>> = {
  'cut-short': async (through) => {
    const place = placeFor(pack('a', test('echo up; sleep 600')))
    const program = start(place, { args: ['run', '--sandbox=none', '--jsonl'], through })
    for await (const line of program) if (line.includes('"action-started"')) program.kill('SIGKILL')
    await program
    const repaired = await start(place, { args: ['runs', 'repair'], through })
    if (repaired.exitCode !== 0) throw new Error(repaired.stderr)
    return manifestOf(place).verdict === 'passed'
  },
  // No byte more and no byte less, so that only the digest tells.
  rewritten: async (through) => {
    const place = await passed(['run', '--sandbox=none'])
    writeFileSync(join(place.root, LATEST, 'logs/a/tests/1/1.log'), 'forged\n')
    return isBelieved(place, ['verify', 'latest'], through)
  },
  // A stranger signs, and says that it was somebody else.
  impostor: async (through) => {
    const place = await passed(['run', '--sandbox=none', `--sign=${pemOf(STRANGER.privatePem)}`])
    const file = join(place.root, LATEST, 'statement.dsse.json')
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(STRANGER.keyId, SIGNER.keyId))
    return isBelieved(place, ['verify', 'latest', `--key=${pemOf(SIGNER.publicKey.pem)}`], through)
  },
  // A step rewrites what judges it: the workflow that checks pull requests.
  'judge-changed': async (through) =>
    passes(
      changing({ scope: ['/**'] }, 'mkdir -p ../../.github/workflows; echo >../../.github/workflows/ci.yml'),
      through,
    ),
  'too-much': async (through) =>
    passes(changing({ scope: ['/**'], limits: { changed_lines: 3 } }, 'seq 4 >../../src.txt'), through),
}

/** A pack whose one step changes the workspace. */
function changing(constraints: object, run: string): Files {
  return pack('a', { constraints, steps: [{ id: 'edit', run }] })
}

async function passes(files: Files, through: readonly string[]): Promise<boolean> {
  const place = placeFor(files)
  const { exitCode, stderr } = await start(place, { args: ['run', '--sandbox=none'], through })
  if (exitCode !== 0 && exitCode !== 1 && exitCode !== 4) throw new Error(stderr)
  return exitCode === 0
}

function pemOf(text: string): string {
  const { root } = placeFor({})
  writeFileSync(join(root, 'key.pem'), text, { mode: 0o600 })
  return join(root, 'key.pem')
}

async function passed(args: readonly string[]): Promise<Place> {
  const place = placeFor(pack('a', test('echo honest')))
  const { exitCode, stderr } = await start(place, { args })
  if (exitCode !== 0) throw new Error(stderr)
  return place
}

async function isBelieved(place: Place, args: readonly string[], through: readonly string[]): Promise<boolean> {
  const { exitCode, stderr } = await start(place, { args, through })
  if (exitCode !== 0 && exitCode !== 5) throw new Error(stderr)
  return exitCode === 0
}
