import type { Json } from '../model/canonical.ts'
import type { EarlierFacts, EarlierFinding, EarlierFindingKind, EarlierQuestion } from '../model/earlier.ts'
import { compareBytes } from '../model/order.ts'
import { placeText } from './diagnostics.ts'
import { printJson } from './json.ts'
import { count, quote, type Worded } from './phrase.ts'
import { escapeText, styleOf, type Style, type StyleOptions } from './style.ts'
import type { PlaceProblem } from './new-pack.ts'

/** What became of one pack of the earlier layout. Folders are written as a person where codex was called would write them. */
export interface ImportedPack {
  readonly id: string
  readonly from: string
  readonly dir: string
  /** Relative to `dir`. */
  readonly files: readonly string[]
  /** Of those that were written anew: what they hold. */
  readonly texts: readonly { readonly path: string; readonly text: string }[]
  readonly findings: readonly EarlierFinding[]
}

type Wordings = { readonly [Kind in EarlierFindingKind]: (facts: EarlierFacts[Kind]) => Worded }

const known = (message: string): Worded => ({ message, fix: null })

const WORDINGS: Wordings = {
  'unknown-key': ({ key }) => ({
    message: `${quote(key)} has no counterpart, and was left out.`,
    fix: 'Say it in another way, or leave it at that.',
  }),
  network: () => ({
    message: 'It was allowed the whole network; now it has none.',
    fix: 'If it needs one, list what it may reach: `constraints: { network: [host:port] }`.',
  }),
  unclear: ({ text, why }) => ({
    message:
      why === 'no-program'
        ? `${quote(text)} starts with no program that is known here. It was kept in words, and proves nothing.`
        : `${quote(text)} reads like a command and like a sentence. It was kept in words, and proves nothing.`,
    fix: 'If it is a command, add it to `acceptance.tests`.',
  }),
  'no-producer': ({ path, isThere }) => ({
    message: isThere
      ? `No command says that it makes ${quote(path)}, which is there already: it proves nothing that a command did.`
      : `No command says that it makes ${quote(path)}.`,
    fix: isThere
      ? 'If a command makes it, name it under the `outputs` of that one, and remove the file.'
      : 'Name it under the `outputs` of the one that does.',
  }),
  'required-pattern': ({ path }) => ({
    message: `${quote(path)} can be several files, so it is kept if it is there, and not required.`,
    fix: 'Require the single files that must be there.',
  }),
  document: ({ path }) => ({
    message: `${quote(path)} is none of the documents that a pack names (spec, risk, runbook).`,
    fix: 'The file itself comes along; nothing checks that it is there.',
  }),
  dependency: ({ text }) => ({
    message: `${quote(text)} is not the name of a program. It was kept in words.`,
    fix: 'If commands need a program of it, name that under `inputs.tools`.',
  }),
  'outside-pack': ({ path, command }) => ({
    message: `${quote(command)} names ${quote(path)}, which lies below the root of the workspace. Commands start in the folder of their pack.`,
    fix: `Copy it there, or add ${quote(`/${path}`)} to \`inputs.files\` and name it from the pack's folder.`,
  }),
  prose: ({ text }) => known(`${quote(text)} is a sentence: it was kept in words, and proves nothing.`),
  producer: ({ path, command }) => known(`${quote(path)} is an output of ${quote(command)}.`),
  'missing-program': ({ name }) => known(`${quote(name)} became a tool; it is not on PATH here.`),
  respelled: ({ key, written, value }) => known(`\`${key}\` was ${quote(written)}, and is ${quote(value)} now.`),
  'taken-from': ({ key, value, from }) =>
    known(`\`${key}\` was not there: ${quote(value)} was taken from ${escapeText(from)}.`),
}

function wordEarlier({ kind, facts }: EarlierFinding): Worded {
  return (WORDINGS[kind] as (facts: EarlierFacts[EarlierFindingKind]) => Worded)(facts)
}

