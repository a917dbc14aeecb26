/**
 * How the server introduces itself to the host, and the answer to `initialize`: made here without the SDK, whose loading
 * takes most of the time to a first answer. The SDK reads the same request afterwards and gives the same answer, which
 * nobody hears; a test holds the two together.
 */
import type { Readable, Writable } from 'node:stream'
import type { Clock } from '../base/clock.ts'
import { INSTRUCTIONS } from './instructions.ts'

/** `claude/channel/permission` is never declared: no peer may answer a permission prompt. */
const CAPABILITIES = { tools: {}, experimental: { 'claude/channel': {} } }
/** Of MCP, newest first: whoever asks for another one is offered the newest. */
export const PROTOCOL_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'] as const

export type RequestId = string | number

export interface Introduction {
  readonly serverInfo: { readonly name: string; readonly title: string; readonly version: string }
  readonly capabilities: typeof CAPABILITIES
  readonly instructions: string
}

export function introductionOf(version: string): Introduction {
  const serverInfo = { name: 'sym-mesh-channel', title: 'Sym Mesh Channel', version }
  return { serverInfo, capabilities: CAPABILITIES, instructions: INSTRUCTIONS }
}

/** A host that says nothing must not keep the node from starting. */
const FIRST_LINE_MS = 250
/** More than any host sends before it has an answer; what is longer is left to the SDK. */
const FIRST_LINE_BYTES = 65_536

/**
 * Answers `initialize` when it is the first line that comes in. Whatever was read is put back for the SDK. Resolves to the
 * id of the request, to which the SDK's own answer is not sent; undefined where the first line was anything else.
 */
export async function introduce(version: string, input: Readable, output: Writable, clock: Clock): Promise<RequestId | undefined> {
  const line = await firstLine(input, clock)
  const request = line === undefined ? undefined : readInitialize(line)
  if (request === undefined) return undefined
  output.write(`${JSON.stringify({ result: answerTo(request.wanted, introductionOf(version)), jsonrpc: '2.0', id: request.id })}\n`)
  return request.id
}

export function answerTo(wanted: string, { serverInfo, capabilities, instructions }: Introduction): object {
  const protocolVersion = PROTOCOL_VERSIONS.find((known) => known === wanted) ?? PROTOCOL_VERSIONS[0]
  return { protocolVersion, capabilities, serverInfo, instructions }
}

/** Only what the SDK would answer too; undefined leaves it to the SDK to say what is wrong. */
export function readInitialize(line: string): { readonly id: RequestId; readonly wanted: string } | undefined {
  const message = objectIn(line)
  const params = objectOf(message?.['params'])
  const client = objectOf(params?.['clientInfo'])
  const id = message?.['id']
  const wanted = params?.['protocolVersion']
  const isId = typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id))
  const isNamed = typeof client?.['name'] === 'string' && typeof client['version'] === 'string'
  const isRequest = message?.['jsonrpc'] === '2.0' && message['method'] === 'initialize' && objectOf(params?.['capabilities']) !== undefined
  return isId && isNamed && isRequest && typeof wanted === 'string' ? { id, wanted } : undefined
}

/** Reads until the first line is whole, or long enough not to matter, and leaves everything unread and the input at rest. */
function firstLine(input: Readable, clock: Clock): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk)
      if (chunk.includes(0x0a) || Buffer.concat(chunks).length > FIRST_LINE_BYTES) finish()
    }
    const finish = (): void => {
      timer.cancel()
      input.pause()
      input.off('data', onData)
      input.off('end', finish)
      input.off('error', finish)
      const read = Buffer.concat(chunks)
      if (read.length > 0 && !input.readableEnded) input.unshift(read)
      const end = read.indexOf(0x0a)
      resolve(end < 0 ? undefined : read.toString('utf8', 0, end))
    }
    const timer = clock.after(FIRST_LINE_MS, finish)
    input.on('data', onData).on('end', finish).on('error', finish)
  })
}

function objectIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectOf(JSON.parse(line))
  } catch {
    // Not JSON: for the SDK to refuse.
    return undefined
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined
}
