import type { SandboxFinding } from '../model/diagnostic.ts'
import type { Capability } from '../model/grant.ts'
import { didYouMean, plain, quote, type Wording } from './phrase.ts'

/** Why a run does not start (exit 3), and what would let it. */
export const refusalWording: Pick<
  Wording,
  | 'not-granted'
  | 'secret-unset'
  | 'tool-missing'
  | 'tool-no-answer'
  | 'tool-version'
  | 'tool-unknown-version'
  | 'no-network-sandbox'
  | 'no-sandbox'
> = {
  'not-granted': ({ pack, capability, granted, definition }) => ({
    message:
      granted === 'nobody'
        ? `${quote(pack)} asks for ${wordCapability(capability)}, which nobody has granted.`
        : `${quote(pack)} was granted ${wordCapability(capability)} for another version of its task.yml.`,
    fix:
      granted === 'nobody'
        ? `If you trust the pack with it: ${quote(`codex run --allow ${flagOf(capability)}`)}, or \`policy.grants\` in codex.config.ts.`
        : `Read what has changed; if you still trust the pack, write \`definition: '${definition}'\` in \`policy.grants\`.`,
  }),
  'secret-unset': ({ pack, secret }) => ({
    message: `${quote(pack)} needs the secret ${quote(secret)}, and no variable of that name has a value.`,
    fix: `Set ${quote(secret)} in the environment that codex is called in.`,
  }),
  'tool-missing': ({ tool, pack, by, suggestion = null }) => ({
    message: `${quote(pack)} needs the tool ${quote(tool)}, which is not on PATH.`,
    fix: didYouMean(suggestion) ?? `Install ${quote(tool)}, or correct its name in ${listOf(by)}.`,
  }),
  'tool-no-answer': ({ tool, pack, path }) => ({
    message: `${quote(pack)} needs the tool ${quote(tool)}, but ${quote(path)} gave no answer when it was asked for its version.`,
    fix: `See what ${quote(`${tool} --version`)} waits for, or prints without end.`,
  }),
  'tool-version': ({ tool, pack, by, range, found }) => ({
    message: `${quote(pack)} needs ${quote(`${tool} ${range}`)}, but the one on PATH is version ${quote(found)}.`,
    fix: `Install a version in that range, or change the range in ${listOf(by)}.`,
  }),
  'tool-unknown-version': ({ tool, pack, by, path }) => ({
    message: `${quote(pack)} asks for a version of ${quote(tool)}, but ${quote(path)} does not tell its own.`,
    fix: `Write ${quote(`${tool}: "*"`)} in ${listOf(by)}; the file's SHA-256 is recorded in any case.`,
  }),
  'no-network-sandbox': ({ pack, problem }) => ({
    message: `${quote(pack)} was granted a network, and the sandbox can't hold it to that: ${plain(problem)}.`,
    fix: `${NETWORK_FIX} Or leave the pack out of the run.`,
  }),
  'no-sandbox': ({ findings }) => ({
    message: [
      findings.some(({ weaker }) => weaker) ? 'Only a weaker sandbox works here.' : 'No sandbox works here.',
      ...findings.map(wordFinding),
    ].join(' '),
    fix: sandboxFix(findings),
  }),
}

/** How a private network gets its loopback where the kernel allows it. */
export const NETWORK_FIX = 'Install bubblewrap, or iproute2 (`ip`), with which a private network is made without it.'

/** Where somebody has asked for a tool. */
function listOf(by: 'agent' | undefined): string {
  return by === 'agent' ? '`agent.tools` of codex.config.ts' : '`inputs.tools`'
}

export function wordCapability(capability: Capability): string {
  if (capability.kind === 'cloud') return 'leave to change what lies in a cloud'
  if (capability.kind === 'secret') return `the secret ${quote(capability.name)}`
  return `the network host ${quote(capability.endpoint)}`
}

function flagOf(capability: Capability): string {
  if (capability.kind === 'secret') return `secret=${capability.name}`
  return capability.kind === 'network' ? `network=${capability.endpoint}` : 'cloud'
}

export function wordFinding({ executor, problem, detail, weaker }: SandboxFinding): string {
  const because = detail === '' ? '' : `: ${plain(detail)}`
  if (problem === 'not-installed') return `${executor} is not installed${because}.`
  if (problem === 'leaks') return `${executor} lets something through${because}.`
  const works = weaker === undefined ? '' : ` Without a guarantee for ${weaker.join(' and ')} it works.`
  return `${executor} is blocked by the system${because}.${works}`
}

/** How to get a working sandbox, the likeliest way first, one way a line. */
export function sandboxFix(findings: readonly SandboxFinding[]): string {
  const bubblewrap = findings.find((entry) => entry.executor === 'bubblewrap')
  const lines: string[] = []
  if (bubblewrap === undefined || bubblewrap.problem === 'not-installed') {
    lines.push('Install bubblewrap: `apt-get install bubblewrap`, `dnf install bubblewrap` or `pacman -S bubblewrap`.')
  }
  const weaker = findings.flatMap((entry) => (entry.weaker ? [entry.weaker] : []))
  if (weaker.some((missing) => missing.includes('network'))) {
    lines.push('Where network namespaces are switched off: `sudo sysctl user.max_net_namespaces=10000`.')
  }
  if (weaker.some((missing) => missing.includes('processes'))) {
    lines.push(
      'In a container that hides parts of /proc: `--security-opt systempaths=unconfined` (Docker) or `unmask=ALL` (Podman).',
    )
  }
  if (findings.some((entry) => entry.problem === 'blocked') && weaker.length === 0) {
    lines.push(
      'On Ubuntu 24.04 and later: `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`.',
      'Where user namespaces are switched off: `sudo sysctl user.max_user_namespaces=10000`.',
      'In a container: let it create user namespaces, for example with `--security-opt seccomp=unconfined`.',
    )
  }
  const [least] = weaker.toSorted((a, b) => a.length - b.length)
  if (least) {
    const flags = least.map((missing) => `--accept-weaker=${missing}`).join(' ')
    lines.push(`To run without what is missing: \`codex run ${flags}\`; the manifest says so.`)
  }
  lines.push(
    'Where nothing isolates (macOS): `codex run --sandbox=none`; the manifest says so.',
    '`codex doctor` checks all of this.',
  )
  return lines.join('\n')
}