/** What somebody is asked, with the place that it is about. */
export function wordQuestion(question: EarlierQuestion): string {
  const place = placeText(question.location)
  switch (question.about) {
    case 'meaning':
      return `${place}: ${quote(question.text)} is …`
    case 'producer':
      return `${place}: Which command makes ${quote(question.path)}?`
    case 'pillar':
    case 'risk':
      return `${place}: Which ${question.about} has ${quote(question.pack)}?`
  }
}

/** @param dryRun nothing was written, so that the texts are shown */
export function renderImported(
  packs: readonly ImportedPack[],
  { dryRun, ...options }: StyleOptions & { readonly dryRun: boolean },
): string {
  const style = styleOf(options)
  return packs
    .flatMap((pack) => [...packLines(pack, { style, dryRun }), ''])
    .map((line) => `${line}\n`)
    .join('')
}

function packLines(
  { dir, from, files, texts, findings }: ImportedPack,
  { style, dryRun }: { readonly style: Style; readonly dryRun: boolean },
): readonly string[] {
  const { colors } = style
  const verb = dryRun ? 'Would make' : 'Made'
  const head = `${verb} ${colors.bold(escapeText(dir))} of ${escapeText(from)}, ${count(files.length, 'file')}:`
  const shown = dryRun
    ? texts.flatMap(({ path, text }) => ['', colors.dim(`--- ${escapeText(path)}`), ...linesOf(text)])
    : []
  const open = sorted(findings).filter(({ isOpen }) => isOpen)
  const others = sorted(findings).filter(({ isOpen }) => !isOpen)
  return [
    head,
    ...files.map((path) => `  ${escapeText(path)}`),
    ...shown,
    ...(open.length > 0 ? ['', colors.yellow('To decide:'), ...open.flatMap((one) => findingLines(one, style))] : []),
    ...(others.length > 0 ? ['', 'To know:', ...others.flatMap((one) => findingLines(one, style))] : []),
  ]
}

/** In the order in which they stand in the files. */
function sorted(findings: readonly EarlierFinding[]): readonly EarlierFinding[] {
  return findings.toSorted(
    ({ location: a }, { location: b }) =>
      compareBytes(b.file, a.file) || a.start.line - b.start.line || a.start.column - b.start.column,
  )
}

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n').map(escapeText)
}

function findingLines(finding: EarlierFinding, { colors }: Style): readonly string[] {
  const { message, fix } = wordEarlier(finding)
  return [
    `  ${colors.bold(placeText(finding.location))} ${message}`,
    ...(fix === null ? [] : [`    ${colors.cyan('fix:')} ${fix}`]),
  ]
}

export function renderImportedJson(packs: readonly ImportedPack[], more: Readonly<Record<string, Json>>): string {
  return printJson({
    ...more,
    packs: packs.map(({ id, from, dir, files, texts, findings }) => ({
      ...{ id, from, dir, files },
      texts: Object.fromEntries(texts.map(({ path, text }) => [path, text])),
      findings: sorted(findings).map((finding) => {
        const { message, fix } = wordEarlier(finding)
        const { kind, isOpen, location, facts } = finding
        const { file, start } = location
        return {
          kind,
          toDecide: isOpen,
          file,
          line: start.line,
          column: start.column,
          message,
          fix,
          facts: { ...facts },
        }
      }),
    })),
  })
}

/** @param dir the new folder, as a person would write it */
export function wordNoImportPlace(problem: PlaceProblem, dir: string, patterns: readonly string[]): string {
  const packs = patterns.map(quote).join(', ')
  switch (problem) {
    case 'exists':
      return `${quote(dir)} is there already, and nothing in it is overwritten. Name another folder with --out.`
    case 'unmatched':
      return `A pack in ${quote(dir)} would not be found: codex looks for packs in ${packs}. Name another --out, or add it to \`packs\` in codex.config.ts.`
    case 'ignored':
      return `${quote(dir)} is ignored by a .gitignore, so a pack in it would not be found. Name another --out.`
    case 'nowhere':
      return `No folder for new packs follows from ${packs}. Name one with --out.`
  }
}
