/** The floor of a relay: `ws` as it comes, members in one list, each message parsed and sent on. No names, no limits, no disk. */
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
const members = new Map()
server.on('listening', () => process.stdout.write(`${JSON.stringify({ url: `ws://127.0.0.1:${server.address().port}` })}\n`))
server.on('connection', (socket) => {
  let id
  socket.on('message', (data) => {
    const message = JSON.parse(data)
    if (message.type === 'relay-auth') {
      id = message.nodeId
      members.set(id, socket)
      socket.send('{"type":"relay-peers","peers":[]}')
      return
    }
    const text = JSON.stringify({ from: id, fromName: 'x', payload: message.payload })
    if (message.to) members.get(message.to)?.send(text)
    else for (const member of members.values()) if (member !== socket) member.send(text)
  })
  socket.on('close', () => members.delete(id))
  socket.on('error', () => {})
})
