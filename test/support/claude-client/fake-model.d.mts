export interface RuleContext {
  readonly body: LoggedRequest['body']
  readonly tools: readonly string[]
  readonly main: boolean
  readonly model: string
  readonly system: string
  readonly lastText: string
  readonly newText: string
  readonly anyText: string
  readonly toolResult: string
  readonly isToolResult: boolean
  readonly nth?: number
}

export interface ToolCall {
  /** An exact name, or `ping` for the only offered tool whose name ends in `__ping`. */
  readonly tool: string
  readonly input?: Readonly<Record<string, unknown>>
}

export type Reply =
  | string
  | { readonly text: string }
  | (ToolCall & { readonly text?: string })
  | { readonly text?: string; readonly tools: readonly ToolCall[] }
  | { readonly error: { readonly status?: number; readonly type?: string; readonly message?: string } }

/** The first rule that matches and is not used up answers. Texts are regular expressions; the header of the program explains each. */
export interface Rule {
  readonly name?: string
  readonly when?:
    | ((context: RuleContext) => boolean)
    | {
        readonly lastText?: string
        readonly newText?: string
        readonly anyText?: string
        readonly system?: string
        readonly toolResult?: string
        readonly model?: string
        readonly isToolResult?: boolean
        readonly main?: boolean
        readonly nth?: number
      }
  /** How often it may fire; 0 = always. */
  readonly times?: number
  readonly delayMs?: number
  readonly holdFile?: string
  readonly holdMaxMs?: number
  readonly reply: Reply | ((context: RuleContext) => Reply | Promise<Reply>)
}

export interface LoggedRequest {
  readonly n: number
  readonly kind: string
  readonly rule: string | null
  readonly path: string
  readonly body: {
    readonly model?: string
    readonly system?: unknown
    readonly tools?: readonly { readonly name: string; readonly description?: string; readonly input_schema?: unknown }[]
    readonly messages: readonly { readonly role: string; readonly content: unknown }[]
  }
  readonly reply: unknown
}

export interface FakeModel {
  readonly port: number
  close(): Promise<void>
}

export function startFakeModel(options?: { port?: number; rules?: readonly Rule[]; log?: string; quiet?: boolean }): Promise<FakeModel>
export function loadRules(file: string | undefined): Promise<Rule[]>
