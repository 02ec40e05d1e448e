// Whatever people do to branches and pull requests between calls, and whatever the network does to a call.
//
// CODEX_PR_SEQUENCES says how many sequences are tried; with more than the usual ones, prism holds every request and answer to
// GitHub's description as well.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Proposal } from '../../src/model/publication.ts'
import { findSection } from '../../src/publish/section.ts'
import { git } from '../support/git.ts'
import { filesAt } from '../support/github/proposals.ts'
import { BRANCH, sceneIn, useGithub, type Scene } from '../support/github/publishing.ts'
import type { Fault } from '../support/github/server.ts'
import { mergePull, moveRef } from '../support/github/state.ts'

const USUAL = 4
const SEQUENCES = Number(process.env['CODEX_PR_SEQUENCES'] ?? USUAL)
const used = useGithub(SEQUENCES > USUAL)

const faults: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('broken' as const), status: fc.constantFrom(500, 502, 503), after: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('cut' as const, 'half' as const), after: fc.boolean() }),
  fc.constant<Fault>({
    kind: 'refused',
    status: 403,
    message: 'You have exceeded a secondary rate limit',
    headers: { 'retry-after': '1' },
  }),
)

const steps = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('run' as const), version: fc.nat(3), reopen: fc.boolean() }) },
  {
    weight: 4,
    // From one request on, so many of them go wrong.
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      version: fc.nat(3),
      from: fc.nat(14),
      count: fc.constantFrom(1, 2, 30),
      fault: faults,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('two at once' as const), versions: fc.tuple(fc.nat(3), fc.nat(3)) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit base' as const), text: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('edit branch' as const), text: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('quick commit' as const), version: fc.nat(3), at: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('edit text' as const), inside: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'close' as const,
        'reopen' as const,
        'merge' as const,
        'squash' as const,
        'delete branch' as const,
      ),
    }),
  },
)
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never

interface Story extends Scene {
  /** Every proposal that was ever made, by its run. */
  readonly told: Map<string, Proposal>
  /** Commits of people on the branch, which only a person takes away. */
  theirs: string[]
  runs: number
  /** Whether two calls have been made at the same time. */
  atOnce: boolean
}

function proposalOf(story: Story, version: number): Proposal {
  const { store, refs } = story.main
  const base = refs.get('main') ?? ''
  const there = new Map(filesAt(store, store.commit(base).tree))
  const texts = Object.entries({
    version: `${version + 10}\n`,
    [`docs/${version}`]: 'x\n',
    [`docs/note${version}`]: 'y\n',
  })
  // What is there already is no change.
  const changes = texts.filter(([path, text]) => store.blob(Buffer.from(text)) !== there.get(path))
  if (changes.length === 0) changes.push(['docs/again', `${story.runs}\n`])
  const proposal = story.proposal(Object.fromEntries(changes), base, `run ${story.runs++}`)
  story.told.set(proposal.run, proposal)
  return proposal
}

async function take(story: Story, step: Step): Promise<void> {
  const { github, state, main } = story
  github.onRequest = () => null
  github.onHandled = () => {}
  const [newest] = main.pulls.toSorted((a, b) => b.number - a.number)
  const [open] = story.open()
  switch (step.do) {
    case 'run':
      return call(story, proposalOf(story, step.version), step.reopen)
    case 'fault': {
      let count = 0
      github.onRequest = () => {
        count++
        return count > step.from && count <= step.from + step.count ? step.fault : null
      }
      await story.propose(proposalOf(story, step.version), { reopen: false })
      return
    }
    case 'two at once': {
      story.atOnce = true
      const proposals = step.versions.map((version) => proposalOf(story, version))
      await Promise.all(proposals.map(async (proposal) => story.propose(proposal)))
      return
    }
    case 'quick commit': {
      let count = 0
      github.onHandled = () => {
        if (count++ === step.at && main.refs.get(BRANCH) !== null)
          story.theirs.push(story.commit(BRANCH, { quick: `${story.runs}` }))
      }
      await story.propose(proposalOf(story, step.version))
      return
    }
    case 'edit base':
      story.commit('main', { base: `${step.text} ${story.runs}\n` })
      return
    case 'edit branch':
      if (main.refs.get(BRANCH) !== null)
        story.theirs.push(story.commit(BRANCH, { theirs: `${step.text} ${story.runs}\n` }))
      return
    case 'edit text':
      if (open)
        open.body = step.inside
          ? open.body.replace('Evidence of', 'Better evidence of')
          : `Hello\r\n${open.body}\r\nBye`
      return
    case 'close':
      if (open) open.state = 'closed'
      return
    case 'reopen':
      if (newest && !newest.mergedAt && story.open().length === 0 && main.refs.get(BRANCH) === newest.head)
        newest.state = 'open'
      return
    case 'merge':
    case 'squash':
      // Where it can be merged without a conflict, its files are those of the base and its own.
      if (open && main.store.history(open.head).has(main.refs.get('main') ?? '')) mergePull(state, main, open, step.do)
      return
    case 'delete branch':
      if (main.refs.get(BRANCH) !== null) moveRef(state, main, BRANCH, null)
      story.theirs = []
  }
}

