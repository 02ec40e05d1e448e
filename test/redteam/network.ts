// Attacks on the network: each tells a service of the host who it is.
import { heard, printsSecret, python, quoted, type Attack, type Attacks, type World } from './attack.ts'

const TCP = `import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)
s.sendall(sys.argv[3].encode()); print(s.recv(100).decode())`

const UDP = `import socket, sys
family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
socket.socket(family, socket.SOCK_DGRAM).sendto(sys.argv[3].encode(), (sys.argv[1], int(sys.argv[2])))`

const UNIX = `import socket, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(2); s.connect(sys.argv[1])
s.sendall(sys.argv[2].encode()); print(s.recv(100).decode())`

/** Some versions of Node.js fill the name with zeros, and all of them belong to it (unix(7)). */
const ABSTRACT = `import socket, sys
name = chr(0) + sys.argv[1]
for each in (name, name.ljust(108, chr(0))):
  s = socket.socket(socket.AF_UNIX)
  if s.connect_ex(each) == 0: s.sendall(sys.argv[2].encode()); print(s.recv(100).decode())`

/** A query for an A record (RFC 1035, 4.1): what is to be told is the first label. */
const DNS = `import socket, struct, sys
labels = [sys.argv[2], 'example', 'org']
question = b''.join(bytes([len(l)]) + l.encode() for l in labels) + struct.pack('>xHH', 1, 1)
packet = struct.pack('>HHHHHH', 7, 256, 1, 0, 0, 0) + question
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(packet, ('127.0.0.1', int(sys.argv[1])))`

function reach(title: string, run: (world: World, id: string) => string): Attack {
  return {
    title,
    promise: 'network',
    steps: (world, id) => ({ run: run(world, id) }),
    succeeded: heard,
    shownBy: 'none',
  }
}

/** @param what stands in a list of the host's sockets and nowhere else */
function list(title: string, file: string, what: (world: World) => string): Attack {
  return {
    title,
    promise: 'network',
    steps: (world) => ({ run: `grep -q ${what(world)} ${file} && echo ${world.secret}` }),
    succeeded: printsSecret,
    shownBy: 'none',
  }
}

const hex = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, '0')}`

export const NETWORK: Attacks = {
  'tcp-loopback': reach('TCP to a service of the host', ({ ports }, id) => python(TCP, '127.0.0.1', ports.tcp, id)),
  'tcp-name': reach('TCP to localhost by its name', ({ ports }, id) => python(TCP, 'localhost', ports.tcp, id)),
  'tcp-other-address': reach('TCP to another address of the loopback interface', ({ ports }, id) =>
    python(TCP, '127.8.7.6', ports.tcp, id),
  ),
  'tcp-any-address': reach('TCP to 0.0.0.0, which is the own machine', ({ ports }, id) =>
    python(TCP, '0.0.0.0', ports.tcp, id),
  ),
  'tcp-shell': reach(
    "TCP by the shell's own means",
    ({ ports }, id) => `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${ports.tcp}; printf %s "$0" >&3; cat <&3' ${id}`,
  ),
  'tcp-ipv6': reach('TCP over IPv6', ({ ports }, id) => python(TCP, '::1', ports.tcp6, id)),
  'tcp-mapped': reach('TCP over IPv6 to an address of IPv4', ({ ports }, id) =>
    python(TCP, '::ffff:127.0.0.1', ports.tcp, id),
  ),
  udp: reach('UDP to a service of the host', ({ ports }, id) => python(UDP, '127.0.0.1', ports.udp, id)),
  'udp-ipv6': reach('UDP over IPv6', ({ ports }, id) => python(UDP, '::1', ports.udp6, id)),
  dns: reach('a name that is asked for, as a message', ({ ports }, id) => python(DNS, ports.udp, id)),
  'unix-abstract': reach('an abstract unix socket', ({ abstract }, id) => python(ABSTRACT, abstract, id)),
  'unix-path': reach('a unix socket in a folder of the host', ({ socket }, id) => python(UNIX, socket, id)),
  'unix-link': reach(
    'a unix socket through a link',
    ({ socket }, id) => `ln -s ${quoted(socket)} link; ${python(UNIX, 'link', id)}`,
  ),
  'unix-proc': reach('a unix socket through a process that is in its folder', ({ victim }, id) =>
    python(UNIX, `/proc/${victim}/cwd/service`, id),
  ),
  'list-tcp': list('the list of TCP sockets of the host', '/proc/net/tcp', ({ ports }) => hex(ports.tcp)),
  'list-unix': list('the list of unix sockets of the host', '/proc/net/unix', ({ abstract }) => abstract),
}
