import type { DiagnosticFacts } from '../model/diagnostic.ts'
import { byteSize } from './bytes.ts'
import { plain, quote, type Wording } from './phrase.ts'

/** Complaints about files as such and about YAML as such. */
export const fileWording: Pick<
  Wording,
  'unreadable' | 'file-too-large' | 'invalid-utf8' | 'unsupported-name' | 'unsupported-file'
> = {
  unreadable: ({ path, reason }) => ({
    message: `${quote(path)} can't be read: ${plain(reason)}.`,
    fix: 'Check that it exists and that you may read it.',
  }),
  'file-too-large': ({ path, bytes, limit }) => ({
    message: `${quote(path)} has ${byteSize(bytes)}; at most ${byteSize(limit)} are read.`,
    fix: 'Make it smaller, or split the pack.',
  }),
  'invalid-utf8': ({ path, offset }) => ({
    message: `${quote(path)} is not valid UTF-8: the first bad byte is at offset ${offset}.`,
    fix: 'Save the file as UTF-8.',
  }),
  'unsupported-name': ({ path, reason }) => ({
    message: UNSUPPORTED_NAMES[reason](quote(path)),
    fix: 'Rename the file, or leave it out: name it in .gitignore, or with a leading `!` in `inputs.files`.',
  }),
  'unsupported-file': ({ path, kind }) => ({
    message: `${quote(path)} is ${UNSUPPORTED[kind]}.`,
    fix: 'Remove it, or leave it out: name it in .gitignore, or with a leading `!` in `inputs.files`.',
  }),
}

const UNSUPPORTED_NAMES: Readonly<Record<DiagnosticFacts['unsupported-name']['reason'], (path: string) => string>> = {
  'invalid-utf8': (path) => `The name of ${path} is not valid UTF-8.`,
  'control-character': (path) => `The name of ${path} holds a control character.`,
  'too-long': (path) => `The path of ${path} is longer than the 1,024 characters that a file in the sandbox may have.`,
}

const UNSUPPORTED: Readonly<Record<DiagnosticFacts['unsupported-file']['kind'], string>> = {
  'broken-symlink': 'a link that leads nowhere',
  'linked-folder': 'a link to a folder; only regular files can be inputs',
  'linked-state': 'a link into `.git` or `.codex`, which no command may see',
  'fifo-socket-or-device': 'a FIFO, a socket or a device; only regular files can be inputs',
}

export const yamlWording: Pick<
  Wording,
  | 'yaml-syntax'
  | 'yaml-alias'
  | 'yaml-tag'
  | 'yaml-merge-key'
  | 'yaml-directive'
  | 'yaml-documents'
  | 'yaml-depth'
  | 'yaml-length'
  | 'duplicate-key'
  | 'control-character'
> = {
  'yaml-syntax': ({ detail }) => ({
    message: `This is not valid YAML: ${plain(detail)}.`,
    fix: 'Check the indentation, quotes, brackets and colons here.',
  }),
  'yaml-alias': ({ name }) => ({
    message: `Anchors and aliases are not allowed: ${quote(name)}.`,
    fix: 'Write the value out where it is used.',
  }),
  'yaml-tag': ({ tag }) => ({
    message: `Tags are not allowed: ${quote(tag)}.`,
    fix: 'Remove the tag; put the value in quotes if it is meant as text.',
  }),
  'yaml-merge-key': () => ({ message: 'Merge keys (`<<`) are not allowed.', fix: 'Write the keys out.' }),
  'yaml-directive': ({ directive }) => ({
    message: `Directives are not allowed: ${quote(directive)}.`,
    fix: 'Remove the line.',
  }),
  'yaml-documents': () => ({
    message: 'The file holds more than one YAML document.',
    fix: 'Keep one, and remove the `---` between them.',
  }),
  'yaml-depth': ({ limit }) => ({
    message: `Values are nested more than ${limit} levels deep.`,
    fix: 'Nest them less deeply.',
  }),
  'yaml-length': ({ limit }) => ({
    message: `The file holds more than ${limit} words and signs of YAML.`,
    fix: 'Say less in one file: move long lists to files of the pack, or make several packs of it.',
  }),
  'duplicate-key': ({ key }) => ({ message: `${quote(key)} is given twice.`, fix: 'Keep one of the two.' }),
  'control-character': ({ codePoint }) => ({
    message: `The character ${codePointName(codePoint)} is not allowed: it can't be seen, and may hide what the text says.`,
    fix: 'Remove the character.',
  }),
}

function codePointName(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
}
