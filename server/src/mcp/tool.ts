/**
 * The form of a tool: a name, the words that the model sees, a schema that is checked at this border and told to the
 * host, and honest hints. What the tools are stands in `tools.ts` and in a file per topic beside it.
 */
import * as z from 'zod'
import type { ToolName } from './tool-names.ts'

export interface Tool<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: ToolName
  readonly schema: z.ZodObject<Shape>
  /** As `tools/list` wants it. */
  declaration(): ToolDeclaration
}

export interface ToolDeclaration {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly inputSchema: { readonly type: 'object'; readonly [member: string]: unknown }
  readonly annotations: {
    readonly title: string
    readonly readOnlyHint: boolean
    readonly destructiveHint: boolean
    readonly idempotentHint: boolean
    readonly openWorldHint: boolean
  }
}

/** What a call may do: `read` our own state, or `speak` to others. Nothing here destroys. */
type Effect = 'read' | 'speak'

export function tool<Shape extends z.ZodRawShape>(
  name: ToolName,
  title: string,
  effect: Effect,
  description: string,
  shape: Shape,
): Tool<Shape> {
  const schema = z.strictObject(shape)
  const isRead = effect === 'read'
  return {
    name,
    schema,
    declaration: () => ({
      name,
      title,
      description,
      inputSchema: inputSchemaOf(schema),
      annotations: { title, readOnlyHint: isRead, destructiveHint: false, idempotentHint: isRead, openWorldHint: !isRead },
    }),
  }
}

function inputSchemaOf(schema: z.ZodObject): ToolDeclaration['inputSchema'] {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return { ...rest, type: 'object' }
}

/** One call of the host, while it lasts. */
export interface ToolCall {
  /** Aborts when the host gives the call up: nobody reads its result. */
  readonly signal: AbortSignal
  /** Tells the host what happens meanwhile, where it asked for that. */
  progress(line: string): void
}

/** What a tool does, given its arguments as they came; resolves to the text for the model. */
export type Runner = (input: unknown, call: ToolCall) => string | Promise<string>
export type Runners = readonly (readonly [name: ToolName, run: Runner])[]
