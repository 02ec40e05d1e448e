import { failureCard, fix } from './html-actions.ts'
import { graphSvg } from './html-graph.ts'
import { artifactTables, packCards, packSections } from './html-packs.ts'
import { STYLE } from './html-style.ts'
import {
  badge,
  code,
  counts,
  digestTerm,
  more,
  place,
  plainSentence,
  sentence,
  sign,
  term,
  worded,
} from './html-words.ts'
import { joined, markup, type Markup } from './markup.ts'
import { count } from './phrase.ts'
import type { GuaranteeWords, Picture, Report, ReportProblem } from './report-model.ts'

/** Nothing is fetched and nothing is run, whatever got into the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

/**
 * The report as one page that needs nothing else: no network, no script. It is the same for the same run, and no longer than
 * a few MiB whatever the run.
 */
export function renderHtml(report: Report): string {
  const title = `${report.verdict}: ${report.run ?? 'a run of codex'}`
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
<meta name="description" content="${plainSentence(report.sentence)}">
<style>${STYLE}</style>
</head>
<body>
${header(report)}
<main>
${sections(report)}</main>
${footer(report)}
</body>
</html>
`.text
}

function header(report: Report): Markup {
  const { tone, verdict, run, facts, manifest } = report
  const rows = facts.filter(({ name }) => name !== 'Run').map(({ name, value }) => term(name, value))
  return markup`<header>
<p class="eyebrow">Run ${run === null ? null : code(run)}</p>
<div class="lead ${tone}"><h1>${sentence(report.sentence)}</h1>
<p>${badge(tone, verdict)} ${counts(report.counts)}</p></div>
<dl>
${rows}${digestTerm('Manifest', manifest)}</dl>
</header>`
}

interface Section {
  readonly id: string
  readonly title: string
  readonly body: Markup
}

function sections(report: Report): Markup {
  const all: readonly Section[] = [
    ...section('problems', report.verdict === 'refused' ? 'Why nothing was run' : 'Warnings', problems(report)),
    ...section('failures', 'What went wrong', failures(report)),
    ...section('packs', 'What ran', report.packs.length === 0 ? null : packCards(report)),
    ...section('graph', 'What depends on what', graph(report)),
    ...section('commands', 'Every command', report.packs.length === 0 ? null : packSections(report, numbers(report))),
    ...section('artifacts', 'Artifacts', artifactTables(report)),
    ...section('guarantees', 'What was enforced', report.guarantees && guarantees(report, report.guarantees)),
    ...section('verify', 'How to check it', verification(report)),
  ]
  const links = all.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)
  return markup`<nav aria-label="Sections"><ul class="plain">${links}</ul></nav>
${all.map(({ id, title, body }) => markup`<section id="${id}" aria-labelledby="${id}-title">\n<h2 id="${id}-title">${title}</h2>\n${body}</section>\n`)}`
}

function section(id: string, title: string, body: Markup | null): readonly Section[] {
  return body === null ? [] : [{ id, title, body }]
}

function problems({ problems: all, moreProblems }: Report): Markup | null {
  return all.length === 0 ? null : markup`${all.map(problem)}${more(moreProblems, 'of them, which run.json lists')}`
}

function problem({ code: name, severity, place: at, message, fix: todo }: ReportProblem): Markup {
  const bad = severity === 'error'
  return markup`<article class="card${bad ? ' bad' : ''}">
<p class="small">${sign(bad ? 'bad' : 'idle')} ${severity} ${code(name)}${at && markup` · ${place(at)}`}</p>
<p>${worded(message)}</p>
${fix(todo)}</article>
`
}

function failures({ failures: all, moreFailures }: Report): Markup | null {
  if (all.length === 0) return null
  return markup`${all.map((action, at) => failureCard(action, at + 1))}${more(moreFailures, 'failures; the packs below list them')}`
}

function numbers({ failures: all }: Report): ReadonlyMap<string, number> {
  return new Map(all.map(({ id }, at) => [id, at + 1]))
}

function graph({ graph: { packs: picture }, packs }: Report): Markup | null {
  if (picture === null) return null
  const svg = graphSvg(
    picture,
    `${count(packs.length, 'pack')} from top to bottom; each comes after those above it to which a line leads`,
  )
  return markup`${svg}
<details class="single"><summary><span class="name">The same in words</span></summary><div class="inside">
<ul>${picture.nodes.map((node) => nodeInWords(node, picture))}</ul></div></details>
`
}

function nodeInWords({ id, words }: Picture['nodes'][number], { edges }: Picture): Markup {
  const before = edges.filter(({ to }) => to === id).map(({ from }) => code(from))
  return markup`<li>${code(id)} ${words}${before.length === 0 ? null : markup`, after ${joined(before, ', ')}`}</li>\n`
}

function guarantees({ connections, packs }: Report, all: readonly GuaranteeWords[]): Markup {
  const { allowed, denied } = connections
  const grants = packs.flatMap((pack) =>
    pack.grants.map((grant) => markup`<li>${code(grant)} to ${code(pack.id)}</li>\n`),
  )
  const asked = `${count(allowed, 'connection')} ${allowed === 1 ? 'was' : 'were'} made and ${denied} ${denied === 1 ? 'was' : 'were'} not; run.json lists them.`
  return markup`<table class="rows"><thead><tr><th scope="col">Guarantee</th><th scope="col">Seen to hold</th><th scope="col">In words</th></tr></thead>
<tbody>${all.map(({ aspect, enforced, words }) => markup`<tr><td><strong>${aspect}</strong></td><td>${badge(enforced ? 'good' : 'bad', enforced ? 'enforced' : 'none')}</td><td>${words}</td></tr>\n`)}</tbody></table>
<h3>What was granted beyond that</h3>
${grants.length === 0 ? markup`<p>Nothing: no network, no secret, no cloud.</p>\n` : markup`<ul>${grants}</ul>\n`}${allowed + denied === 0 ? null : markup`<p>${asked}</p>\n`}`
}

function verification({ verification: steps }: Report): Markup {
  return markup`<p>Whoever can write to a run's folder can write this page too. These commands, in that folder, rest on nothing that it says:</p>
${steps.map(({ says, command }) => markup`<p>${worded(says)}</p>\n<pre>${command}</pre>\n`)}`
}

function footer({ tool }: Report): Markup {
  return markup`<footer><p>Written by ${tool.name} ${tool.version}. This page loads nothing and runs nothing.</p></footer>`
}
