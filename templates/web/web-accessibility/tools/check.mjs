// What WCAG 2.2 asks of a page and a program can decide. What only people can judge is not here: whether a text alternative
// says what the picture shows, for example.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { colour, coloursOf, contrast } from './contrast.mjs'
import { tokens } from './html.mjs'

const LEAST = process.env.WCAG_LEVEL === 'AAA' ? { ratio: 7, rule: '1.4.6' } : { ratio: 4.5, rule: '1.4.3' }
const RULES = [language, title, zoom, alternatives, labels, names, headings, landmark, contrasts, references]

const pages = readdirSync('site', { recursive: true })
  .filter((file) => file.endsWith('.html'))
  .toSorted()
const problems = pages.flatMap((file) => {
  const page = tokens(readFileSync(`site/${file}`, 'utf8'))
  const found = RULES.flatMap((rule) => rule(page))
  return found.map(({ line, problem, rule }) => ({ at: `site/${file}:${line}`, problem, rule }))
})
if (pages.length === 0) problems.push({ at: 'site', problem: 'there is no page', rule: '-' })
const report = { level: process.env.WCAG_LEVEL, pages: pages.length, rules: RULES.length, problems }
writeFileSync('artifacts/accessibility.json', `${JSON.stringify(report, null, 2)}\n`)
for (const { at, problem, rule } of problems) process.stderr.write(`${at}: ${problem} (WCAG ${rule})\n`)
if (problems.length > 0) process.exitCode = 1

function opened(page, ...which) {
  return page.filter(({ kind, name }) => kind === 'open' && which.includes(name))
}

/** The text within an element, with what its pictures say. */
function textOf(page, element) {
  let depth = 0
  const texts = []
  for (const token of page.slice(page.indexOf(element))) {
    if (token.kind === 'text') texts.push(token.text)
    else if (token.kind === 'open' && token.name === 'img') texts.push(token.attributes.get('alt') ?? '')
    if (token.name === element.name) depth += token.kind === 'open' ? 1 : -1
    if (depth === 0) break
  }
  return texts.join('').trim()
}

function labelOf({ attributes }) {
  return (attributes.get('aria-label') ?? attributes.get('aria-labelledby') ?? attributes.get('title') ?? '').trim()
}

function language(page) {
  const [root] = opened(page, 'html')
  const lang = root?.attributes.get('lang') ?? ''
  if (/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(lang)) return []
  return [{ line: root?.line ?? 1, problem: '<html> names no language in lang', rule: '3.1.1' }]
}

function title(page) {
  const [element] = opened(page, 'title')
  return element && textOf(page, element) !== '' ? [] : [{ line: 1, problem: 'the page has no title', rule: '2.4.2' }]
}

function zoom(page) {
  return opened(page, 'meta')
    .filter(({ attributes }) => attributes.get('name') === 'viewport')
    .filter(({ attributes }) =>
      /user-scalable\s*=\s*(?:no|0)|maximum-scale\s*=\s*(?:0|1)(?:[.,\s]|$)/.test(attributes.get('content') ?? ''),
    )
    .map(({ line }) => ({ line, problem: 'the page can not be enlarged', rule: '1.4.4' }))
}

function alternatives(page) {
  const pictures = opened(page, 'img', 'area').filter(({ attributes }) => !attributes.has('alt'))
  const frames = opened(page, 'iframe').filter((frame) => labelOf(frame) === '')
  return [
    ...pictures.map(({ line, name }) => ({ line, problem: `<${name}> has no alt`, rule: '1.1.1' })),
    ...frames.map(({ line }) => ({ line, problem: '<iframe> has no title', rule: '4.1.2' })),
  ]
}

function labels(page) {
  const named = new Set(opened(page, 'label').map(({ attributes }) => attributes.get('for')))
  const found = []
  let within = 0
  for (const token of page) {
    if (token.name === 'label') within += token.kind === 'open' ? 1 : -1
    if (token.kind !== 'open' || !['input', 'select', 'textarea'].includes(token.name)) continue
    if (/^(?:hidden|submit|reset|button|image)$/.test(token.attributes.get('type') ?? '')) continue
    const id = token.attributes.get('id')
    if (within > 0 || labelOf(token) !== '' || (id !== undefined && named.has(id))) continue
    found.push({ line: token.line, problem: `<${token.name}> has no label`, rule: '1.3.1, 4.1.2' })
  }
  return found
}

