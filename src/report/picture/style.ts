// How a picture looks, in a file and in a page; light and dark.

const LIGHT = `
  --paper: #faf9f7; --card: #ffffff; --ink: #1d1f23; --soft: #5a5f67; --rule: #d9d6cf; --faint: #f1efeb; --line: #aaa8a2;
  --good: #146c37; --good-back: #e8f5ec; --bad: #a8201a; --bad-back: #fcebe9; --idle: #5b5f66; --idle-back: #efeeec;
  --hot: #a34a00; --link: #1a56a8; --link-back: #e6effb;
  --security: #7b3fc4; --web: #1967c0; --game: #b0590a; --platform: #0d7464;`

const DARK = `
  --paper: #131518; --card: #1c1f23; --ink: #e8e6e1; --soft: #a9adb5; --rule: #363b43; --faint: #24282e; --line: #666c76;
  --good: #6fd193; --good-back: #16311f; --bad: #ff9a90; --bad-back: #3d1d1b; --idle: #b0b4bb; --idle-back: #2a2e34;
  --hot: #ffb057; --link: #8ab8ff; --link-back: #1d2f4a;
  --security: #c39bff; --web: #7db4ff; --game: #f0a85c; --platform: #5cc9b5;`

const FONTS = {
  mono: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace",
  sans: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif",
}

/** Colours by what whoever looks has asked for. `root`: what bears them. */
export function colours(root: string): string {
  return `${root} {color-scheme: light dark;${LIGHT}
}
@media (prefers-color-scheme: dark) { ${root} {${DARK}
} }
`
}

/** … and by a switch in the page. */
export const SWITCHED: string = `:root[data-theme=light] { color-scheme: light;${LIGHT} }
:root[data-theme=dark] { color-scheme: dark;${DARK} }
`

/** Of the shapes. No colour tells anything that a mark or a word does not tell too. */
export const SHAPES: string = `
.link, .line, .mark { fill: none; stroke-linecap: round; stroke-linejoin: round; }
.link { stroke: var(--line); stroke-width: 1.8; }
.line { stroke: var(--line); stroke-width: 1.2; }
.line.output { stroke-width: 1.9; }
.line.phase { stroke-opacity: .65; }
.link.critical, .line.critical { stroke: var(--hot); stroke-width: 2.6; stroke-opacity: 1; }
.frame { fill: var(--card); stroke: var(--rule); }
.security { --own: var(--security); } .web { --own: var(--web); } .game { --own: var(--game); } .platform { --own: var(--platform); }
.pillar { fill: var(--own); }
.pack.bad > .frame { stroke: var(--bad); stroke-width: 1.6; }
.pack.good > .mark { stroke: var(--good); } .pack.bad > .mark { stroke: var(--bad); } .pack.idle > .mark { stroke: var(--idle); }
.mark { stroke: var(--soft); stroke-width: 1.5; }
.pack > .mark { stroke-width: 2.2; }
text { font: 12px ${FONTS.mono}; font-variant-ligatures: none; fill: var(--ink); }
.id { font-weight: 700; }
text.about, text.heading, text.aside, text.caption { font: 11px ${FONTS.sans}; fill: var(--soft); }
text.heading { font-size: 10.5px; letter-spacing: .02em; }
text.aside { font-size: 10.5px; text-anchor: end; font-variant-numeric: tabular-nums; }
.action > rect { fill: var(--faint); stroke: var(--rule); }
.action.steps > .mark { fill: var(--soft); stroke: none; }
.action.controls > rect { stroke-dasharray: 4 2.5; }
.action.good > rect { fill: var(--good-back); stroke: var(--good); stroke-opacity: .4; }
.action.bad > rect { fill: var(--bad-back); stroke: var(--bad); stroke-width: 1.6; }
.action.idle > rect { fill: var(--idle-back); stroke: var(--idle); stroke-opacity: .4; }
.action.good > .mark { fill: none; stroke: var(--good); stroke-width: 2; } .action.bad > .mark { fill: none; stroke: var(--bad); stroke-width: 2.2; } .action.idle > .mark { fill: none; stroke: var(--idle); stroke-width: 2; }
.action.bad > .label { fill: var(--bad); font-weight: 700; } .action.idle > .label { fill: var(--soft); }
.action.critical > rect { stroke: var(--hot); stroke-width: 2; stroke-opacity: 1; }
`
