import type { Forge } from '../model/forge.ts'
import {
  apiUrlOf,
  branchName,
  isBranchName,
  isRepository,
  parseRemote,
  pushUrlOf,
  safeApiUrl,
} from '../publish/target.ts'
import type { Context, Publishing, SentRequest } from './context.ts'
import { folderOf, UsageError, type CommonOptions } from './options.ts'
import { Refused } from './refused.ts'

/** Where something is proposed, as the command line says it. */
export interface PlaceOptions extends Pick<CommonOptions, 'directory'> {
  readonly repo?: string
  readonly fork?: string
  readonly baseBranch?: string
  readonly target?: string
  readonly apiUrl?: string
  readonly push?: boolean
}

/** Where something is proposed. */
export interface Place {
  readonly publishing: Publishing
  /** Absolute: the root of the workspace. */
  readonly root: string
  /** `null`: the default branch. */
  readonly baseBranch: string | null
  /** What each pack is proposed from. */
  readonly branches: ReadonlyMap<string, string>
  /** `close`: takes away what it needed. */
  forge(dryRun: ((request: SentRequest) => void) | null): { readonly forge: Forge; readonly close: () => void }
}

export async function placeOf(context: Context, packs: readonly string[], options: PlaceOptions): Promise<Place> {
  const branches = branchesOf(context, packs, options)
  const baseBranch = options.baseBranch ?? variable(context, 'BASE_BRANCH')
  if (baseBranch !== null && !isBranchName(baseBranch)) {
    throw new UsageError(`'${baseBranch}' can't be the name of a branch to propose changes for`)
  }
  const folder = folderOf(context, options)
  const root = context.workspaceRoot(folder)
  if (root === null) throw new UsageError(`There is no folder '${folder}'`)
  const publishing = await context.publishing()
  const { repository, apiUrl } = serverOf(context, publishing.originUrl(root), options)
  const fork = demandRepository('--fork', options.fork) ?? repository
  const token = tokenOf(context)
  const userAgent = `${context.tool.name}/${context.tool.version}`
  return {
    publishing,
    root,
    baseBranch,
    branches,
    forge: (dryRun) => {
      const forge = publishing.githubForge({ apiUrl, token, userAgent, repository, fork, dryRun })
      if (!options.push) return { forge, close: () => {} }
      const { close, ...pushing } = publishing.gitPushing({ folder: root, url: pushUrlOf(apiUrl, fork), token, dryRun })
      return { forge: { ...forge, ...pushing }, close }
    },
  }
}

/** An empty variable is as good as none. */
function variable({ env }: Context, name: string): string | null {
  return env[name] || null
}

function branchesOf(
  context: Context,
  packs: readonly string[],
  { target = null }: { readonly target?: string | null },
): ReadonlyMap<string, string> {
  const name = variable(context, 'ORCH_BRANCH_NAME')
  if (name !== null && packs.length > 1) {
    throw new UsageError('ORCH_BRANCH_NAME names one branch, and several packs are to be proposed')
  }
  const prefix = variable(context, 'BRANCH_PREFIX') ?? 'codex/'
  const branches = new Map(packs.map((pack) => [pack, branchName({ pack, target, prefix, name })]))
  const unfit = [...branches.values()].find((branch) => !isBranchName(branch))
  if (unfit === undefined) return branches
  throw new UsageError(`'${unfit}' can't be the name of a branch: see ORCH_BRANCH_NAME, BRANCH_PREFIX and --target`)
}

interface Server {
  readonly repository: string
  readonly apiUrl: string
}

function serverOf(context: Context, origin: string | null, options: PlaceOptions): Server {
  const remote = origin === null ? null : parseRemote(origin)
  const repository = demandRepository('--repo', options.repo) ?? remote?.repository
  if (repository === undefined) {
    const why =
      origin === null ? 'There is no remote origin here' : 'The URL of the remote origin names no repository of GitHub'
    throw new UsageError(`${why}: name the repository with --repo owner/name`)
  }
  const named = options.apiUrl ?? variable(context, 'GITHUB_API_URL')
  if (named !== null) {
    const apiUrl = safeApiUrl(named)
    if (apiUrl !== null) return { repository, apiUrl }
    throw new UsageError(
      `'${named}' is no URL that a token may be sent to: it begins with https:// and holds no password`,
    )
  }
  const host = options.repo === undefined ? (remote?.host ?? 'github.com') : 'github.com'
  const apiUrl = apiUrlOf(host)
  if (apiUrl !== null) return { repository, apiUrl }
  throw new UsageError(
    `The remote origin is on '${host}', and a token is sent to no server that nobody has named: add --api-url https://${host}/api/v3`,
  )
}

function demandRepository(name: string, text: string | undefined): string | null {
  if (text === undefined || isRepository(text)) return text ?? null
  throw new UsageError(`${name} takes owner/name, and not '${text}'`)
}

/** The token itself is never told, however wrong it is. */
function tokenOf(context: Context): string {
  const token = (variable(context, 'GITHUB_TOKEN') ?? variable(context, 'GH_TOKEN') ?? '').trim()
  if (token === '') {
    const fix = 'set GITHUB_TOKEN (or GH_TOKEN) to a token with `contents: write` and `pull-requests: write`'
    throw new Refused('There is no token for GitHub', { fix })
  }
  if (/^[\u0021-\u007e]+$/.test(token)) return token
  throw new Refused('The token in GITHUB_TOKEN or GH_TOKEN is none: it holds white space or control characters')
}
