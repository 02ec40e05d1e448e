import { hostname, release } from 'node:os'

/** What records tell of the machine. */
export interface MachineFacts {
  readonly platform: string
  readonly arch: string
  readonly release: string
  readonly hostname: string
  readonly node: string
}

export function hostFacts(): MachineFacts {
  const { platform, arch, versions } = process
  return { platform, arch, release: release(), hostname: hostname(), node: versions.node }
}
