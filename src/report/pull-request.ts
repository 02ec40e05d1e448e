import type { FileChange } from '../model/change.ts'
import type { Digest } from '../model/digest.ts'
import type { Annotation, GitId } from '../model/forge.ts'
import type { ManifestPack } from '../model/manifest.ts'
import type { PackId } from '../model/pack.ts'
import type { ProposalWords } from '../model/publication.ts'
import { byteSize } from './bytes.ts'
import { cell, codeSpan, fenced, inline } from './markdown-text.ts'
import { count } from './phrase.ts'
import type { Report, ReportAction, ReportPack } from './report-model.ts'
import { escapeText } from './style.ts'

/** What the texts of a pull request are made from. */
export interface PullRequestInput {
  /** Of the whole run. */
  readonly report: Report
  readonly digest: Digest
  /** The pack that is proposed. */
  readonly pack: PackId
  /** It and the packs that it needs, in plan order: what was accepted. */
  readonly packs: readonly ManifestPack[]
  /** Those of them whose changes are in it. */
  readonly changed: readonly PackId[]
  readonly base: GitId
  readonly tree: GitId
  /** Where the workspace lies in the repository: empty, or with a slash at its end. */
  readonly prefix: string
}

/** So much of GitHub's 65,536 characters, which leaves room for what others write; and so much where they have written a lot. */
const [LONG, SHORT] = [48_000, 12_000] as const
const TITLE = 200

/** Everything that is said of a proposal. Whatever a pack chose is code or plain words in it: no link, mention, image or keyword. */
export function pullRequestWords(input: PullRequestInput): ProposalWords {
  const { pack, report } = input
  const described = report.packs.find(({ id }) => id === pack)
  const title = inertTitle(pack, described?.title ?? null)
  const evidence = fitting(blocksOf(input, described), LONG)
  return {
    title,
    message: `${title}\n\n${messageOf(input)}`,
    evidence,
    evidenceInShort: fitting(blocksOf(input, described), SHORT),
    check: {
      name: `codex/${pack}`,
      title: `Accepted: ${count(actionsOf(input).length, 'action')} passed`,
      summary: evidence,
      annotations: annotationsOf(input),
    },
    foreign: (commit) => foreignComment(pack, commit),
  }
}

