/** What the doctor looks at, gathered beforehand: the diagnosis itself asks nothing and nobody. */
import type { EntryState } from '../install/install.ts'

export interface Facts {
  readonly now: number
  /** When this version was made: a clock before it is wrong. */
  readonly releasedAt: number
  readonly node: string
  /** As Node names it: `linux`, `darwin`, `win32`. */
  readonly platform: string
  /** What keeps the network of this machine apart from the one that people see. */
  readonly enclosure: 'wsl' | 'container' | undefined
  readonly version: string
  /** The home of our state. */
  readonly root: string
  readonly host: HostFacts
  readonly settings: SettingsFacts
  /** Variables that are set, begin like ours and are none. */
  readonly unknownVariables: readonly { readonly name: string; readonly nearest: string | undefined }[]
  readonly sessions: readonly SessionFacts[]
  readonly files: readonly FileFacts[]
  readonly locks: readonly LockFacts[]
  readonly freeBytes: number | undefined
  /** The latest time at which something of ours was written. */
  readonly lastWrittenAt: number | undefined
  readonly multicast: MulticastFacts
  /** A fixed port of `SYM_LISTEN` that no session of ours holds; undefined when there is none. */
  readonly fixedPort: { readonly address: string; readonly problem: string | undefined } | undefined
  /** Each address of `SYM_PEERS`. */
  readonly namedPeers: readonly { readonly address: string; readonly problem: 'dns' | 'refused' | 'blocked' | undefined }[]
  readonly relay: RelayFacts
  readonly proof: ProofFacts
}

export interface HostFacts {
  /** As `claude --version` tells; undefined when there is no `claude` on the PATH. */
  readonly client: string | undefined
  /** Files of the host that could not be read, each with the reason in words. */
  readonly faults: readonly string[]
  readonly plugins: readonly PluginFacts[]
  readonly entries: Readonly<Record<'user' | 'project', EntryState | undefined>>
  /** Whether the hooks of `init` stand in the settings of that scope, and their program is there. */
  readonly hooks: Readonly<Record<'user' | 'project', boolean>>
  readonly hasHooksDisabled: boolean
}

export interface PluginFacts {
  readonly id: string
  readonly isEnabled: boolean
  readonly group: string | undefined
  /** A folder that it is used from in place, and that is gone. */
  readonly missingFolder: string | undefined
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
  /** Addresses, as `host:port`. */
  readonly listen: readonly string[]
  readonly push: { readonly isProven: boolean; readonly hint: boolean | undefined } | undefined
}

/** A private file or folder of ours. */
export interface FileFacts {
  readonly kind: 'folder' | 'identity' | 'database' | 'trust' | 'user' | 'group'
  readonly path: string
  /** Permission bits; undefined where the system has none. */
  readonly mode: number | undefined
  /** In the words of whoever tried to use it. */
  readonly fault: string | undefined
}

/** The lock file of one identity. */
export interface LockFacts {
  readonly name: string
  readonly path: string
  readonly pid: number
  /** Of a process that lives: whether it is a session of ours. */
  readonly state: 'dead' | 'session' | 'stranger'
}

export type RelayFacts =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'visited'
      readonly url: string
      readonly host: string
      /** Where URL and token were found; empty for no token. */
      readonly source: string
      readonly tokenSource: string
      /** How far our clock is ahead of the one there, in milliseconds; undefined when it does not tell. */
      readonly aheadMs: number | undefined
      readonly outcome:
        | { readonly kind: 'echoed'; readonly ms: number }
        /** `why` follows the name of the relay and a colon. */
        | { readonly kind: 'failed'; readonly cause: string; readonly why: string; readonly said: string }
    }

/** A message between two nodes of ours on this machine. */
export type ProofFacts =
  | { readonly kind: 'ok'; readonly ms: number }
  /** `code`: of the system, like ENOSPC. */
  | { readonly kind: 'failed'; readonly folder: string; readonly code: string | undefined; readonly why: string }

export type MulticastFacts =
  /** Not asked, since nothing of it is used. */
  | { readonly kind: 'unused' }
  | { readonly kind: 'no-network' }
  | { readonly kind: 'probed'; readonly interfaces: readonly { readonly name: string; readonly problem: string | undefined }[] }
