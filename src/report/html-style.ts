import { markup, type Markup } from './markup.ts'

/**
 * One style sheet for screens of any width, light and dark, and for paper. No colour tells anything that a word or a sign
 * beside it does not tell too.
 */
export const STYLE: Markup = markup`
:root {
  color-scheme: light dark;
  --paper: #fdfcfa; --card: #fff; --ink: #1d1f23; --soft: #575b63; --rule: #dcd9d2; --faint: #f3f1ec;
  --good: #146c37; --good-back: #e6f3ea; --bad: #a8201a; --bad-back: #fbe9e7; --idle: #5b5f66; --idle-back: #eeeeec;
  --link: #1a56a8;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --card: #1c1f23; --ink: #e7e5e0; --soft: #a9adb5; --rule: #363a41; --faint: #23262b;
    --good: #6fd193; --good-back: #17301f; --bad: #ff9a90; --bad-back: #3a1c1a; --idle: #b0b4bb; --idle-back: #2a2d32;
    --link: #8ab8ff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 1.25rem 1rem 4rem; max-width: 54rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word; hanging-punctuation: first;
}
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h1 { margin: .75rem 0 .5rem; font-size: clamp(1.4rem, 1.1rem + 1.6vw, 2rem); font-weight: 650; letter-spacing: -.015em; }
h2 { margin: 2.75rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--rule); font-size: 1.25rem; }
h3 { margin: 0; font-size: 1.05rem; }
h4 { margin: 1.1rem 0 .35rem; font-size: .82rem; font-weight: 600; color: var(--soft); }
p { margin: .5rem 0; max-width: 68ch; text-wrap: pretty; }
code, pre, .mono { font-family: var(--mono); font-size: .86em; font-variant-ligatures: none; unicode-bidi: isolate; }
code { overflow-wrap: anywhere; }
h1 code, h3 code { font-size: .9em; }
pre {
  margin: .5rem 0; padding: .7rem .85rem; border: 1px solid var(--rule); border-radius: 6px; background: var(--faint);
  line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 8;
}
.eyebrow { margin: 0; font-size: .86rem; color: var(--soft); }
.badge {
  display: inline-block; padding: .1em .6em; border-radius: 99px; font-size: .82rem; font-weight: 650; white-space: nowrap;
  color: var(--idle); background: var(--idle-back);
}
.badge.good, .sign.good { color: var(--good); } .badge.good { background: var(--good-back); }
.badge.bad, .sign.bad { color: var(--bad); } .badge.bad { background: var(--bad-back); }
.sign { display: inline-block; width: 1.1em; color: var(--idle); font-weight: 700; text-align: center; }
.soft { color: var(--soft); }
.small { font-size: .86rem; }
.lead { border-left: 4px solid var(--idle); padding-left: 1rem; }
.lead.good { border-color: var(--good); } .lead.bad { border-color: var(--bad); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem; margin: .75rem 0; font-size: .9rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; } .digest { color: var(--soft); }
ul { margin: .5rem 0; padding-left: 1.2rem; } li { margin: .2rem 0; }
ul.plain { list-style: none; padding-left: 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; font-size: .9rem; }
nav a { display: inline-block; padding: .25rem 0; }
.card { margin: .75rem 0; padding: .85rem 1rem; border: 1px solid var(--rule); border-radius: 8px; background: var(--card); }
.card > :first-child { margin-top: 0; } .card > :last-child { margin-bottom: 0; }
.card.bad { border-left: 4px solid var(--bad); }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .75rem; }
.head h3 { flex: 1 1 12rem; min-width: 0; overflow-wrap: anywhere; }
details { border-top: 1px solid var(--rule); }
details:last-of-type { border-bottom: 1px solid var(--rule); }
summary { display: flex; gap: .6rem; align-items: baseline; padding: .5rem .25rem; cursor: pointer; list-style: none; min-height: 2.75rem; }
summary::-webkit-details-marker { display: none; }
summary::after { content: '›'; color: var(--soft); transition: transform .12s; }
details[open] > summary::after { transform: rotate(90deg); }
summary:hover { background: var(--faint); }
summary .name { flex: 1; min-width: 0; overflow-wrap: anywhere; }
summary .aside { color: var(--soft); font-size: .86rem; text-align: right; }
.inside { padding: 0 .25rem 1rem 1.6rem; }
section section + section { margin-top: 2.25rem; }
.single { border: 0; } .single:last-of-type { border: 0; }
.graph { overflow-x: auto; margin: .75rem 0; padding: .25rem 0; }
.graph svg { display: block; margin: 0 auto; }
.line { fill: none; stroke: var(--soft); stroke-width: 1.3; opacity: .75; }
.frame { fill: none; stroke: var(--rule); }
.chip rect { fill: var(--idle-back); stroke: var(--idle); stroke-opacity: .45; }
.chip text { fill: var(--idle); font: 500 11px var(--mono); font-variant-ligatures: none; }
.chip.good rect { fill: var(--good-back); stroke: var(--good); } .chip.good text { fill: var(--good); }
.chip.bad rect { fill: var(--bad-back); stroke: var(--bad); stroke-width: 1.6; stroke-opacity: 1; } .chip.bad text { fill: var(--bad); font-weight: 700; }
figure { margin: .6rem 0 1rem; } figcaption { font-size: .86rem; color: var(--soft); margin-bottom: .3rem; overflow-wrap: anywhere; }
figure img { display: block; max-width: 100%; height: auto; max-height: 24rem; border: 1px solid var(--rule); border-radius: 6px; background: repeating-conic-gradient(var(--faint) 0 25%, var(--card) 0 50%) 0 0 / 16px 16px; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
th { font-weight: 600; font-size: .82rem; color: var(--soft); }
td.number, th.number { text-align: right; white-space: nowrap; }
td code { overflow-wrap: anywhere; }
.gap { color: var(--soft); font-style: italic; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: .86rem; color: var(--soft); }
@media (max-width: 34rem) {
  dl { grid-template-columns: 5.8rem minmax(0, 1fr); gap: .15rem .6rem; } .digest { grid-column: 1 / -1; margin-bottom: .25rem; }
  .inside { padding-left: .25rem; }
  summary { display: grid; grid-template-columns: 1.1em minmax(0, 1fr) auto; gap: 0 .6rem; }
  summary .aside { grid-area: 2 / 2; text-align: left; } summary::after { grid-area: 1 / 3; }
  .single summary .name { grid-column: 1 / 3; }
  .rows thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .rows, .rows tbody, .rows tr, .rows td { display: block; border: 0; padding: 0; text-align: left; }
  .rows tr { padding: .55rem 0; border-bottom: 1px solid var(--rule); }
  .rows td.number { text-align: left; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #bbb; --faint: #fff;
    --good: #0f5a2d; --good-back: #fff; --bad: #98150f; --bad-back: #fff; --idle: #444; --idle-back: #fff; --link: #000;
  }
  @page { margin: 18mm 16mm 20mm; @bottom-right { content: counter(page) ' / ' counter(pages); font: 9pt sans-serif; } }
  html { font-size: 10pt; } body { max-width: none; padding: 0; }
  nav, summary::after, .screen { display: none; }
  details::details-content { display: block; content-visibility: visible; block-size: auto; opacity: 1; }
  summary { min-height: 0; padding: .25rem 0; }
  .badge { border: 1px solid currentColor; }
  h1, h2, h3, h4, summary, thead, figcaption { break-after: avoid; }
  h2 { margin-top: 1.6rem; }
  .head, tr, .graph, figure, .pack { break-inside: avoid; }
  thead { display: table-header-group; }
  pre { orphans: 4; widows: 4; font-size: 8pt; }
  a { text-decoration: none; }
  .graph { overflow: visible; } .graph svg { max-width: 100%; height: auto; }
}
`
