// Conditions of Sigma: names of selections with `and`, `or`, `not`, brackets, and `1 of`, `all of`, with `them` or a name
// that ends in an asterisk.
import { Unsupported } from './yaml.mjs'

/** @typedef {(matches: (selection: string) => boolean) => boolean} Condition */

/**
 * @param {string} text
 * @param {readonly string[]} selections
 * @returns {Condition}
 */
export function parseCondition(text, selections) {
  if (text.includes('|')) throw new Unsupported(`the condition ends in an aggregation, which is not supported: ${text}`)
  const words = text.match(/[()]|[^\s()]+/g) ?? []
  const parser = new Parser(words, selections)
  const condition = parser.or()
  if (parser.at < words.length) throw new Unsupported(`the condition is not understood from ${words[parser.at]} on`)
  return condition
}

class Parser {
  at = 0

  /**
   * @param {readonly string[]} words
   * @param {readonly string[]} selections
   */
  constructor(words, selections) {
    this.words = words
    this.selections = selections
  }

  /** @returns {Condition} */
  or() {
    const parts = [this.#and()]
    while (this.#takes('or')) parts.push(this.#and())
    return (matches) => parts.some((part) => part(matches))
  }

  /** @returns {Condition} */
  #and() {
    const parts = [this.#not()]
    while (this.#takes('and')) parts.push(this.#not())
    return (matches) => parts.every((part) => part(matches))
  }

  /** @returns {Condition} */
  #not() {
    if (!this.#takes('not')) return this.#one()
    const inner = this.#not()
    return (matches) => !inner(matches)
  }

  /** @returns {Condition} */
  #one() {
    const word = this.words[this.at++]
    if (word === undefined) throw new Unsupported('the condition ends too early')
    if (word === '(') {
      const inner = this.or()
      if (!this.#takes(')')) throw new Unsupported('the condition lacks a closing bracket')
      return inner
    }
    if (/^(?:\d+|all)$/i.test(word) && this.#takes('of')) return this.#several(word.toLowerCase())
    if (!this.selections.includes(word)) throw new Unsupported(`the condition names ${word}, which is no selection`)
    return (matches) => matches(word)
  }

  /**
   * @param {string} quantity
   * @returns {Condition}
   */
  #several(quantity) {
    const word = this.words[this.at++] ?? ''
    const meant = this.selections.filter((name) =>
      word === 'them' ? !name.startsWith('_') : word.endsWith('*') && name.startsWith(word.slice(0, -1)),
    )
    if (meant.length === 0) throw new Unsupported(`${quantity} of ${word} means no selection`)
    if (quantity === 'all') return (matches) => meant.every(matches)
    if (quantity === '1') return (matches) => meant.some(matches)
    throw new Unsupported(`${quantity} of is not supported, only 1 of and all of`)
  }

  /** @param {string} word */
  #takes(word) {
    const isNext = this.words[this.at]?.toLowerCase() === word
    if (isNext) this.at++
    return isNext
  }
}
