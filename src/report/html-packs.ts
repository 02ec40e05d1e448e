import { byteSize } from './bytes.ts'
import { elapsed } from './duration.ts'
import { actionFold } from './html-actions.ts'
import { graphSvg } from './html-graph.ts'
import { badge, code, counts, digestTerm, more, term } from './html-words.ts'
import { joined, markup, type Markup } from './markup.ts'
import type { Preview, Report, ReportArtifact, ReportPack } from './report-model.ts'

const TONES = { low: 'idle', medium: 'idle', high: 'bad' } as const

/** What ran: a card for each pack with what it is, how it ended and what it is allowed. */
export function packCards({ packs, morePacks }: Report): Markup {
  return markup`${packs.map(packCard)}${more(morePacks, 'packs, which manifest.json lists')}`
}

function packCard(pack: ReportPack, number: number): Markup {
  const { id, title, verdict, tone, needs, grants, durationMs } = pack
  const facts = [pack.pillar, pack.domain].filter((fact) => fact !== null).join(' · ')
  return markup`<article class="card pack${tone === 'bad' ? ' bad' : ''}">
<div class="head"><h3>${title ?? id}</h3>${badge(tone, verdict)}</div>
<dl>
${term('Pack', markup`<a href="#pack-${number}">${code(id)}</a>`)}${term('What for', facts)}${term('Risk', risk(pack))}${term(
    'Actions',
    `${counts(pack.counts)}${durationMs === null || durationMs === 0 ? '' : ` · ${elapsed(durationMs)} in all`}`,
  )}${term('Needs', needs.length === 0 ? null : joined(needs.map(code), ', '))}${term(
    'Granted',
    grants.length === 0 ? 'nothing' : joined(grants.map(code), ', '),
  )}${digestTerm('task.yml', pack.definition)}</dl>
</article>
`
}

function risk({ risk: level }: ReportPack): Markup | null {
  if (level === null) return null
  return level in TONES && TONES[level as keyof typeof TONES] === 'bad'
    ? markup`<strong>${level}</strong>`
    : markup`${level}`
}

/** Every command, by pack. `failures`: the numbers of the cards that tell failures in full, by action. */
export function packSections({ packs, graph }: Report, failures: ReadonlyMap<string, number>): Markup {
  return joined(
    packs.map((pack, number) => {
      const picture = graph.actions.get(pack.id)
      const title = `The actions of ${pack.id} from top to bottom: ${counts(pack.counts)}`
      const drawn = picture && picture.nodes.length > 1 ? graphSvg(picture, title) : null
      return markup`<section id="pack-${number}">
<div class="head"><h3>${code(pack.id)}</h3><span class="small soft">${counts(pack.counts)}</span></div>
${drawn}
<div>${pack.actions.map((action) => actionFold(action, failures.get(action.id) ?? null))}</div>
${more(pack.moreActions, 'actions, which manifest.json lists')}</section>
`
    }),
    '',
  )
}

/** What the packs have left, by pack; `null` where there is none. */
export function artifactTables({ packs }: Report): Markup | null {
  const some = packs.filter(({ artifacts }) => artifacts.length > 0)
  return some.length === 0 ? null : joined(some.map(artifactTable), '')
}

function artifactTable({ id, artifacts, moreArtifacts }: ReportPack): Markup {
  const previews = artifacts.filter(({ preview }) => preview !== null)
  return markup`<section><h3>${code(id)}</h3>
<table class="rows"><thead><tr><th scope="col">File in the run's folder</th><th scope="col" class="number">Size</th><th scope="col">SHA-256</th></tr></thead>
<tbody>${artifacts.map(artifactRow)}</tbody></table>
${more(moreArtifacts, 'artifacts, which manifest.json lists')}${previews.length === 0 ? null : previewFold(previews)}</section>
`
}

function artifactRow({ file, size, digest, executable }: ReportArtifact): Markup {
  const mode = executable ? markup` <span class="soft">executable</span>` : null
  return markup`<tr><td>${code(file)}${mode}</td><td class="number">${byteSize(size)}</td><td>${code(digest)}</td></tr>
`
}

function previewFold(artifacts: readonly ReportArtifact[]): Markup {
  return markup`<details class="single"><summary><span class="name">What is in them</span></summary><div class="inside">
${artifacts.map(({ file, preview }) => preview && figure(file, preview))}</div></details>
`
}

function figure(file: string, preview: Preview): Markup {
  return markup`<figure><figcaption>${code(file)}</figcaption>
${shown(file, preview)}</figure>
`
}

function shown(file: string, preview: Preview): Markup {
  switch (preview.kind) {
    case 'withheld':
      return markup`<p class="gap">Not shown: ${preview.why}</p>`
    case 'image': {
      const { type, base64, width, height } = preview
      return markup`<img src="data:${type};base64,${base64}" width="${width}" height="${height}" alt="The image ${file}">`
    }
    case 'text':
      return markup`<pre>${preview.lines.join('\n')}${preview.cut ? markup`\n<span class="gap">… there is more of it …</span>` : null}</pre>`
  }
}
