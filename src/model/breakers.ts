/** What ends a whole run early (`policy.breakers` of the configuration); `null`: nothing does. */
export interface RunBreakers {
  /** So many failed actions, counted in plan order, at least 1. */
  readonly failures: number | null
  /** In milliseconds since the run began. */
  readonly timeMs: number | null
}

export const NO_BREAKERS: RunBreakers = { failures: null, timeMs: null }
