import { InvalidArgumentError } from 'commander'
import type { Grant } from '../model/grant.ts'

const NOTHING: Grant = { pack: null, definition: null, network: [], secrets: [], cloud: false }

/** Reads one word of `--allow`, and adds what it grants, to all packs, to what was granted before. */
export function readGrant(text: string, before: readonly Grant[]): readonly Grant[] {
  const [kind = '', value] = split(text)
  if (kind === 'network' && value === undefined) return [...before, { ...NOTHING, network: 'all' }]
  if (kind === 'network' && value && /^[^\s/]+:\d+$/.test(value)) return [...before, { ...NOTHING, network: [value] }]
  if (kind === 'secret' && value && /^[A-Za-z_]\w*$/.test(value)) return [...before, { ...NOTHING, secrets: [value] }]
  if (kind === 'cloud' && value === undefined) return [...before, { ...NOTHING, cloud: true }]
  throw new InvalidArgumentError('It takes network, network=host:port, secret=NAME or cloud.')
}

function split(text: string): readonly string[] {
  const at = text.indexOf('=')
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
