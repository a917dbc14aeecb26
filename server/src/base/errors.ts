/**
 * One error class with a closed list of codes. A code is for programs and for peers; the message is a sentence for the
 * person: what happened, why, what to do next. A peer is only ever sent the code.
 *
 * Expected outcomes (drop, hold, no match) are values, not errors: throw only for a broken promise, bad input or I/O.
 */
export type MeshErrorCode =
  | 'argument-invalid'
  | 'closed'
  | 'frame-invalid'
  | 'frame-too-large'
  | 'host-file'
  | 'identity-locked'
  | 'identity-unreadable'
  | 'internal'
  | 'key-invalid'
  | 'limit-exceeded'
  | 'name-invalid'
  | 'not-typed'
  | 'peer-ambiguous'
  | 'peer-unknown'
  | 'secret-refused'
  | 'settings-invalid'
  | 'store-unreadable'
  | 'timeout'
  | 'unreachable'

export interface MeshErrorOptions {
  readonly cause?: unknown
  /** Whether the same call can succeed later without a change. Default false. */
  readonly retryable?: boolean
}

export class MeshError extends Error {
  readonly code: MeshErrorCode
  readonly retryable: boolean

  constructor(code: MeshErrorCode, message: string, options: MeshErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'MeshError'
    this.code = code
    this.retryable = options.retryable ?? false
  }
}

/** Closes a `switch` over a union: a new member without a branch does not compile. */
export function assertNever(value: never): never {
  throw new MeshError('internal', `unhandled case ${JSON.stringify(value)}`)
}

/** The text of anything that was thrown, in one line. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The `code` of a Node system error (`ENOENT`), or undefined. */
export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}
