// Exits with 1 where the greeting in the second file does not say the name in the first.
import { readFileSync } from 'node:fs'

const [name, greeting] = process.argv.slice(2).map((path) => readFileSync(path, 'utf8').trim())
if (!greeting.includes(name)) {
  process.stderr.write(`The greeting does not say '${name}'.\n`)
  process.exitCode = 1
}
