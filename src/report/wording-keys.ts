import type { KeyFileProblem } from '../model/key.ts'
import type { FileError } from '../model/ports.ts'
import { plain } from './phrase.ts'
import { escapeText } from './style.ts'

/** How much of a key id is shown where people read it. */
const SHORT = 16

/** Whether a run is signed, and by whom: the beginning of a key id, or `sigstore`; `null`: by nobody. */
export function signedWords(signedBy: string | null): string {
  return signedBy === null ? 'unsigned' : `signed by ${escapeText(signedBy.slice(0, SHORT))}`
}

/** Why a run that was to be signed is not. */
export function wordNotSigned(problem: string): string {
  return `The run is not signed: ${plain(problem)}`
}

/**
 * Why a key can't be used and what to do, as one sentence without its full stop. Nothing of a key is in it.
 *
 * @param where the name of the file or variable that should hold it
 */
export function wordKeyProblem(problem: KeyFileProblem, where: string): string {
  switch (problem.kind) {
    case 'unreadable':
      return `The key '${where}' can't be read: ${problem.message}`
    case 'not-a-file':
      return `The key '${where}' is not a regular file: name the file that holds it`
    case 'too-large':
      return `'${where}' has more than ${problem.limit} bytes, so it is no key: name the file that holds one`
    case 'exposed':
      return `The private key '${where}' can be read or changed by others (mode ${octal(problem.mode)}): run \`chmod 600\` on it; if this machine has other users, make a new one`
    case 'foreign':
      return `The private key '${where}' belongs to another user (uid ${problem.owner}): use one that is yours`
    case 'not-a-key':
      return `'${where}' holds no key in PEM form: \`codex keys generate\` makes one`
    case 'openssh':
      return `'${where}' holds a key of OpenSSH, which has a form of its own: \`codex keys generate\` makes one in PKCS#8`
    case 'several-keys':
      return `'${where}' holds more than one key: leave the one that is meant`
    case 'encrypted':
      return `The private key '${where}' is encrypted, and nobody is asked for a passphrase: write it out with \`umask 077; openssl pkey -in encrypted.pem -out signing.pem\`, or keep it in CODEX_SIGNING_KEY`
    case 'algorithm':
      return `'${where}' holds a key for ${problem.found}: one for ed25519 is needed; \`codex keys generate\` makes one`
    case 'public-key':
      return `'${where}' holds a public key: the private one is needed to sign`
    case 'private-key':
      return `'${where}' holds a private key: the public one is needed, which \`codex keys show\` prints`
  }
}

/** Why no new key was made. */
export function wordKeyNotMade({ code, path, message }: FileError, shown: (path: string) => string): string {
  if (code !== 'EEXIST') return `The key can't be written: ${message}`
  return `There is a '${shown(path)}' already, and no key is ever replaced: name another file with --out`
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