/** A call that nothing disturbs either does all of it or nothing at all. */
async function call(story: Story, proposal: Proposal, reopen: boolean): Promise<void> {
  const { main } = story
  const before = {
    head: main.refs.get(BRANCH),
    pulls: JSON.stringify(main.pulls.map(({ state, body }) => [state, body])),
  }
  const done = await story.propose(proposal, { reopen })
  if (!done.ok) {
    expect(['foreign', 'closed', 'older-base']).toContain(done.error.kind)
    expect(main.refs.get(BRANCH)).toBe(before.head)
    expect(JSON.stringify(main.pulls.map(({ state, body }) => [state, body]))).toBe(before.pulls)
    return
  }
  if (done.value.outcome === 'merged') return
  const head = main.refs.get(BRANCH) ?? ''
  expect(main.store.commit(head).tree).toBe(proposal.tree)
  const [pull] = story.open()
  expect(pull?.head).toBe(head)
  const section = findSection(pull?.body ?? '')
  expect(section).toMatchObject({ intact: true, tree: proposal.tree, base: proposal.base })
  // What a reader of the pull request sees is the change, and nothing else.
  const files = git(main.store.folder, 'diff', '--name-only', '--no-renames', `main...${BRANCH}`).trim().split('\n')
  expect(files).toEqual(proposal.files.map(({ path }) => path).toSorted())
}

/** What has to hold at any moment. */
function expectSound(story: Story, before: string | null, step: Step): void {
  const { main, told, theirs } = story
  expect(story.open().length).toBeLessThanOrEqual(1)
  const head = main.refs.get(BRANCH)
  const history = head === null ? new Set<string>() : main.store.history(head)
  // A branch only moves forward, so nobody's commit is lost.
  const hasStayed = before === null || head === null || step.do === 'delete branch' || history.has(before)
  expect(hasStayed).toBe(true)
  for (const commit of theirs) expect(history).toContain(commit)
  for (const { body } of story.open()) {
    const section = findSection(body)
    if (!section?.intact) continue
    const proposal = told.get(section.run)
    expect(proposal).toMatchObject({ tree: section.tree, base: section.base })
    expect(body.replaceAll('\r\n', '\n').slice(section.start, section.end)).toContain(
      proposal?.words.evidence.trimEnd(),
    )
  }
  // Two that find a commit at the same moment may both speak of it.
  for (const { comments } of main.pulls) expect(comments.length).toBeLessThanOrEqual(story.atOnce ? 2 : 1)
}

it(
  `${SEQUENCES} random sequences end in no second pull request, no lost commit and no false claim`,
  { timeout: 3_600_000 },
  async () => {
    const tried = fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 14 }), async (sequence) => {
      const story: Story = { ...sceneIn(used.github), told: new Map(), theirs: [], runs: 0, atOnce: false }
      for (const step of sequence) {
        const before = story.main.refs.get(BRANCH)
        await take(story, step)
        expectSound(story, before, step)
      }
      story.github.onRequest = () => null
      story.github.onHandled = () => {}
      const before = story.main.refs.get(BRANCH)
      const last: Step = { do: 'run', version: 0, reopen: true }
      await take(story, last)
      expectSound(story, before, last)
      expect(git(story.main.store.folder, 'fsck', '--strict', '--no-dangling')).toBe('')
    })
    await fc.assert(tried, { numRuns: SEQUENCES, ...(SEQUENCES === USUAL ? { seed: 6 } : {}) })
  },
)
