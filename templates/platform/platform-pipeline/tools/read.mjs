// Reads the orders. What is wrong with them is told by the check of their format.
import { readFileSync, writeFileSync } from 'node:fs'

const [, ...lines] = readFileSync('data/orders.csv', 'utf8').trimEnd().split('\n')
const orders = lines.map((line) => {
  const [id, day, customer, amount, currency] = line.split(',')
  return { id, day, customer, amount, currency }
})
writeFileSync('build/orders.json', `${JSON.stringify(orders, null, 2)}\n`)
