/**
 * The node of this session, there or not as the person's mode says. While it is off nothing is announced, nothing listens,
 * and every tool says so; it comes back without a new session. Changes run one after the other, and a start that failed is
 * what every tool answers until the next change.
 */
import { MeshError, messageOf } from '../base/errors.ts'
import type { CallTool } from '../mcp/shell.ts'
import type { ToolCall } from '../mcp/tool.ts'

export interface Serving {
  readonly call: CallTool
  stop(): Promise<void>
}

export interface OnOffDeps {
  readonly start: () => Promise<Serving>
  readonly writeLog: (line: string) => void
}

type State =
  | { readonly kind: 'on'; readonly serving: Serving }
  | { readonly kind: 'off' }
  | { readonly kind: 'failed'; readonly thrown: unknown }

const OFF =
  'The mesh is off (mode off in settings.json of the state folder): this session is not announced, listens nowhere and sends nothing. ' +
  'A person turns it on in a terminal: sym-mesh-channel mode push. It holds at once, in this session too.'
const FAILED = 'The mesh node of this session could not start, so no mesh tool works.'

export class OnOff {
  readonly #deps: OnOffDeps
  #changes: Promise<State> = Promise.resolve({ kind: 'off' })

  constructor(deps: OnOffDeps) {
    this.#deps = deps
  }

  /** Resolves when it is done; never rejects. */
  async set(isOn: boolean): Promise<void> {
    this.#changes = this.#changes.then((state) => this.#change(state, isOn))
    await this.#changes
  }

  /** Runs a tool of the node as it is after all changes so far. */
  async call(name: string, input: unknown, context: ToolCall): Promise<string> {
    const state = await this.#changes
    if (state.kind === 'on') return state.serving.call(name, input, context)
    if (state.kind === 'off') throw new MeshError('closed', OFF)
    throw state.thrown
  }

  async #change(state: State, isOn: boolean): Promise<State> {
    if (isOn) return state.kind === 'on' ? state : this.#start()
    if (state.kind === 'on') await this.#stop(state.serving)
    return { kind: 'off' }
  }

  async #start(): Promise<State> {
    try {
      return { kind: 'on', serving: await this.#deps.start() }
    } catch (thrown) {
      this.#deps.writeLog(`the mesh node could not start: ${messageOf(thrown)}`)
      return { kind: 'failed', thrown: thrown instanceof MeshError ? new MeshError(thrown.code, `${FAILED}\n${thrown.message}`) : thrown }
    }
  }

  async #stop(serving: Serving): Promise<void> {
    try {
      await serving.stop()
    } catch (thrown) {
      this.#deps.writeLog(`the mesh node did not end well: ${messageOf(thrown)}`)
    }
  }
}
