import { keyAttestor } from '../evidence/sign/sign.ts'
import type { KeyFileProblem } from '../model/key.ts'
import type { Graph } from '../model/graph.ts'
import type { Attestor, Signer, Workspace } from '../model/ports.ts'
import type { Result } from '../model/result.ts'
import { wordKeyProblem } from '../report/wording-keys.ts'
import type { Context } from './context.ts'
import { UsageError } from './options.ts'

/** The variable that holds a private key. It is taken out of the environment before anything else sees that. */
export const KEY_VARIABLE = 'CODEX_SIGNING_KEY'

/** What `--sign` is given to sign without a key. */
export const KEYLESS = 'sigstore'

/** The beginning of a key, as PEM and in base64. */
const KEY_ITSELF = /-----BEGIN|^LS0tLS1CRUdJTi/

export interface Signatory {
  readonly attestor: Attestor | null
  /** The file (absolute, no link) that the key came from; `null`: no file. */
  readonly keyFile: string | null
}

/**
 * Who is to sign.
 *
 * @param sign what `--sign` was given; empty: nothing; `undefined`: the flag is not there
 * @throws UsageError for a key that can't be used
 */
export async function attestorFor(context: Context, sign: string | undefined): Promise<Signatory> {
  if (sign === KEYLESS) return { attestor: await keyless(context), keyFile: null }
  if (sign !== undefined && sign !== '') {
    const { path, ...signer } = await signerOfFile(context, sign)
    return { attestor: keyAttestor(signer), keyFile: path }
  }
  if (context.signingKey !== null) {
    const signer = await signerOfVariable(context, context.signingKey)
    return { attestor: keyAttestor(signer), keyFile: null }
  }
  if (sign === undefined) return { attestor: null, keyFile: null }
  throw new UsageError(`${KEY_VARIABLE} is not set: put a private key into it, or name the file of one`)
}

/**
 * A key that is an input of an action can be printed by it.
 *
 * @param keyFile absolute, no link
 * @throws UsageError where a pack takes it for an input
 */
export function keepFromPacks(keyFile: string, workspace: Workspace, graph: Graph | null): void {
  if (!keyFile.startsWith(`${workspace.root}/`)) return
  const path = keyFile.slice(workspace.root.length + 1)
  const isKey = (source: string): boolean => {
    if (source === path) return true
    if (workspace.kind(source) !== 'symlink') return false
    const real = workspace.resolve(source)
    return real.ok && real.value === path
  }
  const reader = graph?.actions.find(
    (action) =>
      action.sources.some(isKey) ||
      (action.kind === 'command' && action.mounts.some((mount) => path.startsWith(`${mount.path}/`))),
  )
  if (!reader) return
  throw new UsageError(
    `The private key '${path}' is an input of the pack '${reader.pack}', whose commands could read it: keep it outside of the packs`,
  )
}

/** Only a token of identity makes somebody of this process; there is nobody to ask for one in a browser. */
async function keyless(context: Context): Promise<Attestor> {
  const attestor = await context.keylessAttestor()
  if (attestor) return attestor
  throw new UsageError(
    'There is no token of identity to sign with: sigstore needs a job of GitHub Actions with the permission `id-token: write`, or a token in SIGSTORE_ID_TOKEN',
  )
}

async function signerOfFile(context: Context, file: string): Promise<Signer & { readonly path: string }> {
  if (KEY_ITSELF.test(file)) {
    throw new UsageError(
      `A key was given in place of the name of its file. Arguments can be seen by others: make a new one, and keep it in a file or in ${KEY_VARIABLE}`,
    )
  }
  const keys = await context.keys()
  return usable(keys.signerFromFile(context.absolute(file)), file)
}

async function signerOfVariable(context: Context, text: string): Promise<Signer> {
  const keys = await context.keys()
  return usable(keys.signerFromText(text), KEY_VARIABLE)
}

function usable<T>(result: Result<T, KeyFileProblem>, where: string): T {
  if (!result.ok) throw new UsageError(wordKeyProblem(result.error, where))
  return result.value
}
