import type { Digest } from '../model/digest.ts'
import type { VerificationStep } from './report-model.ts'

/** How somebody who trusts neither this report nor the machine checks the run; every command is for the run's folder. */
export function verificationSteps(manifest: Digest | null): readonly VerificationStep[] {
  return [
    ...(manifest === null
      ? []
      : [
          {
            says: 'The manifest is the one that this report tells of:',
            command: `echo '${manifest}  manifest.json' | sha256sum -c`,
          },
        ]),
    { says: 'No file of the run was changed since it ended:', command: 'sha256sum -c --quiet files.sha256' },
    {
      says: 'All of it at once, whether a file is missing or was added, and whether the verdict follows from what happened:',
      command: 'codex verify .',
    },
  ]
}
