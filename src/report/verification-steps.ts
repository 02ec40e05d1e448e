import type { Digest } from '../model/digest.ts'
import type { VerificationStep } from './report-model.ts'

/** How somebody who trusts neither this report nor the machine checks the run; commands are for the run's folder. */
export function verificationSteps(manifest: Digest | null, run: string | null): readonly VerificationStep[] {
  const check = `echo '${manifest}  manifest.json' | sha256sum -c`
  return [
    ...(manifest === null ? [] : [{ says: 'The manifest is the one that this report tells of:', command: check }]),
    { says: 'No file of the run was changed since it ended:', command: 'sha256sum -c --quiet files.sha256' },
    {
      says: 'Nothing is missing or was added, and the verdict follows from what happened; where there is a `statement.dsse.json`, add `--key` and the public key of whoever signed it:',
      command: 'codex verify .',
    },
    ...(run === null || !isWord(run)
      ? []
      : [
          {
            says: 'Back in the workspace: the same files give the same result:',
            command: `codex verify --rerun ${run}`,
          },
        ]),
  ]
}

/** Somebody will paste it into a shell. */
function isWord(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]*$/.test(text)
}
