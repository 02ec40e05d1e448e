import type { DiagnosticFacts } from '../model/diagnostic.ts'
import type { ReplaySubject } from '../model/replay.ts'
import { quote, quoteAll, type Worded, type Wording } from './phrase.ts'

type Facts = DiagnosticFacts['replay-differs']

/** Why nothing is taken from a recorded run. */
export const replayWording: Pick<Wording, 'replay-differs'> = {
  'replay-differs': (facts) => SUBJECTS[facts.subject](facts),
}

const SAME_BASE =
  'Check out what the run was made on, or name it with `--base`; `run.json` of the run says which commit that was.'
const RUN_AGAIN = 'Run the packs again, with the grants and the agent that they need: `codex run`.'

const SUBJECTS: Readonly<Record<ReplaySubject, (facts: Facts) => Worded>> = {
  tool: ({ run, of, names }) => ({
    message: `The run ${quote(run)} was made by ${quote(of)}, and this is ${quoteAll(names)}, which may judge otherwise.`,
    fix: `Replay it with ${quote(of)}.`,
  }),
  guarantees: ({ run, names }) => ({
    message: `The run ${quote(run)} had other guarantees than this one for ${quoteAll(names)}, so that its steps did not run as they would here.`,
    fix: 'Replay it where `codex doctor` tells the same, or with the same `--sandbox` and `--accept-weaker`.',
  }),
  packs: ({ run, names }) => ({
    message: `These packs are not as they were in the run ${quote(run)}: ${quoteAll(names)}.`,
    fix: SAME_BASE,
  }),
  step: ({ run, of }) => ({
    message: `${quote(of)} did not pass in the run ${quote(run)}, so that there is nothing to take.`,
    fix: 'Replay a run in which every step has passed.',
  }),
  change: ({ run, pack }) => ({
    message: `The change of ${quote(pack ?? '')} was not let through in the run ${quote(run)}, so that it was not kept.`,
    fix: 'Replay a run in which the gate `scope` of the pack has passed.',
  }),
  key: ({ run, of }) => ({
    message: `What entered the key of ${quote(of)} was not kept in the run ${quote(run)}, because it tells a secret.`,
    fix: 'Take the secret out of what the pack declares, and run it again.',
  }),
  fingerprint: ({ run, of, names }) => ({
    message: `${quote(of)} is not what it was in the run ${quote(run)}: other ${quoteAll(names)}.`,
    fix: 'Replay it with the configuration and the files that it was run with.',
  }),
  files: ({ run, of, names }) => ({
    message:
      names.length > 0
        ? `${quote(of)} would not see what it has seen in the run ${quote(run)}: ${quoteAll(names)}.`
        : `What ${quote(of)} has seen in the run ${quote(run)} can't be told.`,
    fix: SAME_BASE,
  }),
  outputs: ({ run, of, names }) => ({
    message: `The run ${quote(run)} has not kept what ${quote(of)} declares: ${quoteAll(names)}.`,
    fix: RUN_AGAIN,
  }),
  patch: ({ run, pack, names }) => ({
    message:
      names.length > 0
        ? `The patch of ${quote(pack ?? '')} in the run ${quote(run)} does not give what its manifest says: ${quoteAll(names)}.`
        : `The patch of ${quote(pack ?? '')} in the run ${quote(run)} can't be read.`,
    fix: RUN_AGAIN,
  }),
}
