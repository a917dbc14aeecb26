/**
 * Floor of a message: a line on stdin goes over TCP to the other process, which writes it to stdout. Nothing else: no
 * protocol, no keys, no disk.  `node pipe.mjs listen` prints its port; `node pipe.mjs <port>` dials it.
 */
import { connect, createServer } from 'node:net'

const start = (socket) => {
  socket.setNoDelay(true)
  process.stdin.pipe(socket)
  socket.pipe(process.stdout)
  socket.on('error', () => process.exit(0))
  socket.on('close', () => process.exit(0))
}

if (process.argv[2] === 'listen') {
  const server = createServer(start).listen(0, '127.0.0.1', () =>
    process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`),
  )
} else {
  const socket = connect(Number(process.argv[2]), '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ connected: true })}\n`)
    start(socket)
  })
}
process.stdin.on('end', () => process.exit(0))
