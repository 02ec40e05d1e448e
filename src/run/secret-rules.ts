import type { SecretLintRuleContext, SecretLintRuleCreator, SecretLintSourceCode } from '@secretlint/types'

/** What the rules are shown at once. */
export interface RuleText {
  readonly text: string
  /** Some rules look at files of certain names only. */
  readonly path: string
  /** Whether the text is the whole file: a rule that parses it needs all of it. */
  readonly whole: boolean
}

/** Tells of each credential its rule and where it begins, in characters from 0; never what it is. */
export type Report = (rule: string, start: number) => void

/** Shows a text to all rules. Rejects with the error of a rule that could not look at it, after the others have. */
export type FindSecrets = (text: RuleText, report: Report) => Promise<void>

/**
 * Loads secretlint's recommended rules, which takes longer than many a command needs to start. Its filter is left out:
 * a comment in a file must not switch the gate off.
 */
export async function loadSecretRules(): Promise<FindSecrets> {
  const { rules } = await import('@secretlint/secretlint-rule-preset-recommend')
  return createFinder(rules.filter(({ meta }) => meta.id !== '@secretlint/secretlint-rule-filter-comments'))
}

/**
 * Runs rules by secretlint's contract without its core, which compares every two findings with each other and keeps a
 * mark of each rule of each file for its profiler: ten megabytes of tokens would take it hours.
 */
export function createFinder(rules: readonly SecretLintRuleCreator[]): FindSecrets {
  return async (text, report) => {
    const source = sourceOf(text)
    const runs = rules.map(async (rule) => {
      const name = rule.meta.id.replace(/^.*secretlint-rule-/, '')
      await rule.create(contextOf(name, report), {}).file?.(source)
    })
    const failed = (await Promise.allSettled(runs)).find((run) => run.status === 'rejected')
    if (failed) throw failed.reason
  }
}

/** A message is never put together, because it would hold the credential. */
function contextOf(rule: string, report: Report): SecretLintRuleContext {
  return {
    sharedOptions: {},
    createTranslator: () => (messageId) => ({ message: '', messageId: String(messageId), data: undefined }),
    report: ({ message, range }) => report(`${rule}/${message.messageId}`, range[0]),
    ignore: () => {},
  }
}

/**
 * Positions are ours to tell, so the rules get only what they look at. Only whole JSON files are said to be JSON. No file
 * is said to be PKCS#12 (`.p12`): the rule for that would open what stands at the path, and such a file can ask for any
 * amount of work before it is decrypted.
 */
function sourceOf({ text, path, whole }: RuleText): SecretLintSourceCode {
  const source: Pick<SecretLintSourceCode, 'content' | 'filePath' | 'ext' | 'contentType'> = {
    content: text,
    filePath: path,
    ext: whole && path.endsWith('.json') ? '.json' : '',
    contentType: 'text',
  }
  return source as SecretLintSourceCode
}
