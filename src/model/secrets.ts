/**
 * The rules by which the gate `secrets` knows a credential. They are part of its key; that this is what is installed is
 * tested.
 */
export const SECRET_RULES = { name: '@secretlint/secretlint-rule-preset-recommend', version: '11.7.1' } as const

/** What stands in place of a rule where a rule could not look at a part of a file. */
export const NOT_SCANNED = 'not-scanned'

/** Where a credential is; never what it is. */
export interface SecretFinding {
  /**
   * An artifact's path in the workspace. Of a log it is `logs/<pack>/<phase>/<id>/*.log` in the run's folder: which of the
   * attempts printed the credential is not told, because how many there were may be chance.
   */
  readonly path: string
  /** From 1, counted in line feeds. */
  readonly line: number
  /** `<rule>/<message>` as secretlint names them (`aws/AWSSecretAccessKey`), or {@link NOT_SCANNED}. */
  readonly rule: string
}
