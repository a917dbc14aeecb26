/** What the doctor looks at, gathered beforehand: the diagnosis itself asks nothing and nobody. */
import type { EntryState } from '../install/install.ts'

export interface Facts {
  readonly now: number
  /** When this version was made: a clock before it is wrong. */
  readonly releasedAt: number
  readonly node: string
  readonly version: string
  /** The home of our state. */
  readonly root: string
  readonly host: HostFacts
  readonly settings: SettingsFacts
  readonly sessions: readonly SessionFacts[]
  readonly files: readonly FileFacts[]
  readonly freeBytes: number | undefined
  readonly multicast: MulticastFacts
}

export interface HostFacts {
  /** As `claude --version` tells; undefined when there is no `claude` on the PATH. */
  readonly client: string | undefined
  /** Files of the host that could not be read, each with the reason in words. */
  readonly faults: readonly string[]
  readonly plugins: readonly { readonly id: string; readonly isEnabled: boolean; readonly group: string | undefined }[]
  readonly entries: Readonly<Record<'user' | 'project', EntryState | undefined>>
  readonly hasHooksDisabled: boolean
}

export type SettingsFacts =
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'ok'; readonly group: string; readonly lines: readonly SettingLine[]; readonly isLoopbackOnly: boolean }

export interface SettingLine {
  readonly name: string
  readonly value: string
  readonly source: string
}

/** One server of ours that left a run file. */
export interface SessionFacts {
  readonly pid: number
  readonly parentPid: number
  readonly isAlive: boolean
  readonly isParentAlive: boolean
  /** Its own answer; undefined when it gave none. */
  readonly status: SessionStatus | undefined
}

export interface SessionStatus {
  readonly name: string
  readonly version: string
  readonly groups: readonly string[]
  readonly peersHere: number
  readonly problems: readonly string[]
  readonly push: { readonly isProven: boolean; readonly hint: boolean | undefined } | undefined
}

/** A private file or folder of ours. */
export interface FileFacts {
  readonly path: string
  /** Permission bits; undefined where the system has none. */
  readonly mode: number | undefined
  /** In the words of whoever tried to use it. */
  readonly fault: string | undefined
}

export type MulticastFacts =
  /** Not asked, since nothing of it is used. */
  | { readonly kind: 'unused' }
  | { readonly kind: 'no-network' }
  | { readonly kind: 'probed'; readonly interfaces: readonly { readonly name: string; readonly problem: string | undefined }[] }
