// Runs attempts in a process of its own: as another user, on a small disk, or to be killed.
// Arguments: the sandbox, the folder for all files, `together` or `one-by-one`, a file with the attempts, and guarantees that
// may be lacking. What the sandbox was seen to hold is printed with its name.
import { readFileSync } from 'node:fs'
import { sha256 } from '../../src/model/digest.ts'
import type { Aspect } from '../../src/model/plan.ts'
import type { SandboxChoice } from '../../src/host/sandbox/choose.ts'
import { openRig, type Attempt, type Ran, type Rig } from './rig.ts'

/** How one attempt ended, as JSON. */
export type DriverResult =
  | { readonly thrown: string }
  | (Pick<Ran, 'code' | 'output' | 'altered' | 'undeclared' | 'unusable' | 'missing'> & {
      readonly outputs: readonly string[]
      /** Whether the store holds what the digests of the outputs say. */
      readonly whole: boolean
    })

async function tryOne(rig: Rig, attempt: Attempt): Promise<DriverResult> {
  try {
    const { code, output, altered, undeclared, unusable, missing, outputs } = await rig.run(attempt)
    const whole = outputs.entries.every((entry) => sha256(rig.store.read(entry)) === entry.digest)
    const listed = outputs.entries.map(({ path, digest, executable }) => `${digest} ${executable ? '*' : ' '}${path}`)
    return { code, output, altered, undeclared, unusable, missing, outputs: listed, whole }
  } catch (error) {
    return { thrown: error instanceof Error && 'code' in error ? String(error.code) : String(error) }
  }
}

async function tryAll(rig: Rig, attempts: readonly Attempt[]): Promise<readonly DriverResult[]> {
  const results: DriverResult[] = []
  for (const attempt of attempts) results.push(await tryOne(rig, attempt))
  return results
}

const [isolation, parent, order, file = '', ...accepted] = process.argv.slice(2)
const attempts = JSON.parse(readFileSync(file, 'utf8')) as readonly Attempt[]
const rig = await openRig(isolation as SandboxChoice, parent, accepted as readonly Aspect[])
process.stdout.write(`ready ${rig.executor.name} ${JSON.stringify(rig.executor.guarantees)}\n`)
const results =
  order === 'together'
    ? await Promise.all(attempts.map((attempt) => tryOne(rig, attempt)))
    : await tryAll(rig, attempts)
await rig.close()
process.stdout.write(JSON.stringify(results))