/** Titles become messages of commits, where keywords close issues, and brackets may switch checks off. */
function inertTitle(pack: PackId, title: string | null): string {
  const words = escapeText(title ?? 'Change')
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .replaceAll(/([#@])(?=[\w-])/g, '$1 ')
    .replaceAll(/\bGH-(?=\d)/gi, 'GH ')
    .replaceAll('://', ': //')
  const shown = `[${pack}] ${words}`
  return shown.length > TITLE
    ? `${Array.from(shown)
        .slice(0, TITLE - 1)
        .join('')}…`
    : shown
}

function messageOf({ packs, changed, digest }: PullRequestInput): string {
  const files = filesOf(packs, changed).length
  const others = changed.length > 1 ? `, with the packs that it needs: ${changed.join(', ')}` : ''
  return `${count(files, 'file')} changed, as a run has accepted it${others}.\nIts manifest is sha256:${digest}.`
}

/** As many blocks as there is room for. */
function fitting(blocks: readonly string[], most: number): string {
  const shown: string[] = []
  let room = most
  for (const block of blocks) {
    room -= block.length + 2
    if (room < 0)
      return [...shown, "*There is more than fits here: `report.html` in the run's folder shows it.*"].join('\n\n')
    shown.push(block)
  }
  return shown.join('\n\n')
}

function blocksOf(input: PullRequestInput, described: ReportPack | undefined): readonly string[] {
  return [
    ...headBlocks(input, described),
    ...verifyBlocks(input),
    ...fileBlocks(input),
    ...acceptanceBlocks(input),
    ...guaranteeBlocks(input),
    ...artifactBlocks(input),
  ]
}

function headBlocks(
  { report, digest, pack, packs, base, tree }: PullRequestInput,
  described: ReportPack | undefined,
): readonly string[] {
  const grants = packs.flatMap(({ id, grants: granted }) =>
    granted.map((grant) => (id === pack ? grant : `${id}: ${grant}`)),
  )
  const others = packs.filter(({ id }) => id !== pack).map(({ id }) => codeSpan(id))
  const rows = [
    ['Pack', codeSpan(pack)],
    ...(described?.title ? [['Title', inline(described.title)]] : []),
    ['Risk', described?.risk ?? 'not known'],
    ...(others.length > 0 ? [['Needs', others.slice(0, NAMES).join(', ') + more(others.length - NAMES)]] : []),
    [
      'Granted',
      grants.length === 0 ? 'nothing' : grants.slice(0, NAMES).map(codeSpan).join(', ') + more(grants.length - NAMES),
    ],
    ...(report.run === null ? [] : [['Run', codeSpan(report.run)]]),
    ['Base', codeSpan(base)],
    ['Tree', codeSpan(tree)],
    ['Manifest', codeSpan(`sha256:${digest}`)],
    ['Tool', inline(`${report.tool.name} ${report.tool.version}`)],
  ]
  const table = rows.map(([name = '', value = '']) => `| ${name} | ${cell(value)} |`)
  return [
    `### ✅ Accepted: the run passed, and its evidence is genuine`,
    ['| | |', '| --- | --- |', ...table].join('\n'),
  ]
}

const NAMES = 20

function more(number: number): string {
  return number > 0 ? ` and ${number} more` : ''
}

function verifyBlocks({ report }: PullRequestInput): readonly string[] {
  const lines = report.verification.flatMap(({ says, command }) => [`# ${says}`, command])
  return ['### How to check it', "In the run's folder:", fenced(lines)]
}

const ROWS = 50

function filesOf(
  packs: readonly ManifestPack[],
  changed: readonly PackId[],
): readonly (FileChange & { readonly pack: PackId })[] {
  const own = packs.filter(({ id }) => changed.includes(id))
  return own.flatMap(({ id: pack, change }) => (change?.files ?? []).map((file) => ({ pack, ...file })))
}

function fileBlocks({ packs, changed, prefix }: PullRequestInput): readonly string[] {
  const several = changed.length > 1
  const files = filesOf(packs, changed)
  const rows = files.map(({ pack, path, before, after }) => {
    const sizes = `${before ? byteSize(before.size) : ''}${before && after ? ' → ' : ''}${after ? byteSize(after.size) : ''}`
    const cells = [kindOf({ before, after }), codeSpan(`${prefix}${path}`), sizes, ...(several ? [codeSpan(pack)] : [])]
    return `| ${cells.map(cell).join(' | ')} |`
  })
  const own = packs.filter(({ id }) => changed.includes(id))
  const [added, removed] = [sum(own, 'added'), sum(own, 'removed')]
  const head = several
    ? ['| | File | Size | Pack |', '| --- | --- | --- | --- |']
    : ['| | File | Size |', '| --- | --- | --- |']
  return [`### What changes: ${count(files.length, 'file')}, +${added} −${removed} lines`, ...tables(head, rows)]
}

function sum(packs: readonly ManifestPack[], which: 'added' | 'removed'): number {
  return packs.reduce((total, { change }) => total + (change?.lines[which] ?? 0), 0)
}

function kindOf({ before, after }: Pick<FileChange, 'before' | 'after'>): string {
  if (!before) return after?.executable ? 'made, executable' : 'made'
  if (!after) return 'deleted'
  if (before.executable === after.executable) return 'changed'
  return after.executable ? 'changed, now executable' : 'changed, no longer executable'
}

/** A table as several, so that a part of a long one is shown where all of it has no room. */
function tables(head: readonly string[], rows: readonly string[]): readonly string[] {
  const parts = Array.from({ length: Math.ceil(rows.length / ROWS) }, (_, at) => rows.slice(at * ROWS, (at + 1) * ROWS))
  return parts.map((part) => [...head, ...part].join('\n'))
}

function actionsOf({ report, packs }: PullRequestInput): readonly ReportAction[] {
  const wanted = new Set(packs.map(({ id }) => id))
  return report.packs.filter(({ id }) => wanted.has(id)).flatMap(({ actions }) => actions)
}

function acceptanceBlocks(input: PullRequestInput): readonly string[] {
  const rows = actionsOf(input).map(({ id, words, command, tone }) => {
    const ran = command === null ? '' : codeSpan(shortCommand(command))
    return `| ${[tone === 'good' ? '✅' : '❌', codeSpan(id), words, ran].map(cell).join(' | ')} |`
  })
  return ['### What was accepted', ...tables(['| | Action | | Command |', '| --- | --- | --- | --- |'], rows)]
}

const COMMAND = 120

function shortCommand(command: string): string {
  const [line = '', ...rest] = command.split('\n')
  return line.length > COMMAND || rest.length > 0 ? `${line.slice(0, COMMAND)}…` : line
}

function guaranteeBlocks({ report: { guarantees } }: PullRequestInput): readonly string[] {
  if (guarantees === null) return []
  const lines = guarantees.map(({ aspect, enforced, words }) => {
    return `- ${enforced ? '✅' : '❌'} **${aspect}** ${enforced ? 'enforced' : 'not enforced'}: ${words}`
  })
  return ['### What was enforced', lines.join('\n')]
}

function artifactBlocks({ report, packs }: PullRequestInput): readonly string[] {
  const wanted = new Set(packs.map(({ id }) => id))
  const artifacts = report.packs.filter(({ id }) => wanted.has(id)).flatMap((pack) => pack.artifacts)
  const rows = artifacts.map(
    ({ file, size, digest }) => `| ${cell(codeSpan(file))} | ${byteSize(size)} | ${codeSpan(digest)} |`,
  )
  const head = ["| Artifact, in the run's folder | Size | SHA-256 |", '| --- | ---: | --- |']
  return rows.length === 0 ? [] : ['### Artifacts', ...tables(head, rows)]
}

/** At the lines of what did not pass, and of what the run warned of. */
function annotationsOf(input: PullRequestInput): readonly Annotation[] {
  const { report, prefix } = input
  const failed = actionsOf(input).flatMap(({ id, place, words, reason }): Annotation[] => {
    if (!place || !reason) return []
    return [
      {
        ...lineOf(prefix, place),
        level: 'failure',
        title: within(`${id} ${words}`, 255),
        message: within(reason.message, MESSAGE),
      },
    ]
  })
  const warned = report.problems.flatMap(({ place, code, severity, message }): Annotation[] => {
    if (!place) return []
    const level = severity === 'error' ? 'failure' : 'warning'
    return [{ ...lineOf(prefix, place), level, title: within(code, 255), message: within(message, MESSAGE) }]
  })
  return [...failed, ...warned]
}

/** GitHub takes 64 KB. */
const MESSAGE = 8000

function lineOf(prefix: string, { file, line }: NonNullable<ReportAction['place']>): Pick<Annotation, 'path' | 'line'> {
  return { path: `${prefix}${file}`, line }
}

function within(text: string, most: number): string {
  const shown = escapeText(text.replaceAll('\n', ' '))
  return shown.length > most ? `${shown.slice(0, most - 1)}…` : shown
}

function foreignComment(pack: PackId, commit: GitId): string {
  return [
    `The branch of this pull request holds commit ${codeSpan(commit)}, which codex has not made. It is left as it is, and so is the branch:`,
    `\`codex pr\` does not go on with pack ${codeSpan(pack)} here while the branch holds it. Merge this pull request as it is, move the commit to`,
    'another branch, or close this pull request and delete its branch, so that the next call begins anew.',
  ].join('\n')
}
