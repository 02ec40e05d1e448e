import type { Reason } from '../model/outcome.ts'
import { NOT_SCANNED, type SecretFinding } from '../model/secrets.ts'
import { quote, type Worded } from './phrase.ts'

const SHOWN_AT_MOST = 10

/** Where credentials are and which rule knows them; what they are is not known here either. */
export function wordSecrets({ findings, more }: Extract<Reason, { kind: 'secrets' }>): Worded {
  const shown = findings.slice(0, SHOWN_AT_MOST).map(wordPlace)
  const left = findings.length - shown.length
  const rest = more ? ' and more' : left > 0 ? ` and ${left} more` : ''
  return {
    message: `Artifacts or logs hold credentials: ${shown.join(', ')}${rest}.`,
    fix: [
      'Let no command write or print a credential: leave it out, or mask it.',
      "Revoke one that is real, because the run's folder holds it; paths in logs/ are of that folder.",
    ].join('\n'),
  }
}

function wordPlace({ path, line, rule }: SecretFinding): string {
  return `${quote(path)} line ${line} (${rule === NOT_SCANNED ? 'could not be looked through' : quote(rule)})`
}