function names(page) {
  const links = opened(page, 'a').filter(({ attributes }) => attributes.has('href'))
  return [...links, ...opened(page, 'button')]
    .filter((element) => labelOf(element) === '' && textOf(page, element) === '')
    .map(({ line, name }) => ({ line, problem: `<${name}> has no text`, rule: name === 'a' ? '2.4.4' : '4.1.2' }))
}

function headings(page) {
  const all = opened(page, 'h1', 'h2', 'h3', 'h4', 'h5', 'h6')
  const found =
    all[0]?.name === 'h1' ? [] : [{ line: all[0]?.line ?? 1, problem: 'no <h1> comes first', rule: '1.3.1, 2.4.6' }]
  for (const [index, { name, line }] of all.entries()) {
    const before = all[index - 1]
    if (before && Number(name[1]) > Number(before.name[1]) + 1) {
      found.push({ line, problem: `<${name}> follows <${before.name}>`, rule: '1.3.1' })
    }
    if (textOf(page, all[index]) === '') found.push({ line, problem: `<${name}> is empty`, rule: '2.4.6' })
  }
  return found
}

function landmark(page) {
  const isMain = ({ name, attributes }) => name === 'main' || attributes?.get('role') === 'main'
  return page.some((token) => token.kind === 'open' && isMain(token))
    ? []
    : [{ line: 1, problem: 'the page has no <main>', rule: '1.3.1' }]
}

/** Colours in style attributes and elements; what says only one of the two is seen on, or with, the body's other. */
function contrasts(page) {
  const sheets = opened(page, 'style').flatMap((element) => {
    const text = page[page.indexOf(element) + 1]?.text ?? ''
    return [...text.matchAll(/([^{}]+)\{([^{}]*)\}/g)].map((match) => ({
      where: (match[1] ?? '').trim(),
      colours: coloursOf(match[2] ?? ''),
      line: element.line + text.slice(0, match.index + (match[1] ?? '').length).split('\n').length - 1,
    }))
  })
  const own = page.flatMap((token) => {
    const style = token.kind === 'open' ? token.attributes.get('style') : undefined
    return style === undefined ? [] : [{ where: `<${token.name}>`, colours: coloursOf(style), line: token.line }]
  })
  const body = [...sheets, ...own].find(({ where }) => /^(?:body|<body>|html|:root)$/.test(where))?.colours ?? {}
  return [...sheets, ...own].flatMap(({ where, colours, line }) => {
    if (colours.color === undefined && colours.background === undefined) return []
    const text = colour(colours.color ?? body.color ?? '#000000')
    const ground = colour(colours.background ?? body.background ?? '#ffffff')
    const ratio = text && ground ? contrast(text, ground) : 21
    const problem = `${where} has a contrast of ${ratio.toFixed(2)} and not ${LEAST.ratio}`
    return ratio >= LEAST.ratio ? [] : [{ line, problem, rule: LEAST.rule }]
  })
}

function references(page) {
  const elements = page.filter(({ kind }) => kind === 'open')
  const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? [])
  const twice = elements.filter(
    ({ attributes }) => ids.indexOf(attributes.get('id')) !== ids.lastIndexOf(attributes.get('id')),
  )
  const lost = elements.flatMap(({ attributes, line }) =>
    ['aria-labelledby', 'aria-describedby', 'for']
      .flatMap((name) => (attributes.get(name) ?? '').split(/\s+/))
      .filter((id) => id !== '' && !ids.includes(id))
      .map((id) => ({ line, problem: `it refers to ${id}, which is not there`, rule: '1.3.1' })),
  )
  return [
    ...lost,
    ...twice.map(({ line, attributes }) => ({
      line,
      problem: `the id ${attributes.get('id')} is there twice`,
      rule: '4.1.2',
    })),
  ]
}
