import { pack, type Pages } from './page.ts'

const PLAIN = ['tags: [daily]']

export const filePages: Pick<
  Pages,
  'unreadable' | 'file-too-large' | 'invalid-utf8' | 'unsupported-name' | 'unsupported-file'
> = {
  unreadable: {
    what: "Something that codex has to read can't be read. It is missing, belongs to somebody else, or is a folder where a file should be.",
    why: "What can't be read can't be hashed, so that nobody could say afterwards what a run was given.",
    wrong: { files: { 'task-packs/demo/task.yml': { is: 'a folder' } } },
    right: pack(PLAIN),
  },
  'file-too-large': {
    what: 'A task.yml has more than 256 KiB.',
    why: 'The time that it takes to read YAML grows faster than its length. A bound keeps every task.yml quick to read, one from a stranger too.',
    wrong: pack([`description: ${'A very long story. '.repeat(15_000)}`]),
    right: pack(['description: The long story is in story.md.'], { 'story.md': '…\n' }),
  },
  'invalid-utf8': {
    what: 'A task.yml is not saved as UTF-8.',
    why: 'The same bytes would be read as other letters on another machine.',
    wrong: { files: { 'task-packs/demo/task.yml': { latin1: 'owner: Zoë\n' } } },
    right: pack(['owner: Zoë']),
  },
  'unsupported-name': {
    what: "The name of an input can't be written down in a list of one name a line. It holds a control character, is not UTF-8, or is too long for the sandbox.",
    why: 'The list of inputs is part of the evidence and is checked with `sha256sum -c`. A name that breaks its line could stand for another file.',
    wrong: pack(PLAIN, { 'data/list\u0007.txt': 'x\n' }),
    right: pack(PLAIN, { 'data/list.txt': 'x\n' }),
  },
  'unsupported-file': {
    what: 'An input is neither a regular file nor a link to one. A FIFO, a socket, a device, a link to a folder and a link that leads nowhere are none; nor is a link into `.git` or `.codex`.',
    why: 'Only the bytes of a file can be hashed and handed to a command unchanged.',
    wrong: pack(PLAIN, { 'data/latest.json': { link: '2024.json' } }),
    right: pack(PLAIN, { 'data/latest.json': { link: '2025.json' }, 'data/2025.json': '{}\n' }),
  },
}
