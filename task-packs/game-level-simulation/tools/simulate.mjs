// Plays the recording and writes the hash of every state, one a line: simulate.mjs <file>. With `--golden` it writes the
// checkpoints that later runs are held to instead.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { goldenOf } from './golden.mjs'
import { readRecording, replay } from './replay.mjs'

const target = process.argv[2]
if (!target) throw new Error('usage: simulate.mjs <file>|--golden')

/** @type {string[]} */
const links = []
replay(readRecording(), (_state, link) => links.push(link))

const file = target === '--golden' ? 'golden/chain.json' : target
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, target === '--golden' ? goldenOf(links) : `${links.join('\n')}\n`)
