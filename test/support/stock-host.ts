/** A stock node in a host of the lab, found by DNS-SD as the release is: told by JSON lines on stdin what to do, tells on stdout what came. */
import { createInterface } from 'node:readline'
import { Bonjour } from 'bonjour-service'
import { StockNode } from './stock-node.ts'

const [name = 'stocky'] = process.argv.slice(2)
const node = new StockNode(name)
const bonjour = new Bonjour()
const say = (event: string, facts: object = {}) => process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`)

const commands: Record<string, (line: { focus?: string }) => unknown> = {
  announce: async () => {
    const port = await node.listen('0.0.0.0')
    const txt = { 'node-id': node.nodeId, 'node-name': name, 'public-key': node.publicKey, hostname: 'stock.local' }
    bonjour.publish({ name: node.nodeId, type: 'sym', port, host: 'stock.local', txt, probe: false })
    say('announced')
  },
  browse: () => {
    const dialed = new Set<string>()
    bonjour.find({ type: 'sym' }, ({ name: id, port, referer, txt }) => {
      if (dialed.has(id) || id === node.nodeId || txt['node-id'] === undefined) return
      dialed.add(id)
      say('found', { name: txt['node-name'], key: txt['public-key'] })
      if (referer) node.dial(port, referer.address).catch((thrown) => say('failed', { why: String(thrown) }))
    })
  },
  say: ({ focus = '' }) => node.say(focus),
  records: async () => {
    await node.until(() => node.records.length > 0, 'a record')
    const [record] = node.records
    say('record', { focus: record?.focus, isVerified: record?.isVerified, isSealed: record?.isSealed, faults: node.faults })
  },
  met: async () => {
    await node.met()
    say('met', { name: [...node.peers.values()][0]?.name })
  },
}

createInterface({ input: process.stdin }).on('line', (text) => {
  const line = JSON.parse(text)
  void Promise.resolve(commands[line.do]?.(line)).catch((thrown) => say('failed', { why: String(thrown) }))
})
say('up')
