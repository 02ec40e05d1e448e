// Converts every order into the currency of the report, by way of the one that rates are given in.
import { readFileSync, writeFileSync } from 'node:fs'
import { decimal, fixed, rounded } from './money.mjs'

const currency = process.env.CURRENCY ?? ''
const orders = JSON.parse(readFileSync('build/orders.json', 'utf8'))
const rates = JSON.parse(readFileSync('data/rates.json', 'utf8'))
const converted = orders.map(({ id, day, customer, amount, currency: from }) => {
  // Nobody knows what it is worth: the check of the currencies says so.
  const known = rates[from] !== undefined && rates[currency] !== undefined
  const cents = known ? rounded(fixed(amount, 2) * fixed(rates[from], 6), fixed(rates[currency], 6)) : 0n
  return { id, day, customer, amount: decimal(cents), currency }
})
writeFileSync('build/converted.json', `${JSON.stringify(converted, null, 2)}\n`)
