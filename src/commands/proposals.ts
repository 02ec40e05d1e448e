import { applyPatch } from '../change/apply.ts'
import { MANIFEST } from '../evidence/conclude.ts'
import { patchPath } from '../model/change.ts'
import type { Digest } from '../model/digest.ts'
import type { RecordedRun } from '../model/ports.ts'
import type { Proposal } from '../model/publication.ts'
import { contentOf, hasChange, packWithNeeds, type BaseCommit, type ContentProblem } from '../publish/content.ts'
import { pullRequestWords } from '../report/pull-request.ts'
import type { Report } from '../report/report-model.ts'
import { readDocuments, reportFor, type Documents } from '../reports.ts'
import { UsageError } from './options.ts'
import type { Place } from './pr-place.ts'
import { Refused } from './refused.ts'

/** A run that has passed and is genuine. */
export interface PullRun {
  readonly recorded: RecordedRun
  /** SHA-256 of its manifest, as it was verified. */
  readonly digest: Digest
}

/** Packs of a run that are to be proposed. */
export interface Chosen extends PullRun {
  readonly documents: Documents
  /** In plan order; empty: there is nothing to propose. */
  readonly packs: readonly string[]
}

/** @throws UsageError where it has to be said which pack is meant */
export function chosenPacks(run: PullRun, pack: string | null, { all = false }: { readonly all?: boolean }): Chosen {
  const documents = readDocuments(run.recorded)
  // What was verified is what is proposed.
  if (!documents.ok || documents.value.digest !== run.digest) {
    throw new Refused(`${MANIFEST} is another one than a moment ago`, { exitCode: 5 })
  }
  const { packs } = documents.value.manifest
  const changed = packs.filter(hasChange).map(({ id }) => id)
  const chosen = { ...run, documents: documents.value }
  if (pack !== null) {
    if (all) throw new UsageError('A pack is named, and --all means all of them')
    if (!packs.some(({ id }) => id === pack)) {
      throw new UsageError(`There is no pack '${pack}' in this run. ${changedWords(changed)}`)
    }
    return { ...chosen, packs: changed.filter((id) => id === pack) }
  }
  if (changed.length > 1 && !all) {
    throw new UsageError(
      `Several packs of this run have changed something: name one of ${changed.join(', ')}, or add --all`,
    )
  }
  return { ...chosen, packs: changed }
}

function changedWords(changed: readonly string[]): string {
  return changed.length === 0
    ? 'None of its packs has changed anything'
    : `Those that have changed something are ${changed.join(', ')}`
}

export interface Proposed {
  readonly proposal: Proposal
  readonly branch: string
}

/** The changes of the chosen packs, with what is to be said of them. */
export async function proposalsOf(chosen: Chosen, place: Place): Promise<readonly Proposed[]> {
  const { recorded, documents, packs } = chosen
  const base = baseOf(chosen, place)
  const report = await reportFor(documents, (path, size) => recorded.part(path, size))
  const proposals = packs.map((pack) => ({
    proposal: proposalOf(chosen, { pack, base, report }),
    branch: place.branches.get(pack) ?? '',
  }))
  // One pack may have undone what another one did.
  return proposals.filter(({ proposal }) => proposal.tree !== proposal.baseTree)
}

/** What the run stood on, which has to be a commit and nothing else: otherwise something else was accepted than would be proposed. */
function baseOf({ documents }: Chosen, { publishing, root }: Place): BaseCommit {
  const base = documents.record?.base
  if (!base || base.commit === null) {
    throw new Refused('The run did not stand on a commit, so there is nothing that its change could be proposed for', {
      fix: 'commit what there is, push it, and run again',
    })
  }
  const [first, ...rest] = base.uncommitted
  if (first !== undefined) {
    const others = rest.length > 0 || base.more ? ', among others' : ''
    throw new Refused(
      `The run stood on changes that were not committed (${first}${others}): what was accepted is not what would be proposed`,
      {
        fix: 'commit them and run again, or run with --base HEAD, which leaves them out',
      },
    )
  }
  const found = publishing.readCommit(root, base.commit)
  if (found.ok) return found.value
  const why = {
    'no-git': 'git is not installed, and the change is made from what git knows',
    'no-repository': 'There is no repository of git here, and the change is made from what git knows',
    'unknown-commit': `The repository here does not hold commit ${base.commit}, on which the run stood`,
  }[found.error]
  throw new Refused(why, { fix: 'call it where the run was made, with git, and fetch the commit if it is not there' })
}

interface About {
  readonly pack: string
  readonly base: BaseCommit
  readonly report: Report
}

function proposalOf({ recorded, documents: { manifest }, digest }: Chosen, { pack, base, report }: About): Proposal {
  const content = contentOf(pack, {
    manifest,
    base,
    applyPatch,
    patch: (id) => {
      const bytes = recorded.read(patchPath(id))
      return bytes.ok ? bytes.value : null
    },
  })
  if (!content.ok) throw refusalOf(content.error, base)
  const { files, tree, packs: changed } = content.value
  const { id, tree: baseTree, prefix } = base
  const packs = packWithNeeds(manifest, pack)
  const words = pullRequestWords({ report, digest, pack, packs, changed, base: id, tree, prefix })
  return { pack, run: digest, base: id, baseTree, tree, files, words }
}

function refusalOf(problem: ContentProblem, base: BaseCommit): Refused {
  if (problem.kind === 'other-base') {
    return new Refused(`${problem.path} is not in commit ${base.id} as the run has seen it`, {
      fix: 'filters of git (line ends, LFS) may have made it another one: run with --base HEAD, which reads what git keeps',
    })
  }
  const at = problem.path === null ? '' : ` of ${problem.path}`
  return new Refused(`The patch of pack ${problem.pack} is not the change${at} that the manifest tells of`, {
    exitCode: 5,
  })
}
