// Sums the orders up by customer: a table for people, and the same for programs.
import { readFileSync, writeFileSync } from 'node:fs'
import { decimal, fixed } from './money.mjs'

const currency = process.env.CURRENCY
const sums = new Map()
for (const { customer, amount } of JSON.parse(readFileSync('build/converted.json', 'utf8'))) {
  sums.set(customer, (sums.get(customer) ?? 0n) + fixed(amount, 2))
}
const byName = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1))
const total = byName.reduce((sum, [, cents]) => sum + cents, 0n)
const rows = byName.map(([customer, cents]) => `| ${customer} | ${decimal(cents)} |`)
const table = [`| customer | ${currency} |`, '| --- | ---: |', ...rows, `| **all** | **${decimal(total)}** |`]
writeFileSync('artifacts/report.md', `# Orders\n\n${table.join('\n')}\n`)
const customers = Object.fromEntries(byName.map(([customer, cents]) => [customer, decimal(cents)]))
writeFileSync('artifacts/totals.json', `${JSON.stringify({ currency, customers, total: decimal(total) }, null, 2)}\n`)
