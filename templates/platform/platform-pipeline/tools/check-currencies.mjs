// There is a rate for every currency that occurs.
import { readFileSync } from 'node:fs'

const rates = JSON.parse(readFileSync('data/rates.json', 'utf8'))
const lines = readFileSync('data/orders.csv', 'utf8').trimEnd().split('\n')
const problems = lines.slice(1).flatMap((line, index) => {
  const currency = line.split(',').at(-1) ?? ''
  const known = typeof rates[currency] === 'string' && Number(rates[currency]) > 0
  return known ? [] : [`data/orders.csv:${index + 2}: there is no rate for ${currency} in data/rates.json`]
})
if (!rates[process.env.CURRENCY ?? '']) problems.push(`data/rates.json: there is no rate for ${process.env.CURRENCY}`)
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1
