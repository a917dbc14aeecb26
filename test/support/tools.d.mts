export interface AvailableClient {
  readonly name: string
  readonly version: string
  readonly bin: string
}

export function availableClients(env?: NodeJS.ProcessEnv): AvailableClient[]
/** Path of a Node that has `node:sqlite`, if one is at hand. */
export function availableNode24(env?: NodeJS.ProcessEnv): string | undefined
export function toolsFolder(env?: NodeJS.ProcessEnv): string
