import { PROXY } from '../../model/view.ts'
import type { Job } from './job.ts'

/** Ways to a network of a command's own whose loopback interface is up, as a command line that another one follows. */
export const OWN_NETWORK = {
  // bubblewrap brings the interface up itself. All else stays as it is, capabilities too, of which the sandbox is made.
  bubblewrap: ['bwrap', '--dev-bind', '/', '/', '--unshare-net', '--cap-add', 'ALL', '--die-with-parent', '--'],
  unshare: ['unshare', '--net', '--', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
} as const

/**
 * A PID namespace for the forwarder and the sandbox, so that the one is gone with the other, and neither a signal nor /proc leads
 * from the action, which has one of its own in there, to the forwarder.
 */
const TOGETHER = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'] as const

/**
 * Starts the sandbox when the forwarder listens, which it says through a pipe that ends with it. Descriptors and variables that
 * are the sandbox's are not the forwarder's.
 */
const START = `
folder=$1 node=$2 program=$3 host=$4 port=$5 socket=$6
shift 6
mkfifo "$folder/ready" || exit 125
(cd "$folder" && exec env -i "$node" --max-old-space-size=64 "$program" "$host" "$port" "$socket") 3>&- 4<&- >"$folder/ready" &
read -r _ <"$folder/ready" || exit 125
unset folder node program host port socket
"$@"
exit $?`

/** Puts a job whose proxy has a socket into a network that has nothing but its forwarder; `command` must make none of its own. */
export function withOutlet({ outlet }: Job, command: readonly string[], network: readonly string[]): readonly string[] {
  if (!outlet || outlet.port !== null) return command
  const { folder, forwarder, socket } = outlet
  const program = [process.execPath, forwarder, PROXY.host, String(PROXY.port), socket]
  return [...network, ...TOGETHER, 'sh', '-c', START, 'sh', folder, ...program, ...command]
}

/** What the forwarder and what starts it use of an attempt's limits. */
export const OUTLET_USE: { readonly memoryBytes: number; readonly processes: number } = {
  memoryBytes: 96 * 1024 ** 2,
  processes: 8,
}

/** The variables that say where the proxy is, for a job in the network of the host. Nothing makes a command heed them. */
export function hostProxy(env: Readonly<Record<string, string>>, port: number): Readonly<Record<string, string>> {
  const fixed = `http://${PROXY.host}:${PROXY.port}`
  const own = `http://${PROXY.host}:${port}`
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value === fixed ? own : value]))
}
