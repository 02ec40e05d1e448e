// Greets whoever the first file names, in the second file.
import { readFileSync, writeFileSync } from 'node:fs'

const [name, greeting] = process.argv.slice(2)
writeFileSync(greeting, `Hello, ${readFileSync(name, 'utf8').trim()}.\n`)
