/** The page around the picture, on screens of any width. */
export const PAGE = `
* { box-sizing: border-box; }
html, body { height: 100%; }
body { margin: 0; display: flex; flex-direction: column; background: var(--paper); color: var(--ink); font: .9rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif; font-variant-numeric: tabular-nums; }
code, pre, .digest, .name, .link, .head { font-family: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-variant-ligatures: none; unicode-bidi: isolate; font-size: .82rem; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .9rem; padding: .5rem .9rem; border-bottom: 1px solid var(--rule); background: var(--card); }
h1 { margin: 0; font-size: 1rem; font-weight: 650; }
h2 { margin: .2rem 0 .4rem; font-size: 1rem; overflow-wrap: anywhere; } h2 code { font-size: .95rem; }
h3 { margin: 1.1rem 0 .3rem; font-size: .8rem; font-weight: 600; color: var(--soft); }
.about-run { display: flex; flex-wrap: wrap; gap: .2rem .7rem; align-items: center; margin: 0; }
.critical-note { color: var(--hot); } .soft { color: var(--soft); } .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.badge { display: inline-block; padding: .05em .6em; border-radius: 99px; font-weight: 650; font-size: .8rem; color: var(--idle); background: var(--idle-back); }
.badge.good { color: var(--good); background: var(--good-back); } .badge.bad { color: var(--bad); background: var(--bad-back); }
input[type=search] { width: 15rem; max-width: 60vw; padding: .35rem .6rem; border: 1px solid var(--rule); border-radius: 7px; background: var(--paper); color: var(--ink); font: inherit; }
input::placeholder { color: var(--soft); opacity: 1; }
#found:empty { display: none; } #found { color: var(--soft); }
#filters { display: flex; flex-wrap: wrap; gap: .3rem .9rem; }
fieldset { display: flex; flex-wrap: wrap; gap: .25rem; align-items: center; margin: 0; padding: 0; border: 0; }
legend { float: left; padding: 0; margin-right: .35rem; font-size: .8rem; color: var(--soft); }
.chip { position: relative; display: inline-block; cursor: pointer; font-size: .8rem; }
.chip input { position: absolute; inset: 0; margin: 0; opacity: 0; cursor: pointer; }
.chip span { display: block; padding: .1rem .55rem; border: 1px solid var(--rule); border-radius: 99px; color: var(--soft); background: var(--paper); }
.chip.security span, .chip.web span, .chip.game span, .chip.platform span { color: var(--own); }
.chip input:checked + span { border-color: var(--link); background: var(--link-back); color: var(--ink); }
.chip input:focus-visible + span { outline: 3px solid var(--link); outline-offset: 1px; }
.buttons { margin-left: auto; display: flex; gap: .35rem; }
button { padding: .3rem .7rem; border: 1px solid var(--rule); border-radius: 7px; background: var(--card); color: var(--ink); font: inherit; font-size: .85rem; cursor: pointer; }
button:hover { background: var(--faint); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 1px; } #about:focus { outline: none; }
main { flex: 1; min-height: 0; display: flex; }
#stage { position: relative; flex: 1; min-width: 0; overflow: hidden; cursor: grab; touch-action: none; user-select: none; -webkit-user-select: none; }
#stage:active { cursor: grabbing; } #stage:focus-visible { outline-offset: -3px; }
#svg { position: absolute; left: 0; top: 0; overflow: visible; transform-origin: 0 0; text-rendering: geometricPrecision; }
#svg.moving { will-change: transform; }
.tools { position: absolute; left: .8rem; bottom: .8rem; display: flex; flex-direction: column; gap: .3rem; }
.tools button { width: 2.1rem; height: 2.1rem; padding: 0; font-size: 1.05rem; line-height: 1; }
#side { width: 25rem; max-width: 42vw; overflow-y: auto; padding: .7rem .9rem 2rem; border-left: 1px solid var(--rule); background: var(--card); overflow-wrap: anywhere; }
#side p { margin: .3rem 0; } .bar { display: flex; gap: .4rem; } .quiet { padding: .1rem .55rem; font-size: .8rem; color: var(--soft); }
pre { margin: 0; padding: .55rem .7rem; border: 1px solid var(--rule); border-radius: 7px; background: var(--faint); white-space: pre-wrap; max-height: 16rem; overflow-y: auto; }
dl { display: grid; grid-template-columns: 6.2rem minmax(0, 1fr); gap: .1rem .7rem; margin: .7rem 0; font-size: .85rem; }
dt { color: var(--soft); grid-column: 1; } dd { margin: 0; grid-column: 2; } dd + dt { margin-top: .35rem; } dd + dt + dd { margin-top: .35rem; }
ul { margin: 0; padding-left: 0; list-style: none; } .list > li + li { margin-top: .5rem; }
.row { display: flex; gap: .5rem; align-items: baseline; width: 100%; padding: .12rem .4rem; border: 0; border-radius: 5px; text-align: left; background: none; }
.row .name { flex: 1; } .row .time { color: var(--soft); font-size: .78rem; } .head { font-weight: 700; } .head::before { content: ''; align-self: center; width: .6rem; height: .6rem; border-radius: 3px; background: var(--own); }
.sign { display: inline-block; width: 1em; color: var(--idle); font-weight: 700; text-align: center; } .sign.good { color: var(--good); } .sign.bad { color: var(--bad); }
.link { padding: .1rem .3rem; border: 0; background: none; color: var(--link); text-align: left; } .why { display: block; padding-left: 1.6rem; color: var(--soft); font-size: .8rem; }
.plain li { margin: .15rem 0; }
noscript p { padding: 1rem; }
.pack, .action { cursor: pointer; }
.pack:hover > .frame, .action:hover > rect { stroke: var(--link); stroke-opacity: 1; }
.faded { opacity: .22; } .pack.faded .faded { opacity: 1; } .link.faded, .line.faded { opacity: .25; }
svg .link.lit:not(.critical), .line.lit:not(.critical) { stroke: var(--link); stroke-opacity: 1; }
.chosen > .frame, .action.chosen > rect { stroke: var(--link); stroke-width: 2.6; stroke-opacity: 1; stroke-dasharray: none; }
.small .action > .label, .small .action > .aside, .small .action > .mark, .small .heading, .small .open > .about { display: none; }
.tiny .inside, .tiny text, .tiny .pillar, .tiny .pack > .mark { display: none; }
.tiny .pack > .frame { fill: var(--own); fill-opacity: .55; stroke: none; } .tiny .link { vector-effect: non-scaling-stroke; stroke-width: .7; } .tiny .link.critical, .tiny .link.lit { stroke-width: 2; }
.tiny .pack.good > .frame { fill: var(--good); fill-opacity: .35; } .tiny .pack.bad > .frame { fill: var(--bad); fill-opacity: 1; } .tiny .pack.idle > .frame { fill: var(--idle); }
@media (max-width: 46rem) { main { flex-direction: column; } #side { width: auto; max-width: none; height: 42%; border-left: 0; border-top: 1px solid var(--rule); } .buttons { margin-left: 0; } #filters { flex-wrap: nowrap; overflow-x: auto; max-width: 100%; padding: 4px 0; } fieldset { flex: none; } fieldset, .chip { flex-wrap: nowrap; white-space: nowrap; } }
@media print { header, #side, .tools { display: none; } }
`
