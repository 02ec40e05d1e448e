import { byteSize } from './bytes.ts'
import { elapsed } from './duration.ts'
import { code, digestTerm, place, sign, term, worded } from './html-words.ts'
import { joined, markup, type Markup } from './markup.ts'
import { count } from './phrase.ts'
import type { LogExcerpt, ReportAction } from './report-model.ts'

/** A failure in full: what failed, why, what it printed, and what to do. */
export function failureCard(action: ReportAction, number: number): Markup {
  return markup`<article class="card bad" id="failure-${number}">
<div class="head"><h3>${sign('bad')} ${code(action.id)}</h3><span class="small">${statusWords(action)}</span></div>
${reason(action)}${command(action)}${log(action.log)}${particulars(action)}</article>
`
}

/** One line that opens to everything that is known. `failure`: the number of the card that tells it already. */
export function actionFold(action: ReportAction, failure: number | null): Markup {
  const name = markup`${sign(action.tone)}<span class="name"><code>${action.name}</code></span>`
  const head = markup`<summary>${name}<span class="aside">${statusWords(action)}</span></summary>`
  const inside =
    failure === null
      ? markup`${reason(action)}${command(action)}${log(action.log)}${particulars(action)}`
      : markup`${command(action)}<p class="small"><a href="#failure-${failure}">Why, and what it printed</a></p>\n${particulars(action)}`
  return markup`<details>${head}<div class="inside">
${inside}</div></details>
`
}

function statusWords({ words, durationMs, attempts }: ReportAction): string {
  const tries = attempts > 1 ? ` · ${count(attempts, 'attempt')}` : ''
  return `${words}${tries}${durationMs === null ? '' : ` · ${elapsed(durationMs)}`}`
}

function reason({ phase, reason: why, connections, skipped }: ReportAction): Markup {
  const control = phase === 'controls' ? ['A negative control: it passes where its command does not.'] : []
  const took =
    skipped === 0 ? null : `${count(skipped, 'action')} ${skipped === 1 ? 'was' : 'were'} skipped because of it.`
  const sentences = [...control, ...(why ? [why.message] : []), ...connections, ...(took === null ? [] : [took])]
  return joined([...sentences.map((each) => markup`<p>${worded(each)}</p>\n`), fix(why?.fix ?? null)], '')
}

export function fix(text: string | null): Markup {
  if (text === null) return markup``
  const [first = '', ...rest] = text.split('\n')
  const lines = rest.length === 0 ? null : markup`<pre>${rest.join('\n')}</pre>\n`
  return markup`<p><strong>To do:</strong> ${worded(first)}</p>\n${lines}`
}

function command({ command: text }: ReportAction): Markup | null {
  return text === null ? null : markup`<h4>Command</h4>\n<pre>${text.trimEnd()}</pre>\n`
}

function log(excerpt: LogExcerpt | null): Markup | null {
  if (excerpt === null) return null
  const { path, totalBytes, withheld } = excerpt
  const head = markup`<h4>Log <span class="soft">(${byteSize(totalBytes)}, <code>${path}</code>)</span></h4>\n`
  if (withheld !== null) return markup`${head}<p class="gap">Not shown: ${withheld}</p>\n`
  return markup`${head}<pre>${excerpt.head.join('\n')}${gap(excerpt)}${excerpt.tail.join('\n')}</pre>\n`
}

function gap({ cut, head, tail }: LogExcerpt): Markup | null {
  if (!cut) return null
  const above = head.length > 0 ? '\n' : ''
  return markup`${above}<span class="gap">… not all of it is shown …</span>${tail.length > 0 ? '\n' : ''}`
}

function particulars(action: ReportAction): Markup {
  const { place: at, exitCode, key, inputs, needs, moreNeeds, moreOutputs, outputs, log: excerpt } = action
  const others = moreNeeds > 0 ? `, and ${moreNeeds} more` : ''
  const files = outputs.map(
    ({ path, size, digest }) =>
      markup`<li>${code(path)} <span class="soft">${byteSize(size)}</span><br><code class="soft">sha256:${digest}</code></li>\n`,
  )
  const unlisted = moreOutputs > 0 ? markup`<li class="gap">and ${moreOutputs} more</li>\n` : null
  const after = needs.length === 0 ? null : markup`${joined(needs.map(code), ', ')}${others}`
  const made = files.length === 0 ? null : markup`<ul class="plain">${files}${unlisted}</ul>`
  return markup`<dl>
${term('Declared at', at && place(at))}${term('Exit code', exitCode === null ? null : String(exitCode))}${term('After', after)}${[
    digestTerm('Key', key),
    digestTerm('Inputs', inputs),
    digestTerm('Log', excerpt?.digest ?? null),
  ]}${term('Outputs', made)}</dl>
`
}
