import { sha256 } from '../../model/digest.ts'
import { embedded, markup, type Markup } from '../markup.ts'
import { escapeJson } from '../json.ts'
import type { FactsData, PictureData } from './data.ts'
import { PAGE } from './page-style.ts'
import { colours, SHAPES, SWITCHED } from './style.ts'

/**
 * The picture as one page that needs nothing else. Nothing is fetched, and nothing is run but `script`, whatever got into the
 * page: what packs say is JSON, and the script makes nothing but texts of it.
 */
export function renderPage(picture: PictureData, facts: FactsData, script: string): string {
  const style = `${colours(':root')}${SWITCHED}${SHAPES}${PAGE}`
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${picture.run ? `${picture.run.verdict}: ` : ''}${picture.title}</title>
<style>${embedded(style)}</style>
</head>
<body>
${header(picture)}
<main>
<div id="stage" tabindex="0" role="group" aria-label="The graph. Arrow keys move it, + and - zoom; the list beside it says the same.">
<svg id="svg" role="img" aria-label="${picture.title}"></svg>
<div class="tools">${tool('in', 'Zoom in', '+')}${tool('out', 'Zoom out', '−')}${tool('all', 'Show all', '⤢')}</div>
</div>
<aside id="side" aria-label="List and details" tabindex="0"><div id="about" tabindex="-1"></div></aside>
</main>
<noscript><p>This page needs its script. <code>codex graph --format svg</code> makes a picture without one.</p></noscript>
<script type="application/json" id="picture">${json(picture)}</script>
<script type="application/json" id="facts">${json(facts)}</script>
<script>${embedded(script)}</script>
</body>
</html>
`.text
}

function header({ title, run, notes }: PictureData): Markup {
  const ran = run && markup` <span class="badge ${run.tone}">${run.verdict}</span> <code>${run.name}</code>`
  const critical = run?.critical ? markup`<span class="critical-note">critical path ${run.critical}</span>` : null
  return markup`<header>
<h1>${title}</h1><p class="about-run">${ran}${critical}${notes.map((note) => markup`<span class="soft">${note}</span>`)}</p>
<label class="find"><span class="unseen">Find actions</span><input id="search" type="search" placeholder="Find  /" autocomplete="off" spellcheck="false"></label>
<output id="found" aria-live="polite" for="search"></output>
<div id="filters"></div>
<div class="buttons"><button type="button" id="fold">Fold all</button><button type="button" id="open">Open all</button><button type="button" id="theme" aria-label="Light or dark">◐</button></div>
</header>`
}

function tool(id: string, label: string, sign: string): Markup {
  return markup`<button type="button" id="${id}" aria-label="${label}" title="${label}">${sign}</button>`
}

/** JSON that ends no element, whatever is in it, and is no command of a workflow where it is printed. */
function json(value: object): Markup {
  return embedded(escapeJson(JSON.stringify(value)).replaceAll('<', '\\u003c').replaceAll('##[', '##\\u005b'))
}

function hashOf(text: string): string {
  return `'sha256-${Buffer.from(sha256(text), 'hex').toString('base64')}'`
}
