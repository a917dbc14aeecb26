/**
 * The MCP server as Claude Code sees it, from behind `initialize` (`introduction.ts`) on: answers `tools/list` as soon as
 * the tools are there, and hands tool calls to the node once it is up. When the node could not start, the server lives on and every
 * tool says what is wrong.
 *
 * stdout belongs to the protocol; nothing else may write there.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { CallToolRequestSchema, type JSONRPCMessage, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { deferred } from '../base/deferred.ts'
import { MeshError, messageOf } from '../base/errors.ts'
import type { Push } from './fence.ts'
import { introductionOf, type RequestId } from './introduction.ts'
import type { ToolCall, ToolDeclaration } from './tool.ts'

/** Runs one tool; resolves to the text for the model. Throws MeshError for what the caller did wrong. */
export type CallTool = (name: string, input: unknown, call: ToolCall) => Promise<string>

export interface Shell {
  /** The tools that exist. Their schemas take longer to make than `initialize` to answer, so they come after it. */
  offer(tools: readonly ToolDeclaration[]): void
  /** The node is up: tool calls go there from now on, those that wait included. */
  ready(call: CallTool): void
  push(params: Push): Promise<void>
  /** Who the host says it is; undefined until it has said. */
  host(): { readonly name: string; readonly version: string } | undefined
  /** Resolves once the host has said that it is initialised. */
  readonly initialised: Promise<void>
  /** Resolves when the host has gone: stdin ended, or a pipe broke. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** `answered`: the request `initialize` that the host has an answer to already. */
export async function startShell(version: string, answered: RequestId | undefined): Promise<Shell> {
  const { serverInfo, capabilities, instructions } = introductionOf(version)
  const server = new Server(serverInfo, { capabilities, instructions })
  const tools = deferred<readonly ToolDeclaration[]>()
  const backend = deferred<CallTool>()
  // Without a tool call nobody may be waiting for it.
  backend.promise.catch(() => {})
  const initialised = deferred()
  const closed = deferred()
  server.oninitialized = () => initialised.resolve()
  server.onclose = () => closed.resolve()
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: [...(await tools.promise)] }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification }) => {
    const token = params._meta?.progressToken
    let steps = 0
    const progress = (message: string): void => {
      if (token === undefined || signal.aborted) return
      const step = { progressToken: token, progress: ++steps, message }
      // A host that has gone needs no progress.
      sendNotification({ method: 'notifications/progress', params: step }).catch(() => {})
    }
    return callSafely(backend.promise, params.name, params.arguments, { signal, progress })
  })
  for (const stream of [process.stdin, process.stdout]) stream.on('error', () => closed.resolve())
  process.stdin.on('end', () => closed.resolve())
  await server.connect(answered === undefined ? new StdioServerTransport() : new IntroducedTransport(answered))
  // It was stopped behind the first line, and may have come to its end there.
  if (process.stdin.readableEnded) closed.resolve()
  else process.stdin.resume()
  return {
    offer: (declarations) => tools.resolve(declarations),
    ready: (call) => backend.resolve(call),
    push: (params) => server.notification({ method: 'notifications/claude/channel', params: { ...params } }),
    host: () => server.getClientVersion(),
    initialised: initialised.promise,
    closed: closed.promise,
    close: () => server.close(),
  }
}

/** Keeps the second answer to `initialize` from the host. */
class IntroducedTransport extends StdioServerTransport {
  #answered: RequestId | undefined

  constructor(answered: RequestId) {
    super()
    this.#answered = answered
  }

  override send(message: JSONRPCMessage): Promise<void> {
    const isSecond = this.#answered !== undefined && !('method' in message) && message.id === this.#answered
    if (!isSecond) return super.send(message)
    this.#answered = undefined
    return Promise.resolve()
  }
}

async function callSafely(backend: Promise<CallTool>, name: string, input: unknown, context: ToolCall) {
  try {
    const call = await backend
    return text(await call(name, input, context), false)
  } catch (thrown) {
    return text(sentenceOf(thrown), true)
  }
}

function text(words: string, isError: boolean) {
  return { content: [{ type: 'text' as const, text: words }], isError }
}

/** Our own errors are sentences for the reader; anything else is a bug and says so without its insides. */
function sentenceOf(thrown: unknown): string {
  if (thrown instanceof MeshError) return thrown.message
  return `The mesh node met a fault of its own (${messageOf(thrown).slice(0, 200)}). Nothing was changed; try again, and see sym_status.`
}
