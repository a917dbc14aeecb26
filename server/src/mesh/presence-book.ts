/**
 * What peers say of themselves, per link. The seal of the link proves who says it, so nobody can speak for another; of a
 * peer with several links the highest number counts; and what is not renewed within the lease counts no longer, however
 * alive the link is. A link that goes takes its words with it.
 */
import type { Clock } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import { oneLine } from '../base/text.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { FrameOf } from '../mmp/frames.ts'
import { type Audiences, markOf } from './presence.ts'
import { type LinkKind, type PresenceView, STATUSES, type Status } from './views.ts'

type PresenceFrame = FrameOf<'mesh-opaque-v1-presence'>

/** The link that a statement came by. */
export interface Speaker {
  readonly peer: { readonly fingerprint: Fingerprint }
  readonly group: string
  readonly kind: LinkKind
}

interface Heard {
  readonly frame: PresenceFrame
  readonly at: number
}

export class PresenceBook {
  readonly #clock: Clock
  readonly #heard = new Map<Speaker, Heard>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** False when it is older than what this link said before: nothing changes then. */
  hear(speaker: Speaker, frame: PresenceFrame): boolean {
    const before = this.#heard.get(speaker)
    if (before && frame.seq <= before.frame.seq) return false
    this.#heard.set(speaker, { frame, at: this.#clock.monotonic() })
    return true
  }

  forget(speaker: Speaker): void {
    this.#heard.delete(speaker)
  }

  /** How a message would reach its Claude, by its own word. */
  reachOf(fingerprint: Fingerprint, group: string): string | undefined {
    return this.#latest(fingerprint, group)?.reach
  }

  /** As it is shown to this session, which does what `own` says. */
  viewOf(fingerprint: Fingerprint, group: string, own: Audiences): PresenceView | undefined {
    const said = this.#latest(fingerprint, group)
    if (!said) return undefined
    const { placeId, repositoryId } = own.machine
    return {
      status: statusOf(said.status),
      summary: lineOf(said.summary, LIMITS.presence.summaryCharacters),
      role: said.role,
      tags: said.tags ?? [],
      folder: lineOf(said.folder, 128),
      branch: lineOf(said.branch, 128),
      isSameFolder: placeId !== undefined && said.place === markOf('place', group, placeId),
      isSameRepository: repositoryId !== undefined && said.repository === markOf('repository', group, repositoryId),
    }
  }

  /** Who says that it edited this file lately; each key once. */
  editorsOf(fileId: string): readonly Fingerprint[] {
    const speakers = [...this.#heard.keys()].filter(({ peer, group }) =>
      this.#latest(peer.fingerprint, group)?.files?.includes(markOf('file', group, fileId)),
    )
    return [...new Set(speakers.map(({ peer }) => peer.fingerprint))]
  }

  #latest(fingerprint: Fingerprint, group: string): PresenceFrame | undefined {
    const since = this.#clock.monotonic() - LIMITS.presence.leaseMs
    const [latest] = [...this.#heard]
      .filter(([speaker, { at }]) => speaker.peer.fingerprint === fingerprint && speaker.group === group && at >= since)
      // One statement to several links has one number; those of this machine hear more of it.
      .sort(([a, one], [b, other]) => other.frame.seq - one.frame.seq || Number(b.kind === 'machine') - Number(a.kind === 'machine'))
    return latest?.[1].frame
  }
}

function statusOf(word: string | undefined): Status {
  return STATUSES.find((status) => status === word) ?? 'unknown'
}

function lineOf(text: string | undefined, maxCharacters: number): string | undefined {
  const line = oneLine(text ?? '', maxCharacters)
  return line === '' ? undefined : line
}
