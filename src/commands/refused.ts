/** What a command refuses to do, with words for the person who called it. It ends with exit code 3 unless it says otherwise. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly exitCode: number
  /** What to do about it; `null`: the message says it. */
  readonly fix: string | null

  constructor(message: string, { exitCode = 3, fix = null }: { exitCode?: number; fix?: string | null } = {}) {
    super(message)
    this.exitCode = exitCode
    this.fix = fix
  }
}
