// The report once more, straight from its sources and in another way: each sum may be off by the half cent that every order
// was rounded by, and not by more. What is in the table is what is in the totals.
import { readFileSync } from 'node:fs'

const { CURRENCY = '' } = process.env
const rates = JSON.parse(readFileSync('data/rates.json', 'utf8'))
const lines = readFileSync('data/orders.csv', 'utf8').trimEnd().split('\n').slice(1)
const totals = JSON.parse(readFileSync('artifacts/totals.json', 'utf8'))
const table = readFileSync('artifacts/report.md', 'utf8')

const expected = new Map()
for (const line of lines) {
  const [, , customer, amount, currency] = line.split(',')
  const { sum = 0, orders = 0 } = expected.get(customer) ?? {}
  const worth = (Number(amount) * Number(rates[currency])) / Number(rates[CURRENCY])
  expected.set(customer, { sum: sum + worth, orders: orders + 1 })
}

const problems = []
if (totals.currency !== CURRENCY) problems.push(`it is in ${totals.currency} and not in ${CURRENCY}`)
for (const [customer, { sum, orders }] of expected) {
  const found = Number(totals.customers[customer])
  if (!(Math.abs(found - sum) <= 0.005 * orders + 1e-6)) {
    problems.push(`${customer} has ordered for ${sum.toFixed(4)} and not for ${totals.customers[customer]}`)
  }
  if (!table.includes(`| ${customer} | ${totals.customers[customer]} |`))
    problems.push(`${customer} is not in the table`)
}
const strangers = Object.keys(totals.customers).filter((customer) => !expected.has(customer))
for (const customer of strangers) problems.push(`${customer} has ordered nothing`)
const all = Object.values(totals.customers).reduce((sum, amount) => sum + Math.round(Number(amount) * 100), 0)
if (Math.round(Number(totals.total) * 100) !== all) problems.push(`the total is not the sum: ${totals.total}`)
for (const problem of problems) process.stderr.write(`artifacts/totals.json: ${problem}\n`)
if (problems.length > 0) process.exitCode = 1
