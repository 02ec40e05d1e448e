// What is read of GitHub's answers, https://docs.github.com/rest; whatever else they hold is let be.
import * as z from 'zod'
import type { ForgeCommit, ForgePull, ForgeRepository, Relation } from '../../model/forge.ts'

const id = z.string().regex(/^[0-9a-f]{40}$/)

export const NOTHING: z.ZodType = z.unknown()

export const REPOSITORY: z.ZodType<ForgeRepository> = z
  .object({
    full_name: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
    default_branch: z.string(),
    permissions: z.object({ push: z.boolean().optional() }).optional(),
  })
  .transform(({ full_name: name, default_branch: defaultBranch, permissions }) => {
    return { name, defaultBranch, mayPush: permissions?.push ?? null }
  })

export const BRANCH: z.ZodType<{ readonly name: string; readonly commit: string }> = z
  .object({ name: z.string(), commit: z.object({ sha: id }) })
  .transform(({ name, commit }) => ({ name, commit: commit.sha }))

export const COMPARISON: z.ZodType<Relation> = z
  .object({ status: z.enum(['identical', 'ahead', 'behind', 'diverged']) })
  .transform(({ status }) => status)

export const REF: z.ZodType<string> = z.object({ object: z.object({ sha: id }) }).transform(({ object }) => object.sha)

export const BRANCHES: z.ZodType<string[]> = z
  .object({ ref: z.string() })
  .transform(({ ref }) => ref.slice('refs/heads/'.length))
  .array()

export const OBJECT: z.ZodType<string> = z.object({ sha: id }).transform(({ sha }) => sha)

export const COMMIT: z.ZodType<ForgeCommit> = z
  .object({
    sha: id,
    message: z.string(),
    tree: z.object({ sha: id }),
    parents: z.array(z.object({ sha: id })),
  })
  .transform(({ sha, message, tree, parents }) => {
    return { id: sha, message, tree: tree.sha, parents: parents.map((parent) => parent.sha) }
  })

/** With the repository and the branch that it comes from; `null`: the repository is gone. */
export type ListedPull = ForgePull & { readonly from: { readonly repository: string | null; readonly branch: string } }

export const PULL: z.ZodType<ListedPull> = z
  .object({
    number: z.int(),
    html_url: z.string(),
    state: z.enum(['open', 'closed']),
    merged_at: z.string().nullable(),
    body: z.string().nullable(),
    base: z.object({ ref: z.string() }),
    head: z.object({ ref: z.string(), sha: id, repo: z.object({ full_name: z.string() }).nullable() }),
  })
  .transform(({ number, html_url: url, state, merged_at: mergedAt, body, base, head }) => {
    const from = { repository: head.repo?.full_name ?? null, branch: head.ref }
    return { number, url, state, merged: mergedAt !== null, body: body ?? '', base: base.ref, head: head.sha, from }
  })

export const COMMENT: z.ZodType<string> = z.object({ body: z.string().optional() }).transform(({ body }) => body ?? '')

export const CHECKS: z.ZodType<boolean> = z
  .object({ check_runs: z.array(z.object({ status: z.string() })) })
  .transform(({ check_runs: checks }) => checks.some(({ status }) => status === 'completed'))

export const CHECK: z.ZodType<number> = z.object({ id: z.int() }).transform((check) => check.id)
