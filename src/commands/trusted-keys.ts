import { readPublicKey, type PublicKey } from '../model/key.ts'
import { wordKeyProblem } from '../report/wording-keys.ts'
import type { Context } from './context.ts'
import { UsageError } from './options.ts'

/** The keys in files that somebody trusts. @throws UsageError for what is no key */
export async function publicKeys(context: Context, files: readonly string[] = []): Promise<readonly PublicKey[]> {
  const { readKeyInfo } = await context.keys()
  return files.map((file) => {
    const info = readKeyInfo(context.absolute(file))
    const key = info.ok ? readPublicKey(info.value.publicPem) : info
    if (!key.ok) throw new UsageError(wordKeyProblem(key.error, file))
    return key.value
  })
}
