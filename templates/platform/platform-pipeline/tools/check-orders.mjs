// The orders: a head, five fields in each line, ids that rise, days that exist, amounts in whole cents.
import { readFileSync } from 'node:fs'

const orders = readFileSync('data/orders.csv', 'utf8')
const [head, ...lines] = orders.trimEnd().split('\n')
const problems = []
if (head !== 'id,day,customer,amount,currency') problems.push([1, 'the head is another'])
if (lines.length === 0) problems.push([1, 'there is no order'])
if (!orders.endsWith('\n')) problems.push([lines.length + 1, 'the line does not end'])
let before = 0
for (const [index, line] of lines.entries()) {
  const at = index + 2
  const fields = line.split(',')
  const [id = '', day = '', customer = '', amount = '', currency = ''] = fields
  if (fields.length !== 5) {
    problems.push([at, `it has ${fields.length} fields and not 5`])
    continue
  }
  if (!/^\d+$/.test(id) || Number(id) <= before) problems.push([at, `the id ${id} does not rise`])
  if (!isDay(day)) problems.push([at, `there is no day ${day}`])
  if (customer.trim() === '') problems.push([at, 'nobody has ordered'])
  if (!/^\d+\.\d\d$/.test(amount)) problems.push([at, `${amount} is no amount with two places`])
  if (!/^[A-Z]{3}$/.test(currency)) problems.push([at, `${currency} is no code of a currency`])
  before = Number(id)
}
for (const [at, problem] of problems) process.stderr.write(`data/orders.csv:${at}: ${problem}\n`)
if (problems.length > 0) process.exitCode = 1

function isDay(text) {
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
