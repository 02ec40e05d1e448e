/** One thing that a machine must have for runs to work, and how it is here. */
export interface DoctorCheck {
  readonly name: string
  /** `warning`: runs work, but something is weaker or slower than it could be. */
  readonly status: 'ok' | 'warning' | 'failed'
  readonly detail: string
  /** What to do about it, one way a line; `null` where there is nothing to do. */
  readonly fix: string | null
}
