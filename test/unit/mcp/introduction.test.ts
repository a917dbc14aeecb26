import { PassThrough } from 'node:stream'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { type JSONRPCMessage, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it } from 'vitest'
import { answerTo, introduce, introductionOf, PROTOCOL_VERSIONS, readInitialize } from '../../../server/src/mcp/introduction.ts'
import { ManualClock } from './rig.ts'

const request = (version: string, more: object = {}) => ({
  jsonrpc: '2.0' as const,
  id: 0,
  method: 'initialize',
  params: { protocolVersion: version, capabilities: {}, clientInfo: { name: 'a host', version: '1' } },
  ...more,
})

/** What the SDK's server says to this. */
async function sdkAnswers(message: object): Promise<JSONRPCMessage> {
  const { serverInfo, capabilities, instructions } = introductionOf('1.2.3')
  const server = new Server(serverInfo, { capabilities, instructions })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await server.connect(theirs)
  const answer = new Promise<JSONRPCMessage>((resolve) => {
    ours.onmessage = resolve
  })
  await ours.start()
  await ours.send(message as JSONRPCMessage)
  return answer.finally(() => server.close())
}

/** The input with these chunks, what was said to it, and all that is left to read. */
async function introduced(chunks: readonly string[], isOver = false) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const said = introduce('1.2.3', input, output, new ManualClock())
  for (const chunk of chunks) {
    input.write(chunk)
    await new Promise(setImmediate)
  }
  if (isOver) input.end()
  const id = await said
  const rest: Buffer[] = []
  input.on('data', (chunk: Buffer) => rest.push(chunk))
  input.resume()
  input.end()
  if (!input.readableEnded) await new Promise((resolve) => input.once('end', resolve))
  return { id, answer: output.read()?.toString() ?? '', rest: Buffer.concat(rest).toString() }
}

describe('the first answer to the host', () => {
  it('is what the SDK answers, for each version of the protocol and for one that nobody knows', async () => {
    expect([...PROTOCOL_VERSIONS]).toEqual(SUPPORTED_PROTOCOL_VERSIONS)
    for (const version of [...SUPPORTED_PROTOCOL_VERSIONS, '1999-01-01', '']) {
      const expected = { jsonrpc: '2.0', id: 0, result: answerTo(version, introductionOf('1.2.3')) }
      expect(await sdkAnswers(request(version))).toEqual(expected)
    }
  })

  it('comes once, and what was read is there for the SDK, whole', async () => {
    const line = `${JSON.stringify(request('2025-06-18', { id: 'a' }))}\n`
    const more = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n'
    for (const chunks of [[line], [line + more], [line.slice(0, 9), line.slice(9, 60), line.slice(60)], [line.slice(0, -1), `\n${more}`]]) {
      const { id, answer, rest } = await introduced(chunks)
      expect(id).toBe('a')
      expect(JSON.parse(answer)).toMatchObject({ id: 'a', result: { protocolVersion: '2025-06-18' } })
      expect(answer.split('\n')).toHaveLength(2)
      expect(rest).toBe(chunks.join(''))
    }
  })

  it('is left to the SDK where the first line is anything else, and nothing of it is lost', async () => {
    const others = ['hello\n', '[]\n', '{"jsonrpc":"2.0","id":1,"method":"ping"}\n', `${JSON.stringify(request('x', { id: null }))}\n`]
    for (const line of [...others, 'x'.repeat(70_000)]) {
      const { id, answer, rest } = await introduced([line])
      expect([id, answer, rest]).toEqual([undefined, '', line])
    }
    expect(await introduced([], true)).toMatchObject({ id: undefined, answer: '' })
  })

  it('is not given to a request that the SDK refuses', async () => {
    const params = request('2025-06-18').params
    const wrong = [
      request('2025-06-18', { params: { ...params, protocolVersion: 1 } }),
      request('2025-06-18', { params: { ...params, clientInfo: { name: 'a host' } } }),
      request('2025-06-18', { params: { ...params, capabilities: 'all' } }),
      request('2025-06-18', { params: undefined }),
    ]
    for (const message of wrong) {
      expect(readInitialize(JSON.stringify(message))).toBeUndefined()
      expect(await sdkAnswers(message)).toHaveProperty('error')
    }
  })

  it('is not waited for without end', async () => {
    const clock = new ManualClock()
    const said = introduce('1.2.3', new PassThrough(), new PassThrough(), clock)
    clock.advance(1_000)
    expect(await said).toBeUndefined()
  })
})
