export interface Client {
  /** `old`, `new`, or `CC_BIN`. */
  readonly name: string
  readonly version: string
  readonly bin: string
}

export function describeClients(title: string, body: (client: Client) => void): void
