/**
 * Carries what an action connects to on its own loopback to the proxy's socket, which lies in this program's folder: a path leads
 * across networks, and nobody in the action's view can name this one. CommonJS for a file of its own, because it runs in a process
 * of Node.js that lives and dies in the action's network. Its arguments are the address and the port to listen on,
 * and the name of the socket in the folder that it starts in; it prints a line when it listens.
 */
export const FORWARDER = `'use strict'
const { writeSync } = require('node:fs')
const { connect, createServer } = require('node:net')
const { pipeline } = require('node:stream')
const [host, port, path] = process.argv.slice(2)
const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const proxy = connect({ path, allowHalfOpen: true })
  pipeline(client, proxy, () => {})
  pipeline(proxy, client, () => {})
})
server.maxConnections = 512
server.listen({ host, port: Number(port) }, () => writeSync(1, 'ready\\n'))
`
